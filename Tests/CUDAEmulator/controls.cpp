// What tests ask of the emulator, and how its functions are found.
#include <stdlib.h>
#include <string.h>

#include <string_view>
#include <unordered_map>

#include "signals.hpp"
#include "state.hpp"

extern "C" __attribute__((weak)) void st_cuda_set_resolver(st_cuda_resolver);

namespace st::emulated {
namespace {

using Table = std::unordered_map<std::string_view, void *>;

Table table_of(std::initializer_list<Symbols> parts) {
  Table table;
  for (const Symbols &symbols : parts) {
    for (const Symbol &symbol : symbols) table[symbol.name] = symbol.address;
  }
  return table;
}

const Table &table(st_cuda_library library) {
  static const Table *const tables = new Table[4]{
      table_of({device_symbols(), memory_symbols(), copy_symbols(), stream_symbols(), module_symbols(),
                graph_symbols()}),
      table_of({nvrtc_symbols()}), table_of({cublaslt_symbols()}), table_of({cudnn_symbols()})};
  return tables[library];
}

bool is_set_to(const char *variable, const char *value) {
  const char *set = getenv(variable);
  return set && strcmp(set, value) == 0;
}

// Before main. A program that loads the emulator as a library of its own asks st_cuda_stand_in instead.
const bool prepared = [] {
  constexpr char which[] = "SWIFT_TENSOR_TEST_CUDA", schedule[] = "SWIFT_TENSOR_EMULATOR_SCHEDULE";
  if (&st_cuda_set_resolver) {
    if (is_set_to(which, "none")) {
      st_cuda_set_resolver(st_emulator_no_libraries);
    } else if (!is_set_to(which, "real")) {
      st_cuda_set_resolver(st_emulator_resolver);
    }
  }
  if (is_set_to(schedule, "reverse")) st_emulator_set_schedule(ST_EMULATOR_REVERSE);
  if (is_set_to(schedule, "shuffled")) st_emulator_set_schedule(ST_EMULATOR_SHUFFLED);
  if (is_set_to("SWIFT_TENSOR_EMULATOR_LAZY", "1")) st_emulator_set_lazy(true);
  if (is_set_to("SWIFT_TENSOR_EMULATOR_STRICT", "1")) st_emulator_set_strict(true);
  return true;
}();

}  // namespace
}  // namespace st::emulated

using namespace st::emulated;

void *st_emulator_resolver(st_cuda_library library, const char *symbol) {
  if (library > ST_CUDA_CUDNN) return nullptr;
  const auto &functions = table(library);
  if (!symbol) return const_cast<void *>(static_cast<const void *>(&functions));
  auto found = functions.find(symbol);
  return found == functions.end() ? nullptr : found->second;
}

// What the library looks for in a stand-in.
extern "C" __attribute__((visibility("default"))) void *st_cuda_stand_in(st_cuda_library library, const char *symbol) {
  return st_emulator_resolver(library, symbol);
}

void *st_emulator_without_cudnn(st_cuda_library library, const char *symbol) {
  return library == ST_CUDA_CUDNN ? nullptr : st_emulator_resolver(library, symbol);
}

void *st_emulator_no_libraries(st_cuda_library, const char *) { return nullptr; }

void st_emulator_set_schedule(st_emulator_schedule schedule) {
  Call call(Call::nothing);
  state().schedule = schedule;
}

st_emulator_schedule st_emulator_get_schedule(void) {
  Call call(Call::nothing);
  return state().schedule;
}

void st_emulator_set_lazy(bool lazy) {
  Call call(Call::nothing);
  state().lazy = lazy;
  if (lazy) return;
  for (const Device &device : state().devices) complete_all(device);
}

bool st_emulator_is_lazy(void) {
  Call call(Call::nothing);
  return state().lazy;
}

void st_emulator_set_strict(bool strict) {
  Call call(Call::nothing);
  install_signal_handlers();
  set_strict(strict);
}

void st_emulator_set_device_count(int count) {
  Call call(Call::nothing);
  state().device_count = count < 0 ? 0 : count > most_devices ? most_devices : count;
}

void st_emulator_set_capacity(size_t bytes) {
  Call call(Call::nothing);
  state().capacity = bytes;
}

void st_emulator_inject_out_of_memory(int after, int count) {
  Call call(Call::nothing);
  state().failing_allocations_after = after;
  state().failing_allocations = count;
}

void st_emulator_inject_error(int code) {
  Call call(Call::nothing);
  state().injected_error = code;
}

void st_emulator_clear_errors(void) {
  Call call(Call::nothing);
  for (Device &device : state().devices) device.failed = 0;
  state().last_fault.clear();
}

const char *st_emulator_last_fault(void) {
  thread_local std::string fault;
  Call call(Call::nothing);
  fault = state().last_fault;
  return fault.c_str();
}

st_emulator_counters st_emulator_get_counters(void) {
  Call call(Call::nothing);
  return state().counters;
}

int st_emulator_instance_count(void) { return int(instances().size()); }

st_emulator_instance st_emulator_instance_at(int index) {
  const Instance &instance = instances()[size_t(index)];
  return {instance.file.c_str(), instance.parameters.c_str(), instance.instantiation.c_str(), instance.threads,
          instance.bytes};
}
