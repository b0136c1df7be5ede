#include "../instances.hpp"
#include "convolution_columns.cuh"

#define ST_COLUMNS(type)                                                                                              \
  ST_INSTANCE(ConvolutionColumnsParameters, 256, convolution_columns<type, ConvolutionPatch<type>>)                   \
  ST_INSTANCE(ConvolutionColumnsParameters, 256, convolution_columns<type, ConvolutionSource<type>>)                  \
  ST_INSTANCE(ConvolutionColumnsParameters, 256, convolution_shifts<type>)
ST_COLUMNS(float16)
ST_COLUMNS(bfloat16)
ST_COLUMNS(float)
ST_COLUMNS(double)
