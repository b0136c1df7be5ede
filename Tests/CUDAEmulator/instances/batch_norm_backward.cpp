#include "../instances.hpp"
#include "batch_norm_backward.cuh"

#define ST_BATCH_NORM_GRADIENT(T)                                                                                     \
  ST_INSTANCE(ChannelNormParameters, 256, channel_gradient_sums<T>)                                                   \
  ST_INSTANCE(ChannelNormParameters, 256, channel_parameter_gradients<T>)                                             \
  ST_INSTANCE(ChannelNormParameters, 256, group_levels<T>)                                                            \
  ST_INSTANCE(ChannelNormParameters, 256, differentiate_channels<T>)
ST_BATCH_NORM_GRADIENT(float16)
ST_BATCH_NORM_GRADIENT(bfloat16)
ST_BATCH_NORM_GRADIENT(float)
ST_BATCH_NORM_GRADIENT(double)
