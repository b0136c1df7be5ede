// The mathematical functions that the formulas call, for the CPU. float32, and most of float64, are computed here by
// branch-free polynomials, so that loops vectorise: within 2 units in the last place over the whole range (most within
// 1; of float64 erfc within 5 and gelu's lower tail, where the usual formula has no digits left, within 8), with
// subnormals, infinities and NaN. The rest of float64 goes to libm. Coefficients are minimax or
// Chebyshev fits of the function named above them. Functions outside the hot paths work in double and round once.
#ifndef CTENSORKERNELS_MATH_HPP
#define CTENSORKERNELS_MATH_HPP

#include <math.h>
#include <stdint.h>

#include "convert.hpp"

// Products and sums of one expression may fuse here: polynomials gain by it.
#pragma STDC FP_CONTRACT ON

namespace st {

// ---- float64 by libm, and what the processor does exactly.

ST_INLINE double m_asin(double x) { return __builtin_asin(x); }
ST_INLINE double m_acos(double x) { return __builtin_acos(x); }
ST_INLINE double m_atan(double x) { return __builtin_atan(x); }
ST_INLINE double m_atan2(double y, double x) { return __builtin_atan2(y, x); }
ST_INLINE double m_asinh(double x) { return __builtin_asinh(x); }
ST_INLINE double m_acosh(double x) { return __builtin_acosh(x); }
ST_INLINE double m_atanh(double x) { return __builtin_atanh(x); }
#if defined(__linux__)
// The forms that share no sign between threads.
ST_INLINE double m_lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}
ST_INLINE float m_lgamma(float x) {
  int sign;
  return ::lgammaf_r(x, &sign);
}
#else
ST_INLINE double m_lgamma(double x) { return __builtin_lgamma(x); }
ST_INLINE float m_lgamma(float x) { return __builtin_lgammaf(x); }
#endif
ST_INLINE double m_hypot(double x, double y) { return __builtin_hypot(x, y); }
ST_INLINE double m_pow(double x, double y) { return __builtin_pow(x, y); }

// These forms never set errno, which would keep loops from vectorising.
ST_INLINE float m_sqrt(float x) { return __builtin_elementwise_sqrt(x); }
ST_INLINE double m_sqrt(double x) { return __builtin_elementwise_sqrt(x); }
ST_INLINE float m_abs(float x) { return __builtin_fabsf(x); }
ST_INLINE double m_abs(double x) { return __builtin_fabs(x); }
ST_INLINE float m_floor(float x) { return __builtin_elementwise_floor(x); }
ST_INLINE double m_floor(double x) { return __builtin_elementwise_floor(x); }
ST_INLINE float m_ceil(float x) { return __builtin_elementwise_ceil(x); }
ST_INLINE double m_ceil(double x) { return __builtin_elementwise_ceil(x); }
ST_INLINE float m_trunc(float x) { return __builtin_elementwise_trunc(x); }
ST_INLINE double m_trunc(double x) { return __builtin_elementwise_trunc(x); }
ST_INLINE float m_round_even(float x) { return __builtin_elementwise_rint(x); }
ST_INLINE double m_round_even(double x) { return __builtin_elementwise_rint(x); }
ST_INLINE double m_fmod(double x, double y) { return __builtin_fmod(x, y); }
ST_INLINE float m_fma(float x, float y, float z) { return __builtin_elementwise_fma(x, y, z); }
ST_INLINE double m_fma(double x, double y, double z) { return __builtin_elementwise_fma(x, y, z); }
ST_INLINE float m_copysign(float x, float sign) { return __builtin_copysignf(x, sign); }
ST_INLINE double m_copysign(double x, double sign) { return __builtin_copysign(x, sign); }

// ---- Pieces.

// c0 + x (c1 + x (c2 + ...)).
template <class T>
ST_INLINE T polynomial(T, T constant) {
  return constant;
}
template <class T, class... Rest>
ST_INLINE T polynomial(T x, T constant, Rest... rest) {
  return x * polynomial(x, rest...) + constant;
}

inline constexpr float nan_value = __builtin_nanf("");
inline constexpr float infinity = __builtin_inff();

// exp(high + low) = (1 + tail) 2^exponent: `tail` is exp(r) - 1 for the rest r, |r| <= log(2)/2.
template <class T, class Bits>
struct Exponential {
  T tail;
  Bits exponent;  // two's complement
};

// The sum must lie in [-104, 89]; NaN gives a NaN tail.
ST_INLINE Exponential<float, uint32_t> exponential(float high, float low = -0.0f) {
  constexpr float rounder = 0x1.8p23f;  // adding it rounds to a whole number, which the low bits then hold
  float shifted = (high + low) * 0x1.715476p0f + rounder;
  float whole = shifted - rounder;
  // The first part of log(2) has few bits: the product is exact.
  float rest = high - whole * 0x1.63p-1f + low;
  rest = rest - whole * -0x1.bd0106p-13f;
  // (exp(r) - 1 - r) / r^2
  float quadratic =
      polynomial(rest, 0x1p-1f, 0x1.5554aep-3f, 0x1.555486p-5f, 0x1.12290ep-7f, 0x1.6d9a92p-10f);
  return {rest * rest * quadratic + rest, bits_as<uint32_t>(shifted) - bits_as<uint32_t>(rounder)};
}

// The sum must lie in [-746, 710].
ST_INLINE Exponential<double, uint64_t> exponential(double high, double low = -0.0) {
  constexpr double rounder = 0x1.8p52;
  double shifted = (high + low) * 0x1.71547652b82fep0 + rounder;
  double whole = shifted - rounder;
  double rest = high - whole * 0x1.62e42fefp-1 + low;
  rest = rest - whole * 0x1.473de6af278edp-34;
  double quadratic = polynomial(rest, 0x1p-1, 0x1.5555555555556p-3, 0x1.5555555553d68p-5, 0x1.11111111109b5p-7,
                                0x1.6c16c17889ef1p-10, 0x1.a01a01a7c2efep-13, 0x1.a019b9149a41cp-16,
                                0x1.71de0db2f6b19p-19, 0x1.28917c89a43a7p-22, 0x1.af389ecfc4b9cp-26);
  return {rest * rest * quadratic + rest, bits_as<uint64_t>(shifted) - bits_as<uint64_t>(rounder)};
}

ST_INLINE float power_of_two(uint32_t exponent) { return bits_as<float>((exponent + 127u) << 23); }
ST_INLINE double power_of_two(uint64_t exponent) { return bits_as<double>((exponent + 1023u) << 52); }
ST_INLINE int32_t signed_of(uint32_t exponent) { return int32_t(exponent); }
ST_INLINE int64_t signed_of(uint64_t exponent) { return int64_t(exponent); }
ST_INLINE uint32_t halved(uint32_t exponent) { return uint32_t(int32_t(exponent) >> 1); }
ST_INLINE uint64_t halved(uint64_t exponent) { return uint64_t(int64_t(exponent) >> 1); }

// In two factors, so that results may be subnormal or overflow.
template <class T, class Bits>
ST_INLINE T assembled(Exponential<T, Bits> e) {
  Bits half = halved(e.exponent);
  return (1 + e.tail) * power_of_two(half) * power_of_two(e.exponent - half);
}

// For results between the smallest normal number and half the largest power of two.
template <class T, class Bits>
ST_INLINE T assembled_normal(Exponential<T, Bits> e) {
  return (1 + e.tail) * power_of_two(e.exponent);
}

ST_INLINE float at_most(float x, float limit) { return x > limit ? limit : x; }  // keeps NaN
ST_INLINE float at_least(float x, float limit) { return x < limit ? limit : x; }
ST_INLINE double at_most(double x, double limit) { return x > limit ? limit : x; }
ST_INLINE double at_least(double x, double limit) { return x < limit ? limit : x; }

// exp within 2^-39 for |x| <= 700, to be rounded to float.
ST_INLINE double exp_double(double x) {
  constexpr double rounder = 0x1.8p52;
  double shifted = x * 0x1.71547652b82fep0 + rounder;
  double rest = x - (shifted - rounder) * 0x1.62e42fefa39efp-1;
  double quadratic = polynomial(rest, 0x1.ffffffffea8a9p-2, 0x1.5555557f07dc9p-3, 0x1.5555558b2c0b1p-5,
                                0x1.1110a0663aac0p-7, 0x1.6c16217249e21p-10, 0x1.a18858b1318d6p-13,
                                0x1.a18cc51df7b19p-16);
  return (rest * rest * quadratic + rest + 1) * bits_as<double>((bits_as<uint64_t>(shifted) + 1023) << 52);
}

// log within 2^-44 of itself for positive, normal, finite x.
ST_INLINE double log_double(double x) {
  constexpr uint64_t root_half = 0x3fe6a09e667f3bcdu;  // the mantissa is taken from [sqrt(1/2), sqrt(2))
  uint64_t bits = bits_as<uint64_t>(x) - root_half;
  double mantissa = bits_as<double>((bits & 0xfffffffffffffu) + root_half);
  uint64_t biased = (bits + (uint64_t(1023) << 52)) >> 52;
  double exponent = bits_as<double>(biased | 0x4330000000000000u) - 0x1.00000000003ffp52;
  double ratio = (mantissa - 1) / (mantissa + 1);
  double square = ratio * ratio;
  // (atanh(s)/s - 1) / s^2
  double tail = polynomial(square, 0x1.555555562898cp-2, 0x1.9999968a64e7ap-3, 0x1.24941ffed6f9ep-3,
                           0x1.c6261c995e191p-4, 0x1.9162122aad7d0p-4);
  return exponent * 0x1.62e42fefa39efp-1 + 2 * (ratio * square * tail + ratio);
}

// ---- Of both: what keeps its digits in a product where it is subnormal itself. Below `vanishing` exp(x) x is 0.

template <class T> inline constexpr T vanishing = sizeof(T) == 8 ? T(-760) : T(-110);

// factor / (1 + exp(-(high + low))). exp(-x) = 2^n (1 + tail) is added to 1 so that only the larger of 1 and 2^n is
// rounded in full; where 2^n would overflow, a part of it divides the result.
template <class T>
ST_INLINE T m_logistic(T factor, T high, T low = T(-0.0)) {
  auto e = exponential(-at_least(at_most(high, T(87)), vanishing<T>), -low);
  constexpr int64_t most = sizeof(T) == 8 ? 1022 : 126;
  auto taken = signed_of(e.exponent) > most ? decltype(e.exponent)(most) : e.exponent;
  T power = power_of_two(taken), large = at_least(power, T(1)), small = at_most(power, T(1));
  T result = factor / (large + (power * e.tail + small)) * power_of_two(taken - e.exponent);
  return high < vanishing<T> ? factor * 0 : result;
}

// The type in which an exponential's argument keeps the digits that count.
ST_INLINE double m_wide(float x) { return x; }
ST_INLINE double m_wide(double x) { return x; }
ST_INLINE float m_logistic(float factor, double x) {
  double limited = at_least(at_most(x, 128.0), -128.0);
  float high = float(limited);
  return m_logistic(factor, high, float(limited - double(high)));
}

// ---- float64: exponentials and what is made of them.

ST_INLINE double m_exp(double x) { return assembled(exponential(at_least(at_most(x, 710.0), -746.0))); }
ST_INLINE double m_wide_exp(double x) { return m_exp(x); }
ST_INLINE double m_wide_exp(float x) {
  double result = exp_double(at_least(at_most(double(x), 700.0), -700.0));
  return x < vanishing<float> ? 0 : result;
}

ST_INLINE double m_expm1(double x) {
  auto e = exponential(at_least(at_most(x, 710.0), -50.0));
  // Half of 2^n does not overflow.
  double half = power_of_two(e.exponent - 1);
  double result = 2 * (half * e.tail + (half - 0.5));
  return m_abs(x) < 0x1p-60 ? x : result;
}

// Half of exp(|x|), which does not overflow where the hyperbolic functions do not.
ST_INLINE double half_exp(Exponential<double, uint64_t> e) {
  return assembled(Exponential<double, uint64_t>{e.tail, e.exponent - 1});
}
ST_INLINE double m_cosh(double x) {
  double half = half_exp(exponential(at_most(m_abs(x), 711.0)));
  return half + 0.25 / half;
}
ST_INLINE double m_sinh(double x) {
  double size = m_abs(x);
  auto e = exponential(at_most(size, 711.0));
  double half = half_exp(e), large = half - 0.25 / half;
  // By exp(x) - 1, which keeps its digits where it is small.
  double power = power_of_two(e.exponent), less = power * e.tail + (power - 1);
  double small = 0.5 * (less + less / (less + 1));
  return m_copysign(size < 0x1p-30 ? size : size < 1 ? small : large, x);
}

ST_INLINE double m_tanh(double x) {
  auto e = exponential(at_most(2 * m_abs(x), 50.0));
  double power = power_of_two(e.exponent), less = power * e.tail + (power - 1);  // exp(2|x|) - 1
  double result = m_copysign(less / (less + 2), x);
  return m_abs(x) < 0x1p-30 ? x : result;
}

ST_INLINE double m_exp2(double x) {
  constexpr double rounder = 0x1.8p52;
  double limited = at_least(at_most(x, 1025.0), -1080.0);
  double shifted = limited + rounder;
  double rest = limited - (shifted - rounder);
  // (2^r - 1) / r
  double tail = rest * polynomial(rest, 0x1.62e42fefa39efp-1, 0x1.ebfbdff82c598p-3, 0x1.c6b08d704a08ep-5,
                                  0x1.3b2ab6fba1e40p-7, 0x1.5d87fe78b20f4p-10, 0x1.4309130958e8cp-13,
                                  0x1.ffcbfc1eaf189p-17, 0x1.62bfd4b4969c2p-20, 0x1.b525a07ba91dfp-24,
                                  0x1.e605d2cf650eap-28, 0x1.e8cada11450d9p-32);
  return assembled(Exponential<double, uint64_t>{tail, bits_as<uint64_t>(shifted) - bits_as<uint64_t>(rounder)});
}

// log(x) = exponent log(2) + (f - (half - low)), from log(1 + f) = 2 atanh(s), s = f / (2 + f): that loses nothing.
struct Logarithm {
  double exponent, f, half, low;
};
// For 2^exponent (1 + f). `half` is f^2/2.
ST_INLINE Logarithm logarithm(double exponent, double f) {
  double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
  // (2 atanh(s) - 2s) / s^3
  double tail = z * polynomial(z, 0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd86cp-2,
                               0x1.c71c62d5e53e0p-3, 0x1.7462b91b8df65p-3, 0x1.39fdcceb4bb45p-3, 0x1.2b5f68a50d903p-3);
  return {exponent, f, half, s * (half + tail)};
}
// For x > 0, 1 + f within the roots of 1/2 and 2.
ST_INLINE Logarithm logarithm(double x) {
  constexpr uint64_t root_half = 0x3fe6a09e667f3bcdu;
  bool subnormal = x < 0x1p-1022;
  uint64_t bits = bits_as<uint64_t>(subnormal ? x * 0x1p54 : x) - root_half;
  uint64_t biased = (bits + (uint64_t(1023) << 52)) >> 52;
  double exponent = bits_as<double>(biased | 0x4330000000000000u) - 0x1.00000000003ffp52 - (subnormal ? 54.0 : 0.0);
  return logarithm(exponent, bits_as<double>((bits & 0xfffffffffffffu) + root_half) - 1);
}
ST_INLINE double natural(Logarithm l) {
  return l.exponent * 0x1.62e42fefp-1 + (l.f - (l.half - (l.low + l.exponent * 0x1.473de6af278edp-34)));
}
// In another base: factors are 1 / log(base), and log(2) / log(base), in two parts, of which the first have few bits.
ST_INLINE double rebased(Logarithm l, double high, double low, double two_high, double two_low) {
  double first = bits_as<double>(bits_as<uint64_t>(l.f - l.half) & 0xffffffff00000000u);
  double rest = ((l.f - first) - l.half) + l.low;
  double product = first * high, whole = l.exponent * two_high, sum = whole + product;
  return sum + (((whole - sum) + product) + (l.exponent * two_low + (first + rest) * low + rest * high));
}
// Selects what lies outside the domain.
ST_INLINE double in_domain(double x, double result) {
  double outside = x == 0 ? -double(infinity) : double(nan_value);
  return x > 0 ? (x < double(infinity) ? result : x) : outside;
}
ST_INLINE double m_log(double x) { return in_domain(x, natural(logarithm(x))); }
ST_INLINE double m_log2(double x) {
  return in_domain(x, rebased(logarithm(x), 0x1.7154765200000p+0, 0x1.705fc2eefa200p-33, 1, 0));
}
ST_INLINE double m_log10(double x) {
  return in_domain(x, rebased(logarithm(x), 0x1.bcb7b15200000p-2, 0x1.b9438ca9aadd5p-36, 0x1.34413509f6000p-2,
                              0x1.9fef311f12b36p-42));
}
ST_INLINE double m_log1p(double x) {
  double sum = 1 + x;
  Logarithm l = logarithm(sum);
  // What the sum lost, where it is not taken from x itself.
  double lost = x < 1 ? x - (sum - 1) : 1 - (sum - x);
  bool near = l.exponent == 0;
  l = logarithm(l.exponent, near ? x : l.f);
  l.low = l.low + (near ? 0.0 : lost / sum);
  double result = natural(l);
  return x == 0 ? x : in_domain(sum, result);
}

// ---- Trigonometry, in doubles for float32 too.

struct Angle {
  double sine, cosine;  // of the angle less its nearest multiple of pi/2
  uint64_t quarter;     // the multiple, modulo 4 in its low bits
};

ST_INLINE double sine_of(const Angle &a) {
  double value = a.quarter & 1 ? a.cosine : a.sine;
  return a.quarter & 2 ? -value : value;
}
ST_INLINE double cosine_of(const Angle &a) {
  double value = a.quarter & 1 ? -a.sine : a.cosine;
  return a.quarter & 2 ? -value : value;
}

// ---- float64: trigonometry. The reduction holds up to `largest_wide_angle`, beyond which the caller takes libm's.

inline constexpr double largest_wide_angle = 1e6;

ST_INLINE Angle reduced(double x) {
  constexpr double rounder = 0x1.8p52;
  double shifted = x * 0x1.45f306dc9c883p-1 + rounder;
  double whole = shifted - rounder;
  // pi/2 in parts of 33 bits, so that products are exact; what differences lose is kept.
  double second = whole * 0x1.0b4611a600000p-34, third = whole * 0x1.3198a2e000000p-69;
  double r0 = x - whole * 0x1.921fb54400000p+0, r1 = r0 - second, r = r1 - third;
  double low = (((r0 - r1) - second) + ((r1 - r) - third)) - whole * 0x1.b839a252049c1p-104;
  double z = r * r, half = 0.5 * z, near = 1 - half;
  double sine = z * polynomial(z, -0x1.5555555555555p-3, 0x1.1111111110b9ep-7, -0x1.a01a019e7f41ep-13,
                               0x1.71de379147907p-19, -0x1.ae6005e6c00f4p-26, 0x1.5e095e34f8a56p-33);
  double cosine = z * z * polynomial(z, 0x1.5555555555555p-5, -0x1.6c16c16c1695fp-10, 0x1.a01a019f4cf8bp-16,
                                     -0x1.27e4fa15c673bp-22, 0x1.1eeb66de2886ep-29, -0x1.907c3c574ce23p-37);
  double left = ((1 - near) - half) + (cosine - r * low);
  return {r + (r * sine + low * near), near + left, bits_as<uint64_t>(shifted)};
}

ST_INLINE double m_sin(double x) {
  double result = sine_of(reduced(x));
  return x == 0 ? x : result;
}
ST_INLINE double m_cos(double x) { return cosine_of(reduced(x)); }
// The C library's, whose bits Cauchy variates have.
ST_INLINE double m_tan(double x) { return __builtin_tan(x); }

// ---- float64: the normal distribution and the error function.

// exp(-factor size^2), factor a power of two. The square is taken in two parts, so that large ones lose nothing.
ST_INLINE double exp_of_square(double size, double factor) {
  double high = bits_as<double>(bits_as<uint64_t>(size) & 0xfffffffff8000000u);
  double low = size - high;
  return assembled(exponential(-factor * (high * high), -factor * (low * (size + high))));
}

// The normal distribution's density times sqrt(2 pi): exp(-x^2/2).
ST_INLINE double m_gaussian(double x) { return exp_of_square(at_most(m_abs(x), 38.7), 0.5); }

// P(X > size) / exp(-size^2/2), X standard normal, size from 0 to 39.
ST_INLINE double normal_ratio(double size) {
  double inverse = 1 / (size + 4);
  // Times size + 4, so that no digits cancel.
  return inverse * polynomial((size - 4) * inverse, 0x1.82b4bb8c94dcep-1, -0x1.373e3a893c28ap-1,
                              0x1.8c6dbf2cfc308p-2, -0x1.7dff2bff68487p-3, 0x1.eec4cc3e442aap-5, -0x1.ee2761043b008p-8,
                              -0x1.c81719c949443p-9, 0x1.ab825fb115b9dp-10, 0x1.17a4a5ef886fap-13,
                              -0x1.e4a421d220166p-13, -0x1.0010f9a4e319bp-19, 0x1.26d0658cc8e99p-15,
                              0x1.7fd8ee13f8017p-21, -0x1.8d493964def5bp-18, -0x1.4fa9c6062362ep-21,
                              0x1.124f2b0271ee3p-20, 0x1.1ba0d039fe47ap-22, -0x1.50584adf1c0edp-23,
                              -0x1.4ba01bfd3b727p-24, 0x1.1470a8a30b384p-26, 0x1.f684e8298f988p-27,
                              -0x1.7c0159d4155cap-32, -0x1.49b869e4e58a9p-30);
}

// erf(x) for |x| <= 1.
ST_INLINE double near_erf(double x) {
  // erf(x)/x - 1
  double ratio = polynomial(x * x, 0x1.06eba8214db68p-3, -0x1.812746b0379c2p-2, 0x1.ce2f21a041017p-4,
                            -0x1.b82ce3120629bp-6, 0x1.565bccfa9a3dap-8, -0x1.c02db072eaa84p-11,
                            0x1.f9a2bf7331f75p-14, -0x1.f4ca948fb0764p-17, 0x1.b9827ad02568ap-20,
                            -0x1.5c16e1c58f723p-23, 0x1.d7848d3cf39dap-27, -0x1.acdfee01690c3p-31);
  return x * ratio + x;
}

ST_INLINE double m_normal_cdf(double x) {
  double size = m_abs(x), tail = m_gaussian(x) * normal_ratio(at_most(size, 39.0));
  double near = 0.5 + 0.5 * near_erf(x * 0.70710678118654752440);
  return size < 0.5 ? near : x < 0 ? tail : 1 - tail;
}

// erfc(size), size from 0.
ST_INLINE double far_erfc(double size) {
  double limited = at_most(size, 27.5);
  return 2 * exp_of_square(limited, 1) * normal_ratio(limited * 1.41421356237309504880);
}
ST_INLINE double m_erfc(double x) {
  double size = m_abs(x), tail = far_erfc(size);
  return size < 0.5 ? 1 - near_erf(x) : x < 0 ? 2 - tail : tail;
}
ST_INLINE double m_erf(double x) {
  double size = m_abs(x);
  return size < 1 ? near_erf(x) : m_copysign(1 - far_erfc(size), x);
}

// ---- float32: exponentials and logarithms.

ST_INLINE float m_exp(float x) { return assembled(exponential(at_least(at_most(x, 89), -104))); }

// For sums of exponentials of x <= 0: results below 2^-126 become 0.
ST_INLINE float m_exp_nonpositive(float x) {
  float result = assembled_normal(exponential(x));
  return x < -87.3365f ? 0 : result;
}
ST_INLINE double m_exp_nonpositive(double x) { return __builtin_exp(x); }

ST_INLINE float m_exp2(float x) {
  constexpr float rounder = 0x1.8p23f;
  float limited = at_least(at_most(x, 129), -151);
  float shifted = limited + rounder;
  float rest = limited - (shifted - rounder);
  // (2^r - 1) / r
  float tail = rest * polynomial(rest, 0x1.62e430p-1f, 0x1.ebfbe0p-3f, 0x1.c6aeccp-5f, 0x1.3b29a8p-7f, 0x1.5f497ap-10f,
                                 0x1.449170p-13f);
  return assembled(Exponential<float, uint32_t>{tail, bits_as<uint32_t>(shifted) - bits_as<uint32_t>(rounder)});
}

ST_INLINE float m_expm1(float x) {
  auto e = exponential(at_least(at_most(x, 89), -25));
  // Half of 2^n does not overflow.
  float half = power_of_two(e.exponent - 1);
  float result = 2 * (half * e.tail + (half - 0.5f));
  return m_abs(x) < 0x1p-30f ? x : result;
}

ST_INLINE float m_log(float x) {
  constexpr uint32_t root_half = 0x3f3504f3u;
  bool subnormal = x < 0x1p-126f;
  uint32_t bits = bits_as<uint32_t>(subnormal ? x * 0x1p23f : x) - root_half;
  float exponent = float(int32_t(bits) >> 23) - (subnormal ? 23.0f : 0.0f);
  float f = bits_as<float>((bits & 0x7fffffu) + root_half) - 1;
  // (log(1 + f) - f + f^2/2) / f^3
  float cubic = polynomial(f, 0x1.555546p-2f, -0x1.000006p-2f, 0x1.99a4f6p-3f, -0x1.555cccp-3f, 0x1.23322ep-3f,
                           -0x1.fc07c2p-4f, 0x1.e72868p-4f, -0x1.deffdcp-4f, 0x1.14ca3ap-4f);
  float square = f * f;
  float rest = square * f * cubic + exponent * -0x1.bd0106p-13f;
  rest = rest - 0.5f * square;
  float result = exponent * 0x1.63p-1f + (f + rest);
  float outside = x == 0 ? -infinity : nan_value;
  return x > 0 ? (x < infinity ? result : x) : outside;
}

// The logarithm of float x in double; selects what lies outside the domain.
ST_INLINE double log_of_float(float x) {
  double result = log_double(double(x));
  double outside = x == 0 ? -infinity : nan_value;
  return x > 0 ? (x < infinity ? result : double(x)) : outside;
}
ST_INLINE float m_log2(float x) { return float(log_of_float(x) * 0x1.71547652b82fep0); }
ST_INLINE float m_log10(float x) { return float(log_of_float(x) * 0x1.bcb7b1526e50ep-2); }

ST_INLINE float m_log1p(float x) {
  double sum = 1.0 + double(x);
  // What the sum lost; it can lose only where it is nearly 1.
  double lost = x < 0.5f ? double(x) - (sum - 1.0) : 0.0;
  double result = log_double(sum) + lost;
  float outside = x == -1 ? -infinity : nan_value;
  float inside = x < infinity ? float(result) : x;
  inside = x == 0 ? x : inside;
  return x > -1 ? inside : outside;
}

// Double arithmetic inside: as exact as libm's.
ST_INLINE float m_pow(float x, float y) {
  float size = m_abs(x);
  double exponent = at_least(at_most(double(y) * log_double(double(size)), 90.0), -110.0);
  float result = float(exp_double(exponent));
  result = size == 0 || size == infinity ? ((size == 0) == (y < 0) ? infinity : 0.0f) : result;
  bool whole = m_round_even(y) == y;  // infinities too
  bool odd = whole && m_abs(y) < 0x1p24f && m_round_even(0.5f * y) != 0.5f * y;
  bool negative = int32_t(bits_as<uint32_t>(x)) < 0;
  result = negative && odd ? -result : result;
  result = x < 0 && x > -infinity && !whole ? nan_value : result;
  result = x != x || y != y ? nan_value : result;
  result = x == -1 && m_abs(y) == infinity ? 1.0f : result;
  return y == 0 || x == 1 ? 1.0f : result;
}

// ---- float32: remainders, where y is finite and not 0 and |x| < 2^28 |y|; elsewhere the caller takes libm's.

ST_INLINE bool divides_in_reach(float x, float y) { return m_abs(x) < m_abs(y) * 0x1p28f && m_abs(y) < infinity; }

ST_INLINE float m_fmod(float x, float y) {
  double a = m_abs(double(x)), b = m_abs(double(y));
  // The quotient is rounded: it may be one too large. The product and the difference are exact.
  double rest = a - m_trunc(a / b) * b;
  return m_copysign(float(rest < 0 ? rest + b : rest), x);
}

// ---- float32: trigonometry. Double arithmetic inside; the reduction holds up to `largest_angle`, beyond which the
// caller takes libm's function.

inline constexpr float largest_angle = 1e7f;

ST_INLINE Angle reduced(float x) {
  constexpr double rounder = 0x1.8p52;
  double shifted = double(x) * 0x1.45f306dc9c883p-1 + rounder;
  double whole = shifted - rounder;
  // 25 bits of pi/2, so that the product is exact, and the rest.
  double r = double(x) - whole * 0x1.921fb50000000p0;
  r = r - whole * 0x1.110b4611a6263p-26;
  double z = r * r;
  double sine = polynomial(z, -0x1.5555554ca91f9p-3, 0x1.11110889e808cp-7, -0x1.a00f938d518f0p-13,
                           0x1.6cd5e999b62edp-19);
  double cosine = polynomial(z, 0x1.5555554f428ecp-5, -0x1.6c16b88bf19e0p-10, 0x1.a011178c0f6c5p-16,
                             -0x1.242908f992dccp-22);
  return {r * (z * sine) + r, z * z * cosine + (1 - 0.5 * z), bits_as<uint64_t>(shifted)};
}

ST_INLINE float m_sin(float x) {
  float result = float(sine_of(reduced(x)));
  return x == 0 ? x : result;
}

ST_INLINE float m_cos(float x) { return float(cosine_of(reduced(x))); }

ST_INLINE float m_tan(float x) {
  Angle a = reduced(x);
  bool swapped = a.quarter & 1;
  float result = float((swapped ? -a.cosine : a.sine) / (swapped ? a.sine : a.cosine));
  return x == 0 ? x : result;
}

ST_INLINE float m_atan2(float y, float x) {
  double height = m_abs(double(y)), width = m_abs(double(x));
  bool steep = height > width;
  double large = steep ? height : width, small = steep ? width : height;
  bool unbounded = small == double(infinity);
  large = unbounded || large == 0 ? 1.0 : large;
  small = unbounded ? 1.0 : small;
  // Beyond tan(pi/8), the angle from the diagonal.
  bool turned = small > 0.41421356237309503 * large;
  double t = (turned ? small - large : small) / (turned ? small + large : large);
  double z = t * t;
  double tail = polynomial(z, -0x1.5555554ef54ecp-2, 0x1.9999920e61415p-3, -0x1.2490c588b5689p-3, 0x1.c6d23c9ecc8c1p-4,
                           -0x1.7085484ef8989p-4, 0x1.1e6674a71a3f6p-4, -0x1.36cc9190f5beep-5);
  double angle = t * (z * tail) + t;
  angle = turned ? angle + 0.78539816339744830962 : angle;
  angle = steep ? 1.57079632679489661923 - angle : angle;
  angle = int32_t(bits_as<uint32_t>(x)) < 0 ? 3.14159265358979323846 - angle : angle;
  float result = m_copysign(float(angle), y);
  return x != x || y != y ? nan_value : result;
}

ST_INLINE float m_atan(float x) { return m_atan2(x, 1.0f); }

// asin(s) for s^2 = z <= 1/4.
ST_INLINE double arcsine(double s, double z) {
  double tail = polynomial(z, 0x1.555555475a473p-3, 0x1.333340f5b939bp-4, 0x1.6db23dc635b34p-5, 0x1.f285c61dc0c3bp-6,
                           0x1.661dfac265327p-6, 0x1.52ec33cade9c3p-6, 0x1.ebdcc46bb1e6cp-10, 0x1.0e7e05ddd92d8p-5);
  return s * (z * tail) + s;
}

ST_INLINE float m_asin(float x) {
  double size = m_abs(double(x));
  bool large = size > 0.5;
  double z = large ? 0.5 - 0.5 * size : size * size;
  double angle = arcsine(large ? m_sqrt(z) : size, z);
  return m_copysign(float(large ? 1.57079632679489661923 - 2 * angle : angle), x);
}

ST_INLINE float m_acos(float x) {
  double size = m_abs(double(x));
  bool large = size > 0.5;
  double z = large ? 0.5 - 0.5 * size : size * size;
  double angle = arcsine(large ? m_sqrt(z) : size, z);
  double acute = large ? 2 * angle : 1.57079632679489661923 - angle;
  return float(x < 0 ? 3.14159265358979323846 - acute : acute);
}

ST_INLINE float m_sinh(float x) {
  double value = x, size = m_abs(value);
  double power = exp_double(at_most(size, 90.0));
  double z = size > 1 ? 0.0 : value * value;
  double small = value * (z * polynomial(z, 0x1.555555557a8a9p-3, 0x1.111110f07569cp-7, 0x1.a01a26bc7a6c7p-13,
                                         0x1.71cbce5ff8011p-19, 0x1.b6ae8919621dbp-26)) + value;
  return m_copysign(float(size > 1 ? 0.5 * (power - 1 / power) : small), x);
}

// log(1 + t) for t >= 0, of t's precision, to be rounded to float.
ST_INLINE double log1p_double(double t) {
  double sum = 1 + t;
  return log_double(sum) + (t - (sum - 1)) / sum;
}

ST_INLINE float m_asinh(float x) {
  double size = m_abs(double(x));
  // The large ones, whose square plus one may be anything, are taken as 2^128 at most.
  double z = at_most(size, 0x1p128);
  double result = log1p_double(z + z * z / (1 + m_sqrt(z * z + 1)));
  float rounded = size < 0x1p-20 ? float(size) : float(result);
  return m_copysign(size < double(infinity) ? rounded : float(size), x);
}

ST_INLINE float m_acosh(float x) {
  double t = at_most(double(x), 0x1p128) - 1;
  double result = log1p_double(t + m_sqrt(t * (t + 2)));
  float inside = x < infinity ? float(result) : x;
  return x >= 1 ? inside : nan_value;
}

ST_INLINE float m_atanh(float x) {
  double size = m_abs(double(x));
  double inner = at_most(size, 0.999999999);
  double result = 0.5 * log1p_double(2 * inner / (1 - inner));
  float rounded = size < 0x1p-20 ? float(size) : float(result);
  rounded = size == 1 ? infinity : rounded;
  return size <= 1 ? m_copysign(rounded, x) : nan_value;
}

// The square root of the squares' sum: no square of a float overflows a double.
ST_INLINE float m_hypot(float x, float y) {
  double a = x, b = y;
  float result = float(m_sqrt(a * a + b * b));
  return m_abs(x) == infinity || m_abs(y) == infinity ? infinity : result;
}

ST_INLINE float m_cosh(float x) {
  double power = exp_double(at_most(m_abs(double(x)), 90.0));
  return float(0.5 * (power + 1 / power));
}

// ---- float32: activations.

ST_INLINE float m_tanh(float x) {
  float size = m_abs(x);
  float z = x * x;
  // (tanh(x)/x - 1) / x^2
  float tail =
      polynomial(z, -0x1.555532p-2f, 0x1.110706p-3f, -0x1.b837f0p-5f, 0x1.52087ap-6f, -0x1.7555b2p-8f);
  float small = x * (z * tail) + x;
  float large = 1 - 2 / (assembled_normal(exponential(at_most(2 * size, 40))) + 1);
  return m_copysign(size < 0.625f ? small : large, x);
}

ST_INLINE float m_erf(float x) {
  float size = m_abs(x);
  float z = x * x;
  // erf(x)/x - 1
  float tail = polynomial(z, 0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2cdcp-4f, -0x1.b7f722p-6f, 0x1.53f58ep-8f,
                          -0x1.a37af2p-11f, 0x1.4806ccp-14f);
  float small = x * tail + x;
  float t = at_most(size, 4);
  // log(erfc(t))
  float exponent = polynomial(t, 0x1.8a4cccp-13f, -0x1.212c0cp0f, -0x1.44356cp-1f, -0x1.bc14e6p-4f, 0x1.9d028cp-6f,
                              -0x1.138c10p-8f, 0x1.cec3e4p-12f, -0x1.6bd51cp-16f);
  float large = 1 - assembled_normal(exponential(at_least(exponent, -20)));
  return size < 1 ? small : m_copysign(large, x);
}

// P(X > x), X standard normal, for x >= 0, to be rounded to float.
ST_INLINE double normal_tail(double x) {
  double size = at_most(x, 37.0);
  double u = (size - 4) / (size + 4);
  // Tail / exp(-x^2/2).
  double ratio = polynomial(u, 0x1.82b4bb8cf9cecp-4, -0x1.5cf97b1a8579ap-3, 0x1.fd751a18a7b83p-4,
                            -0x1.25b6a4fa6cccbp-4, 0x1.f9b05c28c7d4ep-6, -0x1.164720800b099p-7, 0x1.0a1863c05c8c0p-11,
                            0x1.4fb26f78957cfp-11, -0x1.872e89f8baa8ap-13, -0x1.9cb07dc667730p-15,
                            0x1.ae195f9485e5bp-16, 0x1.0305d3f888a84p-17);
  // exp(-x^2/2), as a power of two.
  constexpr double rounder = 0x1.8p52;
  double scaled = size * size * -0.72134752044448170368, shifted = scaled + rounder;
  double power = polynomial(scaled - (shifted - rounder), 0x1.0000000261972p+0, 0x1.62e430c7e9750p-1,
                            0x1.ebfbdadc3506cp-3, 0x1.c6aed4b8f1c3dp-5, 0x1.3b2dbc0878559p-7, 0x1.5f456adfc9921p-10,
                            0x1.41d309a2ef42bp-13);
  double tail = ratio * power * bits_as<double>((bits_as<uint64_t>(shifted) + 1023) << 52);
  return x >= 37 ? 0 : tail;
}

ST_INLINE float m_erfc(float x) {
  double tail = 2 * normal_tail(m_abs(double(x)) * 1.41421356237309504880);
  return float(x < 0 ? 2 - tail : tail);
}

// The normal distribution function, of which a float's product keeps its digits.
ST_INLINE double m_wide_normal_cdf(float x) {
  double tail = normal_tail(m_abs(double(x)));
  return x < 0 ? tail : 1 - tail;
}
ST_INLINE double m_wide_normal_cdf(double x) { return m_normal_cdf(x); }

// exp(-x^2/2): the square is taken in two parts, so that large x lose nothing.
ST_INLINE float m_gaussian(float x) {
  float size = at_most(m_abs(x), 14.422f);
  float high = bits_as<float>(bits_as<uint32_t>(size) & 0xfffff000u);
  float low = size - high;
  return assembled(exponential(-0.5f * (high * high), -0.5f * (low * (size + high))));
}

ST_INLINE float m_normal_cdf(float x) {
  float size = at_most(m_abs(x), 14.5f);
  float u = (size - 3) / (size + 3);
  // Upper tail / exp(-x^2/2).
  float ratio = polynomial(u, 0x1.f1b89cp-4f, -0x1.a6b66ap-3f, 0x1.f8bad2p-4f, -0x1.7a943cp-5f, 0x1.91dce8p-8f,
                           0x1.7caf0cp-9f, -0x1.01c33cp-10f, -0x1.637abcp-12f, 0x1.e26572p-14f, 0x1.bdf214p-15f);
  float tail = m_gaussian(x) * ratio;
  return x < 0 ? tail : 1 - tail;
}

}  // namespace st

#pragma STDC FP_CONTRACT DEFAULT

#endif
