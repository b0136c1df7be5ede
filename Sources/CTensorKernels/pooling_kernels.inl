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

template <class T, class Values, class Indices>
ST_INLINE void write_lanes(T *to, int64_t *indices, const Values &values, const Indices &places) {
  using A = PoolValue<T>;
  typedef int64_t Wide __attribute__((vector_size(PoolLanes<A>::count * sizeof(int64_t))));
  PoolLanes<A>::store(indices, __builtin_convertvector(places, Wide));
  if constexpr (is_same<A, T>) {
    PoolLanes<A>::store(to, values);
  } else {
    A numbers[PoolLanes<A>::count];
    PoolLanes<A>::store(numbers, values);
    for (intptr_t l = 0; l < PoolLanes<A>::count; l++) to[l] = cast<T>(numbers[l]);
  }
}

// Windows of a row are the lanes of vectors, which go through the rows under them. Those are read where they lie, or
// copied with their padding.
template <int fixed, class T>
void max_pool_plane_in_lanes(const Pool &pool, const T *from, const T *readable, T *to, int64_t *indices,
                             PoolValue<T> *scratch) {
  using A = PoolValue<T>;
  using Lanes = PoolLanes<A>;
  using Index = typename Lanes::Index;
  using Values = typename Lanes::Values;
  const PoolAxis &columns = pool.axes[2];
  const intptr_t width = columns.padded_size(), padding = columns.padding;
  // Where each window begins, if not at its first tap.
  Index *const firsts = reinterpret_cast<Index *>(scratch);
  A *const lines = scratch + columns.padded_places();
  for (intptr_t x = 0; padding > 0 && x < columns.padded_places(); x++) {
    firsts[x] = Index(columns.begin(std::min(x, columns.places - 1)));
  }
  typename Lanes::Indices steps;
  for (int l = 0; l < Lanes::count; l++) steps[l] = Index(l * columns.stride);
  const intptr_t last_tap = (columns.places - 1) * columns.stride + (columns.kernel - 1) * columns.dilation;
  const bool inside = is_same<A, T> && padding == 0 && last_tap < columns.size;
  if (!inside || readable - from < pool.pixels() + width) {
    std::fill_n(lines, pool.windows_rows() * width, least_value<A>());
  }
  T *const end = to + pool.places();
  for (intptr_t z = 0; z < pool.axes[0].places; z++) {
    for (intptr_t y = 0; y < pool.axes[1].places; y++) {
      const intptr_t last = (pool.axes[0].end(z) - 1) * pool.axes[1].size + pool.axes[1].end(y) - 1;
      const bool in_place = inside && readable - from >= last * columns.size + width;
      if (!in_place) {
        intptr_t copies = 0;
        each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
          A *const line = lines + copies++ * width + padding;
          for (intptr_t x = 0; x < columns.size; x++) line[x] = cast<A>(from[number * columns.size + x]);
        });
      }
      for (intptr_t x = 0; x < columns.places; x += Lanes::count) {
        Values most = Values{} + least_value<A>();
        auto at = padding > 0 ? Lanes::template load<typename Lanes::Indices>(firsts + x)
                              : steps + Index(x * columns.stride);
        at += Index(pool.top(z, y));
        const A *line = lines;
        each_row(pool, z, y, [&](intptr_t number) ST_LAMBDA_INLINE {
          if constexpr (is_same<A, T>) {
            if (in_place) line = from + number * columns.size;
          }
          for (intptr_t tap = 0; tap < columns.kernel; tap++) {
            const intptr_t shift = x * columns.stride + tap * columns.dilation;
            const Values values = Lanes::template every<fixed>(line + shift, columns.stride);
            const auto taken = (values > most) | (values != values);
            most = taken ? values : most;
            at = taken ? steps + Index(number * columns.size - padding + shift) : at;
          }
          line += width;
        });
        const intptr_t here = std::min(Lanes::count, columns.places - x);
        // Lanes beyond the row go to the next rows, which are written later.
        if (end - to >= Lanes::count) {
          write_lanes(to, indices, most, at);
        } else {
          T values[Lanes::count];
          int64_t numbers[Lanes::count];
          write_lanes(values, numbers, most, at);
          std::copy_n(values, here, to);
          std::copy_n(numbers, here, indices);
        }
        to += here, indices += here;
      }
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

// The same, and where in the plane the first of them lie; of NaN the last. Memory up to `readable` may be read.
template <class T>
void max_pool_plane_indexed(const Pool &pool, const T *from, const T *readable, T *to, int64_t *indices,
                            PoolValue<T> *scratch) {
  using A = PoolValue<T>;
  if (pool.axes[2].fits_lanes() && pool.pixels() <= PoolLanes<A>::most) {
    const intptr_t stride = pool.axes[2].stride;
    return stride == 1   ? max_pool_plane_in_lanes<1>(pool, from, readable, to, indices, scratch)
           : stride == 2 ? max_pool_plane_in_lanes<2>(pool, from, readable, to, indices, scratch)
                         : max_pool_plane_in_lanes<0>(pool, from, readable, to, indices, scratch);
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
