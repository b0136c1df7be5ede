// What the kernels for convolutions take. It includes nothing.
#ifndef ST_CUDA_CONVOLUTION_PARAMETERS_H
#define ST_CUDA_CONVOLUTION_PARAMETERS_H

namespace st {

// x / size is (x * multiplier / 2^32 + x) / 2^shift, for x below 2^31.
struct ConvolutionDivider {
  uint32_t size, multiplier, shift;
};

// Images of `channels` and `filters` in all; triples are (depth, height, width).
struct ConvolutionShape {
  int32_t images, channels, filters, groups;
  int32_t size[3], kernel[3], result[3];
  int32_t stride[3], padding[3], dilation[3];
  int32_t group_channels, group_filters;
  ConvolutionDivider row, slice, plane;                      // a result's width, pixels of a slice, and all
  ConvolutionDivider image_row, image_slice, image_plane;    // an image's
  ConvolutionDivider kernel_row, kernel_slice, kernel_plane;  // a kernel's
  ConvolutionDivider steps[3];                               // the strides
};

// Products of matrices of which one or both are read from images as they are needed: rows, columns, and the sum's
// terms.
struct ConvolutionParameters {
  void *out;
  const void *a, *b, *bias;
  ConvolutionShape shape;
  uint32_t rows, columns, terms;  // of a group
  uint32_t row_tiles;
  uint32_t slices, slice_terms;   // of the terms, summed apart
  uint32_t first_slice, all_slices;
};

inline constexpr int convolution_tile = 64;
inline constexpr int convolution_depth = 16;

struct ConvolutionJoinParameters {
  void *out;
  const void *parts;  // [slices][count]
  int64_t count;
  uint32_t slices, unused;
};

}  // namespace st

#endif
