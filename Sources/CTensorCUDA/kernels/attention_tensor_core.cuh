// Tiles of 16-bit floats in shared memory, and their products by tensor cores.
#ifndef ST_CUDA_ATTENTION_TENSOR_CORE_CUH
#define ST_CUDA_ATTENTION_TENSOR_CORE_CUH

#include "attention_instructions.cuh"

namespace st {

// The sums of two neighbouring products as the left operand of another.
template <class T>
ST_DEVICE void as_left(uint32_t (&a)[4], const float (&first)[4], const float (&second)[4]) {
  a[0] = pack<T>(first[0], first[1]);
  a[1] = pack<T>(first[2], first[3]);
  a[2] = pack<T>(second[0], second[1]);
  a[3] = pack<T>(second[2], second[3]);
}

// Rows of D 16-bit floats in shared memory. The 16-byte pieces of a row are exchanged by the row's number, so that
// eight pieces below each other lie in distinct banks.
template <class T, int D>
struct SharedTile {
  SharedAddress address;

  ST_DEVICE explicit SharedTile(unsigned char *memory) : address(shared_address(memory)) {}

  ST_DEVICE SharedAddress piece(int row, int index) const {
    return address + uint32_t(row * (D * 2) + ((index ^ (row & 7)) << 4));
  }

  // Begins to copy rows first ... first + rows of an operand; zeros beyond its end. Waits itself where not `aligned`.
  template <int rows>
  ST_DEVICE void load(const T *data, int64_t stride, int first, int count, int size, bool aligned) const {
    constexpr int pieces = D / 8, step = attention_threads / pieces;
    const int first_row = int(threadIdx.x / pieces), index = int(threadIdx.x % pieces), column = index * 8;
    data += (first + first_row) * stride + column;
#pragma unroll 4
    for (int row = first_row, e = 0; e < rows / step; e++, row += step, data += step * stride) {
      const SharedAddress target = piece(row, index);
      const bool inside = first + row < count && column < size;
      if (aligned) {
        copy_to_shared(target, data, inside);
      } else {
        Vector<uint32_t, 4> words;
#pragma unroll
        for (int w = 0; w < 4; w++) {
          const uint32_t low = inside && column + 2 * w < size ? data[2 * w].bits : 0u;
          const uint32_t high = inside && column + 2 * w + 1 < size ? data[2 * w + 1].bits : 0u;
          words.values[w] = low | high << 16;
        }
        store_shared(target, words);
      }
    }
  }

  // The left operand of a product: rows row ... row + 15, columns 16 * step ... + 15.
  ST_DEVICE void left(uint32_t (&a)[4], int row, int step) const {
    const int lane = threadIdx.x % 32;
    load_matrices(a, piece(row + lane % 16, step * 2 + lane / 16));
  }

  // Two right operands, of this tile transposed: rows row ... row + 15 are the columns of the products (8 each),
  // columns 16 * step ... + 15 are summed over.
  ST_DEVICE void right_transposed(uint32_t (&b)[4], int row, int step) const {
    const int lane = threadIdx.x % 32;
    load_matrices(b, piece(row + lane / 16 * 8 + lane % 8, step * 2 + lane / 8 % 2));
  }

  // Two right operands: rows row ... row + 15 are summed over, columns 16 * pair ... + 15 are the products' columns.
  ST_DEVICE void right(uint32_t (&b)[4], int row, int pair) const {
    const int lane = threadIdx.x % 32;
    load_matrices_transposed(b, piece(row + lane % 16, pair * 2 + lane / 16));
  }

  // Writes a warp's 16 rows of sums to an operand, by way of its rows of this tile, which must be free.
  template <int columns>
  ST_DEVICE void store(T *out, int64_t stride, int first, int count, int column, int size, bool aligned,
                       const float (&sums)[columns / 8][4], float upper, float lower) const {
    constexpr int pieces = columns / 8;
    const int warp_row = int(threadIdx.x / 32) * 16, lane = threadIdx.x % 32;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < pieces; n++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const float factor = half ? lower : upper;
        store_shared(piece(warp_row + lane / 4 + 8 * half, n) + lane % 4 * 4,
                     pack<T>(sums[n][2 * half] * factor, sums[n][2 * half + 1] * factor));
      }
    }
    __syncwarp();
#pragma unroll
    for (int e = 0; e < 16 * pieces / 32; e++) {
      const int index = lane + e * 32, row = warp_row + index / pieces, j = column + index % pieces * 8;
      if (first + row >= count || j >= size) continue;
      const Vector<uint32_t, 4> words = load_shared(piece(row, index % pieces));
      T *target = out + (first + row) * stride + j;
      if (aligned) {
        *reinterpret_cast<Vector<uint32_t, 4> *>(target) = words;
      } else {
#pragma unroll
        for (int i = 0; i < 8; i++) {
          if (j + i < size) target[i].bits = uint16_t(words.values[i / 2] >> i % 2 * 16);
        }
      }
    }
  }
};

// sums (16 x N) += rows `own_row` ... of `own` @ the first N rows of `other`, transposed.
template <class T, int D, int N>
ST_DEVICE void multiply_rows(float (&sums)[N / 8][4], const SharedTile<T, D> &own, int own_row,
                             const SharedTile<T, D> &other) {
#pragma unroll 8
  for (int step = 0; step < D / 16; step++) {
    uint32_t a[4];
    own.left(a, own_row, step);
#pragma unroll
    for (int n = 0; n < N / 16; n++) {
      uint32_t b[4];
      other.right_transposed(b, n * 16, step);
      multiply_matrices<T>(sums[2 * n], a, b[0], b[1]);
      multiply_matrices<T>(sums[2 * n + 1], a, b[2], b[3]);
    }
  }
}

// sums (16 x columns) += weights (16 x N) @ the first N rows of `other`, from its column 16 * first_pair on.
template <class T, int D, int N, int columns>
ST_DEVICE void accumulate_rows(float (&sums)[columns / 8][4], const float (&weights)[N / 8][4],
                               const SharedTile<T, D> &other, int first_pair) {
#pragma unroll
  for (int step = 0; step < N / 16; step++) {
    uint32_t a[4];
    as_left<T>(a, weights[2 * step], weights[2 * step + 1]);
#pragma unroll
    for (int n = 0; n < columns / 16; n++) {
      uint32_t b[4];
      other.right(b, step * 16, first_pair + n);
      multiply_matrices<T>(sums[2 * n], a, b[0], b[1]);
      multiply_matrices<T>(sums[2 * n + 1], a, b[2], b[3]);
    }
  }
}

}  // namespace st

#endif
