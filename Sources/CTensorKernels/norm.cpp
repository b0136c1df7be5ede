// The layer norm and the RMS norm of rows, and their derivatives.
#include <algorithm>
#include <atomic>

#include "dispatch.hpp"
#include "math.hpp"
#include "norm.hpp"
#include "streaming.hpp"
#include "threads.hpp"
#include "vectors.hpp"

#define ST_KERNELS "norm_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

// What norms take and give; views without data are not there, and those of the mean say that rows are not centred.
struct Norm {
  st_view x = {}, weight = {}, bias = {}, mean = {}, rstd = {}, out = {};
  st_view gradient = {}, x_gradient = {}, weight_gradient = {}, bias_gradient = {};  // of the derivative
};

template <class T, bool centred>
st_status normalise(const Norm &norm, double eps) {
  using A = Arithmetic<T>;
  const intptr_t rows = norm.x.shape[0], columns = norm.x.shape[1];
  const Vector<A> weight(norm.weight), bias(norm.bias);
  if (!weight.complete || !bias.complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  const bool streams = is_streamed(rows * columns, norm.x.dtype) && norm.out.data != norm.x.data;
  parallel_for(rows, even_grain(rows, columns + 20), [&](intptr_t begin, intptr_t end) {
    ST_CHOOSE(norm_rows<T, centred>)
    (begin, end, columns, numbers<T>(norm.out), numbers<A>(norm.mean), numbers<A>(norm.rstd), numbers<T>(norm.x),
     weight.data, bias.data, eps, streams);
  });
  return {};
}

template <class T, bool centred>
st_status differentiate(const Norm &norm) {
  using A = Arithmetic<T>;
  const intptr_t rows = norm.x.shape[0], columns = norm.x.shape[1];
  const Vector<A> weight(norm.weight);
  // Each part of the rows sums for itself; the parts, at most 64, depend on the shape alone.
  const bool sums = norm.weight_gradient.data || norm.bias_gradient.data;
  const intptr_t grain = std::max(even_grain(rows, columns * 3), (rows + 63) / 64);
  const intptr_t parts = std::max<intptr_t>(1, (rows + grain - 1) / grain);
  const intptr_t width = (columns + 15) / 16 * 16;  // in whole lanes
  const Buffer<A> partial = allocated<A>(sums ? parts * 2 * width : 0);
  if (!weight.complete || !partial) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  if (sums) std::fill_n(partial.get(), parts * 2 * width, A(0));
  const bool streams = is_streamed(rows * columns, norm.x.dtype) && norm.x_gradient.data != norm.x.data &&
                       norm.x_gradient.data != norm.gradient.data;
  const NormGradient<T> rule = {numbers<T>(norm.gradient), numbers<T>(norm.x), numbers<A>(norm.mean),
                                numbers<A>(norm.rstd),     weight.data,        columns};
  parallel_for(rows, grain, [&](intptr_t begin, intptr_t end) {
    A *const own = partial.get() + begin / grain * 2 * width;
    ST_CHOOSE(norm_gradient_rows<T, centred>)
    (begin, end, rule, numbers<T>(norm.x_gradient), norm.weight_gradient.data ? own : nullptr,
     norm.bias_gradient.data ? own + width : nullptr, streams);
  });
  if (!sums) return {};
  for (intptr_t part = 1; part < parts; part++) {
    const A *const from = partial.get() + part * 2 * width;
    for (intptr_t i = 0; i < 2 * width; i++) partial.get()[i] += from[i];
  }
  write_vector(norm.weight_gradient, partial.get(), columns);
  write_vector(norm.bias_gradient, partial.get() + width, columns);
  return {};
}

// The operation for x's dtype, which norms do not change.
template <bool centred>
st_status normalise(const Norm &norm, double eps) {
  st_status status{};
  const st_status known = with_float(norm.x.dtype, [&](auto tag) {
    status = normalise<typename decltype(tag)::type, centred>(norm, eps);
  });
  return known.code == ST_OK ? status : known;
}
template <bool centred>
st_status differentiate(const Norm &norm) {
  st_status status{};
  const st_status known = with_float(norm.x.dtype, [&](auto tag) {
    status = differentiate<typename decltype(tag)::type, centred>(norm);
  });
  return known.code == ST_OK ? status : known;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_layer_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias, double eps) {
  return normalise<true>({.x = x, .weight = weight, .bias = bias, .mean = mean, .rstd = rstd, .out = out}, eps);
}

st_status st_layer_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight) {
  return differentiate<true>({.x = x,
                              .weight = weight,
                              .mean = mean,
                              .rstd = rstd,
                              .gradient = gradient,
                              .x_gradient = x_gradient,
                              .weight_gradient = weight_gradient,
                              .bias_gradient = bias_gradient});
}

st_status st_rms_norm(st_view out, st_view rstd, st_view x, st_view weight, double eps) {
  return normalise<false>({.x = x, .weight = weight, .rstd = rstd, .out = out}, eps);
}

st_status st_rms_norm_backward(st_view x_gradient, st_view weight_gradient, st_view gradient, st_view x, st_view rstd,
                               st_view weight) {
  return differentiate<false>({.x = x,
                               .weight = weight,
                               .rstd = rstd,
                               .gradient = gradient,
                               .x_gradient = x_gradient,
                               .weight_gradient = weight_gradient});
}
