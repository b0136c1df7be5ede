// Finds the CUDA libraries at run time. No CUDA header, toolkit or package is needed to build it.
#ifndef CTENSORCUDA_H
#define CTENSORCUDA_H
#ifdef __cplusplus
extern "C" {
#endif

// The number of usable devices; 0 when there is none or a library is missing.
int st_cuda_device_count(void);
// Why there is no device: every path that was tried, one a line. Null when there is one. Valid for the process's life.
const char *st_cuda_unavailable_reason(void);

#ifdef __cplusplus
}
#endif
#endif
