// Fills in kernels' descriptions of shapes (kernels/places_parameters.h).
#ifndef ST_CUDA_OPERATIONS_PLACES_HPP
#define ST_CUDA_OPERATIONS_PLACES_HPP

#include "../runtime/device.hpp"
#include "../kernels/places_parameters.h"

namespace st::cuda {

inline constexpr int64_t largest_step_count = INT32_MAX;

inline bool fits(int64_t stride) { return stride >= INT32_MIN && stride <= INT32_MAX; }

// The dimension to cut before a shape fits into Places; -1 when it does.
template <int N>
int dimension_to_cut(const Collapsed<N> &shape) {
  int longest = 0, shortest = 0;
  for (int d = 0; d < shape.rank; d++) {
    for (int k = 0; k < N; k++) {
      if (!fits(shape.strides[k][d])) return d;
    }
    if (shape.shape[d] > shape.shape[longest]) longest = d;
    if (shape.shape[d] < shape.shape[shortest]) shortest = d;
  }
  if (shape.rank > largest_places_rank) return shortest;
  return shape.count > largest_step_count ? longest : -1;
}

// Calls body(part, offsets), which answers a status, for parts of the shape that fit: mostly once. `offsets` count each
// operand's elements.
template <int N, class Body>
st_status each_part(const Collapsed<N> &shape, const int64_t (&offsets)[N], const Body &body) {
  const int d = dimension_to_cut(shape);
  if (d < 0) return body(shape, offsets);
  // Halves; of long dimensions at a multiple that leaves vectors aligned.
  const int64_t size = shape.shape[d], half = size > 4096 ? size / 2 / 64 * 64 : size / 2;
  st_status status = {};
  for (int64_t begin = 0; begin < size && status.code == ST_OK; begin += begin == 0 ? half : size - half) {
    Collapsed<N> part = shape;
    part.shape[d] = begin == 0 ? half : size - half;
    part.count = shape.count / size * part.shape[d];
    int64_t moved[N];
    for (int k = 0; k < N; k++) moved[k] = offsets[k] + begin * shape.strides[k][d];
    if (part.shape[d] == 1) {
      part.rank--;
      for (int i = d; i < part.rank; i++) {
        part.shape[i] = part.shape[i + 1];
        for (int k = 0; k < N; k++) part.strides[k][i] = part.strides[k][i + 1];
      }
    }
    status = each_part(part, moved, body);
  }
  return status;
}

template <int N, class Body>
st_status each_part(const Collapsed<N> &shape, const Body &body) {
  const int64_t start[N] = {};
  return each_part(shape, start, body);
}

// Describes a shape that fits; `width` elements of dimension 0 make a step (and divide its size, or are its only
// dimension's, whose rest is left out).
template <int N, int M>
void set_places(Places<M> &places, const Collapsed<N> &shape, int width) {
  places.rank = shape.rank > 0 ? shape.rank : 1;
  places.sizes[0] = 1;
  for (int k = 0; k < M; k++) places.strides[k][0] = 0;
  int64_t count = 1;
  for (int d = 0; d < shape.rank; d++) {
    const int64_t step = d == 0 ? width : 1;
    const uint32_t size = uint32_t(shape.shape[d] / step);
    places.sizes[d] = size;
    count *= size;
    for (int k = 0; k < M; k++) places.strides[k][d] = k < N ? int32_t(shape.strides[k < N ? k : 0][d] * step) : 0;
    if (d == shape.rank - 1) break;  // never divided by
    const uint32_t shift = size <= 1 ? 0 : 32 - uint32_t(__builtin_clz(size - 1));
    places.shifts[d] = shift;
    places.multipliers[d] = uint32_t(((uint64_t(1) << 32) * ((uint64_t(1) << shift) - size)) / size + 1);
  }
  places.count = uint32_t(shape.rank == 0 ? 1 / width : count);
}

inline unsigned round_up(unsigned value, unsigned multiple) { return (value + multiple - 1) / multiple * multiple; }

// The most threads of a block that takes steps. Few, so that registers suffice everywhere and small work spreads.
inline constexpr int step_threads = 128;

// A grid for `count` steps, `items` to a thread; small ones get fewer threads. At least one block.
inline Grid grid_for(uint32_t count, unsigned items) {
  Grid grid;
  grid.threads[0] = count >= step_threads ? step_threads : count == 0 ? 32 : round_up(count, 32);
  const uint64_t block = uint64_t(grid.threads[0]) * items;
  grid.blocks[0] = count == 0 ? 1 : unsigned((count + block - 1) / block);
  return grid;
}

}  // namespace st::cuda

#endif
