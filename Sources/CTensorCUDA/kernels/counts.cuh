// Sums of all counts before each one.
#ifndef ST_CUDA_COUNTS_CUH
#define ST_CUDA_COUNTS_CUH

#include "dialect.cuh"
// After the integer types.
#include "sort_parameters.h"

namespace st {

// What the block's threads before this one bring, in all; `total` becomes what all bring. Up to 1024 threads.
template <class T>
ST_DEVICE T sum_before(T own, T &total) {
  ST_SHARED T warps[32];
  const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32, count = (blockDim.x + 31) / 32;
  T sum = own;
#pragma unroll
  for (uint32_t step = 1; step < 32; step *= 2) {
    const T other = __shfl_up_sync(0xffffffffu, sum, step);
    if (lane >= step) sum += other;
  }
  if (lane == 31) warps[warp] = sum;
  __syncthreads();
  T before = sum - own;
  total = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i == warp) before += total;
    total += warps[i];
  }
  __syncthreads();
  return before;
}

// A block for each sequence, of whole warps.
template <class T>
ST_DEVICE void sum_counts(const CountsParameters &p) {
  constexpr int items = 4;
  T *counts = static_cast<T *>(p.counts) + int64_t(blockIdx.x) * p.length;
  T before = 0;
  for (uint32_t begin = 0; begin < p.length; begin += blockDim.x * items) {
    const uint32_t first = begin + threadIdx.x * items;
    T own[items], sum = 0;
#pragma unroll
    for (int i = 0; i < items; i++) {
      own[i] = first + i < p.length ? counts[first + i] : T(0);
      sum += own[i];
    }
    T total;
    T place = before + sum_before(sum, total);
#pragma unroll
    for (int i = 0; i < items; i++) {
      if (first + i < p.length) counts[first + i] = place;
      place += own[i];
    }
    before += total;
  }
  if (threadIdx.x == 0) static_cast<T *>(p.totals)[blockIdx.x] = before;
}

}  // namespace st

#endif
