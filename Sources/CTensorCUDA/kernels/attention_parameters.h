// What the attention kernels take; for the host and the device.
#ifndef ST_CUDA_ATTENTION_PARAMETERS_H
#define ST_CUDA_ATTENTION_PARAMETERS_H

namespace st {

inline constexpr int attention_threads = 128;
inline constexpr int attention_most_columns = 128;  // of a gradient, that one block computes

// Rows (queries or keys) that a block computes.
template <bool is_double> inline constexpr int attention_rows = is_double ? 32 : 64;

// Rows of the other side that the tensor-core kernels hold at a time, and how often, by padded head size.
template <int size> inline constexpr int attention_forward_keys = size <= 128 ? 64 : 32;
template <int size> inline constexpr int attention_backward_rows = size <= 64 ? 64 : 32;
template <int size> inline constexpr int attention_backward_stages = size <= 128 ? 2 : 1;

// Their dynamic shared memory, in bytes: rows of 16-bit floats, and two floats for each of the other side's.
template <int size> inline constexpr int attention_forward_memory =
    (attention_rows<false> + 2 * attention_forward_keys<size>) * size * 2;
template <int size> inline constexpr int attention_backward_memory =
    attention_rows<false> * 2 * size * 2 +
    attention_backward_stages<size> * attention_backward_rows<size> * (2 * size * 2 + 2 * 4);

// Strides count elements; the last dimension's is 1.
struct AttentionOperand {
  void *data;
  int64_t batch, head, row;
};

struct AttentionParameters {
  AttentionOperand q, k, v, out, lse;
  AttentionOperand gradient, q_gradient, k_gradient, v_gradient;
  AttentionOperand mask;
  int64_t mask_column;
  void *delta;  // per query: the sum of gradient * out; [batches, heads, queries], in what T computes in
  double scale;
  int32_t batches, heads, groups, queries, keys, size;
  int32_t causal;
  int32_t mask_kind;      // 0: none, 1: bool, 2: of the operands' dtype, added
  int32_t lse_is_double;
  int32_t aligned;        // rows begin at multiples of 16 bytes, and hold whole ones
  int32_t tensor_cores;   // whether the device has those for 16-bit floats; only the emulator asks
};

}  // namespace st

#endif
