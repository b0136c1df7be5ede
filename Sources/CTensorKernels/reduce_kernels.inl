// The reduction kernels of one instruction set: see dispatch.hpp and reduce.hpp.

// Vectors pass between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

template <class T> struct Vector {
  typedef T type __attribute__((vector_size(64), aligned(sizeof(T)), may_alias));
  static constexpr intptr_t lanes = 64 / sizeof(T);
};

template <Fold fold, class V>
ST_INLINE V folded(V a, V b) {
  if constexpr (fold == Fold::sum) return a + b;
  if constexpr (fold == Fold::product) return a * b;
  // The first NaN stays.
  if constexpr (fold == Fold::largest) return ((a != a) | (a >= b)) ? a : b;
  if constexpr (fold == Fold::smallest) return ((a != a) | (a <= b)) ? a : b;
}

// Signed overflow wraps.
template <class T> struct Arithmetic {
  using type = T;
};
template <> struct Arithmetic<int64_t> {
  using type = uint64_t;
};
template <class T, Fold fold>
using Arithmetical =
    typename std::conditional_t<fold == Fold::sum || fold == Fold::product, Arithmetic<T>, Tag<T>>::type;

template <Fold fold, class T>
constexpr T neutral_element() {
  if constexpr (fold == Fold::sum) return T(0);
  if constexpr (fold == Fold::product) return T(1);
  constexpr bool lowest = fold == Fold::largest;
  if constexpr (is_float<T>) return lowest ? -T(__builtin_inff()) : T(__builtin_inff());
  if constexpr (is_same<T, uint8_t>) return lowest ? 0 : 255;
  if constexpr (is_same<T, int64_t>) return lowest ? INT64_MIN : INT64_MAX;
}

template <Fold fold, class T>
ST_INLINE void fold_into(Total &total, T value) {
  if constexpr (is_float<T>) {
    total.real = folded<fold>(total.real, double(value));
  } else {
    using U = Arithmetical<int64_t, fold>;
    total.whole = int64_t(folded<fold>(U(total.whole), U(value)));
  }
}

template <Fold fold, class T>
void fold_row(Total &total, const void *data, intptr_t count) {
  using U = Arithmetical<T, fold>;
  using V = typename Vector<U>::type;
  constexpr intptr_t lanes = Vector<U>::lanes;
  // Chains of 8 steps, up to 16 of which make a chain, then pairwise: sums stay accurate.
  constexpr intptr_t step = 4 * lanes, short_chain = 8 * step, block = 16 * short_chain;
  const U *values = static_cast<const U *>(data);
  const V neutral = V{} + U(neutral_element<fold, T>());
  while (count > 0) {
    intptr_t taken = count < block ? count : block, done = 0;
    V a = neutral, b = neutral, c = neutral, d = neutral;
    while (done + step <= taken) {
      intptr_t end = done + short_chain < taken ? done + short_chain : taken;
      V e = neutral, f = neutral, g = neutral, h = neutral;
      for (; done + step <= end; done += step) {
        const V *vectors = reinterpret_cast<const V *>(values + done);
        e = folded<fold>(e, vectors[0]);
        f = folded<fold>(f, vectors[1]);
        g = folded<fold>(g, vectors[2]);
        h = folded<fold>(h, vectors[3]);
      }
      a = folded<fold>(a, e);
      b = folded<fold>(b, f);
      c = folded<fold>(c, g);
      d = folded<fold>(d, h);
    }
    for (; done + lanes <= taken; done += lanes) a = folded<fold>(a, *reinterpret_cast<const V *>(values + done));
    if (done < taken) {
      V rest = neutral;
      __builtin_memcpy(&rest, values + done, size_t(taken - done) * sizeof(U));
      b = folded<fold>(b, rest);
    }
    a = folded<fold>(folded<fold>(a, b), folded<fold>(c, d));
    U lane[lanes];
    __builtin_memcpy(lane, &a, sizeof(a));
#pragma clang loop unroll(full)
    for (intptr_t width = lanes / 2; width > 0; width /= 2) {
#pragma clang loop unroll(full)
      for (intptr_t i = 0; i < width; i++) lane[i] = folded<fold>(lane[i], lane[i + width]);
    }
    fold_into<fold>(total, T(lane[0]));
    values += taken;
    count -= taken;
  }
}

template <Fold fold, class T>
void fold_columns(Total *totals, const char *const *data, int rows, intptr_t count) {
  using U = Arithmetical<T, fold>;
  using Wide = std::conditional_t<is_float<T>, double, Arithmetical<int64_t, fold>>;
  Wide *wide = reinterpret_cast<Wide *>(totals);
  const U *row[column_rows];
  for (int i = 0; i < rows; i++) row[i] = reinterpret_cast<const U *>(data[i]);
  if (rows == column_rows) {
    const U *a = row[0], *b = row[1], *c = row[2], *d = row[3], *e = row[4], *f = row[5], *g = row[6], *h = row[7];
#pragma clang loop vectorize(assume_safety)
    for (intptr_t j = 0; j < count; j++) {
      U first = folded<fold>(folded<fold>(a[j], b[j]), folded<fold>(c[j], d[j]));
      U second = folded<fold>(folded<fold>(e[j], f[j]), folded<fold>(g[j], h[j]));
      wide[j] = folded<fold>(wide[j], Wide(folded<fold>(first, second)));
    }
    return;
  }
  for (int i = 0; i < rows; i++) {
    const U *values = row[i];
#pragma clang loop vectorize(assume_safety)
    for (intptr_t j = 0; j < count; j++) wide[j] = folded<fold>(wide[j], Wide(values[j]));
  }
}

template <Fold fold>
const FoldKernels &fold_kernels_of(st_dtype element) {
  static constexpr FoldKernels kernels[] = {{fold_row<fold, float>, fold_columns<fold, float>},
                                            {fold_row<fold, double>, fold_columns<fold, double>},
                                            {fold_row<fold, int64_t>, fold_columns<fold, int64_t>},
                                            {fold_row<fold, uint8_t>, fold_columns<fold, uint8_t>}};
  return kernels[element == ST_FLOAT32 ? 0 : element == ST_FLOAT64 ? 1 : element == ST_INT64 ? 2 : 3];
}

inline const FoldKernels &fold_kernels(Fold fold, st_dtype element) {
  switch (fold) {
    case Fold::sum: return fold_kernels_of<Fold::sum>(element);
    case Fold::product: return fold_kernels_of<Fold::product>(element);
    case Fold::largest: return fold_kernels_of<Fold::largest>(element);
    default: return fold_kernels_of<Fold::smallest>(element);
  }
}

inline void to_terms(Term term, double *values, intptr_t count, double p) {
  switch (term) {
    case Term::size:
      for (intptr_t i = 0; i < count; i++) values[i] = __builtin_fabs(values[i]);
      break;
    case Term::square:
      for (intptr_t i = 0; i < count; i++) values[i] *= values[i];
      break;
    case Term::nonzero:
      for (intptr_t i = 0; i < count; i++) values[i] = values[i] != 0 ? 1 : 0;
      break;
    case Term::power:
      for (intptr_t i = 0; i < count; i++) values[i] = __builtin_pow(__builtin_fabs(values[i]), p);
      break;
  }
}

inline void to_deviations(double *values, intptr_t count, double mean) {
  for (intptr_t i = 0; i < count; i++) values[i] = (values[i] - mean) * (values[i] - mean);
}
inline void to_deviations_each(double *values, intptr_t count, const double *means) {
#pragma clang loop vectorize(assume_safety)
  for (intptr_t i = 0; i < count; i++) values[i] = (values[i] - means[i]) * (values[i] - means[i]);
}

template <bool largest, class T>
void extreme_columns_of(void *extremes, int64_t *rows, const void *data, int64_t row, intptr_t count) {
  T *extreme = static_cast<T *>(extremes);
  const T *values = static_cast<const T *>(data);
#pragma clang loop vectorize(assume_safety)
  for (intptr_t j = 0; j < count; j++) {
    T value = values[j], known = extreme[j];
    bool better = (largest ? value > known : value < known) | ((value != value) & (known == known));
    extreme[j] = better ? value : known;
    rows[j] = better ? row : rows[j];
  }
}

inline ExtremeColumns extreme_columns(bool largest, st_dtype element) {
  if (element == ST_FLOAT32) return largest ? extreme_columns_of<true, float> : extreme_columns_of<false, float>;
  if (element == ST_FLOAT64) return largest ? extreme_columns_of<true, double> : extreme_columns_of<false, double>;
  return largest ? extreme_columns_of<true, int64_t> : extreme_columns_of<false, int64_t>;
}
