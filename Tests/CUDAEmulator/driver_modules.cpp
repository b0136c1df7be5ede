// The driver's modules and launches. A compiled program is a text (nvrtc.cpp): the architecture, then a line per kernel
// with its name and instantiation.
#include <string.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "block.hpp"
#include "images.hpp"
#include "state.hpp"

namespace st::emulated {
namespace {

int cuModuleLoadData(void **handle, const void *image) {
  Call call;
  if (call.error) return call.error;
  if (int refused = refuse_in_capture()) return refused;
  if (!handle || !image) return invalid_value;
  std::vector<ImageKernel> kernels;
  if (int error = read_image(static_cast<const char *>(image), kernels)) return error;
  Module *module = new Module;
  module->kind = Object::module;
  module->device = call.device;
  for (ImageKernel &kernel : kernels) {
    Function *function = new Function;
    function->kind = Object::function;
    function->device = call.device;
    function->name = std::move(kernel.name);
    function->instance = kernel.instance;
    module->functions.push_back(function);
  }
  *handle = static_cast<Object *>(module);
  return success;
}

// Its options ask for logs.
int cuModuleLoadDataEx(void **handle, const void *image, unsigned, int *, void **) {
  return cuModuleLoadData(handle, image);
}

int cuModuleUnload(void *handle) {
  Call call;
  if (call.error) return call.error;
  Module *module = as<Module>(handle, Object::module);
  if (!module) return invalid_handle;
  complete_all(*module->device);
  for (Function *function : module->functions) function->kind = Object::destroyed;
  module->kind = Object::destroyed;
  return success;
}

int cuModuleGetFunction(void **handle, void *module_handle, const char *name) {
  Call call;
  if (call.error) return call.error;
  Module *module = as<Module>(module_handle, Object::module);
  if (!module) return invalid_handle;
  for (Function *function : module->functions) {
    if (function->name != name) continue;
    *handle = static_cast<Object *>(function);
    return success;
  }
  return not_found;
}

int cuFuncSetAttribute(void *handle, int attribute, int value) {
  Call call;
  if (call.error) return call.error;
  Function *function = as<Function>(handle, Object::function);
  if (!function) return invalid_handle;
  constexpr int dynamic_shared_size = 8, shared_carveout = 9;
  if (attribute == shared_carveout) return value >= -1 && value <= 100 ? success : invalid_value;
  if (attribute != dynamic_shared_size || value < 0 || value > int(most_shared_bytes)) return invalid_value;
  function->shared_limit = value;
  return success;
}

int cuFuncGetAttribute(int *value, int attribute, void *handle) {
  Call call;
  if (call.error) return call.error;
  Function *function = as<Function>(handle, Object::function);
  if (!function) return invalid_handle;
  switch (attribute) {
    case 0: *value = function->instance->threads; break;  // MAX_THREADS_PER_BLOCK
    case 1: case 2: case 3: *value = 0; break;            // SHARED_SIZE_BYTES, CONST_, LOCAL_
    case 4: *value = 32; break;                           // NUM_REGS
    case 5: case 6: *value = 90; break;                   // PTX_VERSION, BINARY_VERSION
    case 8: *value = function->shared_limit; break;       // MAX_DYNAMIC_SHARED_SIZE_BYTES
    case 9: *value = -1; break;                           // PREFERRED_SHARED_MEMORY_CARVEOUT
    default: return invalid_value;
  }
  return success;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *handle, int threads, size_t shared_bytes) {
  Call call;
  if (call.error) return call.error;
  Function *function = as<Function>(handle, Object::function);
  if (!function) return invalid_handle;
  if (threads <= 0 || threads > int(most_threads)) return invalid_value;
  // A block takes 1 KiB of shared memory for itself; with 32 registers a thread, these never limit.
  const int by_threads = 2048 / ((threads + 31) / 32 * 32);
  const int by_shared_memory = int(228 * 1024 / (shared_bytes + 1024));
  *blocks = threads > function->instance->threads ? 0 : std::min({32, by_threads, by_shared_memory});
  return success;
}

// ---- Launches.

// The one struct that a kernel takes; null when the arguments are not understood.
const void *find_parameters(const Function &function, void **values, void **extra) {
  if (values) return values[0];
  const void *buffer = nullptr;
  size_t bytes = 0;
  for (; extra && extra[0]; extra += 2) {
    const uintptr_t key = reinterpret_cast<uintptr_t>(extra[0]);
    if (key == 1) buffer = extra[1];
    if (key == 2) bytes = *static_cast<size_t *>(extra[1]);
  }
  return bytes == size_t(function.instance->bytes) ? buffer : nullptr;
}

void launch_now(Device &device, const Function &function, const void *parameters, Index blocks, Index threads,
                unsigned shared_bytes, int injected) {
  if (device.failed) return;
  state().counters.launches++;
  std::string fault;
  int error = injected;
  if (injected) {
    fault = function.instance->instantiation + ": error " + std::to_string(injected) + " was injected";
  } else {
    const Instance &instance = *function.instance;
    const Launch launch{instance.kernel, instance.instantiation.c_str(), parameters, blocks, threads, shared_bytes,
                        device.peers | 1u << device.index};
    error = run_kernel(launch, state().schedule, fault);
  }
  if (error) fail(device, error, fault);
}

int cuLaunchKernel(void *handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_bytes, void *stream_handle, void **values, void **extra) {
  Call call;
  if (call.error) return call.error;
  Function *function = as<Function>(handle, Object::function);
  Stream *stream = stream_of(call, stream_handle);
  if (!function || !stream || function->device != call.device) return invalid_handle;
  constexpr unsigned most_blocks_x = 2147483647, most_blocks = 65535;
  if (grid_x == 0 || grid_y == 0 || grid_z == 0 || block_x == 0 || block_y == 0 || block_z == 0) return invalid_value;
  if (grid_x > most_blocks_x || grid_y > most_blocks || grid_z > most_blocks) return invalid_value;
  if (block_x > 1024 || block_y > 1024 || block_z > 64) return invalid_value;
  if (block_x * block_y * block_z > unsigned(function->instance->threads)) return invalid_value;
  if (shared_bytes > unsigned(function->shared_limit)) return invalid_value;
  const void *parameters = find_parameters(*function, values, extra);
  if (!parameters) return invalid_value;
  const int injected = stream->capture ? 0 : take_injected_error();
  if (injected && !is_sticky(injected)) return injected;

  const Index blocks{grid_x, grid_y, grid_z}, threads{block_x, block_y, block_z};
  Device &device = *call.device;
  return submit(
      *stream, Work::launch, function,
      [&] { launch_now(device, *function, parameters, blocks, threads, shared_bytes, injected); },
      [&] {
        std::shared_ptr<char[]> kept(new char[size_t(function->instance->bytes)]);
        memcpy(kept.get(), parameters, size_t(function->instance->bytes));
        return [&device, function, kept, blocks, threads, shared_bytes, injected] {
          launch_now(device, *function, kept.get(), blocks, threads, shared_bytes, injected);
        };
      });
}

}  // namespace

int take_injected_error() {
  const int error = state().injected_error;
  state().injected_error = 0;
  return error;
}

Symbols module_symbols() {
  return {ST_SYMBOL(cuModuleLoadData), ST_SYMBOL(cuModuleLoadDataEx), ST_SYMBOL(cuModuleUnload),
          ST_SYMBOL(cuModuleGetFunction), ST_SYMBOL(cuFuncSetAttribute), ST_SYMBOL(cuFuncGetAttribute),
          ST_SYMBOL(cuOccupancyMaxActiveBlocksPerMultiprocessor), ST_SYMBOL(cuLaunchKernel)};
}

}  // namespace st::emulated
