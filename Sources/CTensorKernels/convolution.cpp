// Convolution over two dimensions as products of matrices: for a block of output positions, the inputs that meet each
// element of a filter stand in a column.
#include <algorithm>
#include <atomic>

#include "products.hpp"
#include "rows.hpp"
#include "threads.hpp"

namespace st {
namespace {

struct Convolution {
  intptr_t batches, channels, height, width;     // channels of one group
  intptr_t filters, filter_height, filter_width;  // filters of one group
  intptr_t out_height, out_width;
  st_convolution options;

  Convolution(st_view x, st_view weight, st_view out, st_convolution options)
      : batches(x.shape[0]), channels(weight.shape[1]), height(x.shape[2]), width(x.shape[3]),
        filters(weight.shape[0] / options.groups), filter_height(weight.shape[2]), filter_width(weight.shape[3]),
        out_height(out.shape[2]), out_width(out.shape[3]), options(options) {}

  intptr_t groups() const { return options.groups; }
  intptr_t depth() const { return channels * filter_height * filter_width; }
  intptr_t positions() const { return out_height * out_width; }
  intptr_t input() const { return channels * height * width; }  // of a group
  // Output positions that are computed together: half a megabyte of float or less, where that is not too few.
  intptr_t block() const {
    const intptr_t fitting = (intptr_t{1} << 17) / std::max<intptr_t>(1, depth()) / 64 * 64;
    return std::clamp<intptr_t>(fitting, std::min<intptr_t>(64, positions()), std::max<intptr_t>(1, positions()));
  }
  // The input itself is the matrix of columns.
  bool is_product() const {
    return depth() == channels && options.stride[0] == 1 && options.stride[1] == 1 && options.padding[0] == 0 &&
           options.padding[1] == 0;
  }
  intptr_t work() const { return batches * groups() * filters * depth() * positions() / 8; }

  // Calls row(at, first, last, begin, stop, y, column) for each stretch of positions in one output row, for the
  // filter's element (i, j). It holds columns `first` up to `last`, from number `at` on; those from `begin` up to
  // `stop` meet the input, in row y from `column` on, the others its margin.
  template <class Row>
  void stretches(intptr_t start, intptr_t end, intptr_t i, intptr_t j, const Row &row) const {
    const intptr_t step = options.stride[1], shift = j * options.dilation[1] - options.padding[1];
    // The columns whose input lies inside.
    const intptr_t low = shift >= 0 ? 0 : (-shift + step - 1) / step;
    const intptr_t high = width > shift ? (width - shift + step - 1) / step : 0;
    for (intptr_t position = start; position < end;) {
      const intptr_t r = position / out_width, c = position % out_width;
      const intptr_t last = std::min(out_width, c + end - position);
      const intptr_t y = r * options.stride[0] - options.padding[0] + i * options.dilation[0];
      const intptr_t begin = std::clamp(low, c, last), stop = std::clamp(high, begin, last);
      const bool inside = y >= 0 && y < height;
      row(position - start, c, last, inside ? begin : last, inside ? stop : last, y, shift + begin * step);
      position += last - c;
    }
  }
};

// columns [depth, end - start] of an input's group.
template <class To, class T>
void gather_columns(const Convolution &c, const T *x, intptr_t start, intptr_t end, To *columns) {
  const intptr_t step = c.options.stride[1];
  for (intptr_t channel = 0; channel < c.channels; channel++, x += c.height * c.width) {
    for (intptr_t i = 0; i < c.filter_height; i++) {
      for (intptr_t j = 0; j < c.filter_width; j++, columns += end - start) {
        c.stretches(start, end, i, j, [&](intptr_t at, intptr_t first, intptr_t last, intptr_t begin, intptr_t stop,
                                          intptr_t y, intptr_t column) {
          To *const to = columns + at - first;
          const T *const from = x + y * c.width + column - begin * step;
          for (intptr_t k = first; k < begin; k++) to[k] = To{};
          if (step == 1) {
            for (intptr_t k = begin; k < stop; k++) to[k] = cast<To>(from[k]);
          } else {
            for (intptr_t k = begin; k < stop; k++) to[k] = cast<To>(from[k * step]);
          }
          for (intptr_t k = stop; k < last; k++) to[k] = To{};
        });
      }
    }
  }
}

// Adds columns to the inputs that they stand for.
template <class A>
void add_columns(const Convolution &c, A *x, intptr_t start, intptr_t end, const A *columns) {
  const intptr_t step = c.options.stride[1];
  for (intptr_t channel = 0; channel < c.channels; channel++, x += c.height * c.width) {
    for (intptr_t i = 0; i < c.filter_height; i++) {
      for (intptr_t j = 0; j < c.filter_width; j++, columns += end - start) {
        c.stretches(start, end, i, j, [&](intptr_t at, intptr_t first, intptr_t, intptr_t begin, intptr_t stop,
                                          intptr_t y, intptr_t column) {
          const A *const from = columns + at - first;
          A *const to = x + y * c.width + column - begin * step;
          for (intptr_t k = begin; k < stop; k++) to[k * step] += from[k];
        });
      }
    }
  }
}

template <class T>
T *data(st_view view) {
  return static_cast<T *>(view.data);
}

// Numbers that lie one after the other as A: where they are, or converted to the buffer.
template <class A, class T>
A *converted(T *from, intptr_t count, A *buffer) {
  if constexpr (is_same<A, T>) {
    return from;
  } else {
    for (intptr_t i = 0; i < count; i++) buffer[i] = cast<A>(from[i]);
    return buffer;
  }
}

template <class T>
bool convolve(const Convolution &c, st_view out, st_view x, st_view weight, st_view bias) {
  const intptr_t block = c.block(), blocks = (c.positions() + block - 1) / block, depth = c.depth();
  const intptr_t items = c.batches * c.groups() * blocks;
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, c.work() / std::max<intptr_t>(1, items)), [&](intptr_t begin, intptr_t end) {
    Pieces<T> columns(c.is_product() ? 0 : depth * block);
    bool good{columns};
    T *const buffer = columns.take(0);
    for (intptr_t item = begin; good && item < end; item++) {
      const intptr_t pair = item / blocks, group = pair % c.groups();
      const intptr_t start = item % blocks * block, count = std::min(block, c.positions() - start);
      T *const input = data<T>(x) + pair * c.input();
      Matrix<T> right{buffer, count, 1};
      if (c.is_product()) {
        right = {input + start, c.positions(), 1};
      } else {
        gather_columns(c, input, start, start + count, buffer);
      }
      const Matrix<T> left{data<T>(weight) + group * c.filters * depth, depth, 1};
      const Matrix<T> to{data<T>(out) + pair * c.filters * c.positions() + start, c.positions(), 1};
      st_view shift{};
      const Plane biases(Matrix<T>{bias.data ? data<T>(bias) + group * c.filters : nullptr, 1, 0}, c.filters, count,
                         x.dtype);
      if (bias.data) shift = biases;
      good = st_matmul(Plane(to, c.filters, count, x.dtype), Plane(left, c.filters, depth, x.dtype),
                       Plane(right, depth, count, x.dtype), shift)
                 .code == ST_OK;
    }
    if (!good) complete.store(false, std::memory_order_relaxed);
  });
  return complete;
}

// Of an item's group: columns = weight.T @ gradient, added up where they meet.
template <class T>
bool input_gradient(const Convolution &c, st_view x_gradient, st_view gradient, st_view weight) {
  using A = Arithmetic<T>;
  constexpr bool same = is_same<A, T>;
  const intptr_t block = c.block(), depth = c.depth(), items = c.batches * c.groups();
  const intptr_t outputs = c.filters * c.positions(), weights = c.groups() * c.filters * depth;
  Pieces<A> wide(same ? 0 : weights);
  if (!wide) return false;
  A *const filters = converted(data<T>(weight), weights, wide.take(0));
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, c.work() / std::max<intptr_t>(1, items)), [&](intptr_t begin, intptr_t end) {
    Pieces<A> pieces(depth * block + (same ? 0 : outputs + c.input()));
    bool good{pieces};
    A *const columns = pieces.take(depth * block);
    A *const slopes = pieces.take(same ? 0 : outputs), *const sums = pieces.take(same ? 0 : c.input());
    for (intptr_t item = begin; good && item < end; item++) {
      T *const target = data<T>(x_gradient) + item * c.input();
      A *to = sums;
      if constexpr (same) to = target;
      std::fill_n(to, c.input(), A(0));
      A *const slope = converted(data<T>(gradient) + item * outputs, outputs, slopes);
      const Matrix<A> left{filters + item % c.groups() * c.filters * depth, depth, 1};
      for (intptr_t start = 0; good && start < c.positions(); start += block) {
        const intptr_t count = std::min(block, c.positions() - start);
        const Matrix<A> right{slope + start, c.positions(), 1};
        good = multiply(depth, count, c.filters, Matrix<A>{columns, count, 1}, left.transposed(), right, false);
        if (good) add_columns(c, to, start, start + count, columns);
      }
      if constexpr (!same) {
        for (intptr_t i = 0; i < c.input(); i++) target[i] = cast<T>(to[i]);
      }
    }
    if (!good) complete.store(false, std::memory_order_relaxed);
  });
  return complete;
}

// The sum over batches and positions of gradient @ columns.T. Parts of the batches, which depend on the shape alone,
// sum for themselves.
template <class T>
bool weight_gradient(const Convolution &c, st_view weight_gradient, st_view gradient, st_view x) {
  using A = Arithmetic<T>;
  const intptr_t block = c.block(), depth = c.depth(), outputs = c.filters * c.positions();
  const intptr_t weights = c.filters * depth, parts = std::clamp<intptr_t>(c.batches, 1, 8);
  const intptr_t items = c.groups() * parts;
  Pieces<A> partial(items * weights);
  if (!partial) return false;
  A *const sums = partial.take(0);
  std::fill_n(sums, items * weights, A(0));
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, c.work() / std::max<intptr_t>(1, items)), [&](intptr_t begin, intptr_t end) {
    Pieces<A> pieces(depth * block + (is_same<A, T> ? 0 : outputs));
    bool good{pieces};
    A *const columns = pieces.take(depth * block), *const slopes = pieces.take(is_same<A, T> ? 0 : outputs);
    for (intptr_t item = begin; item < end; item++) {
      const intptr_t part = item / c.groups(), group = item % c.groups();
      const intptr_t last = (part + 1) * c.batches / parts;
      for (intptr_t batch = part * c.batches / parts; batch < last; batch++) {
        const intptr_t pair = batch * c.groups() + group;
        A *const slope = good ? converted(data<T>(gradient) + pair * outputs, outputs, slopes) : nullptr;
        for (intptr_t start = 0; good && start < c.positions(); start += block) {
          const intptr_t count = std::min(block, c.positions() - start);
          gather_columns(c, data<T>(x) + pair * c.input(), start, start + count, columns);
          const Matrix<A> left{slope + start, c.positions(), 1}, right{columns, count, 1};
          good = multiply(c.filters, depth, count, Matrix<A>{sums + item * weights, depth, 1}, left,
                          right.transposed(), true);
        }
      }
    }
    if (!good) complete.store(false, std::memory_order_relaxed);
  });
  if (!complete) return false;
  const intptr_t all = c.groups() * weights;
  for (intptr_t part = 1; part < parts; part++) {
    for (intptr_t i = 0; i < all; i++) sums[i] += sums[part * all + i];
  }
  T *const to = data<T>(weight_gradient);
  for (intptr_t i = 0; i < all; i++) to[i] = cast<T>(sums[i]);
  return true;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_convolution_forward(st_view out, st_view x, st_view weight, st_view bias, st_convolution options) {
  bool complete = true;
  const st_status status = with_float(x.dtype, [&](auto tag) {
    complete = convolve<typename decltype(tag)::type>({x, weight, out, options}, out, x, weight, bias);
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}

st_status st_convolution_backward(st_view x_gradient, st_view weight_gradient, st_view gradient, st_view x,
                                  st_view weight, st_convolution options) {
  bool complete = true;
  const st_status status = with_float(gradient.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const Convolution convolution(x, weight, gradient, options);
    if (x_gradient.data) complete = input_gradient<T>(convolution, x_gradient, gradient, weight);
    if (weight_gradient.data && complete) {
      complete = st::weight_gradient<T>(convolution, weight_gradient, gradient, x);
    }
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}
