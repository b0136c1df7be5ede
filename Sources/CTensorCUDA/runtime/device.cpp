// Opening devices, and what is known of them.
#include <stdlib.h>

#include "state.hpp"

namespace st::cuda {

namespace {

enum Attribute {
  multiprocessor_count = 16,
  max_threads_per_multiprocessor = 39,
  capability_major = 75,
  capability_minor = 76,
  max_shared_memory_per_block = 8,
  max_shared_memory_per_block_optin = 97,
  memory_pools_supported = 115
};

st_status read_properties(st_cuda_device *device) {
  st_cuda_properties &properties = device->properties;
  int optin = 0, shared = 0;
  const auto read = [&](int *value, Attribute attribute) {
    return ST_DRIVER(device, cuDeviceGetAttribute, value, attribute, device->number);
  };
  ST_TRY(ST_DRIVER(device, cuDeviceGetName, properties.name, sizeof properties.name, device->number));
  ST_TRY(ST_DRIVER(device, cuDeviceTotalMem_v2, &properties.memory, device->number));
  ST_TRY(read(&properties.major, capability_major));
  ST_TRY(read(&properties.minor, capability_minor));
  ST_TRY(read(&properties.multiprocessors, multiprocessor_count));
  ST_TRY(read(&properties.threads, max_threads_per_multiprocessor));
  ST_TRY(read(&shared, max_shared_memory_per_block));
  ST_TRY(read(&optin, max_shared_memory_per_block_optin));
  ST_TRY(ST_DRIVER(device, cuDriverGetVersion, &properties.driver));
  int major = 0, minor = 0;
  ST_TRY(ST_DRIVER(device, nvrtcVersion, &major, &minor));
  properties.nvrtc = 1000 * major + 10 * minor;
  properties.has_cublaslt = device->cu->has_cublaslt;
  properties.has_cudnn = device->cu->has_cudnn;
  DeviceFacts &facts = device->facts;
  facts.multiprocessors = properties.multiprocessors;
  facts.threads_per_multiprocessor = properties.threads;
  facts.shared_memory_per_block = optin > shared ? optin : shared;
  facts.capability = 10 * properties.major + properties.minor;
  return {};
}

st_status open_memory(st_cuda_device *device) {
  Memory &memory = device->memory;
  memory.caching = !is_set("SWIFT_TENSOR_CUDA_NO_MEMORY_CACHING");
  open_free_blocks(memory);
  int pools = 0;
  device->cu->cuDeviceGetAttribute(&pools, memory_pools_supported, device->number);
  if (!pools) return {};
  if (device->cu->cuDeviceGetDefaultMemPool(&memory.pool, device->number) != 0) return {};
  // Freed memory stays with the process; the default gives it back at every synchronisation.
  constexpr int release_threshold = 4;
  uint64_t all = UINT64_MAX;
  memory.pooled = device->cu->cuMemPoolSetAttribute(memory.pool, release_threshold, &all) == 0;
  return {};
}

st_status open(st_cuda_device *device) {
  device->synchronous = is_set("SWIFT_TENSOR_CUDA_SYNC");
  ST_TRY(ST_DRIVER(device, cuInit, 0));
  ST_TRY(ST_DRIVER(device, cuDeviceGet, &device->number, device->facts.index));
  ST_TRY(ST_DRIVER(device, cuDevicePrimaryCtxRetain, &device->context, device->number));
  ST_TRY(enter(device));
  ST_TRY(read_properties(device));
  constexpr unsigned non_blocking = 1, disable_timing = 2;
  ST_TRY(ST_DRIVER(device, cuStreamCreate, &device->stream, non_blocking));
  ST_TRY(ST_DRIVER(device, cuEventCreate, &device->order, disable_timing));
  ST_TRY(open_memory(device));
  return open_faults(device);
}

// The devices of one set of libraries, with the texts of those that could not be opened.
struct Registry {
  const Functions *functions;
  std::atomic<st_cuda_device *> devices[max_devices] = {};
  std::string failures[max_devices];
};

std::mutex registry_lock;
std::atomic<Registry *> last_registry{nullptr};

Registry *registry() {
  static auto *registries = new std::vector<Registry *>;
  const Functions *functions = &current_functions();
  for (Registry *known : *registries) {
    if (known->functions == functions) return known;
  }
  registries->push_back(new Registry{functions});
  return registries->back();
}

st_cuda_device *open_at(int index) {
  const int count = st_cuda_device_count();
  if (index < 0 || index >= count || index >= max_devices) {
    const char *why = st_cuda_failure();
    if (why) {
      failed(".cuda(%d) is not available: %s", index, why);
    } else {
      failed(".cuda(%d) is not available: the devices are .cuda(0) ... .cuda(%d)", index, count - 1);
    }
    return nullptr;
  }
  const std::lock_guard guard(registry_lock);
  Registry *all = registry();
  last_registry.store(all, std::memory_order_release);
  if (st_cuda_device *known = all->devices[index].load()) return known;
  std::string &failure = all->failures[index];
  if (failure.empty()) {
    auto *device = new st_cuda_device;
    device->cu = all->functions;
    device->facts.index = index;
    const st_status status = device->cu->missing
        ? failed("the driver or NVRTC is too old: %s is not exported", device->cu->missing)
        : open(device);
    if (status.code == ST_OK) {
      all->devices[index].store(device, std::memory_order_release);
      return device;
    }
    failure = error_text();
    delete device;
  }
  failed("%s", failure.c_str());
  return nullptr;
}

}  // namespace

bool is_set(const char *variable) {
  const char *value = getenv(variable);
  return value && *value && !(value[0] == '0' && value[1] == '\0');
}

const DeviceFacts &facts(st_cuda_device *device) { return device->facts; }
const Functions &functions(st_cuda_device *device) { return *device->cu; }
void *stream(st_cuda_device *device) { return device->stream; }
st_status bind(st_cuda_device *device) { return enter(device); }

}  // namespace st::cuda

using namespace st::cuda;

st_cuda_device *st_cuda_device_at(int index) {
  // The usual case: opened before, by the libraries that still answer.
  Registry *last = last_registry.load(std::memory_order_acquire);
  if (last && index >= 0 && index < max_devices && last->functions->resolver == st_cuda_current_resolver()) {
    if (st_cuda_device *known = last->devices[index].load(std::memory_order_acquire)) return known;
  }
  return open_at(index);
}

st_cuda_properties st_cuda_properties_of(st_cuda_device *device) { return device->properties; }

st_status st_cuda_synchronize(st_cuda_device *device) {
  ST_TRY(enter(device));
  ST_TRY(refuse_recording(device, "synchronize"));
  ST_TRY(ST_DRIVER(device, cuStreamSynchronize, device->stream));
  return take_fault(device);
}

st_status st_cuda_pending(st_cuda_device *device) {
  if (device->trouble.any.load(std::memory_order_relaxed)) ST_TRY(raise(device));
  return take_fault(device);
}
