// What operations use of a device: compiled kernels, launches, work space.
#ifndef ST_CUDA_RUNTIME_DEVICE_HPP
#define ST_CUDA_RUNTIME_DEVICE_HPP

#include <stdint.h>

#include <atomic>
#include <string>

#include "../include/CTensorCUDA.h"

namespace st {

// Where kernels report what they met: page-locked host memory that the device writes. Defined in kernels/fault.h.
struct Fault;

}  // namespace st

namespace st::cuda {

inline constexpr int max_devices = 16;

// What operations may read of a device.
struct DeviceFacts {
  int index;
  int multiprocessors;
  int threads_per_multiprocessor;
  int shared_memory_per_block;  // the most that a kernel may opt in to
  int capability;               // 10 * major + minor
};
const DeviceFacts &facts(st_cuda_device *device);

// A kernel's program: one instantiation of a template in a kernel file, for ST_KERNEL (kernels/dialect.cuh).
struct Program {
  const char *file;           // "elementwise.cuh"
  const char *parameters;     // the struct that it takes: "UnaryParameters"
  int threads;                // the most threads of a block
  std::string instantiation;  // "unary_flat<Function_exp, float>"
};

// The place of a kernel's compiled function on each device; static, one for each instantiation.
struct Slot {
  std::atomic<void *> functions[max_devices] = {};
};

struct Grid {
  unsigned blocks[3] = {1, 1, 1};
  unsigned threads[3] = {1, 1, 1};
  unsigned shared = 0;  // bytes of dynamic shared memory; above 48 KiB the function is opted in
};

// The kernel of a slot: compiled, or read from the disk's cache, at the first call on a device. Null on failure, which
// `status` then says.
void *function(st_cuda_device *device, Slot &slot, const Program &program, st_status &status);

st_status launch(st_cuda_device *device, void *function, const Grid &grid, const void *parameters);

// Launches a kernel; `program` is called only while the slot has no function for the device yet.
template <class Parameters, class MakeProgram>
inline st_status run(st_cuda_device *device, Slot &slot, const Grid &grid, const Parameters &parameters,
                     const MakeProgram &program) {
  void *known = slot.functions[facts(device).index].load(std::memory_order_acquire);
  if (__builtin_expect(known == nullptr, 0)) {
    st_status status = {};
    known = function(device, slot, program(), status);
    if (known == nullptr) return status;
  }
  return launch(device, known, grid, &parameters);
}

// Device memory for one operation; freed with the value, which is safe at once: the stream keeps the order. A recording
// does not fail for want of memory that the operation can do without.
class Workspace {
 public:
  enum Need { required, optional };
  Workspace(st_cuda_device *device, size_t bytes, Need need = required);
  ~Workspace();
  Workspace(const Workspace &) = delete;
  Workspace &operator=(const Workspace &) = delete;
  void *address = nullptr;
  st_status status = {};

 private:
  st_cuda_device *device;
  size_t bytes;
};

// Makes what needs device memory that the libraries take for themselves: a second time without the blocks kept for reuse.
template <class Make>
bool make_with_room(st_cuda_device *device, const Make &make) {
  return make() || (!st_cuda_is_recording(device) && st_cuda_empty_cache(device).code == ST_OK && make());
}

st_status set_bytes(st_cuda_device *device, void *address, unsigned char value, size_t bytes);

// For kernels that may meet bad data: where they report, and what to report as `tag`.
Fault *faults(st_cuda_device *device);
int32_t fault_tag(st_cuda_device *device);

// Whether a variable of the environment is there and neither empty nor 0.
bool is_set(const char *variable);

// For direct calls of a library's (operations/matmul.cpp): its functions (runtime/functions.hpp), and the stream.
struct Functions;
const Functions &functions(st_cuda_device *device);
void *stream(st_cuda_device *device);
st_status bind(st_cuda_device *device);  // makes the context current; before direct calls of a library
// Fails with a text: "matmul: cublasLtMatmul failed with 14".
st_status failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

// While recording: the address of a uint64 that a graph's launches set to the generator's offset at that time, less
// that at recording; null when not recording. Kernels add it to the offset in their parameters.
const uint64_t *graph_offset(st_cuda_device *device);
// Tells the recording that `generator` was advanced by `increment`; called after that.
void note_draw(st_cuda_device *device, st_cuda_generator *generator, uint64_t increment);

// ---- Shapes.

// Dimensions of N views that share a shape, merged where memory allows and without those of size 1, the fastest first.
template <int N>
struct Collapsed {
  int rank = 0;
  int64_t shape[64] = {};
  int64_t strides[N][64] = {};
  int64_t count = 1;
};

// Aligns the views to the right and broadcasts them to the first's shape. `keep_order` false: dimensions are sorted by
// the first view's strides (elementwise work may walk in any order).
template <int N>
Collapsed<N> collapse(const st_view *const (&views)[N], bool keep_order);

}  // namespace st::cuda

#include "collapse.hpp"

#endif
