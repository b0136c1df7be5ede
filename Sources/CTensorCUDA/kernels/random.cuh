// Philox random numbers.
#ifndef ST_CUDA_RANDOM_CUH
#define ST_CUDA_RANDOM_CUH

#include "device_math.cuh"

#endif
