// Running sums and products.
#ifndef ST_CUDA_SCAN_CUH
#define ST_CUDA_SCAN_CUH

#include "device_math.cuh"

#endif
