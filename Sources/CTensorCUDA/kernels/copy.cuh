// Copies, casts and fills.
#ifndef ST_CUDA_COPY_CUH
#define ST_CUDA_COPY_CUH

#include "places.cuh"
#include "values.cuh"
#include "vectors.cuh"
// After the integer types.
#include "copy_parameters.h"

namespace st {

// Vectors of 16 bytes of the larger type; the input is contiguous along dimension 0 or repeats one element there, or is
// a number of the output's type.
template <class To, class From>
ST_DEVICE void copy_vectors(const CopyParameters &p) {
  constexpr int width = 16 / int(sizeof(To) > sizeof(From) ? sizeof(To) : sizeof(From)), items = copied_items;
  const From number = from_bits<From>(p.number);
  if (p.places.count > 0) {
    uint32_t steps[items];
    const uint32_t begin = own_steps(p.places, steps);
    int64_t offsets[2][items];
    locate(p.places, steps, offsets);
    Vector<From, width> values[items];
    if (p.in != nullptr) {
      load_vectors(values, p.in, offsets[1], p.dense);
    } else {
      for (int i = 0; i < items; i++) values[i].values[0] = number;
    }
    if (!p.dense) repeat_first(values);
#pragma unroll
    for (int i = 0; i < items; i++) {
      Vector<To, width> result;
#pragma unroll
      for (int j = 0; j < width; j++) result.values[j] = cast<To>(values[i].values[j]);
      To *out = static_cast<To *>(p.out) + offsets[0][i];
      if (has_step(p.places, begin, i)) *reinterpret_cast<Vector<To, width> *>(out) = result;
    }
  }
  if (blockIdx.x == 0 && threadIdx.x < p.tail) {
    const int64_t index = int64_t(p.places.count) * width + threadIdx.x;
    const From value = p.in != nullptr ? static_cast<const From *>(p.in)[p.dense ? index : 0] : number;
    static_cast<To *>(p.out)[index] = cast<To>(value);
  }
}

// Any strides, from any dtype; where the dtypes agree, `To` is an unsigned type of their size.
template <class To, bool casts>
ST_DEVICE void copy_strided(const CopyParameters &p) {
  constexpr int items = copied_items;
  uint32_t steps[items];
  const uint32_t begin = own_steps(p.places, steps);
  int64_t offsets[2][items];
  locate(p.places, steps, offsets);
  To values[items];
  if (p.in == nullptr) {
#pragma unroll
    for (int i = 0; i < items; i++) values[i] = from_bits<To>(p.number);
  } else if constexpr (casts) {
    uint64_t bits[items];
    load_bits(bits, p.in, offsets[1], p.from);
    cast_from_bits(values, bits, p.from);
  } else {
#pragma unroll
    for (int i = 0; i < items; i++) values[i] = static_cast<const To *>(p.in)[offsets[1][i]];
  }
#pragma unroll
  for (int i = 0; i < items; i++) {
    if (has_step(p.places, begin, i)) static_cast<To *>(p.out)[offsets[0][i]] = values[i];
  }
}

// Through a tile in shared memory, so that both sides go along their rows. A block of 256 threads moves a tile.
template <class T>
ST_DEVICE void transpose(const TransposeParameters &p) {
  constexpr int side = transposed_side<sizeof(T)>, down = 256 / side;
  // One word more than a row: reads of a column meet all banks.
  ST_SHARED T tile[side][side + (sizeof(T) < 4 ? 4 / sizeof(T) : 1)];
  const uint32_t plane[1] = {blockIdx.x / p.tiles};
  int64_t offsets[2][1];
  locate(p.planes, plane, offsets);
  const uint32_t number = blockIdx.x % p.tiles;
  const int64_t row = int64_t(number % p.tiles_down) * side, column = int64_t(number / p.tiles_down) * side;
  const int x = threadIdx.x % side, y = threadIdx.x / side;
  const T *in = static_cast<const T *>(p.in) + offsets[1][0] + row + column * p.in_column;
  T *out = static_cast<T *>(p.out) + offsets[0][0] + row * p.out_row + column;
  const int rows = p.rows - row < side ? int(p.rows - row) : side;
  const int columns = p.columns - column < side ? int(p.columns - column) : side;
  if (x < rows) {
#pragma unroll
    for (int j = 0; j < side; j += down) {
      if (y + j < columns) tile[y + j][x] = in[x + int64_t(y + j) * p.in_column];
    }
  }
  __syncthreads();
  if (x < columns) {
#pragma unroll
    for (int i = 0; i < side; i += down) {
      if (y + i < rows) out[int64_t(y + i) * p.out_row + x] = tile[x][y + i];
    }
  }
}

}  // namespace st

#endif
