// Softmax and its logarithm along one dimension. Rows that are contiguous are kept in registers, longer ones are read
// twice; others are walked by threads side by side.
#ifndef ST_CUDA_SOFTMAX_CUH
#define ST_CUDA_SOFTMAX_CUH

#include "held_row.cuh"
#include "softmax_parameters.h"

namespace st {

template <class A> ST_DEVICE A greater(A a, A b) { return a > b ? a : b; }
template <class A> ST_DEVICE A negative_infinity() {
  if constexpr (is_same<A, float>) return -__builtin_inff();
  else return -__builtin_inf();
}

// The largest element so far and the sum of exponentials less it. NaN shows in the sum only.
template <class A>
struct Exponentials {
  A most, sum;
  // exp(most - other), 1 where they are the same infinity.
  static ST_DEVICE A factor(A most, A other) { return most == other ? A(1) : m_exp(most - other); }
};
template <class A>
ST_DEVICE Exponentials<A> exchanged(const Exponentials<A> &own, int mask) {
  return {exchanged(own.most, mask), exchanged(own.sum, mask)};
}
template <class A>
ST_DEVICE Exponentials<A> together(const Exponentials<A> &a, const Exponentials<A> &b) {
  using E = Exponentials<A>;
  const A most = greater(a.most, b.most);
  return {most, a.sum * E::factor(a.most, most) + b.sum * E::factor(b.most, most)};
}
template <int N, class A>
ST_DEVICE void add(Exponentials<A> &total, const A (&values)[N]) {
  A most = total.most;
#pragma unroll
  for (int n = 0; n < N; n++) most = greater(most, values[n]);
  // Until something is finite, elements are -infinity, whose exponentials are 0, or NaN.
  const A base = most == negative_infinity<A>() ? A(0) : most;
  A sum = total.sum * Exponentials<A>::factor(total.most, most);
#pragma unroll
  for (int n = 0; n < N; n++) sum += m_exp(values[n] - base);
  total = {most, sum};
}

// What finishes an element: x - most, then less the sum's logarithm or, as an exponential, by the sum's inverse.
template <class A>
struct SoftmaxScale {
  A most, last;
  bool logarithm;
  ST_DEVICE SoftmaxScale(A most, A sum, bool logarithm)
      : most(most), last(logarithm ? m_log(sum) : 1 / sum), logarithm(logarithm) {}
  ST_DEVICE A operator()(A x) const { return logarithm ? x - most - last : m_exp(x - most) * last; }
};

// The exponential of x <= 0, of elements of T: the processor's own suffices for what is rounded to 16 bits.
template <class T, class A>
ST_DEVICE A exponential(A x) {
  if constexpr (is_half<T>) return __expf(x);
  else return m_exp(x);
}

// ---- Rows that are contiguous, and short enough for their team's registers.
template <class T, int held>
ST_DEVICE void softmax_rows(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  ST_SHARED A shared[16];
  const RowPlace place(p.team, p.rows, p.count, p.vectors);
  int64_t offsets[3] = {};
  if (place.length > 0) locate(p.kept, place.row, offsets);
  Row row;
  // Places after the end may hold -infinity: where that is the largest, all becomes NaN anyway.
  row.read(static_cast<const T *>(p.in) + offsets[1], place, negative_infinity<A>());
  A most = negative_infinity<A>();
#pragma unroll
  for (int i = 0; i < Row::count; i++) most = greater(row.values[i], most);
  most = team_total(most, p.team, shared, greater<A>);
  A sum = 0;
#pragma unroll
  for (int i = 0; i < Row::count; i++) {
    const A term = exponential<T>(row.values[i] - most);
    sum += term;
    if (!p.logarithm) row.values[i] = term;
  }
  sum = team_total(sum, p.team, shared, added<A>);
  const A last = p.logarithm ? m_log(sum) : 1 / sum;
  row.write(static_cast<T *>(p.out) + offsets[0], place,
            [&](A value, int) { return p.logarithm ? value - most - last : value * last; });
}

// ---- Longer ones: a block for each.

template <class T>
ST_DEVICE void softmax_long(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED Exponentials<A> shared[16];
  int64_t offsets[3];
  locate(p.kept, blockIdx.x, offsets);
  const T *in = static_cast<const T *>(p.in) + offsets[1];
  T *out = static_cast<T *>(p.out) + offsets[0];
  const int thread = int(threadIdx.x), threads = int(blockDim.x);
  // Before, in, and after the vectors.
  const int64_t head = unaligned<N>(in, p.count), units = (p.count - head) / N, tail = head + units * N;
  Exponentials<A> total = {negative_infinity<A>(), A(0)};
  const auto single = [&](int64_t at) {
    const A values[1] = {cast<A>(in[at])};
    add(total, values);
  };
  if (thread < head) single(thread);
  if (thread < p.count - tail) single(tail + thread);
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> loaded = load<N>(in + head + i * N);
    A values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = cast<A>(loaded.values[n]);
    add(total, values);
  }
  total = team_total(total, threads, shared, together<A>);
  const SoftmaxScale<A> scale(total.most, total.sum, p.logarithm);
  if (thread < head) out[thread] = cast<T>(scale(cast<A>(in[thread])));
  if (thread < p.count - tail) out[tail + thread] = cast<T>(scale(cast<A>(in[tail + thread])));
  const bool wide = unaligned<N>(out + head, N) == 0;
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const int64_t at = head + i * N;
    const Vector<T, N> loaded = load<N>(in + at);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = cast<T>(scale(cast<A>(loaded.values[n])));
    if (wide) {
      store(out + at, results);
    } else {
#pragma unroll
      for (int n = 0; n < N; n++) out[at + n] = results.values[n];
    }
  }
}

// ---- Any strides: threads beside each other take neighbouring rows, those below each other their elements in turns.
template <class T>
ST_DEVICE void softmax_columns(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  ST_SHARED Exponentials<A> shared[256];
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t row = int64_t(blockIdx.x) * across + thread % across;
  int64_t offsets[3] = {};
  if (row < p.rows) locate(p.kept, row, offsets);
  const T *in = static_cast<const T *>(p.in) + offsets[1];
  T *out = static_cast<T *>(p.out) + offsets[0];
  const int64_t count = row < p.rows ? p.count : 0;
  Exponentials<A> total = {negative_infinity<A>(), A(0)};
  constexpr int unroll = sizeof(T) == 8 ? 1 : 4;
  int64_t i = y;
#pragma unroll 1
  for (; i + (unroll - 1) * down < count; i += unroll * down) {
    A values[unroll];
#pragma unroll
    for (int k = 0; k < unroll; k++) values[k] = cast<A>(in[(i + k * down) * p.strides[1]]);
    add(total, values);
  }
#pragma unroll 1
  for (; i < count; i += down) {
    const A values[1] = {cast<A>(in[i * p.strides[1]])};
    add(total, values);
  }
  total = columns_total(total, across, down, shared, together<A>);
  const SoftmaxScale<A> scale(total.most, total.sum, p.logarithm);
  // Loads that do not wait for the stores before them, which might be to the same memory.
#pragma unroll 1
  for (i = y; i < count; i += unroll * down) {
    T values[unroll];
#pragma unroll
    for (int k = 0; k < unroll; k++) {
      const int64_t at = i + k * down;
      if (at < count) values[k] = in[at * p.strides[1]];
    }
#pragma unroll
    for (int k = 0; k < unroll; k++) {
      const int64_t at = i + k * down;
      if (at < count) out[at * p.strides[0]] = cast<T>(scale(cast<A>(values[k])));
    }
  }
}

}  // namespace st

#endif
