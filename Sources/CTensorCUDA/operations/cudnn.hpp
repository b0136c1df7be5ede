// Convolutions by cuDNN, for operations/convolution.cpp.
#ifndef ST_CUDA_OPERATIONS_CUDNN_HPP
#define ST_CUDA_OPERATIONS_CUDNN_HPP

#include "convolution.hpp"

namespace st::cuda {

// Sets `done` where the library is there, allowed and has a way; if not, nothing was done that counts.
st_status convolve_by_cudnn(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                            bool &done);

}  // namespace st::cuda

#endif
