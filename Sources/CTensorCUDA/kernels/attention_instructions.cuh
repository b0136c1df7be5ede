// The instructions of tensor cores (sm_80 and later), each with a twin in plain C++ for the emulator.
#ifndef ST_CUDA_ATTENTION_INSTRUCTIONS_CUH
#define ST_CUDA_ATTENTION_INSTRUCTIONS_CUH

#include "attention_common.cuh"

namespace st {

#ifndef ST_EMULATED

#define ST_TENSOR_CORES(p) true
using SharedAddress = uint32_t;

ST_DEVICE SharedAddress shared_address(unsigned char *memory) { return uint32_t(__cvta_generic_to_shared(memory)); }

ST_DEVICE void store_shared(SharedAddress target, uint32_t word) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(target), "r"(word) : "memory");
}
ST_DEVICE void store_shared(SharedAddress target, const Vector<uint32_t, 4> &piece) {
  asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(target), "r"(piece.values[0]), "r"(piece.values[1]),
               "r"(piece.values[2]), "r"(piece.values[3]) : "memory");
}
ST_DEVICE Vector<uint32_t, 4> load_shared(SharedAddress source) {
  Vector<uint32_t, 4> piece;
  asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];"
               : "=r"(piece.values[0]), "=r"(piece.values[1]), "=r"(piece.values[2]), "=r"(piece.values[3])
               : "r"(source) : "memory");
  return piece;
}

// Begins to copy 16 bytes, or zeros; they are there after commit_copies, wait_for_copies and a barrier.
ST_DEVICE void copy_to_shared(SharedAddress target, const void *source, bool inside) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(source), "r"(inside ? 16 : 0)
               : "memory");
}
ST_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
ST_DEVICE void wait_for_copies() { asm volatile("cp.async.wait_group 0;" ::: "memory"); }

// Four matrices of 8 x 8; lanes 8 * i ... + 7 give the addresses of matrix i's rows. A thread gets the elements
// 2 * (lane % 4) and the next of row lane / 4, or, transposed, of that column.
ST_DEVICE void load_matrices(uint32_t (&matrices)[4], SharedAddress row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3]) : "r"(row) : "memory");
}
ST_DEVICE void load_matrices_transposed(uint32_t (&matrices)[4], SharedAddress row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3]) : "r"(row) : "memory");
}

// sums (16 x 8) += a (16 x 16) @ b (16 x 8). Of the sums, a thread has columns 2 * (lane % 4) and the next, of row
// lane / 4 and, in elements 2 and 3, of the row 8 below.
template <class T>
ST_DEVICE void multiply_matrices(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  if constexpr (is_same<T, bfloat16>) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
                 "{%0,%1,%2,%3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  } else {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
                 "{%0,%1,%2,%3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  }
}

// Two floats, rounded to T, in one word.
template <class T>
ST_DEVICE uint32_t pack(float low, float high) {
  uint32_t pair;
  if constexpr (is_same<T, bfloat16>) {
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  } else {
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  }
  return pair;
}

ST_DEVICE float fast_exp2(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

#else

#define ST_TENSOR_CORES(p) ((p).tensor_cores != 0)
using SharedAddress = unsigned char *;
using SharedPiece = Vector<uint32_t, 4>;

ST_DEVICE SharedAddress shared_address(unsigned char *memory) { return memory; }
ST_DEVICE void store_shared(SharedAddress target, uint32_t word) { *reinterpret_cast<uint32_t *>(target) = word; }
ST_DEVICE void store_shared(SharedAddress target, const SharedPiece &piece) {
  *reinterpret_cast<SharedPiece *>(target) = piece;
}
ST_DEVICE SharedPiece load_shared(SharedAddress source) { return *reinterpret_cast<const SharedPiece *>(source); }
ST_DEVICE void copy_to_shared(SharedAddress target, const void *source, bool inside) {
  store_shared(target, inside ? *static_cast<const SharedPiece *>(source) : SharedPiece{});
}
ST_DEVICE void commit_copies() {}
ST_DEVICE void wait_for_copies() {}

ST_DEVICE SharedAddress row_of_lane(SharedAddress row, int lane) {
  return reinterpret_cast<SharedAddress>(__shfl_sync(0xffffffffu, reinterpret_cast<uintptr_t>(row), lane));
}
ST_DEVICE void load_matrices(uint32_t (&matrices)[4], SharedAddress row) {
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    matrices[i] = reinterpret_cast<const uint32_t *>(row_of_lane(row, i * 8 + lane / 4))[lane % 4];
  }
}
ST_DEVICE void load_matrices_transposed(uint32_t (&matrices)[4], SharedAddress row) {
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    const uint32_t low = reinterpret_cast<const uint16_t *>(row_of_lane(row, i * 8 + lane % 4 * 2))[lane / 4];
    const uint32_t high = reinterpret_cast<const uint16_t *>(row_of_lane(row, i * 8 + lane % 4 * 2 + 1))[lane / 4];
    matrices[i] = low | high << 16;
  }
}

template <class T>
ST_DEVICE void multiply_matrices(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  ST_SHARED uint32_t operands[attention_threads / 32][32][6];
  const int lane = threadIdx.x % 32;
  auto &warp = operands[threadIdx.x / 32];
  const uint32_t own[6] = {a[0], a[1], a[2], a[3], b0, b1};
  for (int i = 0; i < 6; i++) warp[lane][i] = own[i];
  __syncwarp();
  const auto element = [&](int of_lane, int word, int k) {
    return to_float(T{uint16_t(warp[of_lane][word] >> k % 2 * 16)});
  };
  for (int e = 0; e < 4; e++) {
    const int row = lane / 4, lower = e / 2, column = lane % 4 * 2 + e % 2;
    for (int k = 0; k < 16; k++) {
      const int quarter = k % 8 / 2, half = k / 8;
      sums[e] += element(row * 4 + quarter, half * 2 + lower, k) * element(column * 4 + quarter, 4 + half, k);
    }
  }
  __syncwarp();
}

template <class T>
ST_DEVICE uint32_t pack(float low, float high) {
  return uint32_t(cast<T>(low).bits) | uint32_t(cast<T>(high).bits) << 16;
}

ST_DEVICE float fast_exp2(float x) { return m_exp2(x); }

#endif

}  // namespace st

#endif
