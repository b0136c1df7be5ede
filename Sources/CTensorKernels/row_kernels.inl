// What kernels over rows share. `lanes` partial results run side by side in vectors, so that results do not depend on
// the vectors' length in the processor.

// Vectors pass between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

namespace {

constexpr int lanes = 16;

template <class E>
struct LanesOf {
  typedef E type __attribute__((vector_size(lanes * sizeof(E))));
};
template <class E>
using LaneVector = typename LanesOf<E>::type;

// Calls of a scalar function for each lane, which become one vector's instructions.
template <class To, class From, class Function>
ST_INLINE LaneVector<To> each_lane(LaneVector<From> x, const Function &function) {
  From from[lanes];
  To to[lanes];
  __builtin_memcpy(from, &x, sizeof x);
#pragma clang loop vectorize(enable) vectorize_width(16) interleave_count(1)
  for (int l = 0; l < lanes; l++) to[l] = function(from[l]);
  LaneVector<To> result;
  __builtin_memcpy(&result, to, sizeof result);
  return result;
}
#if ST_VARIANT_AVX512
// exp(x) = 2^((k + r) / 16) for the nearest whole k: a power of two, one of 16 numbers, and a polynomial of r, which
// few instructions give. Within 2 units in the last place for x > -5; beyond, the error relative to the result grows
// as 1.4e-8 |x|, which is less than that of half a unit of x. 0 below -87.3.
ST_INLINE LaneVector<float> exp_nonpositive(LaneVector<float> x) {
  constexpr float scale = 0x1.715476p4f, rounder = 0x1.8p23f;
  // The bits of 2^(i / 16), less those that k brings.
  const LaneVector<uint32_t> table = {
      0x3f800000, 0x3f7daac3, 0x3f7b95c2, 0x3f79c3d3, 0x3f7837f0, 0x3f76f532, 0x3f75fed7, 0x3f75583f,
      0x3f7504f3, 0x3f7508a4, 0x3f75672a, 0x3f76248c, 0x3f7744fd, 0x3f78ccdf, 0x3f7ac0c7, 0x3f7d257d};
  const LaneVector<float> shifted = x * scale + rounder, rest = x * scale - (shifted - rounder);
  const LaneVector<uint32_t> whole = (LaneVector<uint32_t>)shifted;  // k in its low bits, of which the table takes 4
  const auto fraction = (LaneVector<uint32_t>)__builtin_ia32_permvarsi512((LaneVector<int32_t>)table,
                                                                          (LaneVector<int32_t>)whole);
  const LaneVector<float> power = (LaneVector<float>)(fraction + (whole << 19));
  const LaneVector<float> slope = (0x1.c6ac68p-17f * rest + 0x1.ebfff6p-11f) * rest + 0x1.62e430p-5f;
  return x < -87.3365f ? LaneVector<float>{} : power * rest * slope + power;
}
#endif
// Of x <= 0.
template <class A>
ST_SHORT LaneVector<A> exp_lanes(LaneVector<A> x) {
  if constexpr (is_same<A, double>) {
    for (int l = 0; l < lanes; l++) x[l] = m_exp(x[l]);
    return x;
  } else {
#if ST_VARIANT_AVX512
    return exp_nonpositive(x);
#endif
    return each_lane<A, A>(x, [](A value) ST_LAMBDA_INLINE { return m_exp_nonpositive(value); });
  }
}

// ---- Lanes from and to memory, as what the elements compute in.

template <class T>
ST_SHORT LaneVector<Arithmetic<T>> widened(LaneVector<uint16_t> bits) {
#if ST_VARIANT_F16C
  if constexpr (is_same<T, float16>) {
    return __builtin_convertvector((LaneVector<_Float16>)bits, LaneVector<float>);
  }
#endif
  return each_lane<float, uint16_t>(bits, [](uint16_t value) ST_LAMBDA_INLINE { return to_float(T{value}); });
}
template <class T>
ST_SHORT LaneVector<uint16_t> narrowed(LaneVector<float> x) {
#if ST_VARIANT_F16C
  if constexpr (is_same<T, float16>) {
    return (LaneVector<uint16_t>)__builtin_convertvector(x, LaneVector<_Float16>);
  }
#endif
  return each_lane<uint16_t, float>(x, [](float value) ST_LAMBDA_INLINE { return cast<T>(value).bits; });
}

template <class T>
ST_INLINE LaneVector<Arithmetic<T>> load(const T *from) {
  if constexpr (is_half<T>) {
    LaneVector<uint16_t> bits;
    __builtin_memcpy(&bits, from, sizeof bits);
    return widened<T>(bits);
  } else {
    LaneVector<T> x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
  }
}
template <class T>
ST_INLINE void store(T *to, LaneVector<Arithmetic<T>> x) {
  if constexpr (is_half<T>) {
    const LaneVector<uint16_t> bits = narrowed<T>(x);
    __builtin_memcpy(to, &bits, sizeof bits);
  } else {
    __builtin_memcpy(to, &x, sizeof x);
  }
}

// The first `width` lanes, fewer than all; the others are `missing`.
template <class T>
ST_SHORT LaneVector<Arithmetic<T>> load_part(const T *from, intptr_t width, Arithmetic<T> missing) {
  using A = Arithmetic<T>;
#if ST_VARIANT_AVX512
  typedef float Floats __attribute__((vector_size(64)));
  typedef int16_t Shorts __attribute__((vector_size(32)));
  const uint16_t mask = uint16_t((1u << width) - 1);
  if constexpr (is_same<T, float>) {
    return __builtin_ia32_loadups512_mask(from, Floats{} + missing, mask);
  } else if constexpr (is_half<T>) {
    const Shorts bits =
        __builtin_ia32_loaddquhi256_mask(reinterpret_cast<const Shorts *>(from), Shorts{}, mask);
    const LaneVector<A> x = widened<T>((LaneVector<uint16_t>)bits);
    return __builtin_ia32_selectps_512(mask, x, Floats{} + missing);
  }
#endif
  A x[lanes];
  for (int l = 0; l < lanes; l++) x[l] = missing;
  for (intptr_t l = 0; l < width; l++) x[l] = cast<A>(from[l]);
  return load(x);
}
template <class T>
ST_SHORT void store_part(T *to, LaneVector<Arithmetic<T>> x, intptr_t width) {
#if ST_VARIANT_AVX512
  typedef int16_t Shorts __attribute__((vector_size(32)));
  const uint16_t mask = uint16_t((1u << width) - 1);
  if constexpr (is_same<T, float>) {
    __builtin_ia32_storeups512_mask(to, x, mask);
    return;
  } else if constexpr (is_half<T>) {
    __builtin_ia32_storedquhi256_mask(reinterpret_cast<Shorts *>(to), (Shorts)narrowed<T>(x), mask);
    return;
  }
#endif
  Arithmetic<T> values[lanes];
  __builtin_memcpy(values, &x, sizeof x);
  for (intptr_t l = 0; l < width; l++) to[l] = cast<T>(values[l]);
}

// Writes results(i) for lanes from i on, and part(i, width) for the rest. `streams`: past the caches, for outputs that
// exceed them; then st::stream_end() comes after the last row, and what is at `next`, unless that is null, is read next
// and fetched meanwhile. Lanes may be asked for twice.
template <class T, class Results, class Part, class... Next>
ST_INLINE void write_lanes(T *to, intptr_t count, bool streams, const Results &results, const Part &part,
                           Next... next) {
  constexpr intptr_t bytes = lanes * sizeof(T);
  intptr_t i = 0;
  if (streams && count >= 2 * lanes) {
    const intptr_t before = (bytes - reinterpret_cast<uintptr_t>(to) % bytes) % bytes / sizeof(T);
    if (before > 0) store(to, results(i));
    for (i = before; i + lanes <= count; i += lanes) {
      ((next ? __builtin_prefetch(next + i, 0, 2) : void()), ...);
      if constexpr (is_half<T>) {
        __builtin_nontemporal_store(narrowed<T>(results(i)), reinterpret_cast<LaneVector<uint16_t> *>(to + i));
      } else {
        __builtin_nontemporal_store(results(i), reinterpret_cast<LaneVector<T> *>(to + i));
      }
    }
  } else {
    for (; i + lanes <= count; i += lanes) store(to + i, results(i));
  }
  if (i < count) store_part(to + i, part(i, count - i), count - i);
}

// A run of `count` elements that are `stride` apart in the view and adjacent in `to`.
template <class T>
void read_row(Arithmetic<T> *to, const T *from, intptr_t stride, intptr_t count) {
  if (stride == 1) {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<Arithmetic<T>>(from[i]);
  } else {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<Arithmetic<T>>(from[i * stride]);
  }
}
template <class T>
void write_row(T *to, const Arithmetic<T> *from, intptr_t stride, intptr_t count) {
  if (stride == 1) {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<T>(from[i]);
  } else {
    for (intptr_t i = 0; i < count; i++) to[i * stride] = cast<T>(from[i]);
  }
}

// ---- Over lanes, and over rows.

// Rows go through each step of their work in groups, so that a step of one need not wait for that of another; a group
// stays in the cache.
constexpr intptr_t most_together = 16;
ST_INLINE intptr_t rows_together(intptr_t count) {
  const intptr_t fit = 2048 / (count > 0 ? count : 1);
  return fit < 1 ? 1 : fit > most_together ? most_together : fit;
}

template <class A>
ST_INLINE A larger(A a, A b) {
  return a > b ? a : b;
}

// Halves again and again: 8 + 4 + 2 + 1 lanes.
template <class A, class Combine>
ST_INLINE A folded_lanes(LaneVector<A> x, const Combine &combined) {
  x = combined(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  x = combined(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7));
  x = combined(x, __builtin_shufflevector(x, x, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3));
  return combined(x, __builtin_shufflevector(x, x, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))[0];
}
template <class A>
ST_SHORT A sum_of_lanes(LaneVector<A> x) {
  return folded_lanes<A>(x, [](LaneVector<A> a, LaneVector<A> b) ST_LAMBDA_INLINE { return a + b; });
}
template <class A>
ST_INLINE A largest_of_lanes(LaneVector<A> x) {
  return folded_lanes<A>(x, [](LaneVector<A> a, LaneVector<A> b) ST_LAMBDA_INLINE { return a > b ? a : b; });
}

// The largest element; NaN does not count.
template <class T>
Arithmetic<T> row_maximum(const T *x, intptr_t count) {
  using A = Arithmetic<T>;
  constexpr int chains = 4;
  LaneVector<A> most[chains];
ST_UNROLL
  for (int k = 0; k < chains; k++) most[k] = LaneVector<A>{} - A(infinity);
  const auto take = [](LaneVector<A> &most, LaneVector<A> x) ST_LAMBDA_INLINE { most = x > most ? x : most; };
  intptr_t i = 0;
  for (; i + chains * lanes <= count; i += chains * lanes) {
ST_UNROLL
    for (int k = 0; k < chains; k++) take(most[k], load(x + i + k * lanes));
  }
  for (; i + lanes <= count; i += lanes) take(most[0], load(x + i));
  if (i < count) take(most[1], load_part(x + i, count - i, -A(infinity)));
  take(most[0], most[1]);
  take(most[2], most[3]);
  take(most[0], most[2]);
  return largest_of_lanes<A>(most[0]);
}

// Rows are summed in chunks of so many elements, and the chunks in double, so that rounding stays small.
constexpr intptr_t chunk = 2048;

// The sum of whole(i) over lanes from i on and of part(i, width) for the rest, whose other lanes are 0.
template <class A, class Whole, class Part>
ST_INLINE A lanes_total(intptr_t begin, intptr_t end, const Whole &whole, const Part &part) {
  constexpr int chains = 4;
  LaneVector<A> sum[chains] = {};
  intptr_t i = begin;
  for (; i + chains * lanes <= end; i += chains * lanes) {
ST_UNROLL
    for (int k = 0; k < chains; k++) sum[k] += whole(i + k * lanes);
  }
  for (; i + lanes <= end; i += lanes) sum[0] += whole(i);
  if (i < end) sum[1] += part(i, end - i);
  return sum_of_lanes<A>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}
template <class A, class Whole, class Part>
ST_INLINE double chunked_total(intptr_t count, const Whole &whole, const Part &part) {
  double total = -0.0;  // to which x added is x, -0 too
  for (intptr_t start = 0; start < count; start += chunk) {
    total += double(lanes_total<A>(start, count - start < chunk ? count : start + chunk, whole, part));
  }
  return total;
}

// Rows of one group, `step` elements apart.
template <class T>
struct RowGroup {
  T *first;
  intptr_t step;
  ST_INLINE T *operator()(intptr_t r) const { return first + r * step; }
};

// The sum of exp(x - most). If `keeps`, the terms are kept too: in whole lanes, for which there must be room. Meanwhile
// the row at `next` is fetched.
template <bool keeps, class T>
ST_SHORT Arithmetic<T> exp_row(Arithmetic<T> *to, const T *x, Arithmetic<T> most, intptr_t count, const T *next) {
  using A = Arithmetic<T>;
  const auto whole = [&](intptr_t i) ST_LAMBDA_INLINE {
    __builtin_prefetch(next + i);
    const LaneVector<A> term = exp_lanes<A>(load(x + i) - most);
    if constexpr (keeps) store(to + i, term);
    return term;
  };
  const auto part = [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
    const LaneVector<A> term = exp_lanes<A>(load_part(x + i, width, -A(infinity)) - most);
    // Of a row of -infinity all is NaN.
    if constexpr (keeps) store(to + i, term);
    return term;
  };
  return A(chunked_total<A>(count, whole, part));
}
template <bool keeps, class T>
__attribute__((noinline)) void exp_rows(Arithmetic<T> *sums, RowGroup<Arithmetic<T>> to, RowGroup<const T> x,
                                        const Arithmetic<T> *most, intptr_t rows, intptr_t count) {
  for (intptr_t r = 0; r < rows; r++) sums[r] = exp_row<keeps>(to(r), x(r), most[r], count, x(rows + r));
}

// The sums of a row's elements, of their squared distances from a number (what is at `next` is fetched meanwhile), and
// of two rows' products.
template <class T>
double row_total(const T *x, intptr_t count) {
  using A = Arithmetic<T>;
  return chunked_total<A>(
      count, [&](intptr_t i) ST_LAMBDA_INLINE { return load(x + i); },
      [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE { return load_part(x + i, width, A(0)); });
}
template <class T, class... Next>
double row_squares(const T *x, Arithmetic<T> centre, intptr_t count, Next... next) {
  using A = Arithmetic<T>;
  return chunked_total<A>(
      count,
      [&](intptr_t i) ST_LAMBDA_INLINE {
        (__builtin_prefetch(next + i, 0, 2), ...);
        const LaneVector<A> distance = load(x + i) - centre;
        return distance * distance;
      },
      [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
        const LaneVector<A> distance = load_part(x + i, width, centre) - centre;
        return distance * distance;
      });
}
template <class T>
double row_product(const T *x, const T *y, intptr_t count) {
  using A = Arithmetic<T>;
  return chunked_total<A>(
      count, [&](intptr_t i) ST_LAMBDA_INLINE { return load(x + i) * load(y + i); },
      [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
        return load_part(x + i, width, A(0)) * load_part(y + i, width, A(0));
      });
}

}  // namespace
