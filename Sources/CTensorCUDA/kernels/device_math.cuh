// The mathematical functions that formulas call (see CTensorKernels/formulas.hpp), from the device's library, and the
// conversions of 16-bit floats by instruction.
#ifndef ST_CUDA_DEVICE_MATH_CUH
#define ST_CUDA_DEVICE_MATH_CUH

#include "dialect.cuh"

#ifndef ST_EMULATED
#define ST_OWN_HALF_CONVERSIONS
namespace st {
struct float16;
struct bfloat16;
ST_INLINE float to_float(float16 half);
ST_INLINE float16 to_float16(float value);
ST_INLINE float to_float(bfloat16 value);
ST_INLINE bfloat16 to_bfloat16(float value);
}  // namespace st
#endif

#include "cast.hpp"

namespace st {

#ifndef ST_EMULATED
ST_INLINE float to_float(float16 half) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half.bits));
  return value;
}
ST_INLINE float16 to_float16(float value) {
  float16 half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half.bits) : "f"(value));
  return half;
}
ST_INLINE float to_float(bfloat16 value) { return __uint_as_float(uint32_t(value.bits) << 16); }
ST_INLINE bfloat16 to_bfloat16(float value) {
#if __CUDA_ARCH__ >= 800
  bfloat16 result;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
  return result;
#else
  uint32_t bits = __float_as_uint(value);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  return bfloat16{uint16_t((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : rounded)};
#endif
}
#endif

// Of a float and of a double.
#define ST_MATH(name, of_float, of_double)                                                                            \
  ST_INLINE float m_##name(float x) { return of_float(x); }                                                           \
  ST_INLINE double m_##name(double x) { return of_double(x); }
ST_MATH(exp, ::expf, ::exp) ST_MATH(exp2, ::exp2f, ::exp2) ST_MATH(expm1, ::expm1f, ::expm1) ST_MATH(log, ::logf, ::log)
ST_MATH(log2, ::log2f, ::log2) ST_MATH(log10, ::log10f, ::log10) ST_MATH(log1p, ::log1pf, ::log1p)
ST_MATH(sin, ::sinf, ::sin) ST_MATH(cos, ::cosf, ::cos) ST_MATH(tan, ::tanf, ::tan) ST_MATH(asin, ::asinf, ::asin)
ST_MATH(acos, ::acosf, ::acos) ST_MATH(atan, ::atanf, ::atan) ST_MATH(sinh, ::sinhf, ::sinh)
ST_MATH(asinh, ::asinhf, ::asinh) ST_MATH(acosh, ::acoshf, ::acosh) ST_MATH(atanh, ::atanhf, ::atanh)
ST_MATH(cosh, ::coshf, ::cosh) ST_MATH(tanh, ::tanhf, ::tanh) ST_MATH(erf, ::erff, ::erf) ST_MATH(erfc, ::erfcf, ::erfc)
ST_MATH(lgamma, ::lgammaf, ::lgamma) ST_MATH(sqrt, ::sqrtf, ::sqrt) ST_MATH(abs, ::fabsf, ::fabs) ST_MATH(floor, ::floorf, ::floor)
ST_MATH(ceil, ::ceilf, ::ceil) ST_MATH(trunc, ::truncf, ::trunc) ST_MATH(round_even, ::rintf, ::rint)
#undef ST_MATH

// Of two.
#define ST_MATH(name, of_float, of_double)                                                                            \
  ST_INLINE float m_##name(float x, float y) { return of_float(x, y); }                                               \
  ST_INLINE double m_##name(double x, double y) { return of_double(x, y); }
ST_MATH(atan2, ::atan2f, ::atan2) ST_MATH(pow, ::powf, ::pow) ST_MATH(fmod, ::fmodf, ::fmod)
ST_MATH(copysign, ::copysignf, ::copysign) ST_MATH(hypot, ::hypotf, ::hypot)
#undef ST_MATH

ST_INLINE float m_fma(float x, float y, float z) { return ::fmaf(x, y, z); }
ST_INLINE double m_fma(double x, double y, double z) { return ::fma(x, y, z); }

// The normal distribution's density times sqrt(2 pi), and its distribution function.
ST_INLINE float m_gaussian(float x) { return ::expf(-0.5f * x * x); }
ST_INLINE double m_gaussian(double x) { return ::exp(-0.5 * x * x); }
ST_INLINE float m_normal_cdf(float x) { return 0.5f * ::erfcf(x * -0.70710678118654752440f); }
ST_INLINE double m_normal_cdf(double x) { return 0.5 * ::erfc(x * -0.70710678118654752440); }

// These have no more digits here than their products. The exponential of -|x| never overflows.
template <class T> ST_INLINE T m_wide(T x) { return x; }
template <class T> ST_INLINE T m_wide_exp(T x) { return m_exp(x); }
template <class T> ST_INLINE T m_wide_normal_cdf(T x) { return m_normal_cdf(x); }
template <class T> ST_INLINE T m_logistic(T factor, T x) {
  T small = m_exp(-m_abs(x));
  return factor * ((x < T(0) ? small : T(1)) / (T(1) + small));
}

// What a floating dtype computes in.
template <class T> struct ArithmeticOf { using type = T; };
template <> struct ArithmeticOf<float16> { using type = float; };
template <> struct ArithmeticOf<bfloat16> { using type = float; };
template <class T> using Arithmetic = typename ArithmeticOf<T>::type;

}  // namespace st

#include "st_formulas.h"
// After the functions that they call.
#include "special.hpp"
#include "formulas.hpp"
#include "functions.hpp"

#endif
