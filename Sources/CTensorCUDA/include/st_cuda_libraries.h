// Finds the CUDA libraries at run time. No CUDA header, toolkit or package is needed to build it.
#ifndef ST_CUDA_LIBRARIES_H
#define ST_CUDA_LIBRARIES_H
#ifdef __cplusplus
extern "C" {
#endif

// The libraries that are looked for. The first two are needed.
typedef enum st_cuda_library { ST_CUDA_DRIVER, ST_CUDA_NVRTC, ST_CUDA_CUBLASLT, ST_CUDA_CUDNN } st_cuda_library;

// Every function below searches at its first call, once per process, and may be called from any thread.

// The number of devices that the driver reports; 0 when a needed library is missing or refuses to start.
int st_cuda_device_count(void);
// Why there is no device, in one line; null when there is one.
const char *st_cuda_failure(void);
// What was looked for: per library the path that was loaded, or every path that was tried and what it answered.
const char *st_cuda_report(void);
// The address of an exported function, or null when its library or the symbol is missing.
void *st_cuda_symbol(st_cuda_library library, const char *symbol);
// The texts that these functions return stay valid for the process's life.

// Answers for the libraries, so that tests can stand in for a driver: the address of `symbol`, or null. With a null
// symbol it tells whether the library is there at all (any address).
typedef void *(*st_cuda_resolver)(st_cuda_library library, const char *symbol);
// A library that SWIFT_TENSOR_CUDA_STAND_IN names may bring such a function, st_cuda_stand_in, into a program.
// Asks `resolver` from now on, and forgets what was found before. Null looks for the real libraries again.
void st_cuda_set_resolver(st_cuda_resolver resolver);
// What answers now; null for the real libraries.
st_cuda_resolver st_cuda_current_resolver(void);

#ifdef __cplusplus
}
#endif
#endif
