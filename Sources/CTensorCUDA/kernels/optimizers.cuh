// Optimizer steps over many tensors.
#ifndef ST_CUDA_OPTIMIZERS_CUH
#define ST_CUDA_OPTIMIZERS_CUH

#include "device_math.cuh"

#endif
