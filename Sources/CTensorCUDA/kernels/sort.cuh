// Stable sorts.
#ifndef ST_CUDA_SORT_CUH
#define ST_CUDA_SORT_CUH

#include "device_math.cuh"

#endif
