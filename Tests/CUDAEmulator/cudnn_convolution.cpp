// Convolutions and their gradients by plain loops, in double.
#include <string.h>

#include <vector>

#include "cudnn.hpp"
#include "emulated_dialect.hpp"

#include "cast.hpp"

namespace st::emulated {
namespace {

// With the 10 bits that TensorFloat-32 keeps.
float to_tf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits >> 23 & 255) != 255) bits = (bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu;
  memcpy(&x, &bits, sizeof x);
  return x;
}

template <class Body>
void with_elements(ConvolutionType type, void *data, const Body &body) {
  switch (type) {
    case ConvolutionType::float32: return body(static_cast<float *>(data));
    case ConvolutionType::float64: return body(static_cast<double *>(data));
    case ConvolutionType::float16: return body(static_cast<float16 *>(data));
    case ConvolutionType::bfloat16: return body(static_cast<bfloat16 *>(data));
  }
}

double number(float x) { return x; }
double number(double x) { return x; }
double number(float16 x) { return to_float(x); }
double number(bfloat16 x) { return to_float(x); }
void assign(float &to, double x) { to = float(x); }
void assign(double &to, double x) { to = x; }
void assign(float16 &to, double x) { to = to_float16(float(x)); }
void assign(bfloat16 &to, double x) { to = to_bfloat16(float(x)); }

std::vector<double> load(const Convolution &c, void *data, int64_t count) {
  std::vector<double> numbers(size_t(count), 0);
  with_elements(c.type, data, [&](const auto *elements) {
    for (size_t i = 0; i < numbers.size(); i++) {
      const double x = number(elements[i]);
      numbers[i] = c.rounds_to_tf32 ? to_tf32(float(x)) : x;
    }
  });
  return numbers;
}

void store(const Convolution &c, void *data, const std::vector<double> &numbers) {
  with_elements(c.type, data, [&](auto *elements) {
    for (size_t i = 0; i < numbers.size(); i++) {
      double x = c.alpha * numbers[i];
      if (c.beta != 0) x += c.beta * number(elements[i]);
      assign(elements[i], x);
    }
  });
}

// Calls body(result, image, filter, count, step) for `count` products in a row of a result: the places of the first
// one's factors, and how far the image's next one lies.
template <class Body>
void each_row(const Convolution &c, const Body &body) {
  const int channels = c.channels / c.groups, filters = c.filters / c.groups;
  const int taps = c.kernel[0] * c.kernel[1] * c.kernel[2], rows = c.results[0] * c.results[1];
  for (int64_t pair = 0; pair < int64_t(c.images) * c.filters; pair++) {
    const int64_t image = pair / c.filters, f = pair % c.filters;
    for (int channel = 0; channel < channels; channel++) {
      const int64_t plane = image * c.channels + f / filters * channels + channel;
      for (int tap = 0; tap < taps; tap++) {
        const int at[3] = {tap / c.kernel[2] / c.kernel[1], tap / c.kernel[2] % c.kernel[1], tap % c.kernel[2]};
        const int shift = at[2] * c.dilation[2] - c.padding[2];
        // The results whose pixels lie in the image.
        int first = 0, end = c.results[2];
        while (first < end && first * c.stride[2] + shift < 0) first++;
        while (end > first && (end - 1) * c.stride[2] + shift >= c.size[2]) end--;
        if (first == end) continue;
        for (int row = 0; row < rows; row++) {
          const int z = row / c.results[1] * c.stride[0] - c.padding[0] + at[0] * c.dilation[0];
          const int y = row % c.results[1] * c.stride[1] - c.padding[1] + at[1] * c.dilation[1];
          if (z < 0 || z >= c.size[0] || y < 0 || y >= c.size[1]) continue;
          body((pair * rows + row) * c.results[2] + first,
               ((plane * c.size[0] + z) * c.size[1] + y) * c.size[2] + first * c.stride[2] + shift,
               (f * channels + channel) * taps + tap, end - first, c.stride[2]);
        }
      }
    }
  }
}

}  // namespace

void compute(const Convolution &c) {
  using Numbers = std::vector<double>;
  const bool of_result = c.wanted == Convolution::result, of_image = c.wanted == Convolution::image;
  const bool of_filter = c.wanted == Convolution::filter;
  Numbers image = of_image ? Numbers(size_t(c.image_count())) : load(c, c.image_data, c.image_count());
  Numbers filter = of_filter ? Numbers(size_t(c.filter_count())) : load(c, c.filter_data, c.filter_count());
  Numbers result = of_result ? Numbers(size_t(c.result_count())) : load(c, c.result_data, c.result_count());
  double *const x = image.data(), *const w = filter.data(), *const y = result.data();
  if (of_result) {
    each_row(c, [=](int64_t r, int64_t i, int64_t f, int count, int step) {
      for (int k = 0; k < count; k++) y[r + k] += x[i + k * step] * w[f];
    });
    store(c, c.result_data, result);
  } else if (of_image) {
    each_row(c, [=](int64_t r, int64_t i, int64_t f, int count, int step) {
      for (int k = 0; k < count; k++) x[i + k * step] += y[r + k] * w[f];
    });
    store(c, c.image_data, image);
  } else {
    each_row(c, [=](int64_t r, int64_t i, int64_t f, int count, int step) {
      for (int k = 0; k < count; k++) w[f] += y[r + k] * x[i + k * step];
    });
    store(c, c.filter_data, filter);
  }
}

}  // namespace st::emulated
