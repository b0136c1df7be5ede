// What every attention kernel needs: where a block works, and which scores count.
#ifndef ST_CUDA_ATTENTION_COMMON_CUH
#define ST_CUDA_ATTENTION_COMMON_CUH

#include "device_math.cuh"
#include "attention_parameters.h"

namespace st {

template <class T>
ST_DEVICE T *attention_head(const AttentionOperand &operand, int batch, int head) {
  return static_cast<T *>(operand.data) + batch * operand.batch + head * operand.head;
}

ST_DEVICE double attention_lse(const AttentionParameters &p, int batch, int head, int row) {
  const int64_t offset = batch * p.lse.batch + head * p.lse.head + row * p.lse.row;
  return p.lse_is_double ? static_cast<const double *>(p.lse.data)[offset]
                         : double(static_cast<const float *>(p.lse.data)[offset]);
}

template <class A>
ST_DEVICE void set_attention_lse(const AttentionParameters &p, int batch, int head, int row, A value) {
  const int64_t offset = batch * p.lse.batch + head * p.lse.head + row * p.lse.row;
  if (p.lse_is_double) {
    static_cast<double *>(p.lse.data)[offset] = value;
  } else {
    static_cast<float *>(p.lse.data)[offset] = float(value);
  }
}

// What a backward kernel subtracts from a query's scores: its lse, or infinity, which leaves no weights, where there is
// no such query or all its keys were masked.
template <class A>
ST_DEVICE A attention_shift(const AttentionParameters &p, int batch, int head, int row) {
  const A infinity = A(__builtin_inff());
  if (row >= p.queries) return infinity;
  const A lse = A(attention_lse(p, batch, head, row));
  return lse == -infinity ? infinity : lse;
}

ST_DEVICE int64_t attention_row(const AttentionParameters &p, int batch, int head, int row) {
  return (int64_t(batch) * p.heads + head) * p.queries + row;
}

// The score of query i and key j, masked.
template <class T, class A>
ST_DEVICE A attention_score(const AttentionParameters &p, const AttentionOperand &mask, A score, int i, int j) {
  const A out = -A(__builtin_inff());
  if (i >= p.queries || j >= p.keys || (p.causal && j > i)) return out;
  if (p.mask_kind == 0) return score;
  const int64_t offset = i * mask.row + j * p.mask_column;
  if (p.mask_kind == 1) return static_cast<const uint8_t *>(mask.data)[offset] ? score : out;
  return score + cast<A>(static_cast<const T *>(mask.data)[offset]);
}

// The mask of one head: the kernels' masks start there.
template <class T>
ST_DEVICE AttentionOperand attention_mask(const AttentionParameters &p, int batch, int head) {
  AttentionOperand mask = p.mask;
  const int64_t offset = batch * mask.batch + head * mask.head;
  mask.data = p.mask_kind == 1 ? static_cast<void *>(static_cast<uint8_t *>(mask.data) + offset)
                               : static_cast<void *>(static_cast<T *>(mask.data) + offset);
  return mask;
}

// What a block computes: a tile of rows of one head, and in backward kernels a part of the columns. Later tiles, which
// have more keys below the diagonal, come first.
struct AttentionPlace {
  int batch, head, first, part;
};

ST_DEVICE AttentionPlace attention_place(int heads, int rows, int tile, int parts, bool last_first) {
  AttentionPlace place;
  int64_t index = blockIdx.x;
  const int tiles = (rows + tile - 1) / tile;
  place.part = int(index % parts);
  index /= parts;
  const int own = int(index % tiles);
  place.first = (last_first ? tiles - 1 - own : own) * tile;
  index /= tiles;
  place.head = int(index % heads);
  place.batch = int(index / heads);
  return place;
}

}  // namespace st

#endif
