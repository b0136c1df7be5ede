// Attention's forward pass by tensor cores, for 16-bit floats.
#ifndef ST_CUDA_ATTENTION_TENSOR_FORWARD_CUH
#define ST_CUDA_ATTENTION_TENSOR_FORWARD_CUH

#include "attention_tensor_core.cuh"

namespace st {

inline constexpr float log2_of_e = 1.44269504088896340736f, log_of_2 = 0.69314718055994530942f;

// Over the 4 threads of a row.
ST_DEVICE float quad_max(float value) {
  value = ::fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 1));
  return ::fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 2));
}
ST_DEVICE float quad_sum(float value) {
  value += __shfl_xor_sync(0xffffffffu, value, 1);
  return value + __shfl_xor_sync(0xffffffffu, value, 2);
}

// Each of the 4 warps has 16 queries. A block of values arrives while scores are computed, the next block of keys while
// values are summed. Scores are kept to the base 2.
template <class T, int D>
ST_DEVICE void attention_forward_tensor(const AttentionParameters &p) {
  constexpr int tile = attention_rows<false>, others = attention_forward_keys<D>;
  ST_DYNAMIC_SHARED(memory);
  const SharedTile<T, D> q_tile(memory), k_tile(memory + tile * D * 2), v_tile(memory + (tile + others) * D * 2);
  const AttentionPlace at = attention_place(p.heads, p.queries, tile, 1, p.causal);
  const int group = at.head / (p.heads / p.groups), warp_row = int(threadIdx.x / 32) * 16, lane = threadIdx.x % 32;
  const T *q = attention_head<const T>(p.q, at.batch, at.head);
  const T *k = attention_head<const T>(p.k, at.batch, group), *v = attention_head<const T>(p.v, at.batch, group);
  const AttentionOperand mask = attention_mask<T>(p, at.batch, at.head);
  const float infinity = __builtin_inff();
  // Scores stay unscaled until they are exponents, where that keeps their order.
  const bool early = p.mask_kind == 2 || !(p.scale > 0);
  const float before = early ? float(p.scale) : 1.0f, after = early ? log2_of_e : 1.0f;
  const float factor = early ? 1.0f : float(p.scale) * log2_of_e;
  const int end = p.causal && at.first + tile < p.keys ? at.first + tile : p.keys;

  q_tile.template load<tile>(q, p.q.row, at.first, p.queries, p.size, p.aligned);
  k_tile.template load<others>(k, p.k.row, 0, p.keys, p.size, p.aligned);
  commit_copies();
  wait_for_copies();
  __syncthreads();

  float sums[D / 8][4] = {}, most[2] = {-infinity, -infinity}, total[2] = {};
  for (int j0 = 0; j0 < end; j0 += others) {
    v_tile.template load<others>(v, p.v.row, j0, p.keys, p.size, p.aligned);
    commit_copies();
    float scores[others / 8][4] = {};
    multiply_rows<T, D, others>(scores, q_tile, warp_row, k_tile);
    wait_for_copies();
    __syncthreads();  // the values are here, and the keys used
    if (j0 + others < end) {
      k_tile.template load<others>(k, p.k.row, j0 + others, p.keys, p.size, p.aligned);
      commit_copies();
    }

    if (j0 + others > p.keys || (p.causal && j0 + others > at.first + warp_row) || p.mask_kind != 0 || early) {
#pragma unroll
      for (int n = 0; n < others / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int i = at.first + warp_row + lane / 4 + e / 2 * 8, j = j0 + n * 8 + lane % 4 * 2 + e % 2;
          scores[n][e] = attention_score<T>(p, mask, scores[n][e] * before, i, j) * after;
        }
      }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float highest = most[half];
#pragma unroll
      for (int n = 0; n < others / 8; n++) {
        highest = ::fmaxf(highest, ::fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
      }
      highest = quad_max(highest);
      const float shift = highest == -infinity ? 0.0f : highest * factor;
      const float correction = fast_exp2(most[half] * factor - shift);
      most[half] = highest;
      total[half] *= correction;
#pragma unroll
      for (int n = 0; n < others / 8; n++) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; e++) {
          scores[n][e] = fast_exp2(m_fma(scores[n][e], factor, -shift));
          total[half] += scores[n][e];
        }
      }
#pragma unroll
      for (int n = 0; n < D / 8; n++) {
        sums[n][2 * half] *= correction;
        sums[n][2 * half + 1] *= correction;
      }
    }
    accumulate_rows<T, D, others, D>(sums, scores, v_tile, 0);
    wait_for_copies();
    __syncthreads();  // the next keys are here, and the values used
  }

  float inverse[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    total[half] = quad_sum(total[half]);
    inverse[half] = total[half] == 0.0f ? 0.0f : 1.0f / total[half];
    const int row = at.first + warp_row + lane / 4 + half * 8;
    if (lane % 4 == 0 && row < p.queries) {
      set_attention_lse(p, at.batch, at.head, row, total[half] == 0.0f
                        ? -infinity : most[half] * factor * log_of_2 + ::logf(total[half]));
    }
  }
  q_tile.template store<D>(attention_head<T>(p.out, at.batch, at.head), p.out.row, at.first, p.queries, 0, p.size,
                           p.aligned, sums, inverse[0], inverse[1]);
}

}  // namespace st

#endif
