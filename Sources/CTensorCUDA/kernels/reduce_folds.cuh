// Folds: how elements become a total, totals a total, and a total a result. The kernels know folds by
//   Element, Total, Shift; width (elements of a vector), across (columns of a thread), unroll (vectors in flight)
//   start(p), shift(first element of a row), add(total, elements, number of the first, step of the numbers, shift, p),
//   combined(total, later total, p), store(total, offsets, p)
#ifndef ST_CUDA_REDUCE_FOLDS_CUH
#define ST_CUDA_REDUCE_FOLDS_CUH

#include "moments.cuh"
#include "reduce_parameters.h"

namespace st {

struct Nothing {};

// The columns that leave a thread registers: of plain totals, and of those of several numbers.
template <class T>
inline constexpr int plain_across = sizeof(Accumulator<T>) == 4 ? vector_width<T>
                                    : sizeof(T) < 4             ? 4
                                                                : 8 / int(sizeof(T));
template <class T> inline constexpr int few_across = plain_across<T> < 4 ? plain_across<T> : 4;

template <class T>
struct PlainFold {
  using Element = T;
  using Shift = Nothing;
  static constexpr int width = vector_width<T>, across = plain_across<T>, unroll = 4;
  static ST_DEVICE Nothing shift(T) { return {}; }
};

template <class A>
ST_DEVICE void store_as(void *out, int64_t offset, int32_t dtype, A value) {
  switch (dtype) {
    case ST_BOOL: static_cast<bool *>(out)[offset] = cast<bool>(value); break;
    case ST_UINT8: static_cast<uint8_t *>(out)[offset] = cast<uint8_t>(value); break;
    case ST_INT8: static_cast<int8_t *>(out)[offset] = cast<int8_t>(value); break;
    case ST_INT16: static_cast<int16_t *>(out)[offset] = cast<int16_t>(value); break;
    case ST_INT32: static_cast<int32_t *>(out)[offset] = cast<int32_t>(value); break;
    case ST_INT64: static_cast<int64_t *>(out)[offset] = cast<int64_t>(value); break;
    case ST_FLOAT16: static_cast<float16 *>(out)[offset] = cast<float16>(value); break;
    case ST_BFLOAT16: static_cast<bfloat16 *>(out)[offset] = cast<bfloat16>(value); break;
    case ST_FLOAT32: static_cast<float *>(out)[offset] = cast<float>(value); break;
    default: static_cast<double *>(out)[offset] = cast<double>(value); break;
  }
}

template <class A>
ST_DEVICE void finish_and_store(A value, const int64_t (&offsets)[3], const ReduceParameters &p) {
  using Real = Arithmetic<typename AccumulatorOf<A>::type>;
  if constexpr (is_float<Real>) {
    switch (p.finish) {
      case Finish::divide: value = value / A(p.divisor); break;
      case Finish::divide_root: value = m_sqrt(value / A(p.divisor)); break;
      case Finish::root: value = m_sqrt(value); break;
      case Finish::power: value = m_pow(value, A(1 / p.power)); break;
      default: break;
    }
  } else if (p.finish == Finish::divide) {
    store_as(p.out, offsets[1], p.dtype, double(value) / p.divisor);
    return;
  }
  store_as(p.out, offsets[1], p.dtype, value);
}

// Whole numbers wrap.
template <class A> ST_DEVICE A plus(A a, A b) {
  if constexpr (is_float<A>) return a + b;
  else return A(uint64_t(a) + uint64_t(b));
}
template <class A> ST_DEVICE A times(A a, A b) {
  if constexpr (is_float<A>) return a * b;
  else return A(uint64_t(a) * uint64_t(b));
}
// NaN counts as the largest, and the first one stays.
template <class A> ST_DEVICE A larger(A a, A b) { return a != a || a >= b ? a : b; }

template <class A> ST_DEVICE A lowest() {
  if constexpr (is_same<A, float>) return -__builtin_inff();
  else if constexpr (is_same<A, double>) return -__builtin_inf();
  else return INT64_MIN;
}

// Turns the order round where all bits of `flip` are set that it takes: the sign's for floats, each for whole numbers.
template <class A> ST_DEVICE A flipped(A value, uint64_t flip) {
  if constexpr (sizeof(A) == 4) return bits_as<A>(bits_as<uint32_t>(value) ^ uint32_t(flip >> 32));
  else return bits_as<A>(bits_as<uint64_t>(value) ^ flip);
}

template <class T>
struct Sum : PlainFold<T> {
  using Total = Accumulator<T>;
  static ST_DEVICE Total start(const ReduceParameters &) { return Total(0); }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing, const ReduceParameters &) {
    Total values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = cast<Total>(elements[n]);
    total = plus(total, folded(values, plus<Total>));
  }
  static ST_DEVICE Total combined(Total a, Total b, const ReduceParameters &) { return plus(a, b); }
  static ST_DEVICE void store(Total total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    finish_and_store(total, offsets, p);
  }
};

template <class T>
struct Product : PlainFold<T> {
  using Total = Accumulator<T>;
  static ST_DEVICE Total start(const ReduceParameters &) { return Total(1); }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing, const ReduceParameters &) {
    Total values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = cast<Total>(elements[n]);
    total = times(total, folded(values, times<Total>));
  }
  static ST_DEVICE Total combined(Total a, Total b, const ReduceParameters &) { return times(a, b); }
  static ST_DEVICE void store(Total total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    finish_and_store(total, offsets, p);
  }
};

// The smallest too: of flipped elements.
template <class T>
struct Largest : PlainFold<T> {
  using Total = Accumulator<T>;
  static ST_DEVICE Total start(const ReduceParameters &) { return lowest<Total>(); }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing,
                            const ReduceParameters &p) {
    Total values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = flipped(cast<Total>(elements[n]), p.flip);
    total = larger(total, folded(values, larger<Total>));
  }
  static ST_DEVICE Total combined(Total a, Total b, const ReduceParameters &) { return larger(a, b); }
  static ST_DEVICE void store(Total total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    finish_and_store(flipped(total, p.flip), offsets, p);
  }
};

// Whether any element has one of the bits of `flip`, which tell it from zero; or the opposite of whether any has none.
template <class T>
struct Any : PlainFold<T> {
  using Total = uint32_t;
  static constexpr int across = vector_width<T>;
  static ST_DEVICE Total start(const ReduceParameters &) { return 0; }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing,
                            const ReduceParameters &p) {
    const bool opposite = p.finish == Finish::opposite;
#pragma unroll
    for (int n = 0; n < N; n++) total |= uint32_t(((elements[n] & T(p.flip)) != 0) != opposite);
  }
  static ST_DEVICE Total combined(Total a, Total b, const ReduceParameters &) { return a | b; }
  static ST_DEVICE void store(Total total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    store_as(p.out, offsets[1], p.dtype, int64_t((total != 0) != (p.finish == Finish::opposite)));
  }
};

// Norms but those of the next fold.
template <class T>
struct Norm : PlainFold<T> {
  using Total = Accumulator<T>;
  static ST_DEVICE bool adds(const ReduceParameters &p) { return p.term < NormTerm::largest; }
  static ST_DEVICE Total start(const ReduceParameters &p) { return adds(p) ? Total(0) : lowest<Total>(); }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing,
                            const ReduceParameters &p) {
    Total values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = m_abs(cast<Total>(elements[n]));
    if (p.term == NormTerm::square) {
#pragma unroll
      for (int n = 0; n < N; n++) values[n] *= values[n];
    } else if (p.term == NormTerm::nonzero) {
#pragma unroll
      for (int n = 0; n < N; n++) values[n] = values[n] != 0 ? Total(1) : Total(0);
    } else if (!adds(p)) {
#pragma unroll
      for (int n = 0; n < N; n++) values[n] = flipped(values[n], p.flip);
    }
    total = combined(total, adds(p) ? folded(values, plus<Total>) : folded(values, larger<Total>), p);
  }
  static ST_DEVICE Total combined(Total a, Total b, const ReduceParameters &p) {
    return adds(p) ? a + b : larger(a, b);
  }
  static ST_DEVICE void store(Total total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    finish_and_store(adds(p) ? total : flipped(total, p.flip), offsets, p);
  }
};

// Sums of powers, which cost more than their loads.
template <class T>
struct PowerNorm : Sum<T> {
  using Total = Accumulator<T>;
  static constexpr int width = 1, across = 1, unroll = 1;
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, Nothing,
                            const ReduceParameters &p) {
#pragma unroll
    for (int n = 0; n < N; n++) total += m_pow(m_abs(cast<Total>(elements[n])), Total(p.power));
  }
};

// Sums of squared distances from the mean.
template <class T>
struct Spread : PlainFold<T> {
  using A = Accumulator<T>;
  using Total = Moments<A>;
  using Shift = A;
  static constexpr int across = few_across<T>, unroll = sizeof(T) == 8 ? 1 : 2;
  static ST_DEVICE A shift(T first) { return cast<A>(first); }
  static ST_DEVICE Total start(const ReduceParameters &) { return {A(0), A(0), A(0)}; }
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t, int64_t, A shift, const ReduceParameters &) {
    add_moments(total, elements, shift);
  }
  static ST_DEVICE Total combined(const Total &a, const Total &b, const ReduceParameters &) {
    return combined_moments(a, b);
  }
  static ST_DEVICE void store(const Total &total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    finish_and_store(total.squares, offsets, p);
  }
};

}  // namespace st

#endif
