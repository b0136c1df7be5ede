// What norm kernels are told.
#ifndef ST_CUDA_NORM_PARAMETERS_H
#define ST_CUDA_NORM_PARAMETERS_H

namespace st {

// The layer norm of rows, and the gradient by its input. All is row-major.
struct LayerNormParameters {
  void *out;               // backward: the input's gradient
  const void *x;
  const void *gradient;    // backward only
  const void *weight, *bias;  // may be null
  void *mean, *rstd;       // backward they are read; may be null forward
  int64_t rows, columns;
  double eps;
  int32_t team;            // threads that share a row
  bool wide_weight;        // weight and bias are float32, whatever the others are
  bool vectors;            // wide accesses are possible
};

// The gradients by weight and bias: parts' sums, [parts, columns] of the arithmetic type.
struct NormWeightParameters {
  const void *x, *gradient, *mean, *rstd;
  void *weight_sums, *bias_sums;  // may be null
  int64_t rows, columns;
  int32_t across;          // threads side by side
  bool vectors;
};

}  // namespace st

#endif
