// The language of the kernel files: CUDA C++20 without headers, which NVRTC compiles for the GPU and, for tests, the host's
// compiler with this file replaced by one of its own (ST_EMULATED). A kernel is
//
//   namespace st { template <class T> ST_DEVICE void scale(const ScaleParameters &p) { ... } }
//
// and a program, made at run time, instantiates it: ST_KERNEL(kernel, ScaleParameters, 256, scale<float>).
// Kernel files use only what stands here:
//   threadIdx blockIdx blockDim gridDim (x y z), __syncthreads() __syncwarp(), ST_SHARED T name[n], ST_DYNAMIC_SHARED(name)
//   (unsigned char *), __shfl_sync __shfl_xor_sync __shfl_up_sync __shfl_down_sync (32 and 64 bits), __ballot_sync,
//   atomicAdd atomicMax atomicMin atomicCAS atomicExch atomicOr, __threadfence() __threadfence_system(), Vector<T, N> for
//   wide accesses, the m_ functions of device_math.cuh. Anything else stands inside #ifndef ST_EMULATED with a twin.
#ifndef ST_CUDA_DIALECT_CUH
#define ST_CUDA_DIALECT_CUH

#ifdef ST_EMULATED
#include "emulated_dialect.hpp"
#else

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
typedef long intptr_t;
typedef unsigned long uintptr_t;
#define __builtin_inff() __int_as_float(0x7f800000)
#define __builtin_inf() __longlong_as_double(0x7ff0000000000000ll)
#define __builtin_nanf(text) __int_as_float(0x7fc00000)
#define INT32_MIN (-2147483647 - 1)
#define INT32_MAX 2147483647
#define INT64_MIN (-9223372036854775807ll - 1)
#define INT64_MAX 9223372036854775807ll

#define ST_DEVICE __device__ __forceinline__
#define ST_INLINE __device__ __forceinline__
#define ST_SPECIAL static __device__ __noinline__
#define ST_SHARED __shared__
#define ST_DYNAMIC_SHARED(name) extern __shared__ __align__(16) unsigned char name[]
// Told how many blocks there must be, the compiler does not spill registers to have room for more of them.
#define ST_BOUNDS(threads) __launch_bounds__(threads, 1)
#define ST_KERNEL(name, Parameters, threads, ...)                                                                     \
  namespace st {                                                                                                      \
  extern "C" __global__ void ST_BOUNDS(threads) name(const __grid_constant__ Parameters p) {                          \
    __VA_ARGS__(p);                                                                                                   \
  }                                                                                                                   \
  }

#endif

#include "fault.h"
#include "st_dtypes.h"

namespace st {

// What kernels report, as st_status says it.
inline constexpr int32_t index_out_of_range = 1, division_by_zero = 2;

// For accesses of up to 16 bytes.
template <class T, int N>
struct alignas(sizeof(T) * N) Vector {
  T values[N];
};

// The first to report wins.
ST_DEVICE void report(Fault *faults, int32_t tag, int32_t code, int32_t operand, int64_t value, int64_t limit) {
  Fault *fault = faults + 1 + tag % fault_records;
  if (atomicCAS(&fault->claimed, 0u, 1u) != 0u) return;
  fault->tag = tag;
  fault->operand = operand;
  fault->value = value;
  fault->limit = limit;
  __threadfence_system();
  atomicExch(reinterpret_cast<uint32_t *>(&fault->code), uint32_t(code));
  __threadfence_system();
  atomicExch(reinterpret_cast<uint32_t *>(&faults->code), 1u);
}

}  // namespace st

#endif
