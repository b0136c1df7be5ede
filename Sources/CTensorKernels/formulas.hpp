// The scalar function of each operation named in st_formulas.h, once, for every element type it exists for. The CPU's
// kernels compile these; other backends embed this file's text. It includes nothing: the surroundings define ST_INLINE
// and, in namespace st, the m_ functions (m_exp, m_sqrt, m_fma ...) for float and double. 16-bit floats are computed in
// float and rounded once by the caller.
//
// Meaning at the edges is PyTorch's: minimum, maximum and clamp keep NaN; remainder has the divisor's sign; integers
// wrap. A function takes its operation's parameters after its operands. An operation has no function for types it
// refuses.
#ifndef CTENSORKERNELS_FORMULAS_HPP
#define CTENSORKERNELS_FORMULAS_HPP

// Every rounding below is PyTorch's: no product fuses with a sum unless m_fma says so.
#pragma STDC FP_CONTRACT OFF

namespace st::formulas {

// ---- Types.

template <class T> struct Kind {
  static constexpr bool integer = true, real = false, boolean = false;
};
template <> struct Kind<bool> {
  static constexpr bool integer = false, real = false, boolean = true;
};
template <> struct Kind<float> {
  static constexpr bool integer = false, real = true, boolean = false;
};
template <> struct Kind<double> : Kind<float> {};

template <class T> concept Real = Kind<T>::real;
template <class T> concept Integer = Kind<T>::integer;
template <class T> concept Boolean = Kind<T>::boolean;
template <class T> concept Number = Real<T> || Integer<T>;
template <class T> concept Any = Number<T> || Boolean<T>;

// Wraps: unsigned arithmetic of at least the type's width.
template <class T> struct Unsigned { using type = unsigned; };
template <class T> requires(sizeof(T) == 8) struct Unsigned<T> { using type = unsigned long long; };
template <class T> using Wrapping = typename Unsigned<T>::type;

// ---- Arithmetic.

template <Real T> ST_INLINE T add(T a, T b) { return a + b; }
template <Integer T> ST_INLINE T add(T a, T b) { return T(Wrapping<T>(a) + Wrapping<T>(b)); }
template <Boolean T> ST_INLINE T add(T a, T b) { return a | b; }

template <Real T> ST_INLINE T subtract(T a, T b) { return a - b; }
template <Integer T> ST_INLINE T subtract(T a, T b) { return T(Wrapping<T>(a) - Wrapping<T>(b)); }

template <Real T> ST_INLINE T multiply(T a, T b) { return a * b; }
template <Integer T> ST_INLINE T multiply(T a, T b) { return T(Wrapping<T>(a) * Wrapping<T>(b)); }
template <Boolean T> ST_INLINE T multiply(T a, T b) { return a & b; }

template <Real T> ST_INLINE T negative(T x) { return -x; }
template <Integer T> ST_INLINE T negative(T x) { return T(Wrapping<T>(0) - Wrapping<T>(x)); }

template <Real T> ST_INLINE T abs(T x) { return m_abs(x); }
template <Integer T> ST_INLINE T abs(T x) { return x < 0 ? negative(x) : x; }

template <Real T> ST_INLINE T sign(T x) { return T(T(0) < x) - T(x < T(0)); }
template <Integer T> ST_INLINE T sign(T x) { return T(int(T(0) < x) - int(x < T(0))); }
template <Boolean T> ST_INLINE T sign(T x) { return x; }

template <Number T> ST_INLINE T square(T x) { return multiply(x, x); }
template <Real T> ST_INLINE T reciprocal(T x) { return T(1) / x; }
template <Real T> ST_INLINE T sqrt(T x) { return m_sqrt(x); }
template <Real T> ST_INLINE T rsqrt(T x) { return T(1) / m_sqrt(x); }

// ---- Division. Integers: the divisor is not zero (the caller has looked).

template <Real T> ST_INLINE T divide(T a, T b) { return a / b; }
// Truncates. The smallest integer over -1 wraps.
template <Integer T> ST_INLINE bool is_minus_one(T x) { return x < T(0) && x == T(-1); }
template <Integer T> ST_INLINE T divide(T a, T b) { return is_minus_one(b) ? negative(a) : T(a / b); }

template <Real T> ST_INLINE T fmod(T a, T b) { return m_fmod(a, b); }
template <Integer T> ST_INLINE T fmod(T a, T b) { return is_minus_one(b) ? T(0) : T(a % b); }

// The remainder by b whose sign is b's, of the one whose sign is the dividend's.
template <Number T> ST_INLINE T floored_rest(T rest, T b) {
  return rest != T(0) && (rest < T(0)) != (b < T(0)) ? T(rest + b) : rest;
}
template <Number T> ST_INLINE T remainder(T a, T b) { return floored_rest(fmod(a, b), b); }

template <Integer T> ST_INLINE T floor_divide(T a, T b) {
  T quotient = divide(a, b);
  T rest = fmod(a, b);
  return rest != T(0) && (rest < T(0)) != (b < T(0)) ? T(quotient - T(1)) : quotient;
}
template <Real T> ST_INLINE T floored_quotient(T a, T b, T rest) {
  T quotient = (a - rest) / b;
  quotient = rest != T(0) && (rest < T(0)) != (b < T(0)) ? quotient - T(1) : quotient;
  T whole = m_floor(quotient);
  whole = quotient - whole > T(0.5) ? whole + T(1) : whole;
  whole = quotient == T(0) ? m_copysign(T(0), a / b) : whole;
  return b == T(0) ? a / b : whole;
}
template <Real T> ST_INLINE T floor_divide(T a, T b) { return floored_quotient(a, b, m_fmod(a, b)); }

template <Real T> ST_INLINE T trunc_divide(T a, T b) { return m_trunc(a / b); }
template <Integer T> ST_INLINE T trunc_divide(T a, T b) { return divide(a, b); }

template <Integer T> ST_INLINE T gcd(T a, T b) {
  Wrapping<T> x = Wrapping<T>(abs(a)), y = Wrapping<T>(abs(b));
  while (y != 0) {
    Wrapping<T> rest = x % y;
    x = y;
    y = rest;
  }
  return T(x);
}
template <Integer T> ST_INLINE T lcm(T a, T b) {
  T divisor = gcd(a, b);
  return divisor == T(0) ? T(0) : T(abs(decltype(+a)(multiply(decltype(+a)(divide(a, divisor)), decltype(+a)(b)))));
}

// ---- Powers. A negative power of an integer is 0, but for bases 1 and -1.

template <Real T> ST_INLINE T power(T a, T b) { return m_pow(a, b); }
template <Integer T> ST_INLINE T power(T a, T b) {
  if (b < T(0)) {
    bool odd = b & T(1);
    return a == T(1) ? T(1) : a == T(-1) ? (odd ? T(-1) : T(1)) : T(0);
  }
  Wrapping<T> base = Wrapping<T>(a), result = 1;
  for (Wrapping<T> exponent = Wrapping<T>(b); exponent != 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return T(result);
}

template <Real T> ST_INLINE T exp(T x) { return m_exp(x); }
template <Real T> ST_INLINE T exp2(T x) { return m_exp2(x); }
template <Real T> ST_INLINE T expm1(T x) { return m_expm1(x); }
template <Real T> ST_INLINE T log(T x) { return m_log(x); }
template <Real T> ST_INLINE T log2(T x) { return m_log2(x); }
template <Real T> ST_INLINE T log10(T x) { return m_log10(x); }
template <Real T> ST_INLINE T log1p(T x) { return m_log1p(x); }

// ---- Trigonometry.

template <Real T> ST_INLINE T sin(T x) { return m_sin(x); }
template <Real T> ST_INLINE T cos(T x) { return m_cos(x); }
template <Real T> ST_INLINE T tan(T x) { return m_tan(x); }
template <Real T> ST_INLINE T asin(T x) { return m_asin(x); }
template <Real T> ST_INLINE T acos(T x) { return m_acos(x); }
template <Real T> ST_INLINE T atan(T x) { return m_atan(x); }
template <Real T> ST_INLINE T atan2(T y, T x) { return m_atan2(y, x); }
template <Real T> ST_INLINE T sinh(T x) { return m_sinh(x); }
template <Real T> ST_INLINE T cosh(T x) { return m_cosh(x); }
template <Real T> ST_INLINE T tanh(T x) { return m_tanh(x); }
template <Real T> ST_INLINE T asinh(T x) { return m_asinh(x); }
template <Real T> ST_INLINE T acosh(T x) { return m_acosh(x); }
template <Real T> ST_INLINE T atanh(T x) { return m_atanh(x); }
template <Real T> ST_INLINE T hypot(T x, T y) { return m_hypot(x, y); }
// sin(pi x) / (pi x); the angle is reduced before it is multiplied.
template <Real T> ST_INLINE T sinc(T x) {
  T rest = x - T(2) * m_round_even(T(0.5) * x);
  return x == T(0) ? T(1) : m_sin(T(3.14159265358979323846) * rest) / (T(3.14159265358979323846) * x);
}

// ---- Special functions: see special.hpp.

template <Real T> ST_INLINE T erf(T x) { return m_erf(x); }
template <Real T> ST_INLINE T erfc(T x) { return m_erfc(x); }
template <Real T> ST_INLINE T lgamma(T x) { return m_lgamma(x); }
template <Real T> ST_INLINE T erfinv(T x) { return special::erfinv(x); }
template <Real T> ST_INLINE T erfcx(T x) { return T(special::erfcx(x)); }
template <Real T> ST_INLINE T ndtr(T x) { return special::normal_cdf(x); }
template <Real T> ST_INLINE T log_ndtr(T x) { return T(special::log_normal_cdf(x)); }
template <Real T> ST_INLINE T ndtri(T x) { return special::normal_quantile(x); }
template <Real T> ST_INLINE T i0(T x) { return T(special::i0(x)); }
template <Real T> ST_INLINE T i0e(T x) { return T(special::i0e(x)); }
template <Real T> ST_INLINE T i1(T x) { return T(special::i1(x)); }
template <Real T> ST_INLINE T i1e(T x) { return T(special::i1e(x)); }
template <Real T> ST_INLINE T digamma(T x) { return T(special::digamma(x)); }
template <Real T> ST_INLINE T polygamma(T x, T order) { return T(special::polygamma(x, order)); }
template <Real T> ST_INLINE T zeta(T s, T q) { return T(special::zeta(s, q)); }
template <Real T> ST_INLINE T igamma(T a, T x) { return T(special::incomplete_gamma(a, x, false)); }
template <Real T> ST_INLINE T igammac(T a, T x) { return T(special::incomplete_gamma(a, x, true)); }

template <Real T> ST_INLINE T entr(T x) {
  T result = x == T(0) ? T(0) : -x * m_log(x);
  return x < T(0) ? -T(__builtin_inff()) : result;
}
// log(x / (1 - x)): log1p of the larger over the smaller less 1, which keeps its digits about 1/2.
template <Real T> ST_INLINE T logit(T x, T eps) {
  T z = eps < T(0) ? x : x < eps ? eps : x > T(1) - eps ? T(1) - eps : x;
  bool low = z < T(0.5);
  T result = m_log1p((low ? T(1) - T(2) * z : T(2) * z - T(1)) / (low ? z + T(0) : T(1) - z));  // z + 0: no -0
  return low ? -result : result;
}
template <Real T> ST_INLINE T xlogy(T a, T b) { return b != b ? b : a == T(0) ? T(0) : a * m_log(b); }
template <Real T> ST_INLINE T xlog1py(T a, T b) { return b != b ? b : a == T(0) ? T(0) : a * m_log1p(b); }

// ---- Rounding.

template <Real T> ST_INLINE T floor(T x) { return m_floor(x); }
template <Real T> ST_INLINE T ceil(T x) { return m_ceil(x); }
template <Real T> ST_INLINE T round(T x) { return m_round_even(x); }
template <Real T> ST_INLINE T trunc(T x) { return m_trunc(x); }
template <Integer T> ST_INLINE T floor(T x) { return x; }
template <Integer T> ST_INLINE T ceil(T x) { return x; }
template <Integer T> ST_INLINE T round(T x) { return x; }
template <Integer T> ST_INLINE T trunc(T x) { return x; }

template <Real T> ST_INLINE T frac(T x) { return x - m_trunc(x); }
template <Real T> ST_INLINE T round_decimals(T x, T power, T divides) {
  return divides != T(0) ? m_round_even(x / power) * power : m_round_even(x * power) / power;
}

// ---- Parts of a floating-point number.

template <Real T> ST_INLINE T copysign(T a, T b) { return m_copysign(a, b); }
template <Real T> ST_INLINE bool signbit(T x) { return m_copysign(T(1), x) < T(0); }
template <Any T> requires(!Real<T>) ST_INLINE bool signbit(T x) { return x < T(0); }

template <class T> struct Bits { using type = unsigned; static constexpr int significand = 23, bias = 126; };
template <> struct Bits<double> { using type = unsigned long long; static constexpr int significand = 52, bias = 1022; };

// The number of the same significand from [1/2, 1), and the power of 2 that makes x of it. 0, infinities and NaN stay.
template <Real T> ST_INLINE T exponent(T x) {
  using B = Bits<T>;
  constexpr T large = sizeof(T) == 8 ? T(0x1p54) : T(0x1p25f);
  bool tiny = m_abs(x) < (sizeof(T) == 8 ? T(0x1p-1022) : T(0x1p-126f));
  T scaled = tiny ? x * large : x;
  int power = int(bits_as<typename B::type>(m_abs(scaled)) >> B::significand) - B::bias;
  power = tiny ? power - (B::significand + 2) : power;
  return x == T(0) || !(m_abs(x) < T(__builtin_inff())) ? T(0) : T(power);
}
template <Real T> ST_INLINE T mantissa(T x) {
  using B = Bits<T>;
  constexpr T large = sizeof(T) == 8 ? T(0x1p54) : T(0x1p25f);
  bool tiny = m_abs(x) < (sizeof(T) == 8 ? T(0x1p-1022) : T(0x1p-126f));
  auto bits = bits_as<typename B::type>(tiny ? x * large : x);
  constexpr typename B::type one = 1, sign = one << (8 * sizeof(T) - 1), significand = (one << B::significand) - 1;
  T result = bits_as<T>((bits & (sign | significand)) | typename B::type(B::bias) << B::significand);
  return x == T(0) || !(m_abs(x) < T(__builtin_inff())) ? x : result;
}

// The next number from a towards b. `dropped` are the low bits that a shorter dtype lacks: 13 of float16, 16 of bfloat16.
template <Real T> ST_INLINE T nextafter(T a, T b, T dropped) {
  using B = typename Bits<T>::type;
  if (a != a || b != b) return a + b;
  if (a == b) return b;
  bool half = dropped == T(13);
  B step = B(1) << int(dropped);
  if (a == T(0)) return m_copysign(half ? T(0x1p-24f) : bits_as<T>(step), b);
  bool grows = (a < b) == (a > T(0));
  T size = m_abs(a), result;
  if (half && size == T(__builtin_inff())) {
    result = T(65504);
  } else if (half && (grows ? size < T(0x1p-14f) : size <= T(0x1p-14f))) {
    result = grows ? size + T(0x1p-24f) : size - T(0x1p-24f);
  } else {
    result = bits_as<T>(grows ? bits_as<B>(size) + step : bits_as<B>(size) - step);
  }
  return m_copysign(result, a);
}

// ---- Bits and truth.

template <Integer T> ST_INLINE T bitwise_not(T x) { return T(~x); }
template <Boolean T> ST_INLINE T bitwise_not(T x) { return !x; }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_and(T a, T b) { return T(a & b); }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_or(T a, T b) { return T(a | b); }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_xor(T a, T b) { return T(a ^ b); }

// A shift by more bits than there are leaves none, or the sign.
template <Integer T> ST_INLINE T shift_left(T a, T b) {
  return b < T(0) || b >= T(8 * sizeof(T)) ? T(0) : T(Wrapping<T>(a) << b);
}
template <Integer T> ST_INLINE T shift_right(T a, T b) {
  return T(a >> (b < T(0) || b >= T(8 * sizeof(T)) ? T(8 * sizeof(T) - (T(-1) < T(0) ? 1 : 0)) : b));
}

template <Any T> ST_INLINE bool logical_not(T x) { return x == T(0); }
template <Any T> ST_INLINE bool logical_and(T a, T b) { return (a != T(0)) & (b != T(0)); }
template <Any T> ST_INLINE bool logical_or(T a, T b) { return (a != T(0)) | (b != T(0)); }
template <Any T> ST_INLINE bool logical_xor(T a, T b) { return (a != T(0)) != (b != T(0)); }

template <Any T> ST_INLINE bool equal(T a, T b) { return a == b; }
template <Any T> ST_INLINE bool not_equal(T a, T b) { return a != b; }
template <Any T> ST_INLINE bool less(T a, T b) { return a < b; }
template <Any T> ST_INLINE bool less_equal(T a, T b) { return a <= b; }
template <Any T> ST_INLINE bool greater(T a, T b) { return a > b; }
template <Any T> ST_INLINE bool greater_equal(T a, T b) { return a >= b; }

template <Real T> ST_INLINE bool is_nan(T x) { return x != x; }
template <Real T> ST_INLINE bool is_inf(T x) { return m_abs(x) == T(__builtin_inff()); }
template <Real T> ST_INLINE bool is_finite(T x) { return m_abs(x) < T(__builtin_inff()); }
template <Any T> requires(!Real<T>) ST_INLINE bool is_nan(T) { return false; }
template <Any T> requires(!Real<T>) ST_INLINE bool is_inf(T) { return false; }
template <Any T> requires(!Real<T>) ST_INLINE bool is_finite(T) { return true; }

// ---- Bounds. The first NaN is the result.

template <Any T> ST_INLINE T minimum(T a, T b) { return a != a || a <= b ? a : b; }
template <Any T> ST_INLINE T maximum(T a, T b) { return a != a || a >= b ? a : b; }

// NaN is left out.
template <Real T> ST_INLINE T fmin(T a, T b) { return a <= b || b != b ? a : b; }
template <Real T> ST_INLINE T fmax(T a, T b) { return a >= b || b != b ? a : b; }

// log(exp(a) + exp(b)) from the larger.
template <Real T> ST_INLINE T log_add_exp(T a, T b) {
  T distance = a == b ? T(0) : m_abs(a - b);
  return maximum(a, b) + m_log1p(m_exp(-distance));
}
template <Real T> ST_INLINE T log_add_exp2(T a, T b) {
  T distance = a == b ? T(0) : m_abs(a - b);
  return maximum(a, b) + m_log1p(m_exp2(-distance)) * T(1.44269504088896340736);
}

// An upper bound below the lower one wins.
template <Number T> ST_INLINE T clamp(T x, T lower, T upper) {
  T raised = x < lower || lower != lower ? lower : x;
  T result = raised > upper || upper != upper ? upper : raised;
  return x != x ? x : result;
}
template <Number T> ST_INLINE T clamp_numbers(T x, T lower, T upper) { return clamp(x, lower, upper); }

// ---- Activations and their derivatives.

template <Number T> ST_INLINE T relu(T x) { return x < T(0) ? T(0) : x; }
template <Number T> ST_INLINE T relu_backward(T gradient, T result) { return result <= T(0) ? T(0) : gradient; }

template <Real T> ST_INLINE T leaky_relu(T x, T slope) { return x > T(0) ? x : x * slope; }
template <Real T> ST_INLINE T leaky_relu_backward(T gradient, T x, T slope) {
  return x > T(0) ? gradient : gradient * slope;
}

template <Real T> ST_INLINE T tanh_backward(T gradient, T result) { return gradient * (T(1) - result * result); }

// 1 / (1 + exp(-x)).
template <Real T> ST_INLINE T sigmoid(T x) { return m_logistic(T(1), x); }
template <Real T> ST_INLINE T sigmoid_backward(T gradient, T result) { return gradient * (T(1) - result) * result; }

template <Real T> ST_INLINE T silu(T x) { return m_logistic(x, x); }
template <Real T> ST_INLINE T silu_backward(T gradient, T x) {
  T s = sigmoid(x);
  return gradient * s * (T(1) + x * (T(1) - s));
}

// log(1 + exp(beta x)) / beta, and x where beta x is above the threshold.
template <Real T> ST_INLINE T softplus(T x, T beta, T threshold) {
  T scaled = x * beta;
  return scaled > threshold ? x : m_log1p(m_exp(scaled)) / beta;
}
template <Real T> ST_INLINE T softplus_backward(T gradient, T x, T beta, T threshold) {
  T scaled = x * beta;
  T power = m_exp(scaled);
  return scaled > threshold ? gradient : gradient * power / (power + T(1));
}

template <Real T> ST_INLINE T log_sigmoid(T x) { return (x < T(0) ? x : T(0)) - m_log1p(m_exp(-m_abs(x))); }

// alpha (exp(scale x) - 1) below zero.
template <Real T> ST_INLINE T elu(T x, T alpha, T scale) { return x > T(0) ? x : alpha * m_expm1(x * scale); }
template <Real T> ST_INLINE T elu_backward(T gradient, T x, T alpha, T scale) {
  return x <= T(0) ? gradient * alpha * scale * m_exp(x * scale) : gradient;
}
template <Real T> ST_INLINE T selu(T x) {
  return x > T(0) ? T(1.0507009873554804934193349852946) * x : T(1.7580993408473768599402175208123) * m_expm1(x);
}
template <Real T> ST_INLINE T selu_backward(T gradient, T x) {
  return x <= T(0) ? gradient * T(1.7580993408473768599402175208123) * m_exp(x)
                   : gradient * T(1.0507009873554804934193349852946);
}

// x tanh(log(1 + exp(x))): the hyperbolic tangent is n / (n + 2) with e = exp(x), n = e (e + 2).
template <Real T> ST_INLINE T mish(T x) {
  auto e = m_wide_exp(x > T(20) ? T(20) : x);
  using Wide = decltype(e);
  Wide n = e * (e + Wide(2));
  return T(x * (n / (n + Wide(2))));
}
template <Real T> ST_INLINE T mish_backward(T gradient, T x) {
  T e = m_exp(x > T(20) ? T(20) : x);
  T n = e * (e + T(2));
  T inverse = T(1) / (n + T(2));
  return gradient * (n * inverse + x * (e / (T(1) + e)) * (T(4) * (n + T(1)) * inverse * inverse));
}

template <Real T> ST_INLINE T hardsigmoid(T x) { return clamp(x + T(3), T(0), T(6)) / T(6); }
template <Real T> ST_INLINE T hardswish(T x) { return x * clamp(x + T(3), T(0), T(6)) / T(6); }
template <Real T> ST_INLINE T hardshrink(T x, T lambda) { return x >= -lambda && x <= lambda ? T(0) : x; }
template <Real T> ST_INLINE T softshrink(T x, T lambda) {
  return x > lambda ? x - lambda : x < -lambda ? x + lambda : x * T(0);
}
template <Number T> ST_INLINE T threshold(T x, T bound, T value) { return x <= bound ? value : x; }

// x P(X < x), X standard normal. The tail is computed as such: negative x lose no digits.
template <Real T> ST_INLINE T gelu(T x) { return T(x * m_wide_normal_cdf(x)); }
template <Real T> ST_INLINE T gelu_backward(T gradient, T x) {
  T density = m_gaussian(x) * T(0.39894228040143267794);
  return gradient * (m_normal_cdf(x) + x * density);
}

// 0.5 x (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3), which is x sigmoid(2u).
template <Real T> ST_INLINE T gelu_tanh(T x) {
  auto wide = m_wide(x);
  using Wide = decltype(wide);
  return m_logistic(x, Wide(1.59576912160573071176) * (wide + Wide(0.044715) * (wide * wide * wide)));
}
template <Real T> ST_INLINE T gelu_tanh_backward(T gradient, T x) {
  T u = T(0.79788456080286535588) * (x + T(0.044715) * (x * x * x));
  T slope = T(0.79788456080286535588) * (T(1) + T(3) * T(0.044715) * (x * x));
  // sigmoid(2u) and sigmoid(2u) sigmoid(-2u), of one exponential and one division.
  T small = m_exp(T(-2) * m_abs(u));
  T inverse = T(1) / (T(1) + small);
  T s = u < T(0) ? small * inverse : inverse;
  return gradient * (s + T(2) * x * (small * inverse * inverse) * slope);
}

// ---- Of three values.

template <class T> ST_INLINE T where(bool condition, T a, T b) { return condition ? a : b; }

// a + weight (b - a), from the nearer end.
template <Real T> ST_INLINE T lerp(T a, T b, T weight) {
  T difference = b - a;
  bool near = m_abs(weight) < T(0.5);
  return m_fma(near ? weight : -difference, near ? difference : T(1) - weight, near ? a : b);
}

// a + value b c, and a + value b / c.
template <Real T> ST_INLINE T addcmul(T a, T b, T c, T value) { return m_fma(value * b, c, a); }
template <Integer T> ST_INLINE T addcmul(T a, T b, T c, T value) { return add(a, multiply(multiply(value, b), c)); }
template <Real T> ST_INLINE T addcdiv(T a, T b, T c, T value) { return a + (value * b) / c; }

}  // namespace st::formulas

#pragma STDC FP_CONTRACT DEFAULT

#endif
