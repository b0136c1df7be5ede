#include "../instances.hpp"
#include "norm.cuh"

#define ST_LAYER_NORM(T, held)                                                                                        \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_rows<T, 1>)                                                        \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_rows<T, held>)                                                     \
  ST_INSTANCE(LayerNormParameters, 512, layer_norm_long<T>)
ST_LAYER_NORM(float16, 4)
ST_LAYER_NORM(bfloat16, 4)
ST_LAYER_NORM(float, 4)
ST_LAYER_NORM(double, 2)
