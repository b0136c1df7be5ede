// Matrix products, where cuBLASLt is missing or has no form.
#ifndef ST_CUDA_MATMUL_CUH
#define ST_CUDA_MATMUL_CUH

#include "device_math.cuh"

#endif
