// Matrix products of integers, and of floats where cuBLASLt is missing or has no form.
#ifndef ST_CUDA_MATMUL_CUH
#define ST_CUDA_MATMUL_CUH

#include "device_math.cuh"
#include "matmul_parameters.h"

namespace st {

// What a product accumulates in. Integers wrap around, so they come unsigned; small ones keep more bits than needed.
template <class T> struct MatmulSumOf { using type = Arithmetic<T>; };
template <> struct MatmulSumOf<uint8_t> { using type = uint32_t; };
template <> struct MatmulSumOf<uint16_t> { using type = uint32_t; };

template <class A>
ST_DEVICE A multiply_add(A a, A b, A sum) {
  if constexpr (is_float<A>) {
    return m_fma(a, b, sum);
  } else {
    return a * b + sum;
  }
}

// One operand's part of a step: `depth` x `tile` elements, cut from its matrix and held in registers until the shared
// memory is free for them. `along` counts its rows (of a) or columns (of b), `across` what is summed over.
template <class T, class A, int tile, int depth, int threads>
struct MatmulSlice {
  static constexpr int count = tile * depth / threads;
  A values[count];

  // Neighbouring threads take what lies together in memory.
  static ST_DEVICE void place(int e, bool across_first, int &i, int &k) {
    const int index = int(threadIdx.x) + e * threads;
    i = across_first ? index / depth : index % tile;
    k = across_first ? index % depth : index / tile;
  }

  ST_DEVICE void load(const T *data, int64_t along, int64_t across, int64_t i_count, int64_t k_count,
                      bool across_first) {
#pragma unroll
    for (int e = 0; e < count; e++) {
      int i, k;
      place(e, across_first, i, k);
      values[e] = i < i_count && k < k_count ? cast<A>(data[i * along + k * across]) : A(0);
    }
  }

  ST_DEVICE void store(A (&shared)[depth][tile + 4], bool across_first) const {
#pragma unroll
    for (int e = 0; e < count; e++) {
      int i, k;
      place(e, across_first, i, k);
      shared[k][i] = values[e];
    }
  }
};

ST_DEVICE bool is_closer(int64_t stride, int64_t other) {
  return (stride < 0 ? -stride : stride) < (other < 0 ? -other : other);
}

template <class T>
ST_DEVICE void matmul_tiled(const MatmulParameters &p) {
  using A = typename MatmulSumOf<T>::type;
  constexpr int tile = matmul_tile, depth = 16, side = 4;  // a thread computes side x side elements
  using Slice = MatmulSlice<T, A, tile, depth, matmul_threads>;
  ST_SHARED A left[depth][tile + 4];
  ST_SHARED A right[depth][tile + 4];
  const int64_t across = (p.n + tile - 1) / tile;
  const int64_t i0 = blockIdx.x / across * tile, j0 = blockIdx.x % across * tile;
  const int row = threadIdx.x / (tile / side) * side, column = threadIdx.x % (tile / side) * side;
  const bool a_rows = is_closer(p.a.column, p.a.row), b_columns = is_closer(p.b.row, p.b.column);

  for (int64_t batch = blockIdx.y; batch < p.batches; batch += gridDim.y) {
    int64_t out_offset = i0 * p.out.row + j0 * p.out.column, a_offset = i0 * p.a.row, b_offset = j0 * p.b.column;
    int64_t bias_offset = i0 * p.bias.row + j0 * p.bias.column, rest = batch;
    for (int d = 0; d < p.batch_rank; d++) {
      const int64_t index = rest % p.batch_shape[d];
      rest /= p.batch_shape[d];
      out_offset += index * p.out.batch[d];
      a_offset += index * p.a.batch[d];
      b_offset += index * p.b.batch[d];
      bias_offset += index * p.bias.batch[d];
    }
    const T *a = static_cast<const T *>(p.a.data) + a_offset, *b = static_cast<const T *>(p.b.data) + b_offset;

    A sums[side][side] = {};
    Slice next_left, next_right;
    next_left.load(a, p.a.row, p.a.column, p.m - i0, p.k, a_rows);
    next_right.load(b, p.b.column, p.b.row, p.n - j0, p.k, b_columns);
    for (int64_t k0 = 0; k0 < p.k; k0 += depth) {
      next_left.store(left, a_rows);
      next_right.store(right, b_columns);
      __syncthreads();
      if (k0 + depth < p.k) {
        a += depth * p.a.column;
        b += depth * p.b.row;
        next_left.load(a, p.a.row, p.a.column, p.m - i0, p.k - k0 - depth, a_rows);
        next_right.load(b, p.b.column, p.b.row, p.n - j0, p.k - k0 - depth, b_columns);
      }
#pragma unroll
      for (int k = 0; k < depth; k++) {
        A own_left[side], own_right[side];
#pragma unroll
        for (int i = 0; i < side; i++) own_left[i] = left[k][row + i];
#pragma unroll
        for (int j = 0; j < side; j++) own_right[j] = right[k][column + j];
#pragma unroll
        for (int i = 0; i < side; i++) {
#pragma unroll
          for (int j = 0; j < side; j++) sums[i][j] = multiply_add(own_left[i], own_right[j], sums[i][j]);
        }
      }
      __syncthreads();
    }

    T *out = static_cast<T *>(p.out.data) + out_offset;
    const T *bias = static_cast<const T *>(p.bias.data) + (p.bias.data ? bias_offset : 0);
#pragma unroll
    for (int i = row; i < row + side; i++) {
#pragma unroll
      for (int j = column; j < column + side; j++) {
        if (i0 + i >= p.m || j0 + j >= p.n) continue;
        A sum = sums[i - row][j - column];
        if (p.bias.data) sum += cast<A>(bias[i * p.bias.row + j * p.bias.column]);
        out[i * p.out.row + j * p.out.column] = cast<T>(sum);
      }
    }
  }
}

}  // namespace st

#endif
