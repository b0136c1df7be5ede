// float32 functions by instructions that only AVX-512 has: scaling by powers of two, taking numbers apart, and choosing
// among 32 numbers. Within 2 units in the last place, for all numbers. See elementwise_kernels.inl.

template <class Function> struct Vector {
  static constexpr bool exists = false;
};
template <class Function> struct VectorDouble {
  static constexpr bool exists = false;
};

#if ST_VARIANT_AVX512
#define ST_VECTOR(name)                                                                                               \
  template <> struct Vector<Function_##name> {                                                                        \
    static constexpr bool exists = true;                                                                              \
    ST_INLINE __m512 operator()(__m512 x) const;                                                                      \
  };                                                                                                                  \
  ST_INLINE __m512 Vector<Function_##name>::operator()(__m512 x) const

ST_INLINE __m512 all(float value) { return _mm512_set1_ps(value); }
ST_INLINE __m512 magnitude(__m512 x) { return _mm512_abs_ps(x); }
// The magnitude of one number with the sign of another.
ST_INLINE __m512 with_sign(__m512 x, __m512 sign) {
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
      _mm512_castps_si512(x), _mm512_castps_si512(sign), _mm512_set1_epi32(0x7fffffff), 0xe4));
}
ST_INLINE __m512 chain(__m512, float constant) { return all(constant); }
template <class... Rest>
ST_INLINE __m512 chain(__m512 x, float constant, Rest... rest) {
  return _mm512_fmadd_ps(x, chain(x, rest...), all(constant));
}

// exp(x) = (1 + tail) 2^whole for x within the limits, which are whole numbers' for the result.
struct VectorExponential {
  __m512 tail, whole;
};
ST_INLINE VectorExponential exponential(__m512 x) {
  const __m512 rounder = all(0x1.8p23f);
  __m512 whole = _mm512_sub_ps(_mm512_fmadd_ps(x, all(0x1.715476p0f), rounder), rounder);
  __m512 rest = _mm512_fnmadd_ps(whole, all(0x1.62e430p-1f), x);
  rest = _mm512_fnmadd_ps(whole, all(-0x1.05c610p-29f), rest);
  __m512 quadratic = chain(rest, 0x1p-1f, 0x1.5554aep-3f, 0x1.555486p-5f, 0x1.12290ep-7f, 0x1.6d9a92p-10f);
  return {_mm512_fmadd_ps(_mm512_mul_ps(rest, rest), quadratic, rest), whole};
}
// The second operand is the result where one is NaN.
ST_INLINE __m512 limited(__m512 x, float least, float most) {
  return _mm512_max_ps(all(least), _mm512_min_ps(all(most), x));
}

ST_VECTOR(exp) {
  VectorExponential e = exponential(limited(x, -105, 90));
  return _mm512_scalef_ps(_mm512_add_ps(e.tail, all(1)), e.whole);
}

// log(x) = exponent log(2) - log(r) + log(1 + f) for x = 2^exponent m, m in [3/4, 3/2), and f = m r - 1, where r is the
// inverse of the middle of one of 16 intervals; 1 beside 1, where the result is small.
template <> struct Vector<Function_log> {
  static constexpr bool exists = true;
  struct Table {
    alignas(64) float inverse[16], logarithm[16];
    Table() {
      for (int i = 0; i < 16; i++) {
        double middle = i == 0 || i == 15 ? 1 : (1 + (i + 0.5) / 16) / (i < 8 ? 1 : 2);
        inverse[i] = float(1 / middle);
        logarithm[i] = float(-__builtin_log(double(inverse[i])));
      }
    }
  };
  __m512 inverse, logarithm;

  ST_INLINE Vector() {
    static const Table table;
    inverse = _mm512_load_ps(table.inverse);
    logarithm = _mm512_load_ps(table.logarithm);
  }
  ST_INLINE __m512 operator()(__m512 x) const {
    __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
    __m512 exponent = _mm512_sub_ps(_mm512_getexp_ps(x), _mm512_getexp_ps(m));
    __m512i place = _mm512_srli_epi32(_mm512_castps_si512(m), 19);  // its low 4 bits count
    __m512 f = _mm512_fmsub_ps(m, _mm512_permutexvar_ps(place, inverse), all(1));
    __m512 large = _mm512_fmadd_ps(exponent, all(0x1.62e430p-1f), _mm512_permutexvar_ps(place, logarithm));
    // (log(1 + f) - f) / f^2
    __m512 quadratic = chain(f, -0x1.fffffdp-2f, 0x1.55579fp-2f, -0x1.0032e3p-2f, 0x1.879f63p-3f);
    return _mm512_add_ps(large, _mm512_fmadd_ps(_mm512_mul_ps(f, f), quadratic, f));
  }
};

// The function's formula, of each number by itself.
template <class Function>
static __attribute__((noinline)) __m512 by_formula(__m512 x, const float *p) {
  alignas(64) float values[16];
  _mm512_store_ps(values, x);
#pragma clang loop vectorize(assume_safety)
  for (int i = 0; i < 16; i++) values[i] = Function::call(p, values[i]);
  return _mm512_load_ps(values);
}
// A number's result does not depend on its neighbours.
template <class Function>
ST_INLINE __m512 corrected(__m512 value, __mmask16 outside, __m512 x, const float *p = nullptr) {
  return __builtin_expect(outside != 0, false) ? _mm512_mask_mov_ps(value, outside, by_formula<Function>(x, p)) : value;
}

// factor / (1 + exp(-x)), where exp(-x) and its inverse are normal numbers. exp(-x) = 2^whole (1 + tail) is added to 1
// so that only the larger of 1 and 2^whole is rounded in full.
template <class Function> ST_INLINE __m512 logistic(__m512 x, __m512 factor) {
  const __m512 rounder = all(0x1.8p23f), one = all(1);
  __m512 limited = _mm512_min_ps(all(60), x);
  __m512 shifted = _mm512_fmadd_ps(limited, all(-0x1.715476p0f), rounder), whole = _mm512_sub_ps(shifted, rounder);
  __m512 rest = _mm512_fmadd_ps(whole, all(0x1.62e430p-1f), limited);
  rest = _mm512_fmadd_ps(whole, all(-0x1.05c610p-29f), rest);
  __m512 quadratic = chain(rest, 0x1p-1f, -0x1.5554aep-3f, 0x1.555486p-5f, -0x1.12290ep-7f, 0x1.6d9a92p-10f);
  __m512 tail = _mm512_fmsub_ps(_mm512_mul_ps(rest, rest), quadratic, rest);
  __m512 power = _mm512_castsi512_ps(
      _mm512_add_epi32(_mm512_slli_epi32(_mm512_castps_si512(shifted), 23), _mm512_castps_si512(one)));
  __m512 less = _mm512_fmadd_ps(power, tail, _mm512_min_ps(power, one));
  __m512 value = _mm512_div_ps(factor, _mm512_add_ps(_mm512_max_ps(power, one), less));
  return corrected<Function>(value, _mm512_cmp_ps_mask(x, all(-87), _CMP_LT_OQ), x);
}
ST_VECTOR(sigmoid) { return logistic<Function_sigmoid>(x, all(1)); }
ST_VECTOR(silu) { return logistic<Function_silu>(x, x); }

// A piecewise polynomial, in registers: for each coefficient one or two.
template <int degree, int registers = 2>
struct VectorPiecewise {
  __m512 coefficients[degree + 1][registers];

  explicit ST_INLINE VectorPiecewise(const Piecewise<degree, float, registers> &table) {
#pragma clang loop unroll(full)
    for (int i = 0; i <= degree; i++) {
#pragma clang loop unroll(full)
      for (int r = 0; r < registers; r++) coefficients[i][r] = _mm512_load_ps(table.coefficients[i] + 16 * r);
    }
  }

  // The coefficients of the places' intervals.
  ST_INLINE __m512 chosen(int i, __m512i place) const {
    if constexpr (registers == 1) return _mm512_permutexvar_ps(place, coefficients[i][0]);
    if constexpr (registers == 2) return _mm512_permutex2var_ps(coefficients[i][0], place, coefficients[i][1]);
  }

  // The centre of the interval of x is the nearest multiple of the width, from which x lies `offset`.
  ST_INLINE __m512 at(__m512 x, float width, __m512 &offset) const {
    const __m512 rounder = all(0x1.8p23f);
    __m512 shifted = _mm512_fmadd_ps(x, all(1 / width), rounder);
    offset = _mm512_fnmadd_ps(_mm512_sub_ps(shifted, rounder), all(width), x);
    __m512i place = _mm512_castps_si512(shifted);
    __m512 result = chosen(degree, place);
#pragma clang loop unroll(full)
    for (int i = degree - 1; i >= 0; i--) result = _mm512_fmadd_ps(result, offset, chosen(i, place));
    return result;
  }
};

// Odd functions that are 1 from the centre of the last interval on. The table holds what they differ from the offset,
// so that next to 0, where they are nearly linear, its rounding counts little.
template <class Function, int degree, int registers> struct VectorOdd {
  static constexpr bool exists = true;
  static constexpr float width = Vector<Function>::range / (16 * registers), end = (16 * registers - 1) * width;
  VectorPiecewise<degree, registers> piecewise;
  ST_INLINE VectorOdd() : piecewise(table()) {}

  static const Piecewise<degree, float, registers> &table() {
    static const Piecewise<degree, float, registers> made = [] {
      Piecewise<degree, float, registers> fitted(0, width, [](double centre, double offset) {
        return Vector<Function>::exact(centre + offset) - offset;
      });
      fitted.coefficients[0][0] = 0;  // but for roundings it is
      fitted.coefficients[0][16 * registers - 1] = 1;  // the result from there on; erf is still 4e-8 below
      return fitted;
    }();
    return made;
  }
  ST_INLINE __m512 operator()(__m512 x) const {
    __m512 offset, value = piecewise.at(_mm512_min_ps(all(end), magnitude(x)), width, offset);
    return with_sign(_mm512_add_ps(value, offset), x);
  }
};
template <> struct Vector<Function_tanh> : VectorOdd<Function_tanh, 7, 1> {
  ST_INLINE Vector() {}
  static constexpr float range = 9.75f;
  static double exact(double x) { return __builtin_tanh(x); }
};
template <> struct Vector<Function_erf> : VectorOdd<Function_erf, 5, 2> {
  ST_INLINE Vector() {}
  static constexpr float range = 4;
  static double exact(double x) { return __builtin_erf(x); }
};

// Functions that are 0 at 0, by a table on their inner intervals and by the formula elsewhere.
template <class Function, int degree> struct VectorInner {
  static constexpr bool exists = true;
  VectorPiecewise<degree> piecewise;
  ST_INLINE VectorInner() : piecewise(table()) {}

  static const Piecewise<degree> &table() {
    static const Piecewise<degree> made = [] {
      Piecewise<degree> fitted(-15, 0.25, [](double centre, double offset) {
        return Vector<Function>::exact(centre + offset);
      });
      fitted.coefficients[0][0] = -0.0f;  // but for roundings; so that -0 gives -0
      return fitted;
    }();
    return made;
  }
  ST_INLINE __m512 operator()(__m512 x) const {
    __mmask16 outside = _mm512_cmp_ps_mask(magnitude(x), all(3.875f), _CMP_NLT_UQ);
    __m512 offset, value = piecewise.at(x, 0.25f, offset);
    return corrected<Function>(value, outside, x);
  }
};
template <> struct Vector<Function_gelu> : VectorInner<Function_gelu, 6> {
  ST_INLINE Vector() {}
  static double exact(double x) { return 0.5 * x * __builtin_erfc(x * -0.70710678118654752440); }
};
template <> struct Vector<Function_gelu_tanh> : VectorInner<Function_gelu_tanh, 6> {
  ST_INLINE Vector() {}
  static double exact(double x) { return x / (1 + __builtin_exp(-1.5957691216057307 * (x + 0.044715 * x * x * x))); }
};

// log(1 + exp(x)) on its inner intervals.
struct VectorSoftplus {
  static constexpr bool exists = true;
  VectorPiecewise<6> piecewise;
  ST_INLINE VectorSoftplus() : piecewise(table()) {}

  static const Piecewise<6> &table() {
    static const Piecewise<6> made(-15, 0.25, [](double centre, double offset) {
      return __builtin_log1p(__builtin_exp(centre + offset));
    });
    return made;
  }
  ST_INLINE __m512 at(__m512 x) const {
    __m512 offset;
    return piecewise.at(x, 0.25f, offset);
  }
  static ST_INLINE __mmask16 outside(__m512 x) { return _mm512_cmp_ps_mask(magnitude(x), all(3.875f), _CMP_NLT_UQ); }
};
template <> struct Vector<Function_softplus> : VectorSoftplus {
  const float *p;  // beta, threshold
  explicit ST_INLINE Vector(const float *p) : p(p) {}
  ST_INLINE __m512 operator()(__m512 x) const {
    __m512 scaled = _mm512_mul_ps(x, all(p[0])), value = _mm512_div_ps(at(scaled), all(p[0]));
    __mmask16 above = _mm512_cmp_ps_mask(scaled, all(p[1]), _CMP_GT_OQ);
    return corrected<Function_softplus>(value, outside(scaled) | above, x, p);
  }
};
template <> struct Vector<Function_log_sigmoid> : VectorSoftplus {
  ST_INLINE Vector() {}
  ST_INLINE __m512 operator()(__m512 x) const {
    __m512 value = at(_mm512_xor_ps(x, all(-0.0f)));
    return corrected<Function_log_sigmoid>(_mm512_xor_ps(value, all(-0.0f)), outside(x), x);
  }
};
#undef ST_VECTOR

// What bfloat16 takes instead: as short as gives all of its numbers the result that float32's rounds to.
template <class Function> struct Brief { using type = Vector<Function>; };
template <> struct Brief<Function_tanh> { using type = VectorOdd<Function_tanh, 4, 2>; };
template <> struct Brief<Function_erf> { using type = VectorOdd<Function_erf, 3, 2>; };
template <> struct Brief<Function_gelu> { using type = VectorInner<Function_gelu, 4>; };
template <> struct Brief<Function_gelu_tanh> { using type = VectorInner<Function_gelu_tanh, 4>; };
template <> struct Brief<Function_exp> {
  struct type {
    ST_INLINE __m512 operator()(__m512 x) const {
      x = _mm512_max_ps(all(-105), x);
      // The product by the 16 upper bits of log2(e) is exact.
      __m512 scaled = _mm512_mul_ps(x, all(0x1.7154p0f));
      __m512 rest = _mm512_fmadd_ps(x, all(0x1.d94ae0p-18f), _mm512_reduce_ps(scaled, _MM_FROUND_TO_NEG_INF));
      __m512 power = chain(rest, 1, 0x1.62e4f6p-1f, 0x1.ebd5a8p-3f, 0x1.c95446p-5f, 0x1.26900cp-7f, 0x1.ec320ap-10f);
      return _mm512_scalef_ps(power, scaled);
    }
  };
};

// The function with its parameters.
template <class V> ST_INLINE V prepared(const float *p) {
  if constexpr (requires { V(p); }) {
    return V(p);
  } else {
    return V();
  }
}

template <class Function>
ST_INLINE void compute_vectors(float *out, intptr_t count, const float *x, const float *p) {
  const auto function = prepared<Vector<Function>>(p);
  intptr_t i = 0;
  for (; i + 16 <= count; i += 16) _mm512_storeu_ps(out + i, function(_mm512_loadu_ps(x + i)));
  if (i == count) return;
  __mmask16 rest = __mmask16((1u << (count - i)) - 1);
  _mm512_mask_storeu_ps(out + i, rest, function(_mm512_maskz_loadu_ps(rest, x + i)));
}

template <class Function>
ST_INLINE void compute_vectors(float16 *out, intptr_t count, const float16 *x, const float *p) {
  const auto function = prepared<Vector<Function>>(p);
  auto value = [&](__m256i halves) ST_LAMBDA {
    return _mm512_cvtps_ph(function(_mm512_cvtph_ps(halves)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  };
  intptr_t i = 0;
  for (; i + 16 <= count; i += 16) {
    _mm256_storeu_si256((__m256i *)(out + i), value(_mm256_loadu_si256((const __m256i *)(x + i))));
  }
  if (i == count) return;
  __mmask16 rest = __mmask16((1u << (count - i)) - 1);
  _mm256_mask_storeu_epi16(out + i, rest, value(_mm256_maskz_loadu_epi16(rest, x + i)));
}

// The bits of a float whose upper half is its nearest bfloat16, ties to even. A function's NaN has upper bits only.
ST_INLINE __m512i rounded_to_half(__m512 x) {
  __m512i bits = _mm512_castps_si512(x);
  __mmask16 odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000));
  return _mm512_mask_sub_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd,
                               _mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), _mm512_set1_epi32(-1));
}

// Two vectors from each 32 numbers: the even ones and the odd ones.
template <class Function>
ST_INLINE void compute_vectors(bfloat16 *out, intptr_t count, const bfloat16 *x, const float *p) {
  const auto function = prepared<typename Brief<Function>::type>(p);
  auto value = [&](__m512i pairs) ST_LAMBDA {
    __m512 even = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
    __m512 odd = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(int(0xffff0000))));
    __m512i low = _mm512_srli_epi32(rounded_to_half(function(even)), 16);
    return _mm512_mask_blend_epi16(0xaaaaaaaa, low, rounded_to_half(function(odd)));
  };
  intptr_t i = 0;
  for (; i + 32 <= count; i += 32) _mm512_storeu_si512(out + i, value(_mm512_loadu_si512(x + i)));
  if (i == count) return;
  __mmask32 rest = (__mmask32(1) << (count - i)) - 1;
  _mm512_mask_storeu_epi16(out + i, rest, value(_mm512_maskz_loadu_epi16(rest, x + i)));
}
#endif
