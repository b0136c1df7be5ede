// Reading and writing by index tensors.
#ifndef ST_CUDA_INDEXING_CUH
#define ST_CUDA_INDEXING_CUH

#include "device_math.cuh"

#endif
