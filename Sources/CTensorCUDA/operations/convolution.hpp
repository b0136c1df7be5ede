// Convolutions as products of matrices that cuBLASLt multiplies, for operations/convolution.cpp.
#ifndef ST_CUDA_OPERATIONS_CONVOLUTION_HPP
#define ST_CUDA_OPERATIONS_CONVOLUTION_HPP

#include "../../CTensorKernels/convert.hpp"
#include "../runtime/device.hpp"
// After the integer types.
#include "../kernels/convolution_parameters.h"

namespace st::cuda {

enum Product { forward, image_gradient, weight_gradient };

// Sets `done` where the library could take the product; if not, nothing was done that counts. The operands that are
// parts of images are written out first, for some images after another.
st_status convolve_by_cublaslt(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                               bool &done);

}  // namespace st::cuda

#endif
