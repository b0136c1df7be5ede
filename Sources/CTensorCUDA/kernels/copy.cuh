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
    Held<From, width> values[items];
    if (p.in != nullptr) load_vectors<From, width>(values, p.in, offsets[1], p.dense);
#pragma unroll
    for (int i = 0; i < items; i++) {
      Arithmetic<From> numbers[width];
      if (p.in != nullptr) {
        unpack<From>(numbers, values[i], p.dense);
      } else {
#pragma unroll
        for (int j = 0; j < width; j++) numbers[j] = cast<Arithmetic<From>>(number);
      }
      const Held<To, width> result = packed<To>(numbers);
      To *out = static_cast<To *>(p.out) + offsets[0][i];
      if (has_step(p.places, begin, i)) *reinterpret_cast<Held<To, width> *>(out) = result;
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

// The same by accesses of 16 bytes, of elements of 2 or 4 bytes. The tile has words: two columns' elements of 2 bytes
// share one. Rows of tiles have 128 bytes on both sides or a multiple of that.
template <class T>
ST_DEVICE void transpose_vectors(const TransposeParameters &p) {
  using Sixteen = Vector<uint32_t, 4>;
  constexpr int N = 16 / int(sizeof(T)), down = transposed_down, across = transposed_across<sizeof(T)>;
  constexpr int lines = 32, gap = 4;
  // With an odd pitch, and a gap after 32 words, both accesses meet all banks.
  ST_SHARED uint32_t tile[lines][down + gap + 1];
  const auto word = [](int row) { return row + row / 32 * gap; };
  const uint32_t plane[1] = {blockIdx.x / p.tiles};
  int64_t offsets[2][1];
  locate(p.planes, plane, offsets);
  const uint32_t number = blockIdx.x % p.tiles;
  const int64_t row = int64_t(number % p.tiles_down) * down, column = int64_t(number / p.tiles_down) * across;
  const T *in = static_cast<const T *>(p.in) + offsets[1][0] + row + column * p.in_column;
  // Counted in vectors, which tells the compiler how they are aligned.
  Sixteen *out = static_cast<Sixteen *>(p.out) + (offsets[0][0] + row * p.out_row + column) / N;
  const int64_t out_row = p.out_row / N;
  const int rows = p.rows - row < down ? int(p.rows - row) : down;
  const int columns = p.columns - column < across ? int(p.columns - column) : across;
  const int lane = threadIdx.x % 8, line = threadIdx.x / 8;
  // Two vectors each: of two columns, or of one column's two halves.
  Sixteen loaded[2];
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int r = sizeof(T) == 2 ? lane * N : lane * N + 32 * i, c = sizeof(T) == 2 ? 2 * line + i : line;
    if (r < rows && c < columns) {
      loaded[i] = *reinterpret_cast<const Sixteen *>(in + r + int64_t(c) * p.in_column);
    }
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    const uint32_t a = loaded[0].values[j], b = loaded[1].values[j];
    if constexpr (sizeof(T) == 2) {
      tile[line][word(lane * N) + 2 * j] = (a & 0xffffu) | b << 16;
      tile[line][word(lane * N) + 2 * j + 1] = a >> 16 | (b & 0xffff0000u);
    } else {
      tile[line][word(lane * N) + j] = a;
      tile[line][word(lane * N + 32) + j] = b;
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int r = line + 32 * i;
    if (r >= rows || lane * N >= columns) continue;
    Sixteen stored;
#pragma unroll
    for (int j = 0; j < 4; j++) stored.values[j] = tile[lane * 4 + j][word(r)];
    out[r * out_row + lane] = stored;
  }
}

}  // namespace st

#endif
