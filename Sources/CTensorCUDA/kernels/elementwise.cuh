// Formulas applied to each element.
#ifndef ST_CUDA_ELEMENTWISE_CUH
#define ST_CUDA_ELEMENTWISE_CUH

#include "device_math.cuh"

#endif
