#include "../instances.hpp"
#include "extremum.cuh"

#define ST_EXTREME(T)                                                                                                 \
  ST_INSTANCE(ReduceParameters, 256, reduce_rows<Extreme<T>>)                                                         \
  ST_INSTANCE(ReduceParameters, 256, reduce_columns<Extreme<T>>)
ST_EXTREME(uint8_t)
ST_EXTREME(int8_t)
ST_EXTREME(int16_t)
ST_EXTREME(int32_t)
ST_EXTREME(int64_t)
ST_EXTREME(float16)
ST_EXTREME(bfloat16)
ST_EXTREME(float)
ST_EXTREME(double)
ST_INSTANCE(ReduceParameters, 256, reduce_partials<Extreme<float>>)
ST_INSTANCE(ReduceParameters, 256, reduce_partials<Extreme<double>>)
ST_INSTANCE(ReduceParameters, 256, reduce_partials<Extreme<int64_t>>)
