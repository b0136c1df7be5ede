// The RMS norm of rows, x / sqrt(mean(x^2) + eps) * weight, and its derivatives. With h = x rstd and a = gradient *
// weight: by x, row by row, rstd (a - h mean(a h)); by the weight, the sum over rows of gradient * h.
#ifndef ST_CUDA_RMS_NORM_CUH
#define ST_CUDA_RMS_NORM_CUH

#include "norm.cuh"
#include "rms_norm_parameters.h"

namespace st {

// Multiplies a row by its columns' weights and a factor.
template <class T, int held>
ST_DEVICE void scale_columns(HeldRow<T, held> &row, const RowPlace &place, const Columns<T> &weights,
                             Arithmetic<T> factor) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  constexpr int N = Row::N;
  if (place.vectors) {
#pragma unroll
    for (int k = 0; k < held; k++) {
      if (Row::at(k * N, place) >= place.length) continue;
      A weight[N];
      weights.read(weight, Row::at(k * N, place));
#pragma unroll
      for (int n = 0; n < N; n++) row.values[k * N + n] *= factor * weight[n];
    }
  } else {
#pragma unroll
    for (int i = 0; i < Row::count; i++) {
      if (Row::at(i, place) < place.length) row.values[i] *= factor * weights.at(Row::at(i, place));
    }
  }
}

template <class T, int held>
ST_DEVICE void rms_norm_rows(const RMSNormParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  ST_SHARED A shared[16];
  const RowPlace place(p.team, p.rows, p.columns, p.vectors);
  const int64_t start = place.length > 0 ? place.row * p.columns : 0;
  Row row;
  row.read(static_cast<const T *>(p.x) + start, place, A(0));
  A squares = 0;
#pragma unroll
  for (int i = 0; i < Row::count; i++) squares += row.values[i] * row.values[i];
  const A rstd = 1 / m_sqrt(team_total(squares, p.team, shared, added<A>) / A(p.columns) + A(p.eps));
  if (place.length == 0) return;
  if (place.lane == 0 && p.rstd != nullptr) static_cast<A *>(p.rstd)[place.row] = rstd;
  scale_columns(row, place, Columns<T>{p.weight, p.wide_weight, A(1)}, rstd);
  row.write(static_cast<T *>(p.out) + start, place, [](A value, int) { return value; });
}

// Longer rows, a block for each: read twice.
template <class T>
ST_DEVICE void rms_norm_long(const RMSNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[16];
  const T *x = static_cast<const T *>(p.x) + blockIdx.x * p.columns;
  T *out = static_cast<T *>(p.out) + blockIdx.x * p.columns;
  const int64_t thread = threadIdx.x, threads = blockDim.x, units = p.vectors ? p.columns / N : 0;
  A squares = 0;
#pragma unroll 2
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> loaded = load<N>(x + i * N);
    A terms[N];
#pragma unroll
    for (int n = 0; n < N; n++) terms[n] = cast<A>(loaded.values[n]) * cast<A>(loaded.values[n]);
    squares += folded(terms, added<A>);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) squares += cast<A>(x[i]) * cast<A>(x[i]);
  const A rstd = 1 / m_sqrt(team_total(squares, int(threads), shared, added<A>) / A(p.columns) + A(p.eps));
  if (thread == 0 && p.rstd != nullptr) static_cast<A *>(p.rstd)[blockIdx.x] = rstd;
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)};
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> loaded = load<N>(x + i * N);
    A weight[N];
    weights.read(weight, i * N);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = cast<T>(cast<A>(loaded.values[n]) * (rstd * weight[n]));
    store(out + i * N, results);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) {
    out[i] = cast<T>(cast<A>(x[i]) * (rstd * weights.at(i)));
  }
}

template <class T, int held>
ST_DEVICE void rms_norm_gradient_rows(const RMSNormParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  ST_SHARED A shared[16];
  const RowPlace place(p.team, p.rows, p.columns, p.vectors);
  const int64_t start = place.length > 0 ? place.row * p.columns : 0, row = place.length > 0 ? place.row : 0;
  const A rstd = static_cast<const A *>(p.rstd)[row];
  HeldRow<T, held, T> x;
  Row scaled;
  x.read(static_cast<const T *>(p.x) + start, place, cast<T>(A(0)));
  scaled.read(static_cast<const T *>(p.gradient) + start, place, A(0));
  scale_columns(scaled, place, Columns<T>{p.weight, p.wide_weight, A(1)}, A(1));
  A sum = 0;
#pragma unroll
  for (int i = 0; i < Row::count; i++) sum += scaled.values[i] * (cast<A>(x.values[i]) * rstd);
  const A slope = team_total(sum, p.team, shared, added<A>) / A(p.columns);
  x.write(static_cast<T *>(p.out) + start, place,
          [&](T value, int i) { return rstd * (scaled.values[i] - cast<A>(value) * rstd * slope); });
}

template <class T>
ST_DEVICE void rms_norm_gradient_long(const RMSNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[16];
  const int64_t start = blockIdx.x * p.columns, thread = threadIdx.x, threads = blockDim.x;
  const int64_t units = p.vectors ? p.columns / N : 0;
  const T *x = static_cast<const T *>(p.x) + start, *g = static_cast<const T *>(p.gradient) + start;
  T *out = static_cast<T *>(p.out) + start;
  const A rstd = static_cast<const A *>(p.rstd)[blockIdx.x];
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)};
  A sum = 0;
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> xs = load<N>(x + i * N), gs = load<N>(g + i * N);
    A weight[N];
    weights.read(weight, i * N);
#pragma unroll
    for (int n = 0; n < N; n++) sum += cast<A>(gs.values[n]) * weight[n] * (cast<A>(xs.values[n]) * rstd);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) {
    sum += cast<A>(g[i]) * weights.at(i) * (cast<A>(x[i]) * rstd);
  }
  const A slope = team_total(sum, int(threads), shared, added<A>) / A(p.columns);
  const auto result = [&](T gradient, T value, A weight) {
    return cast<T>(rstd * (cast<A>(gradient) * weight - cast<A>(value) * rstd * slope));
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
ST_DEVICE void rms_norm_weight_sums(const RMSNormWeightParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[256];
  const int across = p.across, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t column = (int64_t(blockIdx.x) * across + thread % across) * N, left = p.columns - column;
  const int64_t part = quotient(p.rows + gridDim.y - 1, gridDim.y), begin = blockIdx.y * part;
  const int64_t end = begin + part < p.rows ? begin + part : p.rows;
  const T *x = static_cast<const T *>(p.x) + column, *g = static_cast<const T *>(p.gradient) + column;
  A sums[N];
#pragma unroll
  for (int n = 0; n < N; n++) sums[n] = 0;
  if (left > 0) {
#pragma unroll 2
    for (int64_t row = begin + y; row < end; row += down) {
      const Vector<T, N> xs = load_across<N>(x + row * p.columns, 1, left, p.vectors);
      const Vector<T, N> gs = load_across<N>(g + row * p.columns, 1, left, p.vectors);
      const A rstd = static_cast<const A *>(p.rstd)[row];
#pragma unroll
      for (int n = 0; n < N; n++) sums[n] += cast<A>(gs.values[n]) * (cast<A>(xs.values[n]) * rstd);
    }
  }
#pragma unroll
  for (int n = 0; n < N; n++) {
    __syncthreads();
    const A total = columns_total(sums[n], across, down, shared, added<A>);
    if (y == 0 && n < left) static_cast<A *>(p.sums)[blockIdx.y * p.columns + column + n] = total;
  }
}

}  // namespace st

#endif
