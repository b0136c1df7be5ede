// Batch norm, whose statistics are those of a channel, and group norm, whose statistics are those of some neighbouring
// channels of a sample; and their derivatives.
#include "batch_norm.hpp"

#include <algorithm>
#include <cmath>

#include "dispatch.hpp"
#include "math.hpp"
#include "streaming.hpp"
#include "threads.hpp"
#include "vectors.hpp"

#define ST_KERNELS "batch_norm_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

constexpr st_status out_of_memory = {ST_OUT_OF_MEMORY, 0, 0, 0};
constexpr intptr_t most_parts = 64;

template <class Body>
st_status for_float(st_dtype dtype, const Body &body) {
  st_status status{};
  const st_status known = with_float(dtype, [&](auto tag) { status = body(tag); });
  return known.code == ST_OK ? status : known;
}

// A parallel loop over what the channels' work is cut into.
template <class Body>
void each_unit(const Channels &p, intptr_t cost, const Body &body) {
  parallel_for(p.units(), even_grain(p.units(), p.unit() * cost + 40), body);
}

template <class A>
A numbers_at(const Vector<A> &vector, intptr_t i, A missing) {
  return vector.data ? vector.data[i] : missing;
}

// ---- Sums of a matrix' columns, by parts of the rows that depend on the shape alone; then of the parts, in double.

template <class A>
struct ColumnParts {
  intptr_t rows, columns, grain, parts;
  Buffer<A> sums;  // [parts, of, columns]
  intptr_t of;

  ColumnParts(intptr_t rows, intptr_t columns, intptr_t of)
      : rows(rows), columns(columns),
        grain(std::max({even_grain(rows, columns), (rows + most_parts - 1) / most_parts, intptr_t(1)})),
        parts((rows + grain - 1) / grain), sums(allocated<A>(parts * of * columns)), of(of) {
    if (sums) std::fill_n(sums.get(), parts * of * columns, A(0));
  }
  A *part(intptr_t begin, intptr_t which) const { return sums.get() + (begin / grain * of + which) * columns; }
  double total(intptr_t which, intptr_t column) const {
    double all = 0;
    for (intptr_t part = 0; part < parts; part++) all += double(sums.get()[(part * of + which) * columns + column]);
    return all;
  }
};

// The moments of each channel of x [N, C, S].
template <class T>
bool channel_moments(st_view x, Moments *moments) {
  using A = Arithmetic<T>;
  const intptr_t batch = x.shape[0], channels = x.shape[1], size = x.shape[2];
  if (size != 1) {
    const Channels p = {batch * channels, size, channels};
    const Buffer<Moments> each = allocated<Moments>(p.planes);
    if (!each) return false;
    parallel_for(p.planes, even_grain(p.planes, size + 40), [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(plane_moments<T>)(begin, end, size, numbers<T>(x), each.get());
    });
    for (intptr_t c = 0; c < channels; c++) {
      moments[c] = {};
      for (intptr_t n = 0; n < batch; n++) moments[c].add(each.get()[n * channels + c]);
    }
    return true;
  }
  const Buffer<A> mean = allocated<A>(channels);
  if (!mean) return false;
  for (const bool squares : {false, true}) {
    const ColumnParts<A> sums(batch, channels, 1);
    if (!sums.sums) return false;
    parallel_for(batch, sums.grain, [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(column_sums<T>)(begin, end, channels, numbers<T>(x), squares ? mean.get() : nullptr,
                                sums.part(begin, 0));
    });
    for (intptr_t c = 0; c < channels; c++) {
      const double total = sums.total(0, c);
      if (squares) {
        moments[c].squares = total;
      } else {
        moments[c] = {double(batch), total / double(batch), 0};
        mean.get()[c] = A(moments[c].mean);
      }
    }
  }
  return true;
}

// (x - mean) scale + shift, by numbers that lie one after the other: those of the mean, of the scale and of the shift.
template <class T>
void scale(st_view out, st_view x, const Channels &p, const Arithmetic<T> *by) {
  const bool streams = is_streamed(p.planes * p.size, x.dtype) && out.data != x.data;
  each_unit(p, 1, [&](intptr_t begin, intptr_t end) {
    ST_CHOOSE(scale_channels<T>)(begin, end, p, numbers<T>(out), numbers<T>(x),
                                 {by, by + p.period, by + 2 * p.period, nullptr}, streams);
  });
}
template <class T>
void differentiate(st_view out, st_view gradient, st_view x, const Channels &p, const Arithmetic<T> *by) {
  const bool streams = is_streamed(p.planes * p.size, x.dtype) && out.data != x.data && out.data != gradient.data;
  each_unit(p, 2, [&](intptr_t begin, intptr_t end) {
    ST_CHOOSE(differentiate_channels<T>)(begin, end, p, numbers<T>(out), numbers<T>(gradient), numbers<T>(x),
                                         {by, by + p.period, by + 2 * p.period, by + 3 * p.period}, streams);
  });
}

// ---- Batch norm.

template <class T>
st_status batch_norm(st_view out, st_view mean, st_view rstd, st_view running_mean, st_view running_var, st_view x,
                     st_view weight_view, st_view bias_view, bool training, double momentum, double eps) {
  using A = Arithmetic<T>;
  const intptr_t batch = x.shape[0], channels = x.shape[1], size = x.shape[2];
  const Channels p = {batch * channels, size, channels};
  const Vector<A> weight(weight_view), bias(bias_view), old_mean(running_mean), old_var(running_var);
  const Buffer<Moments> moments = allocated<Moments>(channels);
  const Buffer<A> by = allocated<A>(3 * channels), new_mean = allocated<A>(channels), new_var = allocated<A>(channels);
  for (const Vector<A> *vector : {&weight, &bias, &old_mean, &old_var}) {
    if (!vector->complete) return out_of_memory;
  }
  if (!moments || !by || !new_mean || !new_var) return out_of_memory;
  if (training && !channel_moments<T>(x, moments.get())) return out_of_memory;
  for (intptr_t c = 0; c < channels; c++) {
    Moments own = moments.get()[c];
    if (!training) own = {1, double(old_mean.data[c]), double(old_var.data[c])};
    const A centre = A(own.mean), spread = A(1 / std::sqrt(own.squares / own.count + eps));
    numbers<A>(mean)[c] = centre;
    numbers<A>(rstd)[c] = spread;
    by.get()[c] = centre;
    by.get()[channels + c] = spread * numbers_at(weight, c, A(1));
    by.get()[2 * channels + c] = numbers_at(bias, c, A(0));
    if (!training) continue;
    if (old_mean.data) new_mean.get()[c] = A((1 - momentum) * double(old_mean.data[c]) + momentum * own.mean);
    const double unbiased = own.squares / (own.count - 1);
    if (old_var.data) new_var.get()[c] = A((1 - momentum) * double(old_var.data[c]) + momentum * unbiased);
  }
  if (training && p.planes * size > 0) {
    write_vector(running_mean, new_mean.get(), channels);
    write_vector(running_var, new_var.get(), channels);
  }
  if (p.planes * size > 0) scale<T>(out, x, p, by.get());
  return {};
}

template <class T>
st_status batch_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                              st_view x, st_view mean, st_view rstd, st_view weight_view, bool training) {
  using A = Arithmetic<T>;
  const intptr_t batch = x.shape[0], channels = x.shape[1], size = x.shape[2];
  const Channels p = {batch * channels, size, channels};
  const Vector<A> weight(weight_view);
  const Buffer<double> sums = allocated<double>(2 * (size == 1 ? channels : p.planes));
  const Buffer<A> by = allocated<A>(4 * channels), vectors = allocated<A>(2 * channels);
  if (!weight.complete || !sums || !by || !vectors) return out_of_memory;
  double *const plain = sums.get(), *const products = plain + (size == 1 ? channels : p.planes);
  const A *const centre = numbers<A>(mean), *const spread = numbers<A>(rstd);
  if (size == 1) {
    const ColumnParts<A> parts(batch, channels, 2);
    if (!parts.sums) return out_of_memory;
    parallel_for(batch, parts.grain, [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(column_gradient_sums<T>)(begin, end, channels, numbers<T>(gradient), numbers<T>(x), centre,
                                         parts.part(begin, 0), parts.part(begin, 1));
    });
    for (intptr_t c = 0; c < channels; c++) {
      plain[c] = parts.total(0, c);
      products[c] = parts.total(1, c);
    }
  } else {
    parallel_for(p.planes, even_grain(p.planes, 2 * size + 40), [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(plane_gradient_sums<T>)(begin, end, p, numbers<T>(gradient), numbers<T>(x), centre, plain, products);
    });
    for (intptr_t plane = channels; plane < p.planes; plane++) {
      plain[plane % channels] += plain[plane];
      products[plane % channels] += products[plane];
    }
  }
  const double count = double(batch * size);
  for (intptr_t c = 0; c < channels; c++) {
    const bool some = p.planes * size > 0;
    const double total = some ? plain[c] : 0, product = some ? products[c] * double(spread[c]) : 0;
    vectors.get()[c] = A(product);
    vectors.get()[channels + c] = A(total);
    const double factor = double(spread[c]) * double(numbers_at(weight, c, A(1)));
    by.get()[c] = centre[c];
    by.get()[channels + c] = A(factor);
    by.get()[2 * channels + c] = training ? A(factor * total / count) : A(0);
    by.get()[3 * channels + c] = training ? A(factor * double(spread[c]) * product / count) : A(0);
  }
  write_vector(weight_gradient, vectors.get(), channels);
  write_vector(bias_gradient, vectors.get() + channels, channels);
  if (x_gradient.data && p.planes * size > 0) differentiate<T>(x_gradient, gradient, x, p, by.get());
  return {};
}

// ---- Group norm.

template <class T>
st_status group_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight_view, st_view bias_view,
                     intptr_t groups, double eps) {
  using A = Arithmetic<T>;
  const intptr_t batch = x.shape[0], channels = x.shape[1], size = x.shape[2], planes = batch * channels;
  if (planes * size == 0) return {};
  const intptr_t together = channels / groups, rows = batch * groups;
  const Vector<A> weight(weight_view), bias(bias_view);
  const Buffer<Moments> moments = allocated<Moments>(rows);
  const Buffer<A> by = allocated<A>(3 * planes);
  if (!weight.complete || !bias.complete || !moments || !by) return out_of_memory;
  parallel_for(rows, even_grain(rows, together * size + 40), [&](intptr_t begin, intptr_t end) {
    ST_CHOOSE(plane_moments<T>)(begin, end, together * size, numbers<T>(x), moments.get());
  });
  for (intptr_t row = 0; row < rows; row++) {
    const Moments &own = moments.get()[row];
    numbers<A>(mean)[row] = A(own.mean);
    numbers<A>(rstd)[row] = A(1 / std::sqrt(own.squares / own.count + eps));
  }
  for (intptr_t plane = 0; plane < planes; plane++) {
    const intptr_t row = plane / together, c = plane % channels;
    by.get()[plane] = numbers<A>(mean)[row];
    by.get()[planes + plane] = numbers<A>(rstd)[row] * numbers_at(weight, c, A(1));
    by.get()[2 * planes + plane] = numbers_at(bias, c, A(0));
  }
  scale<T>(out, x, {planes, size, planes}, by.get());
  return {};
}

template <class T>
st_status group_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                              st_view x, st_view mean, st_view rstd, st_view weight_view, intptr_t groups) {
  using A = Arithmetic<T>;
  const intptr_t batch = x.shape[0], channels = x.shape[1], size = x.shape[2], planes = batch * channels;
  const intptr_t together = channels / std::max<intptr_t>(groups, 1), rows = batch * groups;
  const Vector<A> weight(weight_view);
  const Buffer<double> sums = allocated<double>(2 * planes);
  const Buffer<A> by = allocated<A>(4 * planes), vectors = allocated<A>(2 * channels);
  if (!weight.complete || !sums || !by || !vectors) return out_of_memory;
  double *const plain = sums.get(), *const products = plain + planes;
  std::fill_n(vectors.get(), 2 * channels, A(0));
  const bool some = planes * size > 0;
  if (some) {
    for (intptr_t plane = 0; plane < planes; plane++) by.get()[plane] = numbers<A>(mean)[plane / together];
    parallel_for(planes, even_grain(planes, 2 * size + 40), [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(plane_gradient_sums<T>)(begin, end, {planes, size, planes}, numbers<T>(gradient), numbers<T>(x),
                                        by.get(), plain, products);
    });
    const double count = double(together * size);
    for (intptr_t row = 0; row < rows; row++) {
      const double spread = double(numbers<A>(rstd)[row]);
      double level = 0, slope = 0;
      for (intptr_t plane = row * together; plane < (row + 1) * together; plane++) {
        const double own = double(numbers_at(weight, plane % channels, A(1)));
        level += own * plain[plane];
        slope += own * products[plane] * spread;
      }
      for (intptr_t plane = row * together; plane < (row + 1) * together; plane++) {
        by.get()[planes + plane] = A(spread * double(numbers_at(weight, plane % channels, A(1))));
        by.get()[2 * planes + plane] = A(spread * level / count);
        by.get()[3 * planes + plane] = A(spread * spread * slope / count);
      }
    }
    for (intptr_t c = 0; c < channels; c++) {
      double total = 0, product = 0;
      for (intptr_t n = 0; n < batch; n++) {
        const intptr_t plane = n * channels + c;
        total += plain[plane];
        product += products[plane] * double(numbers<A>(rstd)[plane / together]);
      }
      vectors.get()[c] = A(product);
      vectors.get()[channels + c] = A(total);
    }
  }
  write_vector(weight_gradient, vectors.get(), channels);
  write_vector(bias_gradient, vectors.get() + channels, channels);
  if (x_gradient.data && some) differentiate<T>(x_gradient, gradient, x, {planes, size, planes}, by.get());
  return {};
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_batch_norm(st_view out, st_view mean, st_view rstd, st_view running_mean, st_view running_var, st_view x,
                        st_view weight, st_view bias, bool training, double momentum, double eps) {
  return for_float(x.dtype, [&](auto tag) {
    return batch_norm<typename decltype(tag)::type>(out, mean, rstd, running_mean, running_var, x, weight, bias,
                                                    training, momentum, eps);
  });
}

st_status st_batch_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight, bool training) {
  return for_float(x.dtype, [&](auto tag) {
    return batch_norm_backward<typename decltype(tag)::type>(x_gradient, weight_gradient, bias_gradient, gradient, x,
                                                             mean, rstd, weight, training);
  });
}

st_status st_group_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias,
                        int64_t groups, double eps) {
  return for_float(x.dtype, [&](auto tag) {
    return group_norm<typename decltype(tag)::type>(out, mean, rstd, x, weight, bias, groups, eps);
  });
}

st_status st_group_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight, int64_t groups) {
  return for_float(x.dtype, [&](auto tag) {
    return group_norm_backward<typename decltype(tag)::type>(x_gradient, weight_gradient, bias_gradient, gradient, x,
                                                             mean, rstd, weight, groups);
  });
}
