// The search for extremes of one instruction set: see dispatch.hpp and reduce.hpp.
#include "fold_lanes.inl"

// The first lane that equals the wanted number; as many as there are for none.
template <class T>
ST_INLINE intptr_t first_lane(typename Vector<T>::type x, T wanted) {
  constexpr int lanes = Vector<T>::lanes;
  typename Vector<T>::ints lane = {};
#pragma clang loop unroll(full)
  for (int l = 0; l < lanes; l++) lane[l] = l;
  return intptr_t(__builtin_reduce_min(x == wanted ? lane : lane * 0 + lanes));
}

// Where the first of `count` elements is that equals the wanted one, or is NaN as it is; it is there.
template <class T>
ST_INLINE intptr_t first_place(const T *values, intptr_t count, T wanted) {
  using V = typename Vector<T>::type;
  constexpr intptr_t lanes = Vector<T>::lanes;
  intptr_t i = 0;
  if (wanted != wanted) {
    while (i < count && values[i] == values[i]) i++;
    return i;
  }
  if (count < lanes) return first_lane<T>(rest_of<T>(values, 0, count, V{} + wanted), wanted);
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const V *x = reinterpret_cast<const V *>(values + i);
    // As a rule the next row, for which memory has time meanwhile.
#pragma clang loop unroll(full)
    for (int k = 0; k < 4; k++) __builtin_prefetch(values + count + i + k * lanes);
    if (__builtin_reduce_or((x[0] == wanted) | (x[1] == wanted) | (x[2] == wanted) | (x[3] == wanted)) != 0) break;
  }
  for (; i + lanes <= count; i += lanes) {
    const intptr_t lane = first_lane<T>(lanes_at<T>(values + i), wanted);
    if (lane < lanes) return i + lane;
  }
  return count - lanes + first_lane<T>(lanes_at<T>(values + count - lanes), wanted);
}

// Blocks' extremes are found first, and only a block that holds a new one is searched for its place.
template <bool largest, class T>
void look_for_extreme(Extreme &known, const void *data, intptr_t count, int64_t first) {
  constexpr Fold fold = largest ? Fold::largest : Fold::smallest;
  constexpr intptr_t block = 4 * longest_run<T>;
  constexpr auto half = std::make_index_sequence<size_t(Vector<T>::lanes / 2)>();
  const T *values = static_cast<const T *>(data);
  T best = 0;
  if constexpr (is_float<T>) best = T(known.value.real);
  if constexpr (!is_float<T>) best = known.value.whole;
  for (intptr_t done = 0; done < count; done += block) {
    const intptr_t taken = count - done < block ? count - done : block;
    const auto results = taken <= longest_run<T> ? fold_run<fold, T>(values + done, taken)
                                                 : fold_runs<fold, T>(values + done, taken);
    const T extreme = folded_lanes<fold, T>(results, half);
    const bool better = (largest ? extreme > best : extreme < best) || (extreme != extreme && best == best);
    if (known.index >= 0 && !better) continue;
    best = extreme;
    known.index = first + done + first_place(values + done, taken, extreme);
  }
  if constexpr (is_float<T>) known.value.real = double(best);
  if constexpr (!is_float<T>) known.value.whole = best;
}

// Over columns of vectors, with rows' numbers as wide as the elements. Returns false where there is a NaN.
template <bool largest, class T, int vectors>
ST_INLINE bool extreme_strip(T *extremes, int64_t *places, const char *data, intptr_t stride, int64_t first,
                             intptr_t rows) {
  using V = typename Vector<T>::type;
  using Places = typename Vector<T>::ints;
  constexpr int lanes = Vector<T>::lanes;
  V known[vectors];
  Places at[vectors], unordered = {};
#pragma clang loop unroll(full)
  for (int k = 0; k < vectors; k++) {
    known[k] = reinterpret_cast<const V *>(extremes)[k];
    unordered |= known[k] != known[k];
    at[k] = Places{} - 1;
  }
  for (intptr_t r = 0; r < rows; r++) {
    const V *x = reinterpret_cast<const V *>(data + r * stride);
#pragma clang loop unroll(full)
    for (int k = 0; k < vectors; k++) {
      const Places better = largest ? x[k] > known[k] : x[k] < known[k];
      known[k] = better ? x[k] : known[k];
      at[k] = better ? Places{} + typename Vector<T>::whole(r) : at[k];
      unordered |= x[k] != x[k];
    }
  }
  if (__builtin_reduce_or(unordered) != 0) return false;
  alignas(64) typename Vector<T>::whole row[vectors * lanes];
  __builtin_memcpy(extremes, known, sizeof known);
  __builtin_memcpy(row, at, sizeof at);
  for (int i = 0; i < vectors * lanes; i++) places[i] = row[i] < 0 ? places[i] : first + row[i];
  return true;
}

template <bool largest, class T>
void extreme_columns_of(void *extremes, int64_t *places, const void *data, intptr_t stride, int64_t first,
                        intptr_t rows, intptr_t count) {
  constexpr int lanes = Vector<T>::lanes, vectors = 4;
  T *known = static_cast<T *>(extremes);
  const char *start = static_cast<const char *>(data);
  for (intptr_t j = 0; j < count;) {
    const char *column = start + j * intptr_t(sizeof(T));
    const bool wide = j + vectors * lanes <= count, narrow = j + lanes <= count;
    const intptr_t taken = wide ? vectors * lanes : narrow ? lanes : count - j;
    const bool complete =
        wide ? extreme_strip<largest, T, vectors>(known + j, places + j, column, stride, first, rows)
             : narrow && extreme_strip<largest, T, 1>(known + j, places + j, column, stride, first, rows);
    for (intptr_t r = 0; !complete && r < rows; r++) {
      const T *values = reinterpret_cast<const T *>(column + r * stride);
      for (intptr_t i = 0; i < taken; i++) {
        const T value = values[i], best = known[j + i];
        const bool better = (largest ? value > best : value < best) | ((value != value) & (best == best));
        known[j + i] = better ? value : best;
        places[j + i] = better ? first + r : places[j + i];
      }
    }
    j += taken;
  }
}

template <bool largest>
const ExtremeKernels &extreme_kernels_of(st_dtype element) {
  static constexpr ExtremeKernels kernels[] = {
      {look_for_extreme<largest, float>, extreme_columns_of<largest, float>},
      {look_for_extreme<largest, double>, extreme_columns_of<largest, double>},
      {look_for_extreme<largest, int64_t>, extreme_columns_of<largest, int64_t>}};
  return kernels[element == ST_FLOAT32 ? 0 : element == ST_FLOAT64 ? 1 : 2];
}

inline const ExtremeKernels &extreme_kernels(bool largest, st_dtype element) {
  return largest ? extreme_kernels_of<true>(element) : extreme_kernels_of<false>(element);
}
