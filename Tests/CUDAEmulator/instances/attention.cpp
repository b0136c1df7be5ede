#include "instances.hpp"
#include "attention.cuh"

#define ST_SIZE(T, D)                                                       \
  ST_INSTANCE(AttentionParameters, 128, attention_forward<T, D>)            \
  ST_INSTANCE(AttentionParameters, 128, attention_backward<T, D, false>)    \
  ST_INSTANCE(AttentionParameters, 128, attention_backward<T, D, true>)
#define ST_EACH(T) \
  ST_SIZE(T, 64) ST_SIZE(T, 128) ST_SIZE(T, 256) ST_INSTANCE(AttentionParameters, 128, attention_delta<T>)
ST_EACH(float16) ST_EACH(bfloat16) ST_EACH(float) ST_EACH(double)
