// The reduction kernels of one instruction set: see dispatch.hpp and reduce.hpp.
#include "fold_lanes.inl"

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
void fold_rows(Total *totals, const void *data, intptr_t rows, intptr_t stride, intptr_t count) {
  using U = Arithmetical<T, fold>;
  constexpr intptr_t longest = 16 * longest_run<U>;
  constexpr auto half = std::make_index_sequence<size_t(Vector<U>::lanes / 2)>();
  for (intptr_t r = 0; r < rows; r++) {
    const U *row = reinterpret_cast<const U *>(static_cast<const char *>(data) + r * stride);
    for (intptr_t done = 0; done < count; done += longest) {
      const auto lanes = fold_runs<fold, T>(row + done, count - done < longest ? count - done : longest);
      fold_into<fold>(totals[r], T(folded_lanes<fold, U>(lanes, half)));
    }
  }
}

// What the elements of `rows` rows give, in as many columns as the vectors have lanes: in two chains of rows.
template <Fold fold, class T, int vectors, class U = Arithmetical<T, fold>>
ST_INLINE void fold_strip(U *results, const char *const *data, int rows, intptr_t column) {
  using V = typename Vector<U>::type;
  constexpr bool watches = watches_for_nan<fold, T>;
  V even[vectors], odd[vectors];
  typename Vector<U>::ints unordered[vectors] = {};
#pragma clang loop unroll(full)
  for (int k = 0; k < vectors; k++) even[k] = odd[k] = V{} + U(neutral_element<fold, T>());
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    const V *x = reinterpret_cast<const V *>(data[r] + column * intptr_t(sizeof(U)));
    const V *y = reinterpret_cast<const V *>(data[r + 1] + column * intptr_t(sizeof(U)));
#pragma clang loop unroll(full)
    for (int k = 0; k < vectors; k++) {
      even[k] = folded_numbers<fold>(even[k], x[k]);
      odd[k] = folded_numbers<fold>(odd[k], y[k]);
      if constexpr (watches) unordered[k] |= (x[k] != x[k]) | (y[k] != y[k]);
    }
  }
  if (r < rows) {
    const V *x = reinterpret_cast<const V *>(data[r] + column * intptr_t(sizeof(U)));
#pragma clang loop unroll(full)
    for (int k = 0; k < vectors; k++) {
      even[k] = folded_numbers<fold>(even[k], x[k]);
      if constexpr (watches) unordered[k] |= x[k] != x[k];
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < vectors; k++) {
    V result = folded_numbers<fold>(even[k], odd[k]);
    if constexpr (watches) result = unordered[k] ? V{} + U(__builtin_nanf("")) : result;
    __builtin_memcpy(results + k * Vector<U>::lanes, &result, sizeof result);
  }
}

template <Fold fold, class T>
void fold_columns(Total *totals, const char *const *data, int rows, intptr_t count) {
  using U = Arithmetical<T, fold>;
  using Wide = std::conditional_t<is_float<T>, double, Arithmetical<int64_t, fold>>;
  constexpr int lanes = Vector<U>::lanes, vectors = 4;
  Wide *wide = reinterpret_cast<Wide *>(totals);
  alignas(64) U results[vectors * lanes];
  intptr_t j = 0;
  for (; j + vectors * lanes <= count; j += vectors * lanes) {
    fold_strip<fold, T, vectors>(results, data, rows, j);
    for (int i = 0; i < vectors * lanes; i++) wide[j + i] = folded<fold>(wide[j + i], Wide(results[i]));
  }
  for (; j + lanes <= count; j += lanes) {
    fold_strip<fold, T, 1>(results, data, rows, j);
    for (int i = 0; i < lanes; i++) wide[j + i] = folded<fold>(wide[j + i], Wide(results[i]));
  }
  if (j < count && count >= lanes) {
    // With some columns that are done.
    fold_strip<fold, T, 1>(results, data, rows, count - lanes);
    for (; j < count; j++) wide[j] = folded<fold>(wide[j], Wide(results[lanes - (count - j)]));
  }
  for (int r = 0; r < rows; r++) {
    const U *values = reinterpret_cast<const U *>(data[r]);
    for (intptr_t i = j; i < count; i++) wide[i] = folded<fold>(wide[i], Wide(values[i]));
  }
}

template <Fold fold>
const FoldKernels &fold_kernels_of(st_dtype element) {
  static constexpr FoldKernels kernels[] = {{fold_rows<fold, float>, fold_columns<fold, float>},
                                            {fold_rows<fold, double>, fold_columns<fold, double>},
                                            {fold_rows<fold, int64_t>, fold_columns<fold, int64_t>},
                                            {fold_rows<fold, uint8_t>, fold_columns<fold, uint8_t>}};
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
