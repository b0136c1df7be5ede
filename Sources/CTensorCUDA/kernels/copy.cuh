// Copies, casts, fills and ranges.
#ifndef ST_CUDA_COPY_CUH
#define ST_CUDA_COPY_CUH

#include "device_math.cuh"

#endif
