// Fused optimizer steps with the roundings of PyTorch's separate operations: nothing is fused but what PyTorch fuses.
#pragma clang fp contract(off)
#include <cmath>

#include "arithmetic.hpp"
#include "dispatch.hpp"
#include "threads.hpp"
#include "rows.hpp"

#define ST_KERNELS "optimizers_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

// The i-th array of a list that may be absent.
template <class T>
T *array(void *const *list, int32_t i) {
  return list ? static_cast<T *>(list[i]) : nullptr;
}

template <class T>
T *behind(T *base, intptr_t offset) {
  return base ? base + offset : nullptr;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_sgd(int32_t count, void *const *parameters, const void *const *gradients, void *const *momenta,
                 const intptr_t *elements, st_dtype dtype, st_sgd_options options) {
  return with_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto run = ST_CHOOSE(sgd_run<T>);
    for (int32_t i = 0; i < count; i++) {
      T *parameter = array<T>(parameters, i), *momentum = array<T>(momenta, i);
      const T *gradient = static_cast<const T *>(gradients[i]);
      parallel_for(elements[i], even_grain(elements[i], 2), [&](intptr_t begin, intptr_t end) {
        run(parameter + begin, gradient + begin, behind(momentum, begin), end - begin, options);
      });
    }
  });
}

st_status st_adam(int32_t count, void *const *parameters, const void *const *gradients, void *const *averages,
                  void *const *squares, void *const *max_squares, const intptr_t *elements, st_dtype dtype,
                  st_adam_options options) {
  const double correction1 = 1 - std::pow(options.beta1, options.step);
  const double correction2 = std::sqrt(1 - std::pow(options.beta2, options.step));
  return with_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto run = ST_CHOOSE(adam_run<T>);
    for (int32_t i = 0; i < count; i++) {
      T *parameter = array<T>(parameters, i), *average = array<T>(averages, i), *square = array<T>(squares, i);
      T *largest = array<T>(max_squares, i);
      const T *gradient = static_cast<const T *>(gradients[i]);
      parallel_for(elements[i], even_grain(elements[i], 8), [&](intptr_t begin, intptr_t end) {
        run(parameter + begin, gradient + begin, average + begin, square + begin, behind(largest, begin), end - begin,
            options, correction1, correction2);
      });
    }
  });
}

bool st_unscale(st_view gradient, double factor) {
  bool bad = false;
  with_float(gradient.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto run = ST_CHOOSE(unscale_run<T>);
    Rows<1> walk;
    for (int32_t d = 0; d < gradient.rank; d++) walk.add(gradient.shape[d], {gradient.strides[d]});
    walk.close();
    for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
      T *values = static_cast<T *>(gradient.data) + walk.offset[0];
      bad |= run(values, walk.length, walk.step[0], static_cast<float>(factor));
    }
  });
  return bad;
}
