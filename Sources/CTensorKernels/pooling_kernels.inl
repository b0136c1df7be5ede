// The rows of pooling: first the rows under a window are joined, then neighbours in the row.
namespace {

#if ST_VARIANT_AVX512
template <class A>
constexpr intptr_t pool_lanes = 64 / sizeof(A);
#elif ST_VARIANT_FMA && defined(__x86_64__)
template <class A>
constexpr intptr_t pool_lanes = 32 / sizeof(A);
#else
template <class A>
constexpr intptr_t pool_lanes = 16 / sizeof(A);
#endif

template <class A>
ST_INLINE A larger(A a, A b) {
  return b > a || b != b ? b : a;  // NaN wins
}

template <class A>
constexpr A least_value() {
  if constexpr (is_float<A>) {
    return -A(__builtin_inf());
  } else {
    return A(std::make_unsigned_t<A>(1) << (sizeof(A) * 8 - 1));
  }
}

// Calls element(place, column) for the places at which a tap lies inside; a fixed stride lets loops become vectors.
template <class Element>
ST_INLINE void each_inside(const PoolAxis &axis, intptr_t tap, const Element &element) {
  intptr_t first, last;
  axis.inside(tap, first, last);
  const intptr_t shift = tap * axis.dilation - axis.padding;
  if (axis.stride == 1) {
    for (intptr_t x = first; x < last; x++) element(x, x + shift);
  } else if (axis.stride == 2) {
    for (intptr_t x = first; x < last; x++) element(x, x * 2 + shift);
  } else {
    for (intptr_t x = first; x < last; x++) element(x, x * axis.stride + shift);
  }
}

// Calls row(y, number of the row among all) for the rows under the window of (z, y).
template <class Row>
ST_INLINE void each_row(const Pool &pool, intptr_t z, intptr_t y, const Row &row) {
  const PoolAxis &slices = pool.axes[0], &rows = pool.axes[1];
  for (intptr_t k = slices.begin(z); k < slices.end(z); k += slices.step()) {
    for (intptr_t i = rows.begin(y); i < rows.end(y); i += rows.step()) row(k * rows.size + i);
  }
}

// Neighbouring windows in the lanes of a vector, and the numbers of elements of a plane.
template <class A>
struct PoolLanes {
  static constexpr intptr_t count = pool_lanes<A>, most = sizeof(A) == 4 ? INT32_MAX : INT64_MAX;
  using Index = std::conditional_t<sizeof(A) == 4, int32_t, int64_t>;
  typedef A Values __attribute__((vector_size(count * sizeof(A))));
  typedef Index Indices __attribute__((vector_size(count * sizeof(A))));

  template <class V, class E>
  static ST_INLINE V load(const E *from) {
    V vector;
    __builtin_memcpy(&vector, from, sizeof vector);
    return vector;
  }
  template <class V, class E>
  static ST_INLINE void store(E *to, const V &vector) {
    __builtin_memcpy(to, &vector, sizeof vector);
  }

  // Elements that are `stride` apart; of two strides, one element more than the last is read.
  template <int fixed>
  static ST_INLINE Values every(const A *from, intptr_t stride) {
    if constexpr (fixed == 1) return load<Values>(from);
    if constexpr (fixed == 2) {
      const Values first = load<Values>(from), second = load<Values>(from + count);
      return [&]<int... lane>(std::integer_sequence<int, lane...>) ST_LAMBDA_INLINE {
        return __builtin_shufflevector(first, second, (lane * 2)...);
      }(std::make_integer_sequence<int, int(count)>());
    }
    Values values;
    for (int l = 0; l < count; l++) values[l] = from[l * stride];
    return values;
  }
};

// The largest of so many neighbouring windows' elements in one row, which `line` holds from the first window's on.
template <int fixed, class A>
ST_INLINE void larger_in_row(const PoolAxis &columns, const A *line, intptr_t first, A *best,
                             typename PoolLanes<A>::Index *places) {
  using Lanes = PoolLanes<A>;
  using Index = typename Lanes::Index;
  typename Lanes::Indices steps;
  for (int l = 0; l < Lanes::count; l++) steps[l] = Index(l * columns.stride);
  for (intptr_t x = 0; x < columns.places; x += Lanes::count) {
    auto most = Lanes::template load<typename Lanes::Values>(best + x);
    auto at = Lanes::template load<typename Lanes::Indices>(places + x);
    for (intptr_t tap = 0; tap < columns.kernel; tap++) {
      const intptr_t shift = x * columns.stride + tap * columns.dilation;
      const auto values = Lanes::template every<fixed>(line + shift, columns.stride);
      const auto taken = (values > most) | (values != values);
      most = taken ? values : most;
      at = taken ? steps + Index(first + shift) : at;
    }
    Lanes::store(best + x, most);
    Lanes::store(places + x, at);
  }
}

template <class T>
void max_pool_plane_in_lanes(const Pool &pool, const T *from, T *to, int64_t *indices, PoolValue<T> *scratch) {
  using A = PoolValue<T>;
  using Index = typename PoolLanes<A>::Index;
  const PoolAxis &columns = pool.axes[2];
  const intptr_t places = columns.padded_places(), width = columns.padded_size();
  // A row with its padding, and what the windows' rows have come to.
  A *const line = scratch, *const best = line + width;
  Index *const first = reinterpret_cast<Index *>(best + places), *const at = first + places;
  std::fill_n(line, width, least_value<A>());
  for (intptr_t x = 0; x < places; x++) first[x] = Index(columns.begin(std::min(x, columns.places - 1)));
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++, to += columns.places, indices += columns.places) {
      std::fill_n(best, places, least_value<A>());
      const Index top = Index(pool.top(z, y));
      for (intptr_t x = 0; x < places; x++) at[x] = first[x] + top;
      each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
        const intptr_t base = number * columns.size;
        for (intptr_t x = 0; x < columns.size; x++) line[columns.padding + x] = cast<A>(from[base + x]);
        if (columns.stride == 1) {
          larger_in_row<1>(columns, line, base - columns.padding, best, at);
        } else if (columns.stride == 2) {
          larger_in_row<2>(columns, line, base - columns.padding, best, at);
        } else {
          larger_in_row<0>(columns, line, base - columns.padding, best, at);
        }
      });
      for (intptr_t x = 0; x < columns.places; x++) to[x] = cast<T>(best[x]), indices[x] = at[x];
    }
  }
}

}  // namespace

// The largest elements of a plane's windows; `row` has room for a row of it.
template <class T>
void max_pool_plane(const Pool &pool, const T *from, T *to, PoolValue<T> *row) {
  using A = PoolValue<T>;
  const PoolAxis &columns = pool.axes[2];
  A *const best = row + columns.size;
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++, to += columns.places) {
      std::fill_n(row, columns.size, least_value<A>());
      each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
        const T *const line = from + number * columns.size;
        for (intptr_t x = 0; x < columns.size; x++) row[x] = larger(row[x], cast<A>(line[x]));
      });
      if (columns.adaptive) {
        for (intptr_t x = 0; x < columns.places; x++) {
          best[x] = least_value<A>();
          for (intptr_t i = columns.begin(x); i < columns.end(x); i++) best[x] = larger(best[x], row[i]);
        }
      } else {
        std::fill_n(best, columns.places, least_value<A>());
        for (intptr_t tap = 0; tap < columns.kernel; tap++) {
          each_inside(columns, tap, [&](intptr_t x, intptr_t column) ST_LAMBDA_INLINE {
            best[x] = larger(best[x], row[column]);
          });
        }
      }
      for (intptr_t x = 0; x < columns.places; x++) to[x] = cast<T>(best[x]);
    }
  }
}

// The same, and where in the plane the first of them lie; of NaN the last.
template <class T>
void max_pool_plane_indexed(const Pool &pool, const T *from, T *to, int64_t *indices, PoolValue<T> *scratch) {
  using A = PoolValue<T>;
  if (pool.axes[2].fits_lanes() && pool.pixels() <= PoolLanes<A>::most) {
    return max_pool_plane_in_lanes(pool, from, to, indices, scratch);
  }
  const PoolAxis &columns = pool.axes[2];
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++, to += columns.places, indices += columns.places) {
      std::fill_n(scratch, columns.places, least_value<A>());
      const intptr_t top = pool.top(z, y);
      for (intptr_t x = 0; x < columns.places; x++) indices[x] = top + columns.begin(x);
      each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
        const intptr_t base = number * columns.size;
        for (intptr_t x = 0; x < columns.places; x++) {
          for (intptr_t i = columns.begin(x); i < columns.end(x); i += columns.step()) {
            const A value = cast<A>(from[base + i]);
            if (value > scratch[x] || value != value) scratch[x] = value, indices[x] = base + i;
          }
        }
      });
      for (intptr_t x = 0; x < columns.places; x++) to[x] = cast<T>(scratch[x]);
    }
  }
}

// The means of a plane's windows.
template <class T>
void average_pool_plane(const Pool &pool, const T *from, T *to, PoolValue<T> *row) {
  using A = PoolValue<T>;
  const PoolAxis &columns = pool.axes[2];
  A *const sums = row + columns.size;
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++, to += columns.places) {
      std::fill_n(row, columns.size, A(0));
      each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
        const T *const line = from + number * columns.size;
        for (intptr_t x = 0; x < columns.size; x++) row[x] += cast<A>(line[x]);
      });
      std::fill_n(sums, columns.places, A(0));
      if (columns.adaptive) {
        for (intptr_t x = 0; x < columns.places; x++) {
          for (intptr_t i = columns.begin(x); i < columns.end(x); i++) sums[x] += row[i];
        }
      } else {
        for (intptr_t tap = 0; tap < columns.kernel; tap++) {
          each_inside(columns, tap, [&](intptr_t x, intptr_t column) ST_LAMBDA_INLINE { sums[x] += row[column]; });
        }
      }
      const intptr_t outer = pool.divisor != 0 ? 0 : pool.axes[0].count(z) * pool.axes[1].count(y);
      for (intptr_t x = 0; x < columns.places; x++) {
        const intptr_t count = outer == 0 ? pool.count(z, y, x) : outer * columns.count(x);
        to[x] = count != 0 ? cast<T>(A(sums[x] / A(count))) : cast<T>(A(0));
      }
    }
  }
}

// Each element's part in the means: `to` is the plane, `sums` has room for it and a row.
template <class T>
void average_pool_backward_plane(const Pool &pool, const T *gradient, T *to, PoolValue<T> *sums) {
  using A = PoolValue<T>;
  const PoolAxis &columns = pool.axes[2];
  A *const row = sums + pool.pixels();
  std::fill_n(sums, pool.pixels(), A(0));
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++, gradient += columns.places) {
      std::fill_n(row, columns.size, A(0));
      for (intptr_t x = 0; x < columns.places; x++) {
        const intptr_t count = pool.count(z, y, x);
        const A part = count != 0 ? A(cast<A>(gradient[x]) / A(count)) : A(0);
        for (intptr_t i = columns.begin(x); i < columns.end(x); i += columns.step()) row[i] += part;
      }
      each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
        A *const line = sums + number * columns.size;
        for (intptr_t x = 0; x < columns.size; x++) line[x] += row[x];
      });
    }
  }
  for (intptr_t i = 0; i < pool.pixels(); i++) to[i] = cast<T>(sums[i]);
}
