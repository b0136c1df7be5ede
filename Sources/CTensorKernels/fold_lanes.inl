// Folds of contiguous elements by vectors, of one instruction set: see dispatch.hpp and reduce.hpp.

// Vectors pass between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

template <class T> struct Vector {
  typedef T type __attribute__((vector_size(64), aligned(sizeof(T)), may_alias));
  static constexpr intptr_t lanes = 64 / sizeof(T);
  using ints = decltype(type{} == type{});  // as comparisons give
  using whole = std::remove_cvref_t<decltype(ints{}[0])>;
};

template <class T> struct HalfVector {
  typedef uint16_t type __attribute__((vector_size(32), aligned(2), may_alias));
};

template <Fold fold, class V>
ST_INLINE V folded(V a, V b) {
  if constexpr (fold == Fold::sum) return a + b;
  if constexpr (fold == Fold::product) return a * b;
  // The first NaN stays.
  if constexpr (fold == Fold::largest) return ((a != a) | (a >= b)) ? a : b;
  if constexpr (fold == Fold::smallest) return ((a != a) | (a <= b)) ? a : b;
}

// What elements are computed in: 16-bit floats in float, and sums and products of integers wrap around.
template <class T>
using Computed = std::conditional_t<is_half<T>, float, T>;
template <class T, Fold fold>
using Arithmetical = std::conditional_t<is_same<T, int64_t> && (fold == Fold::sum || fold == Fold::product), uint64_t,
                                        Computed<T>>;

template <Fold fold, class T>
constexpr T neutral_element() {
  if constexpr (fold == Fold::sum) return T(0);
  if constexpr (fold == Fold::product) return T(1);
  constexpr bool lowest = fold == Fold::largest;
  if constexpr (is_float<T>) return lowest ? -T(__builtin_inff()) : T(__builtin_inff());
  if constexpr (is_same<T, uint8_t>) return lowest ? 0 : 255;
  if constexpr (is_same<T, int32_t>) return lowest ? INT32_MIN : INT32_MAX;
  if constexpr (is_same<T, int64_t>) return lowest ? INT64_MIN : INT64_MAX;
}

// Where NaN is looked for on its own.
template <Fold fold, class V>
ST_INLINE V folded_numbers(V a, V b) {
  if constexpr (fold == Fold::largest) return b > a ? b : a;
  if constexpr (fold == Fold::smallest) return b < a ? b : a;
  return folded<fold>(a, b);
}

// 16-bit floats' bits as the numbers they stand for.
template <class T>
ST_INLINE Vector<float>::type widened(typename HalfVector<T>::type bits) {
  typedef uint32_t Bits __attribute__((vector_size(64)));
  if constexpr (is_same<T, bfloat16>) return (Vector<float>::type)(__builtin_convertvector(bits, Bits) << 16);
#if ST_VARIANT_F16C
  typedef _Float16 Halves __attribute__((vector_size(32)));
  return __builtin_convertvector((Halves)bits, typename Vector<float>::type);
#else
  typename Vector<float>::type result;
  for (int i = 0; i < 16; i++) result[i] = to_float(T{bits[i]});
  return result;
#endif
}

template <class U, class T>
ST_INLINE typename Vector<U>::type lanes_at(const T *values) {
  if constexpr (is_half<T>) {
    return widened<T>(*reinterpret_cast<const typename HalfVector<T>::type *>(values));
  } else {
    return *reinterpret_cast<const typename Vector<U>::type *>(values);
  }
}

// The elements [done, count) of a run, fewer than a vector's; the other lanes are neutral.
template <class U, class T>
ST_INLINE typename Vector<U>::type rest_of(const T *values, intptr_t done, intptr_t count,
                                           typename Vector<U>::type neutral) {
  const intptr_t rest = count - done;
#if ST_VARIANT_AVX512
  using V = typename Vector<U>::type;
  const uint64_t mask = (uint64_t(1) << rest) - 1;
  typedef char Bytes __attribute__((vector_size(64)));
  typedef int Ints __attribute__((vector_size(64)));
  typedef long long Wholes __attribute__((vector_size(64)));
  typedef short Shorts __attribute__((vector_size(32)));
  const auto from = reinterpret_cast<const void *>(values + done);
  if constexpr (is_half<T>) {
    const Shorts bits =
        __builtin_ia32_loaddquhi256_mask(static_cast<const Shorts *>(from), Shorts{}, uint16_t(mask));
    return __builtin_ia32_selectps_512(uint16_t(mask), widened<T>((typename HalfVector<T>::type)bits), neutral);
  } else if constexpr (is_same<U, float>) {
    return __builtin_ia32_loadups512_mask(static_cast<const float *>(from), neutral, uint16_t(mask));
  } else if constexpr (is_same<U, double>) {
    return __builtin_ia32_loadupd512_mask(static_cast<const double *>(from), neutral, uint8_t(mask));
  } else if constexpr (sizeof(U) == 1) {
    return (V)__builtin_ia32_loaddquqi512_mask(static_cast<const Bytes *>(from), (Bytes)neutral, mask);
  } else if constexpr (sizeof(U) == 4) {
    return (V)__builtin_ia32_loaddqusi512_mask(static_cast<const int *>(from), (Ints)neutral, uint16_t(mask));
  } else {
    const auto wholes = static_cast<const long long *>(from);
    return (V)__builtin_ia32_loaddqudi512_mask(wholes, (Wholes)neutral, uint8_t(mask));
  }
#else
  constexpr intptr_t lanes = Vector<U>::lanes;
  if (count < lanes) {
    auto part = neutral;
    for (intptr_t i = 0; i < rest; i++) part[i] = cast<U>(values[done + i]);
    return part;
  }
  // Lanes that were taken before are left out.
  typename Vector<U>::ints place = {}, first = place + typename Vector<U>::whole(lanes - rest);
#pragma clang loop unroll(full)
  for (int i = 0; i < lanes; i++) place[i] = i;
  return place >= first ? lanes_at<U>(values + count - lanes) : neutral;
#endif
}

template <Fold fold, class T>
constexpr bool watches_for_nan = is_float<Computed<T>> && (fold == Fold::largest || fold == Fold::smallest);

// The lanes' results for at most 16 turns of the chains, which are then joined pairwise: sums stay accurate.
constexpr int chains = 4;
template <class U>
constexpr intptr_t longest_run = 16 * chains * Vector<U>::lanes;

template <Fold fold, class T, class U = Arithmetical<T, fold>>
ST_SHORT typename Vector<U>::type fold_run(const T *values, intptr_t count) {
  using V = typename Vector<U>::type;
  constexpr intptr_t lanes = Vector<U>::lanes;
  constexpr bool watches = watches_for_nan<fold, T>;
  const V neutral = V{} + U(neutral_element<fold, Computed<T>>());
  V chain[chains];
  typename Vector<U>::ints unordered = {};
#pragma clang loop unroll(full)
  for (int k = 0; k < chains; k++) chain[k] = neutral;
  intptr_t done = 0;
  for (; done + chains * lanes <= count; done += chains * lanes) {
    V x[chains];
#pragma clang loop unroll(full)
    for (int k = 0; k < chains; k++) x[k] = lanes_at<U>(values + done + k * lanes);
#pragma clang loop unroll(full)
    for (int k = 0; k < chains; k += 2) {
      chain[k] = folded_numbers<fold>(chain[k], x[k]);
      chain[k + 1] = folded_numbers<fold>(chain[k + 1], x[k + 1]);
      if constexpr (watches) unordered |= (x[k] != x[k]) | (x[k + 1] != x[k + 1]);
    }
  }
  const auto take = [&](V &to, V x) ST_LAMBDA_INLINE {
    to = folded_numbers<fold>(to, x);
    if constexpr (watches) unordered |= x != x;
  };
  for (; done + lanes <= count; done += lanes) take(chain[0], lanes_at<U>(values + done));
  if (done < count) take(chain[1], rest_of<U>(values, done, count, neutral));
#pragma clang loop unroll(full)
  for (int width = chains / 2; width > 0; width /= 2) {
#pragma clang loop unroll(full)
    for (int k = 0; k < width; k++) chain[k] = folded_numbers<fold>(chain[k], chain[k + width]);
  }
  if constexpr (watches) return unordered ? V{} + U(__builtin_nanf("")) : chain[0];
  return chain[0];
}

// What the lanes give, folded by halves.
template <Fold fold, class U, class V, size_t... lane>
ST_INLINE U folded_lanes(V x, std::index_sequence<lane...>) {
  if constexpr (sizeof(V) == 2 * sizeof(U)) {
    return folded<fold>(x[0], x[1]);
  } else {
    const auto low = __builtin_shufflevector(x, x, lane...);
    const auto high = __builtin_shufflevector(x, x, (sizeof...(lane) + lane)...);
    return folded_lanes<fold, U>(folded<fold>(low, high), std::make_index_sequence<sizeof...(lane) / 2>());
  }
}

// A call, whose time does not count beside that of a long run.
template <Fold fold, class T, class U = Arithmetical<T, fold>>
__attribute__((noinline)) typename Vector<U>::type fold_long_run(const T *values, intptr_t count) {
  return fold_run<fold, T>(values, count);
}

// Up to 16 runs of one row.
template <Fold fold, class T, class U = Arithmetical<T, fold>>
ST_INLINE typename Vector<U>::type fold_runs(const T *values, intptr_t count) {
  constexpr intptr_t run = longest_run<U>;
  auto result = fold_long_run<fold, T>(values, count < run ? count : run);
  for (intptr_t done = run; done < count; done += run) {
    result = folded<fold>(result, fold_long_run<fold, T>(values + done, count - done < run ? count - done : run));
  }
  return result;
}
