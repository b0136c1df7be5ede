// Arithmetic of values that end in 16 bits: a float whose exponentials, quotients and functions made of them are the
// processor's own, good to 2^-16 or better, where a 16-bit float's rounding is 2^-12 or 2^-9.
#ifndef ST_CUDA_COARSE_CUH
#define ST_CUDA_COARSE_CUH

#include "device_math.cuh"

namespace st {

// One instruction each. Results below the smallest normal float are 0.
#ifdef ST_EMULATED
ST_INLINE float processor_exp2(float x) { return ::exp2f(x); }
ST_INLINE float processor_inverse(float x) { return 1.0f / x; }
#else
ST_INLINE float processor_exp2(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}
ST_INLINE float processor_inverse(float x) {
  float result;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}
#endif

struct Coarse {
  float value;
  Coarse() = default;
  explicit ST_INLINE Coarse(float value) : value(value) {}
  ST_INLINE operator float() const { return value; }
  friend ST_INLINE Coarse operator-(Coarse x) { return Coarse(-x.value); }
  friend ST_INLINE Coarse operator+(Coarse a, Coarse b) { return Coarse(a.value + b.value); }
  friend ST_INLINE Coarse operator-(Coarse a, Coarse b) { return Coarse(a.value - b.value); }
  friend ST_INLINE Coarse operator*(Coarse a, Coarse b) { return Coarse(a.value * b.value); }
  friend ST_INLINE Coarse operator/(Coarse a, Coarse b) { return Coarse(a.value * processor_inverse(b.value)); }
};
template <> struct formulas::Kind<Coarse> : formulas::Kind<float> {};
template <> inline constexpr bool is_float<Coarse> = true;

ST_INLINE Coarse m_abs(Coarse x) { return Coarse(::fabsf(x.value)); }
ST_INLINE Coarse m_log1p(Coarse x) { return Coarse(::log1pf(x.value)); }

// As a square, whose exponential of half the size loses nothing where the result is subnormal.
ST_INLINE Coarse m_exp(Coarse x) {
  const float root = processor_exp2(x.value * 0.72134752044448170368f);
  return Coarse(root * root);
}

ST_INLINE Coarse m_gaussian(Coarse x) {
  const float root = processor_exp2(x.value * x.value * -0.36067376022224085184f);
  return Coarse(root * root);
}

// P(X > |x|) = gaussian(x) r(t), t = 1 / (1 + 0.2975 |x|), where r is a polynomial fitted here to exp(x^2 / 2) P(X > x),
// 0 <= x <= 13.5; its error is 2^-19 of that.
ST_INLINE Coarse m_normal_cdf(Coarse x) {
  const float t = processor_inverse(::fmaf(0.2975f, ::fabsf(x.value), 1.0f));
  float r = -8.72958856e-2f;
  r = ::fmaf(r, t, 2.57245610e-1f);
  r = ::fmaf(r, t, -6.81876410e-2f);
  r = ::fmaf(r, t, 1.75342659e-1f);
  r = ::fmaf(r, t, 1.02166945e-1f);
  r = ::fmaf(r, t, 1.20843852e-1f);
  r = ::fmaf(r, t, -1.16006674e-4f);
  const float tail = m_gaussian(x).value * r;
  return Coarse(x.value < 0.0f ? tail : 1.0f - tail);
}

// (1 - e) / (1 + e), e = exp(-2|x|); near 0, where that loses digits, the series.
ST_INLINE Coarse m_tanh(Coarse x) {
  const float square = x.value * x.value, e = processor_exp2(::fabsf(x.value) * -2.88539008177792681472f);
  float series = ::fmaf(square, -0.05396825396825396825f, 0.13333333333333333333f);
  series = ::fmaf(series, square, -0.33333333333333333333f);
  series = ::fmaf(series, square, 1.0f) * x.value;
  const float far = ::copysignf((1.0f - e) * processor_inverse(1.0f + e), x.value);
  return Coarse(::fabsf(x.value) < 0.25f ? series : far);
}

// Whether a formula on 16-bit floats is computed so: those in which quotients have harmless divisors.
template <class Function> inline constexpr bool is_coarse = false;
#define ST_COARSE(name) template <> inline constexpr bool is_coarse<Function_##name> = true;
ST_COARSE(exp) ST_COARSE(tanh) ST_COARSE(sigmoid) ST_COARSE(gelu) ST_COARSE(gelu_tanh) ST_COARSE(silu)
ST_COARSE(softplus) ST_COARSE(gelu_backward) ST_COARSE(gelu_tanh_backward) ST_COARSE(silu_backward)
ST_COARSE(softplus_backward)
#undef ST_COARSE

// What a formula on elements of a type computes in.
template <class Function, class T, bool coarse = is_coarse<Function> && is_half<T>> struct FormulaArithmetic {
  using type = Arithmetic<T>;
};
template <class Function, class T> struct FormulaArithmetic<Function, T, true> { using type = Coarse; };

}  // namespace st

#endif
