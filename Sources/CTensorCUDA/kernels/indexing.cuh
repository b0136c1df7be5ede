// Reading and writing by index tensors.
#ifndef ST_CUDA_INDEXING_CUH
#define ST_CUDA_INDEXING_CUH

#include "device_math.cuh"
#include "places.cuh"
// After the integer types.
#include "indexing_parameters.h"

namespace st {

// Adds where indices lead to offsets; inside[i] is false, and reported, for those that are outside.
template <int items>
ST_DEVICE void resolve_indices(const IndexedDimension &dimension, const int64_t (&indices)[items],
                               int64_t (&offsets)[items], bool (&inside)[items]) {
  bool all = true;
  int64_t outside = 0;
#pragma unroll
  for (int i = 0; i < items; i++) {
    const int64_t place = dimension.wraps && indices[i] < 0 ? indices[i] + dimension.size : indices[i];
    offsets[i] += int64_t(uint64_t(place) * uint64_t(dimension.stride));
    inside[i] = uint64_t(place) < uint64_t(dimension.size);
    outside = all && !inside[i] ? indices[i] : outside;
    all = all && inside[i];
  }
  if (all || dimension.fault == nullptr) return;
  report(dimension.fault, dimension.tag, index_out_of_range, dimension.operand, outside, dimension.size);
}

// ---- gather, index. Elements go by their size, up to 16 bytes where rows are moved. An index outside reads 0.

template <class T>
ST_DEVICE void index_read(const IndexMoveParameters &p) {
  constexpr int items = moved_items;
  uint32_t steps[items];
  const uint32_t first = own_steps(p.places, steps);
  int64_t offsets[3][items], indices[items];
  locate(p.places, steps, offsets);
#pragma unroll
  for (int i = 0; i < items; i++) indices[i] = p.dimension.index[offsets[2][i]];
  bool inside[items];
  resolve_indices(p.dimension, indices, offsets[1], inside);
  T values[items];
#pragma unroll
  for (int i = 0; i < items; i++) values[i] = inside[i] ? static_cast<const T *>(p.in)[offsets[1][i]] : T{};
#pragma unroll
  for (int i = 0; i < items; i++) {
    if (has_step(p.places, first, i)) static_cast<T *>(p.out)[offsets[0][i]] = values[i];
  }
}

// ---- scatter, index_put. An index outside writes nothing.

// Calls body(i, place) for those of the thread's elements that are written.
template <int items, class Body>
ST_DEVICE void each_target(const IndexMoveParameters &p, uint32_t first, int64_t (&offsets)[3][items],
                           const Body &body) {
  int64_t indices[items];
#pragma unroll
  for (int i = 0; i < items; i++) indices[i] = p.dimension.index[offsets[2][i]];
  bool writes[items];
  resolve_indices(p.dimension, indices, offsets[0], writes);
#pragma unroll
  for (int i = 0; i < items; i++) {
    writes[i] = writes[i] && has_step(p.places, first, i);
    if (writes[i] && p.winners != nullptr) writes[i] = p.winners[indices[i]] == p.number + uint32_t(offsets[2][i]);
  }
#pragma unroll
  for (int i = 0; i < items; i++) {
    if (writes[i]) body(i, offsets[0][i]);
  }
}

template <class T>
ST_DEVICE void index_write(const IndexMoveParameters &p) {
  constexpr int items = moved_items;
  uint32_t steps[items];
  const uint32_t first = own_steps(p.places, steps);
  int64_t offsets[3][items];
  locate(p.places, steps, offsets);
  T values[items];
#pragma unroll
  for (int i = 0; i < items; i++) values[i] = static_cast<const T *>(p.in)[offsets[1][i]];
  each_target(p, first, offsets, [&](int i, int64_t place) { static_cast<T *>(p.out)[place] = values[i]; });
}

ST_INLINE void add_atomically(float *address, float value) { atomicAdd(address, value); }
ST_INLINE void add_atomically(double *address, double value) { atomicAdd(address, value); }
ST_INLINE void add_atomically(int32_t *address, int32_t value) { atomicAdd(address, value); }
ST_INLINE void add_atomically(int64_t *address, int64_t value) {
  atomicAdd(reinterpret_cast<unsigned long long *>(address), static_cast<unsigned long long>(value));
}

// `repeats`: several may go to one place.
template <class T, bool repeats>
ST_DEVICE void index_add(const IndexMoveParameters &p) {
  constexpr int items = moved_items;
  uint32_t steps[items];
  const uint32_t first = own_steps(p.places, steps);
  int64_t offsets[3][items];
  locate(p.places, steps, offsets);
  T values[items];
#pragma unroll
  for (int i = 0; i < items; i++) values[i] = static_cast<const T *>(p.in)[offsets[1][i]];
  each_target(p, first, offsets, [&](int i, int64_t place) {
    T *target = static_cast<T *>(p.out) + place;
    if constexpr (repeats) {
      add_atomically(target, values[i]);
    } else {
      using A = Arithmetic<T>;
      *target = cast<T>(formulas::add(cast<A>(*target), cast<A>(values[i])));
    }
  });
}

// ---- Positions: the indices of several dimensions as one, or what sorts and claims go by.

ST_DEVICE void index_positions(const IndexPositionsParameters &p) {
  uint32_t steps[1];
  const uint32_t first = own_steps(p.places, steps);
  if (!has_step(p.places, first, 0)) return;
  int64_t offsets[6][1];
  locate(p.places, steps, offsets);
  int64_t *const to = p.positions + offsets[0][0];
  int64_t position[1] = {p.first ? p.start + offsets[1][0] : *to};
  bool inside[1] = {p.first || position[0] != p.refused};
#pragma unroll
  for (int k = 0; k < 4; k++) {
    if (k >= p.count || !inside[0]) break;
    const int64_t index[1] = {p.dimensions[k].index[offsets[2 + k][0]]};
    resolve_indices(p.dimensions[k], index, position, inside);
  }
  *to = inside[0] ? position[0] : p.refused;
}

// Of the numbers of equal positions, the last wins: first any of them, then the largest. Nothing has to be cleared
// before, and where no position is repeated no atomic is needed.
ST_DEVICE void index_claim(const IndexClaimParameters &p) {
  const uint32_t number = blockIdx.x * blockDim.x + threadIdx.x;
  if (number < p.count && p.positions[number] >= 0) p.winners[p.positions[number]] = number;
}
ST_DEVICE void index_settle(const IndexClaimParameters &p) {
  const uint32_t number = blockIdx.x * blockDim.x + threadIdx.x;
  if (number >= p.count || p.positions[number] < 0) return;
  uint32_t *winner = p.winners + p.positions[number];
  if (*winner < number) atomicMax(winner, number);
}

// ---- Sums of rows by sorted keys, in one order. A thread goes down a window of the rows in one column, of vectors.
// Keys that begin and end in the window are done; the others' sums wait for the windows beside.

template <class A, int width>
struct IndexSums {
  A sums[width];

  ST_INLINE void clear() {
#pragma unroll
    for (int j = 0; j < width; j++) sums[j] = A(0);
  }
  ST_INLINE void add(const A *values) {
#pragma unroll
    for (int j = 0; j < width; j++) sums[j] = formulas::add(sums[j], values[j]);
  }
  template <class T>
  ST_INLINE void add_vector(const Vector<T, width> &vector) {
#pragma unroll
    for (int j = 0; j < width; j++) sums[j] = formulas::add(sums[j], cast<A>(vector.values[j]));
  }
  template <class T>
  ST_INLINE void add_to(T *target) const {
    auto *to = reinterpret_cast<Vector<T, width> *>(target);
    Vector<T, width> vector = *to;
#pragma unroll
    for (int j = 0; j < width; j++) vector.values[j] = cast<T>(formulas::add(cast<A>(vector.values[j]), sums[j]));
    *to = vector;
  }
  ST_INLINE void store(void *memory, int64_t vector) const {
    A *to = static_cast<A *>(memory) + vector * width;
#pragma unroll
    for (int j = 0; j < width; j++) to[j] = sums[j];
  }
};

template <class T, int width>
ST_DEVICE void index_sum(const IndexSumParameters &p) {
  using A = Arithmetic<T>;
  constexpr int items = 4;
  const uint32_t task = blockIdx.x * blockDim.x + threadIdx.x, window = task / p.columns;
  if (window >= p.windows) return;
  const uint32_t column[1] = {task % p.columns};
  int64_t offsets[2][1];
  locate(p.places, column, offsets);
  T *const out = static_cast<T *>(p.out) + offsets[0][0];
  const T *const in = static_cast<const T *>(p.values) + offsets[1][0];
  const uint32_t begin = window * p.window, end = p.count - begin < p.window ? p.count : begin + p.window;
  IndexSums<A, width> sums;
  sums.clear();
  bool whole = begin == 0 || p.keys[begin - 1] != p.keys[begin];  // the key begins in this window
  for (uint32_t at = begin; at < end; at += items) {
    uint32_t numbers[items];
    uint64_t keys[items + 1];
#pragma unroll
    for (int i = 0; i < items; i++) numbers[i] = p.numbers[at + i < end ? at + i : end - 1];
#pragma unroll
    for (int i = 0; i <= items; i++) keys[i] = p.keys[at + i < p.count ? at + i : p.count - 1];
    int64_t rows[1][items];
    locate(p.rows, numbers, rows);
    Vector<T, width> vectors[items];
#pragma unroll
    for (int i = 0; i < items; i++) vectors[i] = *reinterpret_cast<const Vector<T, width> *>(in + rows[0][i]);
#pragma unroll
    for (int i = 0; i < items; i++) {
      if (at + i >= end) break;
      sums.add_vector(vectors[i]);
      const bool ends = at + i + 1 == p.count || keys[i + 1] != keys[i];
      if (!ends && at + i + 1 < end) continue;
      if (!whole) {
        sums.store(p.heads, task);
      } else if (!ends) {
        sums.store(p.tails, task);
      } else if (keys[i] != p.refused) {
        sums.add_to(out + int64_t(keys[i]) * p.scale);
      }
      sums.clear();
      whole = true;
    }
  }
}

// For each key that goes on into the next window: from the window where it begins to the one where it ends.
template <class T, int width>
ST_DEVICE void index_join(const IndexSumParameters &p) {
  using A = Arithmetic<T>;
  const uint32_t task = blockIdx.x * blockDim.x + threadIdx.x, window = task / p.columns;
  if (window >= p.windows) return;
  const uint32_t begin = window * p.window;
  if (p.count - begin <= p.window) return;
  uint32_t end = begin + p.window;
  const uint64_t key = p.keys[end - 1];
  if (p.keys[end] != key || key == p.refused) return;
  if (p.keys[begin] == key && begin > 0 && p.keys[begin - 1] == key) return;
  const uint32_t column[1] = {task % p.columns};
  int64_t offsets[2][1];
  locate(p.places, column, offsets);
  IndexSums<A, width> sums;
  sums.clear();
  sums.add(static_cast<const A *>(p.tails) + int64_t(task) * width);
  for (uint32_t next = task + p.columns;; next += p.columns) {
    sums.add(static_cast<const A *>(p.heads) + int64_t(next) * width);
    if (p.count - end <= p.window) break;
    end += p.window;
    if (p.keys[end] != key) break;
  }
  sums.add_to(static_cast<T *>(p.out) + offsets[0][0] + int64_t(key) * p.scale);
}

}  // namespace st

#endif
