// A convolution as cuDNN describes it, and its computation on the CPU.
#ifndef ST_EMULATED_CUDNN_HPP
#define ST_EMULATED_CUDNN_HPP

#include <stddef.h>
#include <stdint.h>

namespace st::emulated {

// cudnnDataType_t.
enum class ConvolutionType : int { float32 = 0, float64 = 1, float16 = 2, bfloat16 = 9 };

// Images and results are dense, [images, channels or filters, size], and the filter is [filters, channels of a group,
// kernel]; triples are (depth, height, width).
struct Convolution {
  enum Wanted { result, image, filter } wanted;
  ConvolutionType type;
  bool rounds_to_tf32;
  int images, channels, filters, groups;
  int size[3], kernel[3], results[3];
  int stride[3], padding[3], dilation[3];
  double alpha, beta;
  void *image_data, *filter_data, *result_data;

  int64_t image_count() const { return int64_t(images) * channels * size[0] * size[1] * size[2]; }
  int64_t result_count() const { return int64_t(images) * filters * results[0] * results[1] * results[2]; }
  int64_t filter_count() const { return int64_t(filters) * (channels / groups) * kernel[0] * kernel[1] * kernel[2]; }
  int64_t bytes_of_element() const {
    return type == ConvolutionType::float32 ? 4 : type == ConvolutionType::float64 ? 8 : 2;
  }
};

void compute(const Convolution &convolution);

}  // namespace st::emulated

#endif
