// From a step's number to where its operands stand.
#ifndef ST_CUDA_PLACES_CUH
#define ST_CUDA_PLACES_CUH

#include "dialect.cuh"
// After the integer types.
#include "places_parameters.h"

namespace st {

// The steps of a thread: of those of its block, every blockDim.x-th. Those past the end repeat the last one.
template <int items, int operands>
ST_DEVICE uint32_t own_steps(const Places<operands> &p, uint32_t (&steps)[items]) {
  const uint32_t first = blockIdx.x * (blockDim.x * items) + threadIdx.x;
  for (int i = 0; i < items; i++) {
    const uint32_t step = first + i * blockDim.x;
    steps[i] = step < p.count ? step : p.count - 1;
  }
  return first;
}

// Whether a thread's step `i` is not past the end.
template <int operands>
ST_DEVICE bool has_step(const Places<operands> &p, uint32_t first, int i) {
  return first + i * blockDim.x < p.count;
}

template <int items, int operands>
ST_DEVICE void locate(const Places<operands> &p, const uint32_t (&steps)[items], int64_t (&offsets)[operands][items]) {
  uint32_t rest[items];
#pragma unroll
  for (int i = 0; i < items; i++) {
    rest[i] = steps[i];
#pragma unroll
    for (int k = 0; k < operands; k++) offsets[k][i] = 0;
  }
  const int last = p.rank - 1;
#pragma unroll 1
  for (int d = 0; d < last; d++) {
    const uint32_t size = p.sizes[d], multiplier = p.multipliers[d], shift = p.shifts[d];
#pragma unroll
    for (int i = 0; i < items; i++) {
      const uint32_t quotient = (uint32_t(uint64_t(rest[i]) * multiplier >> 32) + rest[i]) >> shift;
      const int32_t index = int32_t(rest[i] - quotient * size);
      rest[i] = quotient;
#pragma unroll
      for (int k = 0; k < operands; k++) offsets[k][i] += int64_t(index) * p.strides[k][d];
    }
  }
#pragma unroll
  for (int i = 0; i < items; i++) {
#pragma unroll
    for (int k = 0; k < operands; k++) offsets[k][i] += int64_t(int32_t(rest[i])) * p.strides[k][last];
  }
}

}  // namespace st

#endif
