#include "../instances.hpp"
#include "softmax.cuh"

#define ST_SOFTMAX(T, held)                                                                                           \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_rows<T, 1>)                                                             \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_rows<T, held>)                                                          \
  ST_INSTANCE(SoftmaxParameters, 512, softmax_long<T>)                                                                \
  ST_INSTANCE(SoftmaxParameters, 256, softmax_columns<T>)
ST_SOFTMAX(float16, 4)
ST_SOFTMAX(bfloat16, 4)
ST_SOFTMAX(float, 8)
ST_SOFTMAX(double, 4)
