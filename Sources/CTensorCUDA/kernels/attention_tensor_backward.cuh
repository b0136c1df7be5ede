// Attention's backward pass by tensor cores, for 16-bit floats.
#ifndef ST_CUDA_ATTENTION_TENSOR_BACKWARD_CUH
#define ST_CUDA_ATTENTION_TENSOR_BACKWARD_CUH

#include "attention_tensor_forward.cuh"

namespace st {

// As attention_backward_plain: own rows are the gradient's, 16 for each of the 4 warps. Scores are computed with the
// own rows as theirs, so that weights and slopes, in registers, are left operands of what they are summed with.
template <class T, int D, bool of_keys>
ST_DEVICE void attention_backward_tensor(const AttentionParameters &p) {
  constexpr int tile = attention_rows<false>, others = attention_backward_rows<D>;
  constexpr int stages = attention_backward_stages<D>;
  constexpr int columns = D < attention_most_columns ? D : attention_most_columns;
  using Tile = SharedTile<T, D>;
  ST_DYNAMIC_SHARED(memory);
  // Own: keys (queries) and values (gradients). Of the other side, per stage: queries (keys) and gradients (values).
  const Tile own_first(memory), own_second(memory + tile * D * 2);
  unsigned char *const stage_memory = memory + 2 * tile * D * 2;
  float *const stage_shifts = reinterpret_cast<float *>(stage_memory + stages * 2 * others * D * 2);
  const int heads = p.heads / p.groups, own_count = of_keys ? p.keys : p.queries;
  const int other_count = of_keys ? p.queries : p.keys;
  const AttentionPlace at = attention_place(of_keys ? p.groups : p.heads, own_count, tile, D / columns,
                                            p.causal && !of_keys);
  const int warp_row = int(threadIdx.x / 32) * 16, lane = threadIdx.x % 32;
  const int begin = of_keys && p.causal ? at.first / others * others : 0;
  const int end = !of_keys && p.causal && at.first + tile < other_count ? at.first + tile : other_count;
  const int steps_of_head = end > begin ? (end - begin + others - 1) / others : 0;
  const int steps = steps_of_head * (of_keys ? heads : 1);
  const float scale = float(p.scale), factor = scale * log2_of_e;

  const auto head_of = [&](int step) { return of_keys ? at.head * heads + step / steps_of_head : at.head; };
  const auto other_of = [&](int step) { return begin + step % steps_of_head * others; };
  const auto first_tile = [&](int stage) { return Tile(stage_memory + stage * 2 * others * D * 2); };
  const auto second_tile = [&](int stage) { return Tile(stage_memory + (stage * 2 + 1) * others * D * 2); };
  const auto load = [&](int step, int stage) {
    const int head = head_of(step), other0 = other_of(step);
    const T *first = of_keys ? attention_head<const T>(p.q, at.batch, head)
                             : attention_head<const T>(p.k, at.batch, head / heads);
    const T *second = of_keys ? attention_head<const T>(p.gradient, at.batch, head)
                              : attention_head<const T>(p.v, at.batch, head / heads);
    first_tile(stage).template load<others>(first, of_keys ? p.q.row : p.k.row, other0, other_count, p.size, p.aligned);
    second_tile(stage).template load<others>(second, of_keys ? p.gradient.row : p.v.row, other0, other_count, p.size,
                                             p.aligned);
    commit_copies();
    if (of_keys && threadIdx.x < others) {
      const int row = other0 + int(threadIdx.x);
      float *shifts = stage_shifts + stage * 2 * others;
      shifts[threadIdx.x] = attention_shift<float>(p, at.batch, head, row) * log2_of_e;
      shifts[others + threadIdx.x] =
          row < p.queries ? static_cast<const float *>(p.delta)[attention_row(p, at.batch, head, row)] : 0.0f;
    }
  };

  own_first.template load<tile>(of_keys ? attention_head<const T>(p.k, at.batch, at.head)
                                        : attention_head<const T>(p.q, at.batch, at.head),
                                of_keys ? p.k.row : p.q.row, at.first, own_count, p.size, p.aligned);
  own_second.template load<tile>(of_keys ? attention_head<const T>(p.v, at.batch, at.head)
                                         : attention_head<const T>(p.gradient, at.batch, at.head),
                                 of_keys ? p.v.row : p.gradient.row, at.first, own_count, p.size, p.aligned);
  if (steps > 0) load(0, 0);
  float own_shifts[2] = {}, own_deltas[2] = {};
  if (!of_keys) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = at.first + warp_row + lane / 4 + half * 8;
      own_shifts[half] = attention_shift<float>(p, at.batch, at.head, row) * log2_of_e;
      if (row < p.queries) {
        own_deltas[half] = static_cast<const float *>(p.delta)[attention_row(p, at.batch, at.head, row)];
      }
    }
  }

  float sums[columns / 8][4] = {}, value_sums[of_keys ? columns / 8 : 1][4] = {};
  for (int step = 0; step < steps; step++) {
    const int stage = step % stages, other0 = other_of(step), head = head_of(step);
    wait_for_copies();
    __syncthreads();  // this stage is here, and the one before used
    if (stages > 1 && step + 1 < steps) load(step + 1, (step + 1) % stages);
    const Tile first = first_tile(stage), second = second_tile(stage);
    const float *shifts = stage_shifts + stage * 2 * others;

    float weights[others / 8][4] = {};
    multiply_rows<T, D, others>(weights, own_first, warp_row, first);
    const int own0 = at.first + warp_row;
    const bool crosses = p.causal && (of_keys ? own0 + 15 > other0 : other0 + others > own0);
    if (crosses || other0 + others > other_count || p.mask_kind != 0) {
      const AttentionOperand mask = attention_mask<T>(p, at.batch, head);
#pragma unroll
      for (int n = 0; n < others / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int own = own0 + lane / 4 + e / 2 * 8, other = other0 + n * 8 + lane % 4 * 2 + e % 2;
          weights[n][e] = attention_score<T>(p, mask, weights[n][e] * scale, of_keys ? other : own,
                                             of_keys ? own : other) * log2_of_e;
        }
      }
    } else {
#pragma unroll
      for (int n = 0; n < others / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) weights[n][e] *= factor;
      }
    }
#pragma unroll
    for (int n = 0; n < others / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const float shift = of_keys ? shifts[n * 8 + lane % 4 * 2 + e % 2] : own_shifts[e / 2];
        weights[n][e] = fast_exp2(weights[n][e] - shift);
      }
    }
    if constexpr (of_keys) {
      accumulate_rows<T, D, others, columns>(value_sums, weights, second, at.part * (columns / 16));
    }
    float slopes[others / 8][4] = {};
    multiply_rows<T, D, others>(slopes, own_second, warp_row, second);
#pragma unroll
    for (int n = 0; n < others / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const float delta = of_keys ? shifts[others + n * 8 + lane % 4 * 2 + e % 2] : own_deltas[e / 2];
        slopes[n][e] = weights[n][e] * (slopes[n][e] - delta);
      }
    }
    accumulate_rows<T, D, others, columns>(sums, slopes, first, at.part * (columns / 16));
    if (stages == 1 && step + 1 < steps) {
      __syncthreads();
      load(step + 1, 0);
    }
  }

  // The own tiles make room for the results.
  wait_for_copies();
  __syncthreads();
  const AttentionOperand &target = of_keys ? p.k_gradient : p.q_gradient;
  own_first.template store<columns>(attention_head<T>(target, at.batch, at.head), target.row, at.first, own_count,
                                    at.part * columns, p.size, p.aligned, sums, scale, scale);
  if constexpr (of_keys) {
    own_second.template store<columns>(attention_head<T>(p.v_gradient, at.batch, at.head), p.v_gradient.row, at.first,
                                       own_count, at.part * columns, p.size, p.aligned, value_sums, 1.0f, 1.0f);
  }
}

}  // namespace st

#endif
