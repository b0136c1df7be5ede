// What the RMS norm's kernels are told.
#ifndef ST_CUDA_RMS_NORM_PARAMETERS_H
#define ST_CUDA_RMS_NORM_PARAMETERS_H

namespace st {

// The RMS norm of rows, and the gradient by its input. All is row-major.
struct RMSNormParameters {
  void *out;              // backward: the input's gradient
  const void *x;
  const void *gradient;   // backward only
  const void *weight;     // may be null
  void *rstd;             // backward it is read; may be null forward
  int64_t rows, columns;
  double eps;
  int32_t team;           // threads that share a row
  bool wide_weight;       // the weight is float32, whatever the others are
  bool vectors;           // wide accesses are possible
};

// The gradient by the weight: parts' sums, [parts, columns] of the arithmetic type.
struct RMSNormWeightParameters {
  const void *x, *gradient, *rstd;
  void *sums;
  int64_t rows, columns;
  int32_t across;         // threads side by side
  bool vectors;
};

}  // namespace st

#endif
