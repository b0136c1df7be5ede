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
  const char *next = static_cast<const char *>(data);
  if (count <= longest_run<U>) {
    for (intptr_t r = 0; r < rows; r++, next += stride) {
      const auto lanes = fold_run<fold, T>(reinterpret_cast<const T *>(next), count);
      fold_into<fold>(totals[r], Computed<T>(folded_lanes<fold, U>(lanes, half)));
    }
    return;
  }
  for (intptr_t r = 0; r < rows; r++, next += stride) {
    const T *row = reinterpret_cast<const T *>(next);
    for (intptr_t done = 0; done < count; done += longest) {
      const auto lanes = fold_runs<fold, T>(row + done, count - done < longest ? count - done : longest);
      fold_into<fold>(totals[r], Computed<T>(folded_lanes<fold, U>(lanes, half)));
    }
  }
}

// What the elements of `rows` rows give, in as many columns as the vectors have lanes: in two chains of rows.
template <Fold fold, class T, int vectors, class U = Arithmetical<T, fold>>
ST_INLINE void fold_strip(U *results, const char *const *data, int rows, intptr_t column) {
  using V = typename Vector<U>::type;
  constexpr bool watches = watches_for_nan<fold, T>;
  constexpr int lanes = Vector<U>::lanes;
  V even[vectors], odd[vectors];
  typename Vector<U>::ints unordered[vectors] = {};
#pragma clang loop unroll(full)
  for (int k = 0; k < vectors; k++) even[k] = odd[k] = V{} + U(neutral_element<fold, Computed<T>>());
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    const T *upper = reinterpret_cast<const T *>(data[r]) + column;
    const T *lower = reinterpret_cast<const T *>(data[r + 1]) + column;
#pragma clang loop unroll(full)
    for (int k = 0; k < vectors; k++) {
      const V x = lanes_at<U>(upper + k * lanes), y = lanes_at<U>(lower + k * lanes);
      even[k] = folded_numbers<fold>(even[k], x);
      odd[k] = folded_numbers<fold>(odd[k], y);
      if constexpr (watches) unordered[k] |= (x != x) | (y != y);
    }
  }
  if (r < rows) {
    const T *last = reinterpret_cast<const T *>(data[r]) + column;
#pragma clang loop unroll(full)
    for (int k = 0; k < vectors; k++) {
      const V x = lanes_at<U>(last + k * lanes);
      even[k] = folded_numbers<fold>(even[k], x);
      if constexpr (watches) unordered[k] |= x != x;
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < vectors; k++) {
    V result = folded_numbers<fold>(even[k], odd[k]);
    if constexpr (watches) result = unordered[k] ? V{} + U(__builtin_nanf("")) : result;
    __builtin_memcpy(results + k * lanes, &result, sizeof result);
  }
}

template <Fold fold, class T>
void fold_columns(Total *totals, const char *const *data, int rows, intptr_t count) {
  using U = Arithmetical<T, fold>;
  using Wide = std::conditional_t<is_float<U>, double, Arithmetical<int64_t, fold>>;
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
    const T *values = reinterpret_cast<const T *>(data[r]);
    for (intptr_t i = j; i < count; i++) wide[i] = folded<fold>(wide[i], Wide(cast<U>(values[i])));
  }
}

template <Fold fold, class T>
constexpr FoldKernels kernels_of = {fold_rows<fold, T>, fold_columns<fold, T>};

template <Fold fold>
const FoldKernels &fold_kernels_of(st_dtype element) {
  switch (element) {
    case ST_UINT8: return kernels_of<fold, uint8_t>;
    case ST_INT32: return kernels_of<fold, int32_t>;
    case ST_INT64: return kernels_of<fold, int64_t>;
    case ST_FLOAT16: return kernels_of<fold, float16>;
    case ST_BFLOAT16: return kernels_of<fold, bfloat16>;
    case ST_FLOAT32: return kernels_of<fold, float>;
    default: return kernels_of<fold, double>;
  }
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

// The sum of squared distances from a mean.
inline double spread_around(const double *values, intptr_t count, double mean) {
  using V = Vector<double>::type;
  constexpr intptr_t lanes = Vector<double>::lanes;
  V chain[chains] = {};
  const auto take = [&](V &sum, V x) ST_LAMBDA_INLINE { sum += (x - mean) * (x - mean); };
  intptr_t i = 0;
  for (; i + chains * lanes <= count; i += chains * lanes) {
#pragma clang loop unroll(full)
    for (int k = 0; k < chains; k++) take(chain[k], lanes_at<double>(values + i + k * lanes));
  }
  for (; i + lanes <= count; i += lanes) take(chain[0], lanes_at<double>(values + i));
  if (i < count) take(chain[1], rest_of<double>(values, i, count, V{} + mean));
  const V total = (chain[0] + chain[1]) + (chain[2] + chain[3]);
  return folded_lanes<Fold::sum, double>(total, std::make_index_sequence<size_t(lanes / 2)>());
}
inline void to_deviations(double *values, intptr_t count, const double *means) {
#pragma clang loop vectorize(assume_safety)
  for (intptr_t i = 0; i < count; i++) values[i] = (values[i] - means[i]) * (values[i] - means[i]);
}
