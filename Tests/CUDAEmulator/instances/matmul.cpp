#include "instances.hpp"
#include "matmul.cuh"

#define ST_EACH(T) ST_INSTANCE(MatmulParameters, 256, matmul_tiled<T>)
ST_EACH(uint8_t) ST_EACH(uint16_t) ST_EACH(uint32_t) ST_EACH(uint64_t)
ST_EACH(float16) ST_EACH(bfloat16) ST_EACH(float) ST_EACH(double)
