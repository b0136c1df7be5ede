#include "instances.hpp"
#include "optimizers.cuh"

#define ST_OPTIMIZERS(T)                                                                                              \
  ST_INSTANCE(SGDParameters, 256, sgd<T>)                                                                             \
  ST_INSTANCE(AdamParameters, 256, adam<T>)                                                                           \
  ST_INSTANCE(UnscaleParameters, 256, unscale<T>)
ST_OPTIMIZERS(float16)
ST_OPTIMIZERS(bfloat16)
ST_OPTIMIZERS(float)
ST_OPTIMIZERS(double)

ST_INSTANCE(StepParameters, 256, raise_steps)
ST_INSTANCE(ScaleParameters, 1, update_scale)
