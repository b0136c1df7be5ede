#include "instances.hpp"
#include "pooling.cuh"

#define ST_POOLING(type)                                                                                              \
  ST_INSTANCE(PoolParameters, 256, max_pool<type>)                                                                    \
  ST_INSTANCE(PoolParameters, 256, average_pool<type>)                                                                \
  ST_INSTANCE(PoolParameters, 256, average_pool_backward<type>)
ST_POOLING(int64_t)
ST_POOLING(float16)
ST_POOLING(bfloat16)
ST_POOLING(float)
ST_POOLING(double)
