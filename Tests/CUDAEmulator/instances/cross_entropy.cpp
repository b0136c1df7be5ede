#include "../instances.hpp"
#include "cross_entropy.cuh"

#define ST_CROSS_ENTROPY(T)                                                                                           \
  ST_INSTANCE(CrossEntropyParameters, 512, cross_entropy_rows<T>)                                                     \
  ST_INSTANCE(CrossEntropyParameters, 256, cross_entropy_columns<T>)                                                  \
  ST_INSTANCE(LossTotalParameters, 512, loss_total<T>)
ST_CROSS_ENTROPY(float16)
ST_CROSS_ENTROPY(bfloat16)
ST_CROSS_ENTROPY(float)
ST_CROSS_ENTROPY(double)
