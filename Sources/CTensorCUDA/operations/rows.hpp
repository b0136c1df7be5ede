// What the operations over rows share: kernels' descriptions of shapes, and types' names.
#ifndef ST_CUDA_OPERATIONS_ROWS_HPP
#define ST_CUDA_OPERATIONS_ROWS_HPP

#include "../../CTensorKernels/convert.hpp"
#include "../runtime/device.hpp"
// After the integer types.
#include "../kernels/rows_parameters.h"

namespace st::cuda {

// The types' names in kernel sources, a bool's as that of its byte.
inline constexpr const char *element_names[] = {"uint8_t", "uint8_t", "int8_t",   "int16_t", "int32_t",
                                                "int64_t", "float16", "bfloat16", "float",   "double"};

// Of a shape of at most most_axes dimensions.
template <int N>
void set_axes(Axes<N> &axes, const Collapsed<N> &shape) {
  axes.rank = shape.rank > 0 ? shape.rank : 1;
  axes.shape[0] = 1;
  for (int n = 0; n < N; n++) axes.strides[n][0] = 0;
  for (int d = 0; d < shape.rank; d++) {
    axes.shape[d] = shape.shape[d];
    for (int n = 0; n < N; n++) axes.strides[n][d] = shape.strides[n][d];
  }
  for (int d = 0; d + 1 < axes.rank; d++) {
    const uint64_t size = uint64_t(axes.shape[d]);
    if (size >> 31 != 0) {  // smaller numbers divided by it give 0
      axes.shifts[d] = 31;
      continue;
    }
    const int shift = size <= 1 ? 0 : 64 - __builtin_clzll(size - 1);
    axes.shifts[d] = int8_t(shift);
    axes.multipliers[d] = uint32_t((uint64_t(1) << 32) * ((uint64_t(1) << shift) - size) / size + 1);
  }
}

// Whether operand n's steps along dimensions `from` on are multiples of `width`, so that they leave it aligned.
template <int N>
bool keeps_aligned(const Collapsed<N> &shape, int n, int from, int64_t width) {
  for (int d = from; d < shape.rank; d++) {
    if (shape.strides[n][d] % width != 0) return false;
  }
  return true;
}
inline bool is_aligned(const void *data, int64_t bytes) {
  return reinterpret_cast<uintptr_t>(data) % uintptr_t(bytes) == 0;
}

inline constexpr int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The smallest that is `at_least`.
inline int64_t power_of_two(int64_t at_least) {
  int64_t power = 1;
  while (power < at_least) power *= 2;
  return power;
}

// Elements of a wide access, as kernels/rows.cuh has it.
inline int64_t vector_width(st_dtype dtype) { return element_size(dtype) == 1 ? 8 : 16 / element_size(dtype); }

}  // namespace st::cuda

#endif
