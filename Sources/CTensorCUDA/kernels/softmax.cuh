// Softmax and its derivative.
#ifndef ST_CUDA_SOFTMAX_CUH
#define ST_CUDA_SOFTMAX_CUH

#include "device_math.cuh"

#endif
