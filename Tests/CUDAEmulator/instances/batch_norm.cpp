#include "../instances.hpp"
#include "batch_norm.cuh"

#define ST_BATCH_NORM(T)                                                                                              \
  ST_INSTANCE(ChannelNormParameters, 256, channel_moments<T>)                                                         \
  ST_INSTANCE(ChannelNormParameters, 256, channel_statistics<T>)                                                      \
  ST_INSTANCE(ChannelNormParameters, 256, scale_channels<T>)
ST_BATCH_NORM(float16)
ST_BATCH_NORM(bfloat16)
ST_BATCH_NORM(float)
ST_BATCH_NORM(double)
