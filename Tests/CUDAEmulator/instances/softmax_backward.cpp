#include "../instances.hpp"
#include "softmax_backward.cuh"

#define ST_SOFTMAX_GRADIENT(T, held)                                                                                  \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_gradient_rows<T, 1>)                                                    \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_gradient_rows<T, held>)                                                 \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_gradient_long<T>)                                                       \
  ST_INSTANCE(SoftmaxParameters, 256, softmax_gradient_columns<T>)
ST_SOFTMAX_GRADIENT(float16, 2)
ST_SOFTMAX_GRADIENT(bfloat16, 2)
ST_SOFTMAX_GRADIENT(float, 4)
ST_SOFTMAX_GRADIENT(double, 4)
