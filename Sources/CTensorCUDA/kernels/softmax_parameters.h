// What softmax kernels are told.
#ifndef ST_CUDA_SOFTMAX_PARAMETERS_H
#define ST_CUDA_SOFTMAX_PARAMETERS_H

namespace st {

struct SoftmaxParameters {
  void *out;
  const void *in;            // backward: the result
  const void *gradient;      // backward only
  int64_t rows, count;       // count: elements of a row
  int64_t strides[3];        // along a row: out, in, gradient
  Axes<3> kept;              // of the other dimensions: out, in, gradient
  int32_t team;              // threads that share a row; of columns: threads side by side
  bool logarithm;
  bool vectors;              // wide accesses are possible
};

}  // namespace st

#endif
