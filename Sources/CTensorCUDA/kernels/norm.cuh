// Layer norm and its derivative.
#ifndef ST_CUDA_NORM_CUH
#define ST_CUDA_NORM_CUH

#include "device_math.cuh"

#endif
