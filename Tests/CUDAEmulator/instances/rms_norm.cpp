#include "../instances.hpp"
#include "rms_norm.cuh"

#define ST_RMS_NORM(T, held)                                                                                          \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_rows<T, 1>)                                                            \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_rows<T, held>)                                                         \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_long<T>)                                                               \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_gradient_rows<T, 1>)                                                   \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_gradient_rows<T, held>)                                                \
  ST_INSTANCE(RMSNormParameters, 512, rms_norm_gradient_long<T>)                                                      \
  ST_INSTANCE(RMSNormWeightParameters, 256, rms_norm_weight_sums<T>)
ST_RMS_NORM(float16, 2)
ST_RMS_NORM(bfloat16, 2)
ST_RMS_NORM(float, 4)
ST_RMS_NORM(double, 2)
