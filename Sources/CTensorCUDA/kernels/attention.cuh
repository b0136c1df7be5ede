// Attention without the matrix of scores.
#ifndef ST_CUDA_ATTENTION_CUH
#define ST_CUDA_ATTENTION_CUH

#include "device_math.cuh"

#endif
