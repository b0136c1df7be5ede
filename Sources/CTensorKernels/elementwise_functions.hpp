// What the CPU's kernels must know of each formula.
#ifndef CTENSORKERNELS_ELEMENTWISE_FUNCTIONS_HPP
#define CTENSORKERNELS_ELEMENTWISE_FUNCTIONS_HPP

#include "elementwise.hpp"
#include "math.hpp"
#include "piecewise.hpp"
// After the functions that they call.
#include "special.hpp"
#include "formulas.hpp"
#include "functions.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace st {

#define ST_LAMBDA __attribute__((always_inline))

// An element's cost in quarter nanoseconds for float32; those above 1 are worth padding the last vector for, but for
// libm's.
inline constexpr int libm_cost = 60;
template <class Function> inline constexpr int cost_of = 1;
#define ST_COST(name, cost) template <> inline constexpr int cost_of<Function_##name> = cost;
ST_COST(exp, 2) ST_COST(exp2, 2) ST_COST(expm1, 2) ST_COST(log, 2) ST_COST(log2, 4) ST_COST(log10, 4) ST_COST(log1p, 4)
ST_COST(sin, 4) ST_COST(cos, 4) ST_COST(tan, 4) ST_COST(asin, 4) ST_COST(acos, 4) ST_COST(atan, 4) ST_COST(atan2, 6)
ST_COST(sinh, 4) ST_COST(cosh, 4) ST_COST(tanh, 2) ST_COST(erf, 2) ST_COST(sigmoid, 2) ST_COST(gelu, 2)
ST_COST(gelu_tanh, 2) ST_COST(silu, 2) ST_COST(softplus, 6) ST_COST(power, 6)
ST_COST(fmod, 4) ST_COST(remainder, 4) ST_COST(floor_divide, 5)
ST_COST(gelu_backward, 4) ST_COST(gelu_tanh_backward, 4) ST_COST(silu_backward, 2)
ST_COST(softplus_backward, 2)
ST_COST(asinh, 8) ST_COST(acosh, 8) ST_COST(atanh, 8) ST_COST(hypot, 4) ST_COST(entr, 2) ST_COST(sinc, 6)
ST_COST(logit, 6) ST_COST(xlogy, 4) ST_COST(xlog1py, 6) ST_COST(log_add_exp, 6) ST_COST(log_add_exp2, 6)
ST_COST(elu, 2) ST_COST(elu_backward, 2) ST_COST(selu, 2) ST_COST(selu_backward, 2) ST_COST(mish, 2)
ST_COST(mish_backward, 4) ST_COST(log_sigmoid, 6)
ST_COST(erfc, 3) ST_COST(erfinv, 6) ST_COST(ndtr, 3) ST_COST(ndtri, 8)
ST_COST(lgamma, libm_cost) ST_COST(digamma, libm_cost) ST_COST(polygamma, libm_cost) ST_COST(erfcx, libm_cost)
ST_COST(log_ndtr, libm_cost) ST_COST(i0, libm_cost) ST_COST(i0e, libm_cost) ST_COST(i1, libm_cost)
ST_COST(i1e, libm_cost) ST_COST(zeta, libm_cost) ST_COST(igamma, libm_cost) ST_COST(igammac, libm_cost)
ST_COST(gcd, libm_cost) ST_COST(lcm, libm_cost)
#undef ST_COST

// Functions that math.hpp has for float64 too.
template <class Function> inline constexpr bool vectorised_double = false;
#define ST_VECTORISED(name) template <> inline constexpr bool vectorised_double<Function_##name> = true;
ST_VECTORISED(exp) ST_VECTORISED(expm1) ST_VECTORISED(log) ST_VECTORISED(tanh) ST_VECTORISED(sigmoid)
ST_VECTORISED(gelu) ST_VECTORISED(gelu_tanh) ST_VECTORISED(silu)
ST_VECTORISED(gelu_backward) ST_VECTORISED(gelu_tanh_backward) ST_VECTORISED(silu_backward)
ST_VECTORISED(softplus_backward) ST_VECTORISED(elu) ST_VECTORISED(elu_backward) ST_VECTORISED(selu)
ST_VECTORISED(selu_backward) ST_VECTORISED(mish) ST_VECTORISED(mish_backward) ST_VECTORISED(entr) ST_VECTORISED(xlogy)
ST_VECTORISED(exp2) ST_VECTORISED(log2) ST_VECTORISED(log10) ST_VECTORISED(log1p) ST_VECTORISED(sin) ST_VECTORISED(cos)
ST_VECTORISED(erf) ST_VECTORISED(erfc) ST_VECTORISED(softplus) ST_VECTORISED(log_sigmoid)
ST_VECTORISED(logit) ST_VECTORISED(xlog1py) ST_VECTORISED(log_add_exp) ST_VECTORISED(log_add_exp2) ST_VECTORISED(sinc)
ST_VECTORISED(sinh) ST_VECTORISED(cosh)
#undef ST_VECTORISED

// Where the vectorised function does not reach, and libm's in its place.
template <class Function, class T> struct Exact {
  static constexpr bool exists = false;
};
#define ST_EXACT(name, condition)                                                                                     \
  template <> struct Exact<Function_##name, float> {                                                                  \
    static constexpr bool exists = true;                                                                              \
    static ST_INLINE bool needed(float x) { return condition; }                                                       \
    static ST_INLINE float call(float x) { return __builtin_##name##f(x); }                                           \
  };
ST_EXACT(sin, m_abs(x) > largest_angle)
ST_EXACT(cos, m_abs(x) > largest_angle)
ST_EXACT(tan, m_abs(x) > largest_angle)
#undef ST_EXACT
#define ST_EXACT(name)                                                                                                \
  template <> struct Exact<Function_##name, double> {                                                                 \
    static constexpr bool exists = true;                                                                              \
    static ST_INLINE bool needed(double x) { return m_abs(x) > largest_wide_angle; }                                  \
    static ST_INLINE double call(double x) { return __builtin_##name(x); }                                            \
  };
ST_EXACT(sin) ST_EXACT(cos)
#undef ST_EXACT
#define ST_EXACT(name, value)                                                                                         \
  template <> struct Exact<Function_##name, float> {                                                                  \
    static constexpr bool exists = true;                                                                              \
    static ST_INLINE bool needed(float x, float y) { return !divides_in_reach(x, y); }                                \
    static ST_INLINE float call(float x, float y) {                                                                   \
      float rest = __builtin_fmodf(x, y);                                                                             \
      return value;                                                                                                   \
    }                                                                                                                 \
  };
ST_EXACT(fmod, rest)
ST_EXACT(remainder, formulas::floored_rest(rest, y))
ST_EXACT(floor_divide, formulas::floored_quotient(x, y, rest))
#undef ST_EXACT

// A formula's parameter in the type that it computes in.
template <class T>
ST_INLINE T parameter(double value) {
  if constexpr (is_float<T>) {
    return T(value);
  } else {
    // Bounds outside the type bound nothing.
    constexpr int64_t lowest = is_same<T, uint8_t> ? 0 : -(int64_t(1) << (8 * sizeof(T) - 2)) * 2;
    constexpr int64_t highest = is_same<T, uint8_t> ? 255 : -(lowest + 1);
    return value >= double(highest) ? T(highest) : value <= double(lowest) ? T(lowest) : T(int64_t(value));
  }
}

}  // namespace st

#endif
