// What the kernels for pooling take. It includes nothing.
#ifndef ST_CUDA_POOLING_PARAMETERS_H
#define ST_CUDA_POOLING_PARAMETERS_H

namespace st {

// The windows along one dimension of space.
struct PoolDimension {
  int64_t size, places;
  int32_t kernel, stride, padding, dilation;
};

struct PoolParameters {
  void *out;
  const void *in;
  int64_t *indices;  // or null
  int64_t count;     // of elements of `out`
  PoolDimension axes[3];
  int32_t divisor;   // of a mean; 0: the window's elements
  bool adaptive, counts_padding;
};

}  // namespace st

#endif
