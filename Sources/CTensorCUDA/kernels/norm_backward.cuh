// The derivatives of the layer norm. With h = (x - mean) rstd and a = gradient * weight: by x, row by row,
// rstd (a - mean(a) - h mean(a h)); by weight and bias, sums over rows of gradient * h and of gradient.
#ifndef ST_CUDA_NORM_BACKWARD_CUH
#define ST_CUDA_NORM_BACKWARD_CUH

#include "norm.cuh"

namespace st {

template <class A>
struct TwoSums {
  A first, second;
};
template <class A>
ST_DEVICE TwoSums<A> exchanged(const TwoSums<A> &sums, int mask) {
  return {exchanged(sums.first, mask), exchanged(sums.second, mask)};
}
template <class A>
ST_DEVICE TwoSums<A> both_added(const TwoSums<A> &a, const TwoSums<A> &b) {
  return {a.first + b.first, a.second + b.second};
}

template <class T, int held>
ST_DEVICE void layer_norm_gradient_rows(const LayerNormParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  constexpr int N = Row::N;
  ST_SHARED TwoSums<A> shared[16];
  const RowPlace place(p.team, p.rows, p.columns, p.vectors);
  const int64_t start = place.length > 0 ? place.row * p.columns : 0, row = place.length > 0 ? place.row : 0;
  const A mean = static_cast<const A *>(p.mean)[row], rstd = static_cast<const A *>(p.rstd)[row];
  HeldRow<T, held, T> x;
  Row scaled;
  x.read(static_cast<const T *>(p.x) + start, place, cast<T>(A(0)));
  scaled.read(static_cast<const T *>(p.gradient) + start, place, A(0));
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)};
  if (p.vectors) {
#pragma unroll
    for (int k = 0; k < held; k++) {
      if (Row::at(k * N, place) >= place.length) continue;
      A weight[N];
      weights.read(weight, Row::at(k * N, place));
#pragma unroll
      for (int n = 0; n < N; n++) scaled.values[k * N + n] *= weight[n];
    }
  } else {
#pragma unroll
    for (int i = 0; i < Row::count; i++) {
      if (Row::at(i, place) < place.length) scaled.values[i] *= weights.at(Row::at(i, place));
    }
  }
  TwoSums<A> sums = {A(0), A(0)};
#pragma unroll
  for (int i = 0; i < Row::count; i++) {
    sums.first += scaled.values[i];
    sums.second += scaled.values[i] * ((cast<A>(x.values[i]) - mean) * rstd);
  }
  sums = team_total(sums, p.team, shared, both_added<A>);
  const A first = sums.first / A(p.columns), second = sums.second / A(p.columns);
  x.write(static_cast<T *>(p.out) + start, place, [&](T value, int i) {
    return rstd * (scaled.values[i] - first - (cast<A>(value) - mean) * rstd * second);
  });
}

template <class T>
ST_DEVICE void layer_norm_gradient_long(const LayerNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED TwoSums<A> shared[16];
  const int64_t start = blockIdx.x * p.columns, thread = threadIdx.x, threads = blockDim.x;
  const int64_t units = p.vectors ? p.columns / N : 0;
  const T *x = static_cast<const T *>(p.x) + start, *g = static_cast<const T *>(p.gradient) + start;
  T *out = static_cast<T *>(p.out) + start;
  const A mean = static_cast<const A *>(p.mean)[blockIdx.x], rstd = static_cast<const A *>(p.rstd)[blockIdx.x];
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)};
  TwoSums<A> sums = {A(0), A(0)};
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> xs = load<N>(x + i * N), gs = load<N>(g + i * N);
    A weight[N];
    weights.read(weight, i * N);
#pragma unroll
    for (int n = 0; n < N; n++) {
      const A a = cast<A>(gs.values[n]) * weight[n];
      sums.first += a;
      sums.second += a * ((cast<A>(xs.values[n]) - mean) * rstd);
    }
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) {
    const A a = cast<A>(g[i]) * weights.at(i);
    sums.first += a;
    sums.second += a * ((cast<A>(x[i]) - mean) * rstd);
  }
  sums = team_total(sums, int(threads), shared, both_added<A>);
  const A first = sums.first / A(p.columns), second = sums.second / A(p.columns);
  const auto result = [&](T gradient, T value, A weight) {
    return cast<T>(rstd * (cast<A>(gradient) * weight - first - (cast<A>(value) - mean) * rstd * second));
  };
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> xs = load<N>(x + i * N), gs = load<N>(g + i * N);
    A weight[N];
    weights.read(weight, i * N);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = result(gs.values[n], xs.values[n], weight[n]);
    store(out + i * N, results);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) out[i] = result(g[i], x[i], weights.at(i));
}

// Sums over blockIdx.y's part of the rows: each thread has N adjacent columns of every (256 / across)th row.
template <class T>
ST_DEVICE void norm_weight_sums(const NormWeightParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED TwoSums<A> shared[256];
  const int across = p.across, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t column = (int64_t(blockIdx.x) * across + thread % across) * N, left = p.columns - column;
  const int64_t part = quotient(p.rows + gridDim.y - 1, gridDim.y), begin = blockIdx.y * part;
  const int64_t end = begin + part < p.rows ? begin + part : p.rows;
  const T *x = static_cast<const T *>(p.x) + column, *g = static_cast<const T *>(p.gradient) + column;
  TwoSums<A> sums[N];
#pragma unroll
  for (int n = 0; n < N; n++) sums[n] = {A(0), A(0)};
  if (left > 0) {
#pragma unroll 2
    for (int64_t row = begin + y; row < end; row += down) {
      const Vector<T, N> xs = load_across<N>(x + row * p.columns, 1, left, p.vectors);
      const Vector<T, N> gs = load_across<N>(g + row * p.columns, 1, left, p.vectors);
      const A mean = static_cast<const A *>(p.mean)[row], rstd = static_cast<const A *>(p.rstd)[row];
#pragma unroll
      for (int n = 0; n < N; n++) {
        const A gradient = cast<A>(gs.values[n]);
        sums[n].first += gradient * ((cast<A>(xs.values[n]) - mean) * rstd);
        sums[n].second += gradient;
      }
    }
  }
#pragma unroll
  for (int n = 0; n < N; n++) {
    __syncthreads();
    const TwoSums<A> total = columns_total(sums[n], across, down, shared, both_added<A>);
    if (y != 0 || n >= left) continue;
    const int64_t at = blockIdx.y * p.columns + column + n;
    if (p.weight_sums != nullptr) static_cast<A *>(p.weight_sums)[at] = total.first;
    if (p.bias_sums != nullptr) static_cast<A *>(p.bias_sums)[at] = total.second;
  }
}

}  // namespace st

#endif
