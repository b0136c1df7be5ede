#include "CTensorCUDA.h"

int st_cuda_device_count(void) { return 0; }
const char *st_cuda_unavailable_reason(void) { return "no CUDA library was looked for"; }
