// Layer normalisation of rows, and its derivative.
#include <algorithm>
#include <atomic>
#include <memory>

#include "arithmetic.hpp"
#include "dispatch.hpp"
#include "math.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_KERNELS "norm_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

template <class A>
using Buffer = std::unique_ptr<A, decltype(&st_free)>;

template <class A>
Buffer<A> allocated(intptr_t count) {
  return Buffer<A>(static_cast<A *>(st_allocate(size_t(std::max<intptr_t>(count, 1)) * sizeof(A))), st_free);
}

// A vector's numbers as A, read where they lie or copied to the buffer; null for a view without data.
template <class A>
struct Vector {
  Buffer<A> copy{nullptr, st_free};
  const A *data = nullptr;
  bool complete = true;

  explicit Vector(st_view view) {
    if (!view.data) return;
    const intptr_t count = view.shape[0], step = 1;
    if (view.dtype == dtype_of<A> && (view.strides[0] == 1 || count == 1)) {
      data = static_cast<const A *>(view.data);
      return;
    }
    copy = allocated<A>(count);
    complete = copy != nullptr;
    data = copy.get();
    if (complete) st_copy({copy.get(), &count, &step, 1, dtype_of<A>}, view);
  }
};

template <class A>
A *numbers(st_view view) {
  return static_cast<A *>(view.data);
}

template <class T>
st_status normalise(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias, double eps) {
  using A = Arithmetic<T>;
  const intptr_t rows = x.shape[0], columns = x.shape[1];
  const Vector<A> scale(weight), shift(bias);
  std::atomic<bool> complete{scale.complete && shift.complete};
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  parallel_for(rows, even_grain(rows, columns * 4), [&](intptr_t begin, intptr_t end) {
    if (!ST_CHOOSE(layer_norm_rows<T>)(begin, end, columns, numbers<T>(out), numbers<A>(mean), numbers<A>(rstd),
                                       numbers<T>(x), scale.data, shift.data, eps)) {
      complete.store(false, std::memory_order_relaxed);
    }
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}

// Writes the sum of partial sums that lie one after the other.
template <class A>
void write_sum(st_view out, A *partial, intptr_t parts, intptr_t columns, intptr_t distance) {
  if (!out.data) return;
  for (intptr_t part = 1; part < parts; part++) {
    const A *const from = partial + part * distance;
    for (intptr_t i = 0; i < columns; i++) partial[i] += from[i];
  }
  const intptr_t step = 1;
  st_copy(out, {partial, &columns, &step, 1, dtype_of<A>});
}

template <class T>
st_status differentiate(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient, st_view x,
                        st_view mean, st_view rstd, st_view weight) {
  using A = Arithmetic<T>;
  const intptr_t rows = x.shape[0], columns = x.shape[1];
  const Vector<A> scale(weight);
  // Each part of the rows sums for itself; the parts, at most 64, depend on the shape alone.
  const bool sums = weight_gradient.data || bias_gradient.data;
  const intptr_t grain = std::max(even_grain(rows, columns * 6), (rows + 63) / 64);
  const intptr_t parts = std::max<intptr_t>(1, (rows + grain - 1) / grain);
  const Buffer<A> partial = allocated<A>(sums ? parts * 2 * columns : 0);
  std::atomic<bool> complete{scale.complete && partial != nullptr};
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  if (sums) std::fill_n(partial.get(), parts * 2 * columns, A(0));
  parallel_for(rows, grain, [&](intptr_t begin, intptr_t end) {
    A *const own = partial.get() + begin / grain * 2 * columns;
    if (!ST_CHOOSE(layer_norm_gradient_rows<T>)(
            begin, end, columns, numbers<T>(x_gradient), weight_gradient.data ? own : nullptr,
            bias_gradient.data ? own + columns : nullptr, numbers<T>(gradient), numbers<T>(x), numbers<A>(mean),
            numbers<A>(rstd), scale.data)) {
      complete.store(false, std::memory_order_relaxed);
    }
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  write_sum(weight_gradient, partial.get(), parts, columns, 2 * columns);
  write_sum(bias_gradient, partial.get() + columns, parts, columns, 2 * columns);
  return {};
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_layer_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias, double eps) {
  st_status status{};
  const st_status known = with_float(x.dtype, [&](auto tag) {
    status = normalise<typename decltype(tag)::type>(out, mean, rstd, x, weight, bias, eps);
  });
  return known.code == ST_OK ? status : known;
}

st_status st_layer_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight) {
  st_status status{};
  const st_status known = with_float(x.dtype, [&](auto tag) {
    status = differentiate<typename decltype(tag)::type>(x_gradient, weight_gradient, bias_gradient, gradient, x, mean,
                                                         rstd, weight);
  });
  return known.code == ST_OK ? status : known;
}
