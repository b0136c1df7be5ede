// The elements that a convolution's products read from images, written out as matrices for a library to multiply.
#ifndef ST_CUDA_CONVOLUTION_COLUMNS_CUH
#define ST_CUDA_CONVOLUTION_COLUMNS_CUH

#include "convolution.cuh"
// After the convolution's parameters.
#include "convolution_columns_parameters.h"

namespace st {

// Of each image a matrix [terms, pixels]: a thread has a pixel, a block some terms of its pixels.
template <class T, class Operand>
ST_DEVICE void convolution_columns(const ConvolutionColumnsParameters &p) {
  const uint32_t row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= p.product.rows) return;
  Operand operand;
  operand.prepare(p.product, p.group, row);
  uint32_t pixel;
  const uint32_t image = divided(row, p.plane, pixel);
  T *out = static_cast<T *>(p.columns) + int64_t(image) * p.product.terms * p.plane.size + pixel;
  const uint32_t begin = blockIdx.y * convolution_columns_of_block, end = begin + convolution_columns_of_block;
#pragma unroll 4
  for (uint32_t term = begin; term < end; term++) {
    if (term >= p.product.terms) return;
    out[int64_t(term) * p.plane.size] = cast<T>(operand.element(p.product, term));
  }
}

// For the gradient of the weight one matrix [columns, terms]: a thread has a term, a block some columns of its terms.
template <class T>
ST_DEVICE void convolution_shifts(const ConvolutionColumnsParameters &p) {
  const uint32_t term = blockIdx.x * blockDim.x + threadIdx.x;
  if (term >= p.product.terms) return;
  T *out = static_cast<T *>(p.columns) + term;
  const uint32_t begin = blockIdx.y * convolution_columns_of_block, end = begin + convolution_columns_of_block;
#pragma unroll 4
  for (uint32_t column = begin; column < end; column++) {
    if (column >= p.product.columns) return;
    ConvolutionShift<T> operand;
    operand.prepare(p.product, p.group, column);
    out[int64_t(column) * p.product.terms] = cast<T>(operand.element(p.product, term));
  }
}

}  // namespace st

#endif
