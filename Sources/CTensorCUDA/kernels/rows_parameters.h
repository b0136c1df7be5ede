// What kernels over rows (reductions, softmax, norms, scans) are told of their operands' shapes.
#ifndef ST_CUDA_ROWS_PARAMETERS_H
#define ST_CUDA_ROWS_PARAMETERS_H

namespace st {

inline constexpr int most_axes = 8;

// Some dimensions, the fastest first, and the strides of N operands in them. The rank is at least 1.
template <int N>
struct Axes {
  int64_t shape[most_axes];
  int64_t strides[N][most_axes];
  // For numbers below 2^31, n / shape is (high half of n * multiplier + n) >> shift.
  uint32_t multipliers[most_axes];
  int8_t shifts[most_axes];
  int64_t rank;
};

}  // namespace st

#endif
