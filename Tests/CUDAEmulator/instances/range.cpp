#include "../instances.hpp"
#include "range.cuh"

#define ST_RANGES(T, Step)                                                                                            \
  ST_INSTANCE(RangeParameters, 256, arange<T>)                                                                        \
  ST_INSTANCE(RangeParameters, 256, linspace<T, Step>)
ST_RANGES(bool, double)
ST_RANGES(uint8_t, double)
ST_RANGES(int8_t, double)
ST_RANGES(int16_t, double)
ST_RANGES(int32_t, double)
ST_RANGES(int64_t, double)
ST_RANGES(float16, float)
ST_RANGES(bfloat16, float)
ST_RANGES(float, float)
ST_RANGES(double, double)
