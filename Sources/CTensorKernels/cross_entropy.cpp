// The cross entropy of logits, or of log probabilities, and classes, and its derivative.
#include <atomic>
#include <type_traits>

#include "cross_entropy.hpp"
#include "dispatch.hpp"
#include "math.hpp"
#include "streaming.hpp"
#include "threads.hpp"
#include "vectors.hpp"
#include "workspace.hpp"

#define ST_KERNELS "cross_entropy_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

constexpr st_status out_of_memory = {ST_OUT_OF_MEMORY, 0, 0, 0};

template <class T>
ClassRows<T> class_rows(st_view x, st_view target, const Vector<Arithmetic<T>> &weight,
                        st_cross_entropy_options options) {
  ClassRows<T> p = {};
  p.x = numbers<T>(x);
  p.target = numbers<int64_t>(target);
  p.weight = weight.data;
  p.classes = x.shape[1];
  p.places = x.shape[2];
  for (int d = 0; d < 3; d++) p.x_strides[d] = x.strides[d];
  for (int d = 0; d < 2; d++) p.target_strides[d] = target.strides[d];
  p.weight_sum = double(p.classes);
  if (weight.data && options.label_smoothing != 0) {
    p.weight_sum = 0;
    for (intptr_t c = 0; c < p.classes; c++) p.weight_sum += double(weight.data[c]);
  }
  p.options = options;
  return p;
}

template <class T>
st_status losses(st_view out, st_view total_weight, st_view statistics, st_view x, st_view target, st_view weight_view,
                 st_cross_entropy_options options) {
  using A = Arithmetic<T>;
  const Vector<A> weight(weight_view);
  if (!weight.complete) return out_of_memory;
  const ClassRows<T> p = class_rows<T>(x, target, weight, options);
  const intptr_t rows = x.shape[0] * p.places;
  const bool each = options.reduction == ST_LOSS_NONE;
  const intptr_t grain = even_grain(rows, options.log_probabilities ? 20 : p.classes * (sizeof(A) == 8 ? 16 : 1) + 60);
  const intptr_t parts = rows > 0 ? (rows + grain - 1) / grain : 0;
  const Buffer<LossSums> sums = allocated<LossSums>(parts);
  if (!sums) return out_of_memory;
  std::atomic<bool> complete{true};
  parallel_for(rows, grain, [&](intptr_t begin, intptr_t end) {
    LossSums &own = sums.get()[begin / grain] = {};
    T *const kept_losses = each ? numbers<T>(out) : nullptr;
    if (!ST_CHOOSE(cross_entropy_rows<T>)(begin, end, p, kept_losses, numbers<A>(statistics), own)) {
      complete.store(false, std::memory_order_relaxed);
    }
  });
  if (!complete) return out_of_memory;
  LossSums all;
  for (intptr_t part = 0; part < parts; part++) {
    const LossSums &own = sums.get()[part];
    if (own.wrong >= 0) return {ST_INDEX_OUT_OF_RANGE, ST_CLASS_OPERAND, p.target_of(own.wrong), p.classes};
    all.losses += own.losses;
    all.weights += own.weights;
  }
  if (total_weight.data) *numbers<A>(total_weight) = A(all.weights);
  if (!each) {
    *numbers<T>(out) = cast<T>(A(options.reduction == ST_LOSS_MEAN ? all.losses / all.weights : all.losses));
  }
  return {};
}

template <class T>
st_status differentiate(st_view x_gradient, st_view gradient, st_view total_weight, st_view statistics, st_view x,
                        st_view target, st_view weight_view, st_cross_entropy_options options) {
  using A = Arithmetic<T>;
  const Vector<A> weight(weight_view);
  if (!weight.complete) return out_of_memory;
  const ClassRows<T> p = class_rows<T>(x, target, weight, options);
  const intptr_t rows = x.shape[0] * p.places;
  const bool each = options.reduction == ST_LOSS_NONE, is_mean = options.reduction == ST_LOSS_MEAN;
  const intptr_t strides[] = {each ? gradient.strides[0] : 0, each ? gradient.strides[1] : 0};
  const double factor = is_mean ? 1 / double(*numbers<A>(total_weight)) : 1;
  const bool streams = is_streamed(rows * p.classes, x.dtype) && x_gradient.data != x.data;
  std::atomic<bool> complete{true};
  const intptr_t cost = p.classes * (sizeof(A) == 8 ? 16 : 1) + 60;
  parallel_for(rows, even_grain(rows, cost), [&](intptr_t begin, intptr_t end) {
    if (!ST_CHOOSE(cross_entropy_gradient_rows<T>)(begin, end, p, numbers<T>(x_gradient), x_gradient.strides,
                                                   numbers<T>(gradient), strides, factor, numbers<A>(statistics),
                                                   streams)) {
      complete.store(false, std::memory_order_relaxed);
    }
  });
  return complete ? st_status{} : out_of_memory;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_cross_entropy(st_view out, st_view total_weight, st_view statistics, st_view x, st_view target,
                           st_view weight, st_cross_entropy_options options) {
  st_status status{};
  const st_status known = with_float(x.dtype, [&](auto tag) {
    status = losses<typename decltype(tag)::type>(out, total_weight, statistics, x, target, weight, options);
  });
  return known.code == ST_OK ? status : known;
}

st_status st_cross_entropy_backward(st_view x_gradient, st_view gradient, st_view total_weight, st_view statistics,
                                    st_view x, st_view target, st_view weight, st_cross_entropy_options options) {
  st_status status{};
  const st_status known = with_float(x.dtype, [&](auto tag) {
    status = differentiate<typename decltype(tag)::type>(x_gradient, gradient, total_weight, statistics, x, target,
                                                         weight, options);
  });
  return known.code == ST_OK ? status : known;
}
