#include "instances.hpp"
#include "convolution.cuh"

#define ST_CONVOLUTIONS(type)                                                                                         \
  ST_INSTANCE(ConvolutionParameters, 256, convolution<type>)                                                          \
  ST_INSTANCE(ConvolutionParameters, 256, convolution_image<type>)                                                    \
  ST_INSTANCE(ConvolutionParameters, 256, convolution_weight<type>)                                                   \
  ST_INSTANCE(ConvolutionJoinParameters, 256, convolution_join<type>)
ST_CONVOLUTIONS(int64_t)
ST_CONVOLUTIONS(float16)
ST_CONVOLUTIONS(bfloat16)
ST_CONVOLUTIONS(float)
ST_CONVOLUTIONS(double)
