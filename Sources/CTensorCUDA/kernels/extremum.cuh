// The largest or smallest elements and where they are: a fold for the reductions' kernels.
#ifndef ST_CUDA_EXTREMUM_CUH
#define ST_CUDA_EXTREMUM_CUH

#include "reduce.cuh"

namespace st {

template <class A>
struct Found {
  A value;
  int64_t index;
};
template <class A>
ST_DEVICE Found<A> exchanged(const Found<A> &found, int mask) {
  return {exchanged(found.value, mask), exchanged(found.index, mask)};
}

// Nothing found yet: any element but the lowest is better, and if all are the lowest, the first one is it.
inline constexpr int64_t nowhere = INT64_MAX;

template <class T>
struct Extreme : PlainFold<T> {
  using A = Accumulator<T>;
  using Total = Found<A>;
  static constexpr int across = few_across<T> < 2 ? 1 : 2, unroll = 2;
  static ST_DEVICE Total start(const ReduceParameters &) { return {lowest<A>(), nowhere}; }
  static ST_DEVICE bool better(A a, A b) { return a > b || (a != a && b == b); }
  // A thread meets its elements in their order.
  template <int N>
  static ST_DEVICE void add(Total &total, const T (&elements)[N], int64_t index, int64_t step, Nothing,
                            const ReduceParameters &p) {
#pragma unroll
    for (int n = 0; n < N; n++) {
      const A value = flipped(cast<A>(elements[n]), p.flip);
      if (better(value, total.value)) total = {value, index + n * step};
    }
  }
  static ST_DEVICE Total combined(const Total &a, const Total &b, const ReduceParameters &) {
    if (better(a.value, b.value)) return a;
    return better(b.value, a.value) || b.index < a.index ? b : a;
  }
  static ST_DEVICE void store(const Total &total, const int64_t (&offsets)[3], const ReduceParameters &p) {
    static_cast<int64_t *>(p.indices)[offsets[2]] = total.index == nowhere ? 0 : total.index;
    if (p.out != nullptr) store_as(p.out, offsets[1], p.dtype, flipped(total.value, p.flip));
  }
};

}  // namespace st

#endif
