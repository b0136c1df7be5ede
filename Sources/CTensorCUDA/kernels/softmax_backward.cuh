// The derivative of softmax, y (g - sum(g y)), and of its logarithm, g - exp(y) sum(g); by the same kinds of kernels.
#ifndef ST_CUDA_SOFTMAX_BACKWARD_CUH
#define ST_CUDA_SOFTMAX_BACKWARD_CUH

#include "held_row.cuh"
#include "softmax_parameters.h"

namespace st {

template <class A> ST_DEVICE A softmax_term(A g, A y, bool logarithm) { return logarithm ? g : g * y; }
template <class A> ST_DEVICE A softmax_gradient(A g, A y, A sum, bool logarithm) {
  return logarithm ? g - m_exp(y) * sum : y * (g - sum);
}

template <class T, int held>
ST_DEVICE void softmax_gradient_rows(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held, T>;
  ST_SHARED A shared[16];
  const RowPlace place(p.team, p.rows, p.count, p.vectors);
  int64_t offsets[3] = {};
  if (place.length > 0) locate(p.kept, place.row, offsets);
  Row y, g;
  y.read(static_cast<const T *>(p.in) + offsets[1], place, cast<T>(A(0)));
  g.read(static_cast<const T *>(p.gradient) + offsets[2], place, cast<T>(A(0)));
  A sum = 0;
#pragma unroll
  for (int i = 0; i < Row::count; i++) sum += softmax_term(cast<A>(g.values[i]), cast<A>(y.values[i]), p.logarithm);
  sum = team_total(sum, p.team, shared, added<A>);
  y.write(static_cast<T *>(p.out) + offsets[0], place,
          [&](T value, int i) { return softmax_gradient(cast<A>(g.values[i]), cast<A>(value), sum, p.logarithm); });
}

// A block for each row, by vectors where all three allow them.
template <class T>
ST_DEVICE void softmax_gradient_long(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[16];
  int64_t offsets[3];
  locate(p.kept, blockIdx.x, offsets);
  const T *y = static_cast<const T *>(p.in) + offsets[1], *g = static_cast<const T *>(p.gradient) + offsets[2];
  T *out = static_cast<T *>(p.out) + offsets[0];
  const int64_t thread = threadIdx.x, threads = blockDim.x, units = p.vectors ? p.count / N : 0;
  A sum = 0;
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> ys = load<N>(y + i * N), gs = load<N>(g + i * N);
#pragma unroll
    for (int n = 0; n < N; n++) sum += softmax_term(cast<A>(gs.values[n]), cast<A>(ys.values[n]), p.logarithm);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.count; i += threads) {
    sum += softmax_term(cast<A>(g[i]), cast<A>(y[i]), p.logarithm);
  }
  sum = team_total(sum, int(threads), shared, added<A>);
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> ys = load<N>(y + i * N), gs = load<N>(g + i * N);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) {
      results.values[n] = cast<T>(softmax_gradient(cast<A>(gs.values[n]), cast<A>(ys.values[n]), sum, p.logarithm));
    }
    store(out + i * N, results);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.count; i += threads) {
    out[i] = cast<T>(softmax_gradient(cast<A>(g[i]), cast<A>(y[i]), sum, p.logarithm));
  }
}

template <class T>
ST_DEVICE void softmax_gradient_columns(const SoftmaxParameters &p) {
  using A = Arithmetic<T>;
  ST_SHARED A shared[256];
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x), y0 = thread / across;
  const int64_t row = int64_t(blockIdx.x) * across + thread % across, count = row < p.rows ? p.count : 0;
  int64_t offsets[3] = {};
  if (row < p.rows) locate(p.kept, row, offsets);
  const T *y = static_cast<const T *>(p.in) + offsets[1], *g = static_cast<const T *>(p.gradient) + offsets[2];
  T *out = static_cast<T *>(p.out) + offsets[0];
  constexpr int unroll = sizeof(T) == 8 ? 1 : 2;
  A sum = 0;
#pragma unroll unroll
  for (int64_t i = y0; i < count; i += down) {
    sum += softmax_term(cast<A>(g[i * p.strides[2]]), cast<A>(y[i * p.strides[1]]), p.logarithm);
  }
  sum = columns_total(sum, across, down, shared, added<A>);
#pragma unroll 1
  for (int64_t i = y0; i < count; i += unroll * down) {
    T ys[unroll], gs[unroll];
#pragma unroll
    for (int k = 0; k < unroll; k++) {
      const int64_t at = i + k * down;
      if (at >= count) continue;
      ys[k] = y[at * p.strides[1]];
      gs[k] = g[at * p.strides[2]];
    }
#pragma unroll
    for (int k = 0; k < unroll; k++) {
      const int64_t at = i + k * down;
      if (at >= count) continue;
      out[at * p.strides[0]] = cast<T>(softmax_gradient(cast<A>(gs[k]), cast<A>(ys[k]), sum, p.logarithm));
    }
  }
}

}  // namespace st

#endif
