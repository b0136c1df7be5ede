// What the drivers of attention hand to the kernels, and the operands of one call.
#ifndef CTENSORKERNELS_ATTENTION_HPP
#define CTENSORKERNELS_ATTENTION_HPP

#include <algorithm>

#include "products.hpp"

namespace st {

// The mask at a block's first query and key: whether a key counts, or what is added to its score.
struct AttentionMask {
  const void *data = nullptr;
  intptr_t row = 0, column = 0;
  bool is_bool = false;
};

// A block of scores: rows of `keys` numbers that are `stride` apart.
struct AttentionBlock {
  intptr_t rows, keys, stride;
  bool causal;
  intptr_t first;  // the keys that count for the first query; one more for each that follows
  double scale;

  intptr_t limit(intptr_t row) const { return causal ? first + row : keys; }
};

inline constexpr intptr_t query_block = 160, key_block = 512;

// The operands of one call: q [B, H, T, D], k and v [B, G, S, D].
template <class T>
struct AttentionOperands {
  using A = Arithmetic<T>;
  st_view q, k, v, mask;
  bool causal;
  double scale;

  intptr_t batches() const { return q.shape[0]; }
  intptr_t heads() const { return q.shape[1]; }
  intptr_t queries() const { return q.shape[2]; }
  intptr_t size() const { return q.shape[3]; }
  intptr_t groups() const { return k.shape[1]; }
  intptr_t keys() const { return k.shape[2]; }
  intptr_t sharing() const { return groups() == 0 ? 0 : heads() / groups(); }  // heads that share keys and values
  // Rows of the largest blocks.
  intptr_t most_queries() const { return std::min(query_block, queries()); }
  intptr_t most_keys() const { return std::min(key_block, keys()); }

  // Rows of a view's matrix for a batch and a head, as A: where they lie, or converted to the buffer.
  Matrix<A> read(st_view view, intptr_t batch, intptr_t head, intptr_t row, intptr_t rows, A *buffer) const {
    const Matrix<T> from = rows_from(matrix_at(view, batch, head), row);
    if constexpr (is_same<A, T>) {
      return from;
    } else {
      const Matrix<A> to = packed(buffer);
      st_copy(Plane(to, rows, size(), dtype_of<A>), Plane(from, rows, size(), q.dtype));
      return to;
    }
  }

  void write(st_view view, intptr_t batch, intptr_t head, intptr_t row, intptr_t rows, A *from) const {
    st_copy(Plane(rows_from(matrix_at(view, batch, head), row), rows, size(), q.dtype),
            Plane(packed(from), rows, size(), dtype_of<A>));
  }

  // What a buffer for `read` needs.
  intptr_t room(intptr_t rows) const { return is_same<A, T> ? 0 : rows * size(); }

  Matrix<A> packed(A *data) const { return {data, size(), 1}; }

  AttentionBlock block(intptr_t query, intptr_t rows, intptr_t key, intptr_t keys) const {
    return {rows, keys, most_keys(), causal, query - key + 1, scale};
  }

  AttentionMask mask_at(intptr_t batch, intptr_t head, intptr_t query, intptr_t key) const {
    if (!mask.data) return {};
    const intptr_t *s = mask.strides;
    const intptr_t offset = batch * s[0] + head * s[1] + query * s[2] + key * s[3];
    const bool is_bool = mask.dtype == ST_BOOL;
    return {static_cast<char *>(mask.data) + offset * (is_bool ? 1 : intptr_t(sizeof(T))), s[2], s[3], is_bool};
  }

  // The keys after which none counts for these queries.
  intptr_t last_key(intptr_t query, intptr_t rows) const { return causal ? std::min(keys(), query + rows) : keys(); }

 private:
  static Matrix<T> matrix_at(st_view view, intptr_t batch, intptr_t head) {
    const intptr_t *s = view.strides;
    return {static_cast<T *>(view.data) + batch * s[0] + head * s[1], s[2], s[3]};
  }
};

// A number of each query, float for 16-bit floats.
template <class A>
A *numbers_at(st_view view, intptr_t batch, intptr_t head, intptr_t query) {
  return static_cast<A *>(view.data) + batch * view.strides[0] + head * view.strides[1] + query * view.strides[2];
}

}  // namespace st

#endif
