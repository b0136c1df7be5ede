// Convolutions as products by cuBLASLt, for operations/convolution.cpp.
#ifndef ST_CUDA_OPERATIONS_CONVOLUTION_HPP
#define ST_CUDA_OPERATIONS_CONVOLUTION_HPP

#include "../../CTensorKernels/convert.hpp"
#include "../runtime/device.hpp"
// After the integer types.
#include "../kernels/convolution_parameters.h"

namespace st::cuda {

enum Product { forward, image_gradient, weight_gradient };

// Both set `done` where the library could take the product; if not, nothing was done that counts. The operands that are
// parts of images are written out first, for some images after another.

// A result or an image's gradient.
st_status convolve_by_library(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                              bool &done);
// A weight's gradient, in p.out, of the arithmetic type; adds to what is there.
st_status weight_gradient_by_library(st_cuda_device *device, st_dtype dtype, const ConvolutionParameters &p,
                                     bool &done);

}  // namespace st::cuda

#endif
