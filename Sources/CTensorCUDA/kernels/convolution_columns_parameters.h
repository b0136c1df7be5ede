// What the kernels that write out a convolution's operands take. It includes nothing.
#ifndef ST_CUDA_CONVOLUTION_COLUMNS_PARAMETERS_H
#define ST_CUDA_CONVOLUTION_COLUMNS_PARAMETERS_H

namespace st {

struct ConvolutionColumnsParameters {
  void *columns;
  ConvolutionParameters product;
  ConvolutionDivider plane;  // the pixels of a row's image
  uint32_t group;
};

// Columns, or terms, that a block writes.
inline constexpr int convolution_columns_of_block = 8;

}  // namespace st

#endif
