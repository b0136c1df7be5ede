// The driver's devices, contexts and errors.
#include <string.h>

#include <set>

#include "block.hpp"
#include "state.hpp"

namespace st::emulated {
namespace {

struct Named {
  int code;
  const char *name, *text;
};
constexpr Named errors[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {704, "CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED", "peer access is already enabled"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {714, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {717, "CUDA_ERROR_INVALID_ADDRESS_SPACE", "operation not supported on global/shared address space"},
    {718, "CUDA_ERROR_INVALID_PC", "invalid program counter"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {800, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing stream"},
    {907, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {908, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a capture from another thread"},
    {910, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed"},
};

const Named *error_of(int code) {
  for (const Named &error : errors) {
    if (error.code == code) return &error;
  }
  return nullptr;
}

int cuInit(unsigned flags) {
  Call call(Call::nothing);
  if (flags != 0) return invalid_value;
  if (state().device_count == 0) return no_device;
  state().initialized = true;
  return call.error;
}

int cuDriverGetVersion(int *version) {
  *version = 13000;
  return success;
}

int cuGetErrorName(int code, const char **name) {
  const Named *error = error_of(code);
  *name = error ? error->name : nullptr;
  return error ? success : invalid_value;
}

// Errors that stay come with what the kernel met, which a real driver does not know.
int cuGetErrorString(int code, const char **text) {
  const Named *error = error_of(code);
  *text = error ? error->text : nullptr;
  if (!error) return invalid_value;
  Call call(Call::nothing);
  if (!is_sticky(code) || state().last_fault.empty()) return success;
  static auto *texts = new std::set<std::string>;
  *text = texts->insert(std::string(error->text) + ": " + state().last_fault).first->c_str();
  return success;
}

int cuDeviceGetCount(int *count) {
  Call call(Call::initialization);
  *count = state().device_count;
  return call.error;
}

int cuDeviceGet(int *device, int index) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (index < 0 || index >= state().device_count) return invalid_device;
  *device = index;
  return success;
}

bool is_device(int device) { return device >= 0 && device < state().device_count; }

int cuDeviceGetName(char *name, int bytes, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  if (bytes <= 0) return invalid_value;
  strncpy(name, "Emulated H200", size_t(bytes) - 1);
  name[bytes - 1] = '\0';
  return success;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  *bytes = state().capacity;
  return success;
}

int cuDeviceGetUuid_v2(unsigned char *uuid, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  memcpy(uuid, "emulated device", 16);
  uuid[15] = static_cast<unsigned char>(device);
  return success;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  switch (attribute) {
    case 1: *value = int(most_threads); break;         // MAX_THREADS_PER_BLOCK
    case 2: case 3: *value = 1024; break;              // MAX_BLOCK_DIM_X, _Y
    case 4: *value = 64; break;                        // MAX_BLOCK_DIM_Z
    case 5: *value = 2147483647; break;                // MAX_GRID_DIM_X
    case 6: case 7: *value = 65535; break;             // MAX_GRID_DIM_Y, _Z
    case 8: *value = 48 * 1024; break;                 // MAX_SHARED_MEMORY_PER_BLOCK
    case 10: *value = 32; break;                       // WARP_SIZE
    case 12: *value = 65536; break;                    // MAX_REGISTERS_PER_BLOCK
    case 16: *value = 132; break;                      // MULTIPROCESSOR_COUNT
    case 18: *value = 0; break;                        // INTEGRATED
    case 20: *value = 0; break;                        // COMPUTE_MODE
    case 31: *value = 1; break;                        // CONCURRENT_KERNELS
    case 38: *value = 60 << 20; break;                 // L2_CACHE_SIZE
    case 39: *value = 2048; break;                     // MAX_THREADS_PER_MULTIPROCESSOR
    case 40: *value = 3; break;                        // ASYNC_ENGINE_COUNT
    case 41: *value = 1; break;                        // UNIFIED_ADDRESSING
    case 75: *value = 9; break;                        // COMPUTE_CAPABILITY_MAJOR
    case 76: *value = 0; break;                        // COMPUTE_CAPABILITY_MINOR
    case 78: *value = 1; break;                        // STREAM_PRIORITIES_SUPPORTED
    case 81: *value = 228 * 1024; break;               // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    case 82: *value = 65536; break;                    // MAX_REGISTERS_PER_MULTIPROCESSOR
    case 83: *value = 1; break;                        // MANAGED_MEMORY
    case 88: *value = 0; break;                        // PAGEABLE_MEMORY_ACCESS
    case 97: *value = int(most_shared_bytes); break;   // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    case 106: *value = 32; break;                      // MAX_BLOCKS_PER_MULTIPROCESSOR
    case 115: *value = 1; break;                       // MEMORY_POOLS_SUPPORTED
    default: return invalid_value;
  }
  return success;
}

// A context is a device's only one.
int cuDevicePrimaryCtxRetain(void **context, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  state().devices[device].retained++;
  *context = &state().devices[device];
  return success;
}

int cuDevicePrimaryCtxRelease_v2(int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device)) return invalid_device;
  if (state().devices[device].retained == 0) return invalid_context;
  state().devices[device].retained--;
  return success;
}

// Null when the handle is none of a context that was retained.
Device *context_of(void *context) {
  for (Device &device : state().devices) {
    if (context == &device && device.retained > 0) return &device;
  }
  return nullptr;
}

int cuCtxSetCurrent(void *context) {
  // The usual case takes no lock.
  if (context && context == current_device) return success;
  Call call(Call::initialization);
  if (call.error) return call.error;
  Device *device = context_of(context);
  if (context && !device) return invalid_context;
  current_device = device;
  return success;
}

int cuCtxGetCurrent(void **context) {
  *context = current_device;
  return success;
}

int cuCtxSynchronize() {
  Call call;
  if (call.error) return call.error;
  for (Graph *graph : state().captures) {
    if (graph->device != call.device) continue;
    invalidate(*graph);
    return capture_unsupported;
  }
  state().counters.synchronizations++;
  complete_all(*call.device);
  return call.device->failed;
}

int cuDeviceCanAccessPeer(int *can, int device, int peer) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (!is_device(device) || !is_device(peer)) return invalid_device;
  *can = device != peer;
  return success;
}

int cuCtxEnablePeerAccess(void *peer, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  Device *device = context_of(peer);
  if (!device || device == call.device) return invalid_context;
  if (flags != 0) return invalid_value;
  if (call.device->peers >> device->index & 1) return peer_access_already_enabled;
  call.device->peers |= 1u << device->index;
  return success;
}

}  // namespace

Symbols device_symbols() {
  return {ST_SYMBOL(cuInit), ST_SYMBOL(cuDriverGetVersion), ST_SYMBOL(cuGetErrorName), ST_SYMBOL(cuGetErrorString),
          ST_SYMBOL(cuDeviceGetCount), ST_SYMBOL(cuDeviceGet), ST_SYMBOL(cuDeviceGetName),
          ST_SYMBOL(cuDeviceTotalMem_v2), ST_SYMBOL(cuDeviceGetUuid_v2), ST_SYMBOL(cuDeviceGetAttribute),
          ST_SYMBOL(cuDevicePrimaryCtxRetain), ST_SYMBOL(cuDevicePrimaryCtxRelease_v2), ST_SYMBOL(cuCtxSetCurrent),
          ST_SYMBOL(cuCtxGetCurrent), ST_SYMBOL(cuCtxSynchronize), ST_SYMBOL(cuDeviceCanAccessPeer),
          ST_SYMBOL(cuCtxEnablePeerAccess)};
}

}  // namespace st::emulated
