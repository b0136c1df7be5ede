// NVIDIA GPUs behind plain C. No CUDA header, toolkit or package is needed to build it: the libraries are found at run time,
// and the kernels' source, carried inside, is compiled by NVRTC for the GPU that is there.
#ifndef CTENSORCUDA_H
#define CTENSORCUDA_H

#include "st_cuda_device.h"
#include "st_cuda_libraries.h"
#include "st_cuda_operations.h"
#include "st_cuda_sources.h"

#endif
