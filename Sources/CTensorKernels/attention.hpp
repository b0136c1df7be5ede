// What the driver of attention hands to the kernels.
#ifndef CTENSORKERNELS_ATTENTION_HPP
#define CTENSORKERNELS_ATTENTION_HPP

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

#include "arithmetic.hpp"
#include "matmul.hpp"

namespace st {

// Blocks of scores have one row per key and one column per query, so that what is done to the queries vectorises.
inline constexpr intptr_t query_block = 32, key_block = 256;

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

  // The keys after which none counts for these queries.
  intptr_t last_key(intptr_t query, intptr_t rows) const { return causal ? std::min(keys(), query + rows) : keys(); }
};

// What the derivative's passes read and write besides.
struct AttentionGradients {
  st_view q, k, v;  // the results
  st_view gradient, out, lse;
};

// The rows of a view's matrix for a batch and a head, from one on.
template <class T>
Matrix<T> rows_of(st_view view, intptr_t batch, intptr_t head, intptr_t row) {
  const intptr_t *s = view.strides;
  return {static_cast<T *>(view.data) + batch * s[0] + head * s[1] + row * s[2], s[2], s[3]};
}

// A number of each query, float for 16-bit floats.
template <class A>
A *numbers_at(st_view view, intptr_t batch, intptr_t head, intptr_t query) {
  return static_cast<A *>(view.data) + batch * view.strides[0] + head * view.strides[1] + query * view.strides[2];
}

}  // namespace st

#endif
