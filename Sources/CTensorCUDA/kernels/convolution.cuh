// Convolutions.
#ifndef ST_CUDA_CONVOLUTION_CUH
#define ST_CUDA_CONVOLUTION_CUH

#include "device_math.cuh"

#endif
