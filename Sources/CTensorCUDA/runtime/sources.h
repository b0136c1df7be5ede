// The text of the kernel files and of the CPU kernels' files that they include, as part of the program.
#ifndef ST_CUDA_RUNTIME_SOURCES_H
#define ST_CUDA_RUNTIME_SOURCES_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct st_cuda_source {
  const char *name;  // as it is included
  const char *text;
} st_cuda_source;

extern const st_cuda_source st_cuda_sources[];
extern const int st_cuda_source_count;

#ifdef __cplusplus
}
#endif
#endif
