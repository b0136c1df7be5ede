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
template <Real T> ST_INLINE T erf(T x) { return m_erf(x); }

// ---- Rounding.

template <Real T> ST_INLINE T floor(T x) { return m_floor(x); }
template <Real T> ST_INLINE T ceil(T x) { return m_ceil(x); }
template <Real T> ST_INLINE T round(T x) { return m_round_even(x); }
template <Real T> ST_INLINE T trunc(T x) { return m_trunc(x); }
template <Integer T> ST_INLINE T floor(T x) { return x; }
template <Integer T> ST_INLINE T ceil(T x) { return x; }
template <Integer T> ST_INLINE T round(T x) { return x; }
template <Integer T> ST_INLINE T trunc(T x) { return x; }

// ---- Bits and truth.

template <Integer T> ST_INLINE T bitwise_not(T x) { return T(~x); }
template <Boolean T> ST_INLINE T bitwise_not(T x) { return !x; }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_and(T a, T b) { return T(a & b); }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_or(T a, T b) { return T(a | b); }
template <class T> requires(!Real<T>) ST_INLINE T bitwise_xor(T a, T b) { return T(a ^ b); }

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

// The exponential of -|x| never overflows: sigmoid keeps its precision on both sides.
template <Real T> ST_INLINE T sigmoid(T x) {
  T small = m_exp(-m_abs(x));
  return (x < T(0) ? small : T(1)) / (T(1) + small);
}
template <Real T> ST_INLINE T sigmoid_backward(T gradient, T result) { return gradient * (T(1) - result) * result; }

template <Real T> ST_INLINE T silu(T x) { return x * sigmoid(x); }
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

// x P(X < x), X standard normal. The tail is computed as such: negative x lose no digits.
template <Real T> ST_INLINE T gelu(T x) { return x * m_normal_cdf(x); }
template <Real T> ST_INLINE T gelu_backward(T gradient, T x) {
  T density = m_gaussian(x) * T(0.39894228040143267794);
  return gradient * (m_normal_cdf(x) + x * density);
}

// 0.5 x (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3), which is x sigmoid(2u).
template <Real T> ST_INLINE T gelu_tanh(T x) {
  T u = T(0.79788456080286535588) * (x + T(0.044715) * (x * x * x));
  return x * sigmoid(T(2) * u);
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
