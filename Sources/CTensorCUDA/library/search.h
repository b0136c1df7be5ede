// Opens a CUDA library wherever it may lie.
#ifndef ST_CUDA_SEARCH_H
#define ST_CUDA_SEARCH_H
#include "../include/st_cuda_libraries.h"
#include "text.h"

// The library's name for people, such as "driver".
const char *st_cuda_title(st_cuda_library library);
// The handle of the library, or null; adds to `report` where it was found, or all that was tried.
void *st_cuda_open(st_cuda_library library, text *report);
// What SWIFT_TENSOR_CUDA_STAND_IN names: a library whose function st_cuda_stand_in answers for all others; null without.
st_cuda_resolver st_cuda_open_stand_in(text *report);

#endif
