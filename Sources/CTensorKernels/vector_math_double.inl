// float64 functions by instructions that only AVX-512 has: see vector_math.inl.

#if ST_VARIANT_AVX512
ST_INLINE __m512d all(double value) { return _mm512_set1_pd(value); }
ST_INLINE __m512d chain(__m512d, double constant) { return all(constant); }
template <class... Rest>
ST_INLINE __m512d chain(__m512d x, double constant, Rest... rest) {
  return _mm512_fmadd_pd(x, chain(x, double(rest)...), all(constant));
}

template <class Function>
static __attribute__((noinline)) __m512d by_formula(__m512d x) {
  alignas(64) double values[8];
  _mm512_store_pd(values, x);
#pragma clang loop vectorize(assume_safety)
  for (int i = 0; i < 8; i++) values[i] = Function::call(static_cast<const double *>(nullptr), values[i]);
  return _mm512_load_pd(values);
}
template <class Function>
ST_INLINE __m512d corrected(__m512d value, __mmask8 outside, __m512d x) {
  return __builtin_expect(outside != 0, false) ? _mm512_mask_mov_pd(value, outside, by_formula<Function>(x)) : value;
}

// exp(x) = 2^whole 2^(j/16) exp(rest), of which 16 powers stand in registers.
template <> struct VectorDouble<Function_exp> {
  static constexpr bool exists = true;
  struct Table {
    alignas(64) double powers[16];
    Table() {
      for (int j = 0; j < 16; j++) powers[j] = double(__builtin_exp2l(j / 16.0L));
    }
  };
  __m512d low, high;

  ST_INLINE VectorDouble() {
    static const Table table;
    low = _mm512_load_pd(table.powers);
    high = _mm512_load_pd(table.powers + 8);
  }
  ST_INLINE __m512d operator()(__m512d x) const {
    const __m512d rounder = all(0x1.8p52);
    x = _mm512_max_pd(all(-746.0), _mm512_min_pd(all(710.0), x));
    __m512d shifted = _mm512_fmadd_pd(x, all(0x1.71547652b82fep4), rounder), place = _mm512_sub_pd(shifted, rounder);
    __m512d rest = _mm512_fnmadd_pd(place, all(0x1.62e42fefp-5), x);
    rest = _mm512_fnmadd_pd(place, all(0x1.473de6af278edp-38), rest);
    __m512d power = _mm512_permutex2var_pd(low, _mm512_castpd_si512(shifted), high);
    __m512d quadratic = chain(rest, 0x1.ffffffffffffbp-2, 0x1.55555554dd378p-3, 0x1.55555555b8047p-5,
                              0x1.11120b0477e4fp-7, 0x1.6c1715cc5425fp-10);
    __m512d tail = _mm512_fmadd_pd(_mm512_mul_pd(rest, rest), quadratic, rest);
    return _mm512_scalef_pd(_mm512_fmadd_pd(power, tail, power), _mm512_mul_pd(place, all(0.0625)));
  }
};

template <int degree>
struct VectorPiecewiseDouble {
  __m512d low[degree + 1], high[degree + 1];

  explicit ST_INLINE VectorPiecewiseDouble(const Piecewise<degree, double> &table) {
#pragma clang loop unroll(full)
    for (int i = 0; i <= degree; i++) {
      low[i] = _mm512_load_pd(table.coefficients[i]);
      high[i] = _mm512_load_pd(table.coefficients[i] + 8);
    }
  }
  ST_INLINE __m512d at(__m512d x, double width) const {
    const __m512d rounder = all(0x1.8p52);
    __m512d shifted = _mm512_fmadd_pd(x, all(1 / width), rounder);
    __m512d offset = _mm512_fnmadd_pd(_mm512_sub_pd(shifted, rounder), all(width), x);
    __m512i place = _mm512_castpd_si512(shifted);
    __m512d result = _mm512_permutex2var_pd(low[degree], place, high[degree]);
#pragma clang loop unroll(full)
    for (int i = degree - 1; i >= 0; i--) {
      result = _mm512_fmadd_pd(result, offset, _mm512_permutex2var_pd(low[i], place, high[i]));
    }
    return result;
  }
};

// An odd function by a table of it on positive numbers.
template <> struct VectorDouble<Function_erf> {
  static constexpr bool exists = true;
  static constexpr int degree = 11;
  VectorPiecewiseDouble<degree> piecewise;
  ST_INLINE VectorDouble() : piecewise(table()) {}

  static const Piecewise<degree, double> &table() {
    static const Piecewise<degree, double> made = [] {
      Piecewise<degree, double> fitted(
          0, 0.25, [](long double centre, long double offset) { return __builtin_erfl(centre + offset); });
      fitted.coefficients[0][0] = 0;  // but for roundings it is
      return fitted;
    }();
    return made;
  }
  ST_INLINE __m512d operator()(__m512d x) const {
    __m512d size = _mm512_abs_pd(x), value = piecewise.at(size, 0.25);
    value = _mm512_or_pd(value, _mm512_and_pd(x, all(-0.0)));
    return corrected<Function_erf>(value, _mm512_cmp_pd_mask(size, all(3.875), _CMP_NLT_UQ), x);
  }
};

// x P(X < x), X standard normal, by a table of the upper tail.
template <> struct VectorDouble<Function_gelu> {
  static constexpr bool exists = true;
  static constexpr int degree = 11;
  VectorPiecewiseDouble<degree> piecewise;
  ST_INLINE VectorDouble() : piecewise(table()) {}

  static const Piecewise<degree, double> &table() {
    static const Piecewise<degree, double> made(0, 0.25, [](long double centre, long double offset) {
      return 0.5L * __builtin_erfcl((centre + offset) * 0.707106781186547524400844362104849039L);
    });
    return made;
  }
  ST_INLINE __m512d operator()(__m512d x) const {
    __m512d size = _mm512_abs_pd(x), tail = piecewise.at(size, 0.25);
    __m512d share = _mm512_mask_sub_pd(tail, _mm512_movepi64_mask(_mm512_castpd_si512(x)) ^ 0xff, all(1.0), tail);
    return corrected<Function_gelu>(_mm512_mul_pd(x, share), _mm512_cmp_pd_mask(size, all(3.875), _CMP_NLT_UQ), x);
  }
};

template <class Function>
ST_INLINE void compute_vectors(double *out, intptr_t count, const double *x, const double *) {
  const VectorDouble<Function> function;
  intptr_t i = 0;
  for (; i + 8 <= count; i += 8) _mm512_storeu_pd(out + i, function(_mm512_loadu_pd(x + i)));
  if (i == count) return;
  __mmask8 rest = __mmask8((1u << (count - i)) - 1);
  _mm512_mask_storeu_pd(out + i, rest, function(_mm512_maskz_loadu_pd(rest, x + i)));
}
#endif
