// Reductions. A fold says how elements become a total (reduce_folds.cuh); the kernels walk over rows, whose elements
// lie along the folded dimensions, or over columns side by side. Long ones are split over blocks, which leave partial
// totals.
#ifndef ST_CUDA_REDUCE_CUH
#define ST_CUDA_REDUCE_CUH

#include "reduce_folds.cuh"

namespace st {

// Adds vectors of N elements: begin, begin + step ... before end; the first element of vector 0 is at `data` and has
// the number `first`.
template <class Fold, int N>
ST_DEVICE void fold_units(typename Fold::Total &total, const ReduceParameters &p, typename Fold::Shift shift,
                          const typename Fold::Element *data, int64_t first, int64_t begin, int64_t end, int64_t step) {
  using V = Vector<typename Fold::Element, N>;
  if (p.folded.rank > 1) {
#pragma unroll 1
    for (int64_t i = begin; i < end; i += step) {
      const V loaded = load<N>(data + locate(p.folded, i));
      Fold::add(total, loaded.values, first + i * N, 1, shift, p);
    }
    return;
  }
  constexpr int unroll = Fold::unroll;
  const int64_t stride = p.folded.strides[0][0];
  int64_t i = begin;
#pragma unroll 1
  for (; i + (unroll - 1) * step < end; i += unroll * step) {
    V loaded[unroll];
#pragma unroll
    for (int k = 0; k < unroll; k++) loaded[k] = load<N>(data + (i + k * step) * stride);
#pragma unroll
    for (int k = 0; k < unroll; k++) Fold::add(total, loaded[k].values, first + (i + k * step) * N, 1, shift, p);
  }
#pragma unroll 1
  for (; i < end; i += step) {
    const V loaded = load<N>(data + i * stride);
    Fold::add(total, loaded.values, first + i * N, 1, shift, p);
  }
}

// Each team of threads folds a row, or blockIdx.y's part of it.
template <class Fold>
ST_DEVICE void reduce_rows(const ReduceParameters &p) {
  using T = typename Fold::Element;
  using Total = typename Fold::Total;
  constexpr int N = Fold::width;
  ST_SHARED Total shared[8];
  const int lane = int(threadIdx.x) % p.team, split = int(blockIdx.y);
  const int64_t output = int64_t(blockIdx.x) * (blockDim.x / p.team) + threadIdx.x / p.team;
  Total total = Fold::start(p);
  if (output < p.outputs) {
    int64_t offsets[3];
    locate(p.kept, output, offsets);
    const T *data = static_cast<const T *>(p.in) + offsets[0];
    const auto shift = Fold::shift(*data);
    const bool vectors = N > 1 && p.vectors;
    const int64_t head = vectors && p.peel ? unaligned<N>(data, p.length) : 0;
    const int64_t units = vectors ? (p.length - head) / N : p.length;
    const int64_t part = quotient(units + p.splits - 1, p.splits);
    const int64_t begin = split * part, end = begin + part < units ? begin + part : units;
    if (vectors) {
      // Where rows are not aligned, teams have at least N threads.
      if (split == 0 && lane < head) Fold::add(total, load<1>(data + lane).values, lane, 1, shift, p);
      fold_units<Fold, N>(total, p, shift, data + head, head, begin + lane, end, p.team);
      const int64_t last = head + units * N + lane;
      if (split == p.splits - 1 && last < p.length) Fold::add(total, load<1>(data + last).values, last, 1, shift, p);
    } else {
      fold_units<Fold, 1>(total, p, shift, data, 0, begin + lane, end, p.team);
    }
  }
  total = team_total(total, p.team, shared, [&](const Total &a, const Total &b) { return Fold::combined(a, b, p); });
  if (output >= p.outputs || lane != 0) return;
  if (p.partials != nullptr) {
    static_cast<Total *>(p.partials)[split * p.outputs + output] = total;
  } else {
    int64_t offsets[3];
    locate(p.kept, output, offsets);
    Fold::store(total, offsets, p);
  }
}

// Each thread folds some adjacent columns over every (256 / team)th row of its block's part.
template <class Fold>
ST_DEVICE void reduce_columns(const ReduceParameters &p) {
  using T = typename Fold::Element;
  using Total = typename Fold::Total;
  constexpr int N = Fold::across, unroll = Fold::unroll;
  ST_SHARED Total shared[N][256];
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t place = int64_t(blockIdx.x) * across + thread % across, units = (p.width + N - 1) / N;
  const int64_t outer = quotient(place, units), column = (place - outer * units) * N;
  const int64_t output = outer * p.width + column, left = output < p.outputs ? p.width - column : 0;
  Total totals[N];
#pragma unroll
  for (int n = 0; n < N; n++) totals[n] = Fold::start(p);
  if (left > 0) {
    int64_t offsets[3];
    locate(p.kept, output, offsets);
    const T *data = static_cast<const T *>(p.in) + offsets[0];
    const int64_t stride = p.kept.strides[0][0], down_stride = p.folded.strides[0][0];
    typename Fold::Shift shifts[N];
    {
      const Vector<T, N> top = load_across<N>(data, stride, left, p.vectors);
#pragma unroll
      for (int n = 0; n < N; n++) shifts[n] = Fold::shift(top.values[n]);
    }
    const int64_t part = quotient(p.length + p.splits - 1, p.splits), begin = blockIdx.y * part;
    const int64_t end = begin + part < p.length ? begin + part : p.length;
    int64_t row = begin + y;
    if (p.folded.rank == 1 && p.vectors) {
#pragma unroll 1
      for (; row + (unroll - 1) * down < end; row += unroll * down) {
        Vector<T, N> loaded[unroll];
#pragma unroll
        for (int k = 0; k < unroll; k++) loaded[k] = load<N>(data + (row + k * down) * down_stride);
#pragma unroll
        for (int n = 0; n < N; n++) {
          T values[unroll];
#pragma unroll
          for (int k = 0; k < unroll; k++) values[k] = loaded[k].values[n];
          Fold::add(totals[n], values, row, down, shifts[n], p);
        }
      }
    }
#pragma unroll 1
    for (; row < end; row += down) {
      const int64_t offset = p.folded.rank == 1 ? row * down_stride : locate(p.folded, row);
      const Vector<T, N> loaded = load_across<N>(data + offset, stride, left, p.vectors);
#pragma unroll
      for (int n = 0; n < N; n++) {
        const T values[1] = {loaded.values[n]};
        Fold::add(totals[n], values, row, down, shifts[n], p);
      }
    }
  }
#pragma unroll 1
  for (int above = down / 2; above > 0; above /= 2) {
    __syncthreads();
    if (y >= above && y < 2 * above) {
#pragma unroll
      for (int n = 0; n < N; n++) shared[n][thread] = totals[n];
    }
    __syncthreads();
    if (y < above) {
#pragma unroll
      for (int n = 0; n < N; n++) totals[n] = Fold::combined(totals[n], shared[n][thread + above * across], p);
    }
  }
  if (y != 0 || left <= 0) return;
  int64_t offsets[3];
  locate(p.kept, output, offsets);
#pragma unroll
  for (int n = 0; n < N; n++) {
    if (n >= left) return;
    if (p.partials != nullptr) {
      static_cast<Total *>(p.partials)[blockIdx.y * p.outputs + output + n] = totals[n];
    } else {
      const int64_t own[3] = {0, offsets[1] + n * p.kept.strides[1][0], offsets[2] + n * p.kept.strides[2][0]};
      Fold::store(totals[n], own, p);
    }
  }
}

// Folds the splits' totals, as columns.
template <class Fold>
ST_DEVICE void reduce_partials(const ReduceParameters &p) {
  using Total = typename Fold::Total;
  ST_SHARED Total shared[256];
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t output = int64_t(blockIdx.x) * across + thread % across;
  Total total = Fold::start(p);
  if (output < p.outputs) {
    const Total *partials = static_cast<const Total *>(p.partials) + output;
#pragma unroll 4
    for (int split = y; split < p.splits; split += down) {
      total = Fold::combined(total, partials[split * p.outputs], p);
    }
  }
#pragma unroll 1
  for (int above = down / 2; above > 0; above /= 2) {
    __syncthreads();
    if (y >= above && y < 2 * above) shared[thread] = total;
    __syncthreads();
    if (y < above) total = Fold::combined(total, shared[thread + above * across], p);
  }
  if (y != 0 || output >= p.outputs) return;
  int64_t offsets[3];
  locate(p.kept, output, offsets);
  Fold::store(total, offsets, p);
}

}  // namespace st

#endif
