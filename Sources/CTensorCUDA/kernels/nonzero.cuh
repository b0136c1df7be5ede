// The positions of elements that are not zero, in row-major order.
#ifndef ST_CUDA_NONZERO_CUH
#define ST_CUDA_NONZERO_CUH

#include "counts.cuh"
#include "places.cuh"
// After the integer types.
#include "indexing_parameters.h"

namespace st {

// A warp takes nonzero_items times 32 elements in order. Lane i answers which of the i-th 32 are not zero, as bits.
template <class U>
ST_DEVICE uint32_t find_nonzero(const NonzeroParameters &p, int64_t first) {
  constexpr int items = nonzero_items;
  const U *in = static_cast<const U *>(p.in);
  U values[items];
#pragma unroll
  for (int i = 0; i < items; i++) {
    const int64_t at = first + i * 32 + threadIdx.x % 32;
    values[i] = 0;
    if (at >= p.count) continue;
    int64_t offset = at;
    if (!p.contiguous) {
      const uint32_t step[1] = {uint32_t(at)};
      int64_t offsets[1][1];
      locate(p.places, step, offsets);
      offset = offsets[0][0];
    }
    values[i] = in[offset];
  }
  uint32_t own = 0;
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const uint32_t found = __ballot_sync(0xffffffffu, (values[i] & U(p.mask)) != 0);
    if (threadIdx.x % 32 == i) own = found;
  }
  return own;
}

ST_DEVICE int64_t nonzero_start() {
  return (int64_t(blockIdx.x) * 8 + threadIdx.x / 32) * (nonzero_items * 32);
}

template <class U>
ST_DEVICE void count_nonzero(const NonzeroParameters &p) {
  uint32_t total;
  sum_before(uint32_t(__popc(find_nonzero<U>(p, nonzero_start()))), total);
  if (threadIdx.x == 0) p.counts[blockIdx.x] = total;
}

template <class U>
ST_DEVICE void write_nonzero(const NonzeroParameters &p) {
  const uint32_t lane = threadIdx.x % 32;
  const int64_t first = nonzero_start();
  const uint32_t bits = find_nonzero<U>(p, first);
  uint32_t total;
  const uint32_t before = sum_before(uint32_t(__popc(bits)), total);
#pragma unroll 1
  for (int i = 0; i < nonzero_items; i++) {
    const uint32_t found = __shfl_sync(0xffffffffu, bits, i);
    const int64_t own = int64_t(p.counts[blockIdx.x]) + __shfl_sync(0xffffffffu, before, i) +
                        __popc(found & ((1u << lane) - 1));
    if (!(found >> lane & 1) || own >= p.limit) continue;
    int64_t place = first + i * 32 + lane;
    int64_t *to = p.out + own * p.row_stride;
    for (int d = p.rank - 1; d >= 0; d--) {
      const int64_t size = p.shape[d];
      int64_t rest;
      if (uint64_t(place | size) >> 32 == 0) {
        rest = uint32_t(place) / uint32_t(size);
      } else {
        rest = place / size;
      }
      to[d * p.column_stride] = place - rest * size;
      place = rest;
    }
  }
}

}  // namespace st

#endif
