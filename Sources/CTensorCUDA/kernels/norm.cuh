// The layer norm of rows: (x - mean) / sqrt(variance + eps) * weight + bias. One read and one write where rows fit in
// their threads' registers.
#ifndef ST_CUDA_NORM_CUH
#define ST_CUDA_NORM_CUH

#include "held_row.cuh"
#include "norm_parameters.h"
#include "moments.cuh"

namespace st {

// One number for each column, of the rows' dtype or, with 16-bit rows, of float32; `missing` where there are none.
template <class T>
struct Columns {
  using A = Arithmetic<T>;
  static constexpr int N = vector_width<T>;
  const void *data;
  bool wide;
  A missing;

  ST_DEVICE A at(int64_t column) const {
    if (data == nullptr) return missing;
    if (sizeof(T) == 2 && wide) return cast<A>(static_cast<const float *>(data)[column]);
    return cast<A>(static_cast<const T *>(data)[column]);
  }
  // N adjacent ones, whose first is a multiple of N.
  ST_DEVICE void read(A (&values)[N], int64_t column) const {
    if (data == nullptr) {
#pragma unroll
      for (int n = 0; n < N; n++) values[n] = missing;
    } else if (sizeof(T) == 2 && wide) {
#pragma unroll
      for (int part = 0; part < N; part += 4) {
        constexpr int width = N < 4 ? N : 4;
        const Vector<float, width> loaded = load<width>(static_cast<const float *>(data) + column + part);
#pragma unroll
        for (int n = 0; n < width; n++) values[part + n] = cast<A>(loaded.values[n]);
      }
    } else {
      unpack<T>(values, *reinterpret_cast<const Held<T, N> *>(static_cast<const T *>(data) + column));
    }
  }
};

template <class T, int held>
ST_DEVICE void layer_norm_rows(const LayerNormParameters &p) {
  using A = Arithmetic<T>;
  using Row = HeldRow<T, held>;
  constexpr int N = Row::N;
  ST_SHARED A shared[16];
  const RowPlace place(p.team, p.rows, p.columns, p.vectors);
  const int64_t start = place.length > 0 ? place.row * p.columns : 0;
  Row row;
  row.read(static_cast<const T *>(p.x) + start, place, A(0));
  A sum = 0;
#pragma unroll
  for (int i = 0; i < Row::count; i++) sum += row.values[i];
  const A mean = team_total(sum, p.team, shared, added<A>) / A(p.columns);
  A squares = 0;
  row.each(place, [&](A &value) {
    value -= mean;
    squares += value * value;
  });
  const A variance = team_total(squares, p.team, shared, added<A>) / A(p.columns);
  const A rstd = 1 / m_sqrt(variance + A(p.eps));
  if (place.length == 0) return;
  if (place.lane == 0 && p.mean != nullptr) {
    static_cast<A *>(p.mean)[place.row] = mean;
    static_cast<A *>(p.rstd)[place.row] = rstd;
  }
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)}, biases = {p.bias, p.wide_weight, A(0)};
  T *out = static_cast<T *>(p.out) + start;
  if (p.vectors) {
#pragma unroll
    for (int k = 0; k < held; k++) {
      const int column = Row::at(k * N, place);
      if (column >= place.length) continue;
      A weight[N], bias[N];
      weights.read(weight, column);
      biases.read(bias, column);
      A results[N];
#pragma unroll
      for (int n = 0; n < N; n++) results[n] = row.values[k * N + n] * rstd * weight[n] + bias[n];
      *reinterpret_cast<Held<T, N> *>(out + column) = packed<T>(results);
    }
  } else {
#pragma unroll
    for (int i = 0; i < Row::count; i++) {
      const int column = Row::at(i, place);
      if (column >= place.length) continue;
      out[column] = cast<T>(row.values[i] * rstd * weights.at(column) + biases.at(column));
    }
  }
}

// Longer rows, a block for each: read twice.
template <class T>
ST_DEVICE void layer_norm_long(const LayerNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED Moments<A> shared[16];
  const T *x = static_cast<const T *>(p.x) + blockIdx.x * p.columns;
  T *out = static_cast<T *>(p.out) + blockIdx.x * p.columns;
  const int64_t thread = threadIdx.x, threads = blockDim.x, units = p.vectors ? p.columns / N : 0;
  const A shift = cast<A>(x[0]);
  Moments<A> moments = {A(0), A(0), A(0)};
#pragma unroll 2
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> loaded = load<N>(x + i * N);
    add_moments(moments, loaded.values, shift);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) {
    const T single[1] = {x[i]};
    add_moments(moments, single, shift);
  }
  moments = team_total(moments, int(threads), shared, combined_moments<A>);
  const A mean = moments.mean + shift, rstd = 1 / m_sqrt(moments.squares / A(p.columns) + A(p.eps));
  if (thread == 0 && p.mean != nullptr) {
    static_cast<A *>(p.mean)[blockIdx.x] = mean;
    static_cast<A *>(p.rstd)[blockIdx.x] = rstd;
  }
  const Columns<T> weights = {p.weight, p.wide_weight, A(1)}, biases = {p.bias, p.wide_weight, A(0)};
#pragma unroll 1
  for (int64_t i = thread; i < units; i += threads) {
    const Vector<T, N> loaded = load<N>(x + i * N);
    A weight[N], bias[N];
    weights.read(weight, i * N);
    biases.read(bias, i * N);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) {
      results.values[n] = cast<T>((cast<A>(loaded.values[n]) - mean) * rstd * weight[n] + bias[n]);
    }
    store(out + i * N, results);
  }
#pragma unroll 1
  for (int64_t i = units * N + thread; i < p.columns; i += threads) {
    out[i] = cast<T>((cast<A>(x[i]) - mean) * rstd * weights.at(i) + biases.at(i));
  }
}

}  // namespace st

#endif
