// Reductions.
#ifndef ST_CUDA_REDUCE_CUH
#define ST_CUDA_REDUCE_CUH

#include "device_math.cuh"

#endif
