#include "../instances.hpp"
#include "norm_backward.cuh"

#define ST_LAYER_NORM_GRADIENT(T, held)                                                                               \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_gradient_rows<T, 1>)                                               \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_gradient_rows<T, held>)                                            \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_gradient_long<T>)                                                  \
  ST_INSTANCE(NormWeightParameters, 256, norm_weight_sums<T>)
ST_LAYER_NORM_GRADIENT(float16, 2)
ST_LAYER_NORM_GRADIENT(bfloat16, 2)
ST_LAYER_NORM_GRADIENT(float, 4)
ST_LAYER_NORM_GRADIENT(double, 2)
