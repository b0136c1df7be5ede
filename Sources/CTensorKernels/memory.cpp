#include <stdlib.h>

#include "CTensorKernels.h"

void *st_allocate(size_t bytes) {
  // For a few numbers alignment gains nothing, and an aligned block costs twice a plain one (60 ns measured).
  if (bytes <= 1024) return malloc(bytes + (bytes == 0));
  // aligned_alloc wants a multiple of the alignment.
  constexpr size_t alignment = 64;
  if (bytes > SIZE_MAX - alignment) return nullptr;
  return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void st_free(void *block) { free(block); }
