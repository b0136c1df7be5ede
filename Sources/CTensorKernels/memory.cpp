#include <stdlib.h>

#include "CTensorKernels.h"

void *st_allocate(size_t bytes) {
  // aligned_alloc wants a multiple of the alignment; an empty block still gets an address of its own.
  constexpr size_t alignment = 64;
  if (bytes > SIZE_MAX - alignment) return nullptr;
  size_t rounded = bytes == 0 ? alignment : (bytes + alignment - 1) / alignment * alignment;
  return aligned_alloc(alignment, rounded);
}

void st_free(void *block) { free(block); }
