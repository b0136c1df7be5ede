// The functions of the CUDA libraries that are called, found at run time. Handles are void *, device addresses
// uint64_t, and every function answers a number, 0 for success.
#ifndef ST_CUDA_RUNTIME_FUNCTIONS_HPP
#define ST_CUDA_RUNTIME_FUNCTIONS_HPP

#include <stddef.h>
#include <stdint.h>

#include "../include/st_cuda_libraries.h"

// ROW(library, name, parameters); without one of these a device cannot be opened.
#define ST_CUDA_NEEDED_FUNCTIONS(ROW)                                                                                  \
  ROW(ST_CUDA_DRIVER, cuInit, (unsigned flags))                                                                        \
  ROW(ST_CUDA_DRIVER, cuDriverGetVersion, (int *version))                                                              \
  ROW(ST_CUDA_DRIVER, cuGetErrorName, (int error, const char **text))                                                  \
  ROW(ST_CUDA_DRIVER, cuGetErrorString, (int error, const char **text))                                                \
  ROW(ST_CUDA_DRIVER, cuDeviceGet, (int *device, int index))                                                           \
  ROW(ST_CUDA_DRIVER, cuDeviceGetName, (char *name, int length, int device))                                           \
  ROW(ST_CUDA_DRIVER, cuDeviceTotalMem_v2, (size_t *bytes, int device))                                                \
  ROW(ST_CUDA_DRIVER, cuDeviceGetAttribute, (int *value, int attribute, int device))                                   \
  ROW(ST_CUDA_DRIVER, cuDevicePrimaryCtxRetain, (void **context, int device))                                          \
  ROW(ST_CUDA_DRIVER, cuCtxSetCurrent, (void *context))                                                                \
  ROW(ST_CUDA_DRIVER, cuMemGetInfo_v2, (size_t *free, size_t *total))                                                  \
  ROW(ST_CUDA_DRIVER, cuMemAlloc_v2, (uint64_t *address, size_t bytes))                                                \
  ROW(ST_CUDA_DRIVER, cuMemFree_v2, (uint64_t address))                                                                \
  ROW(ST_CUDA_DRIVER, cuMemHostAlloc, (void **address, size_t bytes, unsigned flags))                                  \
  ROW(ST_CUDA_DRIVER, cuMemcpyHtoDAsync_v2, (uint64_t target, const void *source, size_t bytes, void *stream))         \
  ROW(ST_CUDA_DRIVER, cuMemcpyDtoHAsync_v2, (void *target, uint64_t source, size_t bytes, void *stream))               \
  ROW(ST_CUDA_DRIVER, cuMemcpyDtoDAsync_v2, (uint64_t target, uint64_t source, size_t bytes, void *stream))            \
  ROW(ST_CUDA_DRIVER, cuMemsetD8Async, (uint64_t address, unsigned char value, size_t bytes, void *stream))            \
  ROW(ST_CUDA_DRIVER, cuStreamCreate, (void **stream, unsigned flags))                                                 \
  ROW(ST_CUDA_DRIVER, cuStreamSynchronize, (void *stream))                                                             \
  ROW(ST_CUDA_DRIVER, cuStreamWaitEvent, (void *stream, void *event, unsigned flags))                                  \
  ROW(ST_CUDA_DRIVER, cuEventCreate, (void **event, unsigned flags))                                                   \
  ROW(ST_CUDA_DRIVER, cuEventDestroy_v2, (void *event))                                                                \
  ROW(ST_CUDA_DRIVER, cuEventRecord, (void *event, void *stream))                                                      \
  ROW(ST_CUDA_DRIVER, cuEventSynchronize, (void *event))                                                               \
  ROW(ST_CUDA_DRIVER, cuEventElapsedTime, (float *milliseconds, void *start, void *end))                               \
  ROW(ST_CUDA_DRIVER, cuModuleLoadData, (void **module, const void *image))                                            \
  ROW(ST_CUDA_DRIVER, cuModuleUnload, (void *module))                                                                  \
  ROW(ST_CUDA_DRIVER, cuModuleGetFunction, (void **function, void *module, const char *name))                          \
  ROW(ST_CUDA_DRIVER, cuFuncSetAttribute, (void *function, int attribute, int value))                                  \
  ROW(ST_CUDA_DRIVER, cuLaunchKernel,                                                                                  \
      (void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,          \
       unsigned block_z, unsigned shared, void *stream, void **parameters, void **extra))                              \
  ROW(ST_CUDA_NVRTC, nvrtcVersion, (int *major, int *minor))                                                           \
  ROW(ST_CUDA_NVRTC, nvrtcGetNumSupportedArchs, (int *count))                                                          \
  ROW(ST_CUDA_NVRTC, nvrtcGetSupportedArchs, (int *architectures))                                                     \
  ROW(ST_CUDA_NVRTC, nvrtcCreateProgram,                                                                               \
      (void **program, const char *text, const char *name, int headers, const char *const *texts,                      \
       const char *const *names))                                                                                      \
  ROW(ST_CUDA_NVRTC, nvrtcCompileProgram, (void *program, int count, const char *const *options))                      \
  ROW(ST_CUDA_NVRTC, nvrtcDestroyProgram, (void **program))                                                            \
  ROW(ST_CUDA_NVRTC, nvrtcGetProgramLogSize, (void *program, size_t *bytes))                                           \
  ROW(ST_CUDA_NVRTC, nvrtcGetProgramLog, (void *program, char *log))                                                   \
  ROW(ST_CUDA_NVRTC, nvrtcGetCUBINSize, (void *program, size_t *bytes))                                                \
  ROW(ST_CUDA_NVRTC, nvrtcGetCUBIN, (void *program, char *image))                                                      \
  ROW(ST_CUDA_NVRTC, nvrtcGetPTXSize, (void *program, size_t *bytes))                                                  \
  ROW(ST_CUDA_NVRTC, nvrtcGetPTX, (void *program, char *image))

// Where one of these is missing, calling it answers 801, which is the driver's "not supported".
#define ST_CUDA_OPTIONAL_FUNCTIONS(ROW)                                                                                \
  ROW(ST_CUDA_DRIVER, cuMemAllocAsync, (uint64_t *address, size_t bytes, void *stream))                                \
  ROW(ST_CUDA_DRIVER, cuMemFreeAsync, (uint64_t address, void *stream))                                                \
  ROW(ST_CUDA_DRIVER, cuDeviceGetDefaultMemPool, (void **pool, int device))                                            \
  ROW(ST_CUDA_DRIVER, cuMemPoolSetAttribute, (void *pool, int attribute, void *value))                                 \
  ROW(ST_CUDA_DRIVER, cuMemPoolSetAccess, (void *pool, const void *access, size_t count))                              \
  ROW(ST_CUDA_DRIVER, cuMemPoolTrimTo, (void *pool, size_t bytes))                                                     \
  ROW(ST_CUDA_DRIVER, cuMemHostGetDevicePointer_v2, (uint64_t *address, void *host, unsigned flags))                   \
  ROW(ST_CUDA_DRIVER, cuDeviceCanAccessPeer, (int *can, int device, int peer))                                         \
  ROW(ST_CUDA_DRIVER, cuCtxEnablePeerAccess, (void *peer, unsigned flags))                                             \
  ROW(ST_CUDA_DRIVER, cuMemcpyPeerAsync,                                                                               \
      (uint64_t target, void *to, uint64_t source, void *from, size_t bytes, void *stream))                            \
  ROW(ST_CUDA_DRIVER, cuStreamBeginCapture_v2, (void *stream, int mode))                                               \
  ROW(ST_CUDA_DRIVER, cuStreamEndCapture, (void *stream, void **graph))                                                \
  ROW(ST_CUDA_DRIVER, cuGraphInstantiateWithFlags, (void **executable, void *graph, unsigned long long flags))         \
  ROW(ST_CUDA_DRIVER, cuGraphLaunch, (void *executable, void *stream))                                                 \
  ROW(ST_CUDA_DRIVER, cuGraphExecDestroy, (void *executable))                                                          \
  ROW(ST_CUDA_DRIVER, cuGraphDestroy, (void *graph))                                                                   \
  ROW(ST_CUDA_CUBLASLT, cublasLtCreate, (void **handle))                                                               \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulDescCreate, (void **description, int compute, int scale))                        \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulDescDestroy, (void *description))                                                \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulDescSetAttribute,                                                                \
      (void *description, int attribute, const void *value, size_t bytes))                                             \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatrixLayoutCreate,                                                                    \
      (void **layout, int type, uint64_t rows, uint64_t columns, int64_t leading))                                     \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatrixLayoutDestroy, (void *layout))                                                   \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatrixLayoutSetAttribute,                                                              \
      (void *layout, int attribute, const void *value, size_t bytes))                                                  \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulPreferenceCreate, (void **preference))                                           \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulPreferenceDestroy, (void *preference))                                           \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulPreferenceSetAttribute,                                                          \
      (void *preference, int attribute, const void *value, size_t bytes))                                              \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmulAlgoGetHeuristic,                                                                \
      (void *handle, void *description, void *a, void *b, void *c, void *d, void *preference, int asked,               \
       void *results, int *count))                                                                                     \
  ROW(ST_CUDA_CUBLASLT, cublasLtMatmul,                                                                                \
      (void *handle, void *description, const void *alpha, const void *a, void *a_layout, const void *b,               \
       void *b_layout, const void *beta, const void *c, void *c_layout, void *d, void *d_layout,                       \
       const void *algorithm, void *workspace, size_t workspace_bytes, void *stream))                                  \
  ROW(ST_CUDA_CUDNN, cudnnCreate, (void **handle))                                                                     \
  ROW(ST_CUDA_CUDNN, cudnnDestroy, (void *handle))                                                                     \
  ROW(ST_CUDA_CUDNN, cudnnSetStream, (void *handle, void *stream))                                                     \
  ROW(ST_CUDA_CUDNN, cudnnCreateTensorDescriptor, (void **tensor))                                                     \
  ROW(ST_CUDA_CUDNN, cudnnDestroyTensorDescriptor, (void *tensor))                                                     \
  ROW(ST_CUDA_CUDNN, cudnnSetTensorNdDescriptor,                                                                       \
      (void *tensor, int type, int rank, const int *sizes, const int *strides))                                        \
  ROW(ST_CUDA_CUDNN, cudnnCreateFilterDescriptor, (void **filter))                                                     \
  ROW(ST_CUDA_CUDNN, cudnnDestroyFilterDescriptor, (void *filter))                                                     \
  ROW(ST_CUDA_CUDNN, cudnnSetFilterNdDescriptor, (void *filter, int type, int format, int rank, const int *sizes))     \
  ROW(ST_CUDA_CUDNN, cudnnCreateConvolutionDescriptor, (void **convolution))                                           \
  ROW(ST_CUDA_CUDNN, cudnnDestroyConvolutionDescriptor, (void *convolution))                                           \
  ROW(ST_CUDA_CUDNN, cudnnSetConvolutionNdDescriptor,                                                                  \
      (void *convolution, int rank, const int *padding, const int *stride, const int *dilation, int mode,              \
       int compute))                                                                                                   \
  ROW(ST_CUDA_CUDNN, cudnnSetConvolutionGroupCount, (void *convolution, int groups))                                   \
  ROW(ST_CUDA_CUDNN, cudnnSetConvolutionMathType, (void *convolution, int math))                                       \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionForwardAlgorithm_v7,                                                           \
      (void *handle, void *x, void *weight, void *convolution, void *y, int asked, int *count, void *results))         \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionBackwardDataAlgorithm_v7,                                                      \
      (void *handle, void *weight, void *dy, void *convolution, void *dx, int asked, int *count, void *results))       \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionBackwardFilterAlgorithm_v7,                                                    \
      (void *handle, void *x, void *dy, void *convolution, void *dw, int asked, int *count, void *results))            \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionForwardWorkspaceSize,                                                          \
      (void *handle, void *x, void *weight, void *convolution, void *y, int algorithm, size_t *bytes))                 \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionBackwardDataWorkspaceSize,                                                     \
      (void *handle, void *weight, void *dy, void *convolution, void *dx, int algorithm, size_t *bytes))               \
  ROW(ST_CUDA_CUDNN, cudnnGetConvolutionBackwardFilterWorkspaceSize,                                                   \
      (void *handle, void *x, void *dy, void *convolution, void *dw, int algorithm, size_t *bytes))                    \
  ROW(ST_CUDA_CUDNN, cudnnConvolutionForward,                                                                          \
      (void *handle, const void *alpha, void *x_tensor, const void *x, void *weight_filter, const void *weight,        \
       void *convolution, int algorithm, void *workspace, size_t workspace_bytes, const void *beta, void *y_tensor,    \
       void *y))                                                                                                       \
  ROW(ST_CUDA_CUDNN, cudnnConvolutionBackwardData,                                                                     \
      (void *handle, const void *alpha, void *weight_filter, const void *weight, void *dy_tensor, const void *dy,      \
       void *convolution, int algorithm, void *workspace, size_t workspace_bytes, const void *beta, void *dx_tensor,   \
       void *dx))                                                                                                      \
  ROW(ST_CUDA_CUDNN, cudnnConvolutionBackwardFilter,                                                                   \
      (void *handle, const void *alpha, void *x_tensor, const void *x, void *dy_tensor, const void *dy,                \
       void *convolution, int algorithm, void *workspace, size_t workspace_bytes, const void *beta, void *dw_filter,   \
       void *dw))

namespace st::cuda {

struct Functions {
#define ST_CUDA_ROW(library, name, parameters) int(*name) parameters;
  ST_CUDA_NEEDED_FUNCTIONS(ST_CUDA_ROW)
  ST_CUDA_OPTIONAL_FUNCTIONS(ST_CUDA_ROW)
#undef ST_CUDA_ROW
  st_cuda_resolver resolver;  // what answered
  const char *missing;        // the first needed function that is not there, or null
  bool has_cublaslt, has_cudnn;
};

// The functions of the libraries that answer now (st_cuda_set_resolver); filled once for each resolver, never freed.
const Functions &current_functions();

}  // namespace st::cuda

#endif
