// Convolutions in up to three dimensions, as products of matrices whose elements are found in the images while they are read.
#ifndef ST_CUDA_CONVOLUTION_CUH
#define ST_CUDA_CONVOLUTION_CUH

#include "device_math.cuh"
// After the integer types.
#include "convolution_parameters.h"

namespace st {

ST_INLINE uint32_t divided(uint32_t x, const ConvolutionDivider &divider, uint32_t &rest) {
  const uint32_t quotient = (uint32_t(uint64_t(x) * divider.multiplier >> 32) + x) >> divider.shift;
  rest = x - quotient * divider.size;
  return quotient;
}

// What products are summed in.
template <class T> struct ConvolutionSumOf { using type = Arithmetic<T>; };
template <> struct ConvolutionSumOf<int64_t> { using type = uint64_t; };
template <class T> using ConvolutionSum = typename ConvolutionSumOf<T>::type;

template <class A>
ST_INLINE A convolution_multiply_add(A x, A y, A sum) {
  if constexpr (is_float<A>) {
    return m_fma(x, y, sum);
  } else {
    return x * y + sum;
  }
}

// Where a number among images, slices, rows and columns lies.
struct ConvolutionPixel {
  uint32_t image;
  int32_t z, y, x;
  ST_INLINE ConvolutionPixel(uint32_t number, const ConvolutionDivider &plane, const ConvolutionDivider &slice,
                             const ConvolutionDivider &row) {
    uint32_t pixel, rest, column;
    image = divided(number, plane, pixel);
    z = int32_t(divided(pixel, slice, rest));
    y = int32_t(divided(rest, row, column));
    x = int32_t(column);
  }
};

// A place inside of a volume, or -1.
ST_INLINE int64_t convolution_place(int32_t z, int32_t y, int32_t x, const int32_t (&size)[3]) {
  if (uint32_t(z) >= uint32_t(size[0]) || uint32_t(y) >= uint32_t(size[1]) || uint32_t(x) >= uint32_t(size[2])) {
    return -1;
  }
  return (int64_t(z) * size[1] + y) * size[2] + x;
}

// ---- A tile of 64 x 64 of a product, 256 threads of 4 x 4. Operands answer element (row or column, term):
//   Operand::at(number) prepares for a row or column, .element(term) gives the element, 0 outside.
// Neighbouring threads go along rows where `along` is set, else along terms.

template <class A, class Operand, bool along>
struct ConvolutionLoader {
  static constexpr int tile = convolution_tile, depth = convolution_depth, items = tile * depth / 256;
  Operand operands[along ? 1 : items];

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t first) {
#pragma unroll
    for (int i = 0; i < (along ? 1 : items); i++) operands[i].prepare(p, group, first + number(i));
  }
  static ST_INLINE uint32_t number(int i) {
    return along ? threadIdx.x % tile : threadIdx.x / depth + i * (256 / depth);
  }
  static ST_INLINE uint32_t term(int i) {
    return along ? threadIdx.x / tile + i * (256 / tile) : threadIdx.x % depth;
  }

  ST_INLINE void load(const ConvolutionParameters &p, uint32_t begin, uint32_t end, A (&values)[items]) const {
#pragma unroll
    for (int i = 0; i < items; i++) {
      const uint32_t at = begin + term(i);
      values[i] = at < end ? operands[along ? 0 : i].element(p, at) : A(0);
    }
  }
  static ST_INLINE void store(Vector<A, 4> (&memory)[depth][tile / 4 + 1], const A (&values)[items]) {
#pragma unroll
    for (int i = 0; i < items; i++) memory[term(i)][number(i) / 4].values[number(i) % 4] = values[i];
  }
};

template <class A, class Rows, bool along_rows, class Columns, bool along_columns, class Store>
ST_DEVICE void convolution_product(const ConvolutionParameters &p, uint32_t group, uint32_t row_tile, uint32_t begin,
                                   uint32_t end, const Store &store) {
  constexpr int tile = convolution_tile, depth = convolution_depth, items = tile * depth / 256;
  // A vector more than a row: writes down a column meet more banks.
  ST_SHARED Vector<A, 4> a[depth][tile / 4 + 1];
  ST_SHARED Vector<A, 4> b[depth][tile / 4 + 1];
  const uint32_t first_row = row_tile * tile, first_column = blockIdx.y * tile;
  const uint32_t own_row = threadIdx.x % 16, own_column = threadIdx.x / 16;  // of the 16 x 16 of 4 x 4
  ConvolutionLoader<A, Rows, along_rows> rows;
  ConvolutionLoader<A, Columns, along_columns> columns;
  rows.prepare(p, group, first_row);
  columns.prepare(p, group, first_column);
  A sums[4][4], next_a[items], next_b[items];
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) sums[i][j] = A(0);
  }
  if (begin < end) {
    rows.load(p, begin, end, next_a);
    columns.load(p, begin, end, next_b);
  }
  for (uint32_t term = begin; term < end; term += depth) {
    rows.store(a, next_a);
    columns.store(b, next_b);
    __syncthreads();
    // The next step's elements are on their way during this step's products.
    if (term + depth < end) {
      rows.load(p, term + depth, end, next_a);
      columns.load(p, term + depth, end, next_b);
    }
#pragma unroll
    for (int k = 0; k < depth; k++) {
      const Vector<A, 4> x = a[k][own_row], y = b[k][own_column];
#pragma unroll
      for (int j = 0; j < 4; j++) {
#pragma unroll
        for (int i = 0; i < 4; i++) sums[i][j] = convolution_multiply_add(x.values[i], y.values[j], sums[i][j]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const uint32_t row = first_row + own_row * 4 + i;
    if (row >= p.rows) continue;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint32_t column = first_column + own_column * 4 + j;
      if (column < p.columns) store(row, column, sums[i][j]);
    }
  }
}

template <class T>
ST_INLINE ConvolutionSum<T> convolution_value(const void *memory, int64_t at) {
  return cast<ConvolutionSum<T>>(static_cast<const T *>(memory)[at]);
}

// ---- The result: rows are its pixels, columns filters, terms (channel, kernel's row and column).

// The pixel under a kernel's element, for a pixel of the result; `a` is x.
template <class T>
struct ConvolutionPatch {
  int64_t image;
  int32_t z, y, x;

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t row) {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel pixel(row, s.plane, s.slice, s.row);
    image = (int64_t(pixel.image) * s.channels + int64_t(group) * s.group_channels) * s.image_plane.size;
    z = pixel.z * s.stride[0] - s.padding[0];
    y = pixel.y * s.stride[1] - s.padding[1];
    x = pixel.x * s.stride[2] - s.padding[2];
    if (row >= p.rows) y = INT32_MIN / 2;  // outside of all images
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel at(term, s.kernel_plane, s.kernel_slice, s.kernel_row);
    const int64_t place = convolution_place(z + at.z * s.dilation[0], y + at.y * s.dilation[1],
                                            x + at.x * s.dilation[2], s.size);
    if (place < 0) return 0;
    return convolution_value<T>(p.a, image + int64_t(at.image) * s.image_plane.size + place);
  }
};

// A filter; `b` is the weight.
template <class T>
struct ConvolutionFilter {
  int64_t filter;
  bool exists;

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t column) {
    filter = (int64_t(group) * p.shape.group_filters + column) * p.terms;
    exists = column < p.columns;
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    return exists ? convolution_value<T>(p.b, filter + term) : ConvolutionSum<T>(0);
  }
};

template <class T>
ST_DEVICE void convolution(const ConvolutionParameters &p) {
  using A = ConvolutionSum<T>;
  const uint32_t group = blockIdx.x / p.row_tiles, row_tile = blockIdx.x % p.row_tiles;
  convolution_product<A, ConvolutionPatch<T>, true, ConvolutionFilter<T>, false>(
      p, group, row_tile, 0, p.terms, [&](uint32_t row, uint32_t column, A sum) {
        uint32_t pixel;
        const uint32_t image = divided(row, p.shape.plane, pixel);
        const int64_t filter = int64_t(group) * p.shape.group_filters + column;
        if (p.bias != nullptr) sum += convolution_value<T>(p.bias, filter);
        const int64_t to = (int64_t(image) * p.shape.filters + filter) * p.shape.plane.size + pixel;
        static_cast<T *>(p.out)[to] = cast<T>(sum);
      });
}

// ---- The gradient of x, or a transposed convolution: rows are its pixels, columns channels, terms (filter, kernel's row and column).

// The result's pixel whose kernel has its element on a pixel of the image, if there is one; `a` is the result's
// gradient.
template <class T>
struct ConvolutionSource {
  int64_t image;
  int32_t z, y, x;

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t row) {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel pixel(row, s.image_plane, s.image_slice, s.image_row);
    image = (int64_t(pixel.image) * s.filters + int64_t(group) * s.group_filters) * s.plane.size;
    z = pixel.z + s.padding[0];
    y = pixel.y + s.padding[1];
    x = pixel.x + s.padding[2];
    if (row >= p.rows) y = INT32_MIN / 2;
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel at(term, s.kernel_plane, s.kernel_slice, s.kernel_row);
    const int32_t in = z - at.z * s.dilation[0], down = y - at.y * s.dilation[1], right = x - at.x * s.dilation[2];
    if (in < 0 || down < 0 || right < 0) return 0;
    uint32_t rest_in, rest_down, rest_right;
    const uint32_t slice = divided(uint32_t(in), s.steps[0], rest_in);
    const uint32_t row = divided(uint32_t(down), s.steps[1], rest_down);
    const uint32_t column = divided(uint32_t(right), s.steps[2], rest_right);
    if ((rest_in | rest_down | rest_right) != 0) return 0;
    const int64_t place = convolution_place(int32_t(slice), int32_t(row), int32_t(column), s.result);
    if (place < 0) return 0;
    return convolution_value<T>(p.a, image + int64_t(at.image) * s.plane.size + place);
  }
};

// A channel of all filters; `b` is the weight.
template <class T>
struct ConvolutionChannel {
  int64_t filters;
  uint32_t channel;

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t column) {
    filters = int64_t(group) * p.shape.group_filters;
    channel = column;
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    if (channel >= p.columns) return 0;
    uint32_t place;
    const uint32_t filter = divided(term, p.shape.kernel_plane, place);
    return convolution_value<T>(p.b, ((filters + filter) * p.columns + channel) * p.shape.kernel_plane.size + place);
  }
};

template <class T>
ST_DEVICE void convolution_image(const ConvolutionParameters &p) {
  using A = ConvolutionSum<T>;
  const uint32_t group = blockIdx.x / p.row_tiles, row_tile = blockIdx.x % p.row_tiles;
  convolution_product<A, ConvolutionSource<T>, true, ConvolutionChannel<T>, false>(
      p, group, row_tile, 0, p.terms, [&](uint32_t row, uint32_t column, A sum) {
        uint32_t pixel;
        const uint32_t image = divided(row, p.shape.image_plane, pixel);
        const int64_t channel = int64_t(group) * p.shape.group_channels + column;
        if (p.bias != nullptr) sum += convolution_value<T>(p.bias, channel);
        const int64_t to = (int64_t(image) * p.shape.channels + channel) * p.shape.image_plane.size + pixel;
        static_cast<T *>(p.out)[to] = cast<T>(sum);
      });
}

// ---- The gradient of the weight: rows are filters, columns (channel, kernel's row and column), terms the result's
// pixels, in slices that are summed afterwards, in order.

// A filter's gradients; `a` is the result's gradient.
template <class T>
struct ConvolutionGradient {
  int32_t filter;  // negative for none

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t row) {
    filter = row < p.rows ? int32_t(group * p.shape.group_filters + row) : -1;
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    if (filter < 0) return 0;
    uint32_t pixel;
    const uint32_t image = divided(term, p.shape.plane, pixel);
    return convolution_value<T>(p.a, (int64_t(image) * p.shape.filters + filter) * p.shape.plane.size + pixel);
  }
};

// The pixels of a channel under a kernel's element; `b` is x.
template <class T>
struct ConvolutionShift {
  int32_t channel, z, y, x;

  ST_INLINE void prepare(const ConvolutionParameters &p, uint32_t group, uint32_t column) {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel at(column, s.kernel_plane, s.kernel_slice, s.kernel_row);
    channel = int32_t(group * s.group_channels + at.image);
    z = at.z * s.dilation[0] - s.padding[0];
    y = at.y * s.dilation[1] - s.padding[1];
    x = at.x * s.dilation[2] - s.padding[2];
    if (column >= p.columns) y = INT32_MIN / 2;
  }
  ST_INLINE ConvolutionSum<T> element(const ConvolutionParameters &p, uint32_t term) const {
    const ConvolutionShape &s = p.shape;
    const ConvolutionPixel pixel(term, s.plane, s.slice, s.row);
    const int64_t place = convolution_place(pixel.z * s.stride[0] + z, pixel.y * s.stride[1] + y,
                                            pixel.x * s.stride[2] + x, s.size);
    if (place < 0) return 0;
    const int64_t plane = int64_t(pixel.image) * s.channels + channel;
    return convolution_value<T>(p.b, plane * s.image_plane.size + place);
  }
};

template <class T>
ST_DEVICE void convolution_weight(const ConvolutionParameters &p) {
  using A = ConvolutionSum<T>;
  const uint32_t row_tile = blockIdx.x % p.row_tiles, rest = blockIdx.x / p.row_tiles;
  const uint32_t slice = rest % p.slices, group = rest / p.slices;
  const uint32_t begin = slice * p.slice_terms, left = begin < p.terms ? p.terms - begin : 0;
  A *const out = static_cast<A *>(p.out) + int64_t(p.first_slice + slice) * p.shape.filters * p.columns;
  convolution_product<A, ConvolutionGradient<T>, false, ConvolutionShift<T>, false>(
      p, group, row_tile, begin, begin + (left < p.slice_terms ? left : p.slice_terms),
      [&](uint32_t row, uint32_t column, A sum) {
        out[(int64_t(group) * p.shape.group_filters + row) * p.columns + column] = sum;
      });
}

template <class T>
ST_DEVICE void convolution_join(const ConvolutionJoinParameters &p) {
  using A = ConvolutionSum<T>;
  const int64_t at = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= p.count) return;
  const A *parts = static_cast<const A *>(p.parts) + at;
  A sum = 0;
#pragma unroll 8
  for (uint32_t slice = 0; slice < p.slices; slice++) sum += parts[int64_t(slice) * p.count];
  static_cast<T *>(p.out)[at] = cast<T>(sum);
}

}  // namespace st

#endif
