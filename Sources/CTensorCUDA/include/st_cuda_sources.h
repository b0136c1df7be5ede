// The text of the kernel files and of the CPU kernels' files that they include, as part of the program.
#ifndef ST_CUDA_SOURCES_H
#define ST_CUDA_SOURCES_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct st_cuda_source {
  const char *name;  // as it is included
  const char *text;
} st_cuda_source;

int st_cuda_source_count(void);
st_cuda_source st_cuda_source_at(int index);

#ifdef __cplusplus
}
#endif
#endif
