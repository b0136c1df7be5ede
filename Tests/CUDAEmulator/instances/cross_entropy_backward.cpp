#include "../instances.hpp"
#include "cross_entropy_backward.cuh"

#define ST_CROSS_ENTROPY_GRADIENT(T)                                                                                  \
  ST_INSTANCE(CrossEntropyParameters, 512, cross_entropy_gradient_rows<T>)                                            \
  ST_INSTANCE(CrossEntropyParameters, 256, cross_entropy_gradient_columns<T>)
ST_CROSS_ENTROPY_GRADIENT(float16)
ST_CROSS_ENTROPY_GRADIENT(bfloat16)
ST_CROSS_ENTROPY_GRADIENT(float)
ST_CROSS_ENTROPY_GRADIENT(double)
