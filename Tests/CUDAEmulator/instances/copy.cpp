#include "../instances.hpp"
#include "copy.cuh"

#define ST_OF_SIZE(T)                                                                                                 \
  ST_INSTANCE(CopyParameters, 128, copy_vectors<T, T>)                                                                \
  ST_INSTANCE(CopyParameters, 128, copy_strided<T, false>)                                                            \
  ST_INSTANCE(TransposeParameters, 256, transpose<T>)
ST_OF_SIZE(uint8_t)
ST_OF_SIZE(uint16_t)
ST_OF_SIZE(uint32_t)
ST_OF_SIZE(uint64_t)

#define ST_VECTORS(To, From) ST_INSTANCE(CopyParameters, 128, copy_vectors<To, From>)
ST_VECTORS(float, bool)
ST_VECTORS(float, uint8_t)
ST_VECTORS(float, int8_t)
ST_VECTORS(float, int16_t)
ST_VECTORS(float, int32_t)
ST_VECTORS(float, int64_t)
ST_VECTORS(float, float16)
ST_VECTORS(float, bfloat16)
ST_VECTORS(float, double)
ST_VECTORS(double, float16)
ST_VECTORS(double, bfloat16)
ST_VECTORS(double, float)
ST_VECTORS(float16, bfloat16)
ST_VECTORS(float16, float)
ST_VECTORS(float16, double)
ST_VECTORS(bfloat16, float16)
ST_VECTORS(bfloat16, float)
ST_VECTORS(bfloat16, double)

#define ST_CASTS(To) ST_INSTANCE(CopyParameters, 128, copy_strided<To, true>)
ST_CASTS(bool)
ST_CASTS(uint8_t)
ST_CASTS(int8_t)
ST_CASTS(int16_t)
ST_CASTS(int32_t)
ST_CASTS(int64_t)
ST_CASTS(float16)
ST_CASTS(bfloat16)
ST_CASTS(float)
ST_CASTS(double)
