// A CUDA driver, NVRTC, cuBLASLt and cuDNN for tests, which run the kernels on the CPU: "Emulated H200" GPUs. What real
// ones would leave undefined, such as reads of memory that was never written, shows here.
//
// The environment variable SWIFT_TENSOR_TEST_CUDA decides when a program starts that this is linked into: unset or
// "emulated", the libraries are these; "none", there are none; "real", they are looked for as usual. Others set what
// the functions below do: SWIFT_TENSOR_EMULATOR_SCHEDULE (forward, reverse, shuffled), SWIFT_TENSOR_EMULATOR_LAZY (1)
// and SWIFT_TENSOR_EMULATOR_STRICT (1).
#ifndef CUDA_EMULATOR_H
#define CUDA_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "st_cuda_libraries.h"

#ifdef __cplusplus
extern "C" {
#endif

// For st_cuda_set_resolver: all libraries, all but cuDNN, or none.
void *st_emulator_resolver(st_cuda_library library, const char *symbol);
void *st_emulator_without_cudnn(st_cuda_library library, const char *symbol);
void *st_emulator_no_libraries(st_cuda_library library, const char *symbol);

// The order in which blocks, and threads between two barriers, run.
typedef enum st_emulator_schedule {
  ST_EMULATOR_FORWARD,
  ST_EMULATOR_REVERSE,
  ST_EMULATOR_SHUFFLED
} st_emulator_schedule;
void st_emulator_set_schedule(st_emulator_schedule schedule);
st_emulator_schedule st_emulator_get_schedule(void);

// Lazy: what a stream was given runs only when something waits for it. Otherwise it runs at the call.
void st_emulator_set_lazy(bool lazy);
bool st_emulator_is_lazy(void);

// Strict: host code that touches device memory crashes, as it does with a real GPU; kernels that touch another device's
// without peer access fail; shared arrays are filled before each launch. Launches take some 100 microseconds more.
void st_emulator_set_strict(bool strict);

// The number of devices, at most 16; at first 2. Before the devices are counted.
void st_emulator_set_device_count(int count);

// The bytes that each device has; at first an H200's.
void st_emulator_set_capacity(size_t bytes);
// Lets `count` allocations of device memory fail, after `after` more have succeeded.
void st_emulator_inject_out_of_memory(int after, int count);
// Lets the next launch, of a kernel, a product or a convolution, fail with a CUresult: at once, or, when it is one that
// stays (700, 719 ...), as the errors of kernels do, in later calls.
void st_emulator_inject_error(int code);
// Forgets the errors that stay, on all devices. No real driver can.
void st_emulator_clear_errors(void);
// What the last kernel that failed met, with its name, block and thread; empty when none has. Valid until the next call
// of this function by the same thread.
const char *st_emulator_last_fault(void);

typedef struct st_emulator_counters {
  uint64_t launches;          // of kernels, each time that they run
  uint64_t products;          // of cuBLASLt
  uint64_t convolutions;      // of cuDNN
  uint64_t allocations, frees;  // of device memory
  uint64_t live_allocations, live_bytes;
  uint64_t copies, fills;
  uint64_t synchronizations;  // calls that wait: for streams, events, contexts, and copies to pageable memory
  uint64_t compilations;      // by NVRTC
  uint64_t graph_launches;
} st_emulator_counters;
st_emulator_counters st_emulator_get_counters(void);

// The registered kernels, for the script that compiles them all with the real NVRTC.
typedef struct st_emulator_instance {
  const char *file;           // "softmax.cuh"
  const char *parameters;     // "SoftmaxParameters"
  const char *instantiation;  // "softmax_rows<float,true>", without white space
  int threads;
  int bytes;  // of the parameters on this host
} st_emulator_instance;
int st_emulator_instance_count(void);
st_emulator_instance st_emulator_instance_at(int index);

#ifdef __cplusplus
}
#endif
#endif
