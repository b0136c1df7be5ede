// Rows of attention: scores to weights, forwards and backwards.
#include "row_kernels.inl"

namespace {

// Scales a row of scores, adds the mask and leaves out what does not count: -inf for those from `limit` on.
template <class T>
void mask_scores(Arithmetic<T> *scores, intptr_t count, Arithmetic<T> scale, const AttentionMask &mask, intptr_t row,
                 intptr_t limit) {
  using A = Arithmetic<T>;
  for (intptr_t i = 0; i < count; i++) scores[i] *= scale;
  if (mask.data && mask.is_bool) {
    const bool *keep = static_cast<const bool *>(mask.data) + row * mask.row;
    for (intptr_t i = 0; i < count; i++) scores[i] = keep[i * mask.column] ? scores[i] : -A(infinity);
  } else if (mask.data) {
    const T *more = static_cast<const T *>(mask.data) + row * mask.row;
    for (intptr_t i = 0; i < count; i++) scores[i] += cast<A>(more[i * mask.column]);
  }
  for (intptr_t i = limit < 0 ? 0 : limit; i < count; i++) scores[i] = -A(infinity);
}

// Turns scores [rows, block.stride] into weights relative to each row's largest score so far, by which the sums and the
// results so far [rows, size] are scaled too.
template <class T>
void attention_rows(const AttentionBlock &block, Arithmetic<T> *scores, const AttentionMask &mask, Arithmetic<T> *most,
                    Arithmetic<T> *sum, Arithmetic<T> *out, intptr_t size) {
  using A = Arithmetic<T>;
  for (intptr_t row = 0; row < block.rows; row++) {
    A *const s = scores + row * block.stride;
    mask_scores<T>(s, block.keys, A(block.scale), mask, row, block.limit(row));
    const A peak = larger(row_maximum(s, block.keys), most[row]);
    const A base = peak == -A(infinity) ? 0 : peak;  // of a row where nothing counts yet, all weights are 0
    const A shrink = m_exp(most[row] - base);
    sum[row] = sum[row] * shrink +
               row_sum<A>(block.keys, [&](intptr_t i) ST_LAMBDA_INLINE { return s[i] = m_exp(s[i] - base); });
    most[row] = peak;
    A *const to = out + row * size;
    for (intptr_t i = 0; i < size; i++) to[i] *= shrink;
  }
}

// Divides the results by the sums of the weights, and leaves the sums' logarithms in `most`.
template <class A>
void finish_attention(intptr_t rows, intptr_t size, A *most, const A *sum, A *out) {
  for (intptr_t row = 0; row < rows; row++) {
    const A scale = sum[row] == 0 ? 0 : 1 / sum[row];
    A *const to = out + row * size;
    for (intptr_t i = 0; i < size; i++) to[i] *= scale;
    most[row] += m_log(sum[row]);
  }
}

// Turns scores into weights by the logarithms of their sums, and the weights' gradients into the scores':
// weight (gradient - delta) scale, where delta is the sum of the result times its gradient.
template <class T>
void attention_gradient_rows(const AttentionBlock &block, Arithmetic<T> *scores, Arithmetic<T> *slopes,
                             const AttentionMask &mask, const Arithmetic<T> *lse, const Arithmetic<T> *delta) {
  using A = Arithmetic<T>;
  for (intptr_t row = 0; row < block.rows; row++) {
    A *const s = scores + row * block.stride, *const g = slopes + row * block.stride;
    mask_scores<T>(s, block.keys, A(block.scale), mask, row, block.limit(row));
    const A base = lse[row] == -A(infinity) ? 0 : lse[row], level = delta[row], scale = A(block.scale);
    for (intptr_t i = 0; i < block.keys; i++) {
      s[i] = m_exp(s[i] - base);
      g[i] = s[i] * (g[i] - level) * scale;
    }
  }
}

// The sums of products of rows.
template <class A>
void row_products(intptr_t rows, intptr_t size, A *to, const Matrix<A> &a, const Matrix<A> &b) {
  for (intptr_t row = 0; row < rows; row++) {
    const A *const x = a.at(row, 0), *const y = b.at(row, 0);
    to[row] = row_sum<A>(size, [&](intptr_t i) ST_LAMBDA_INLINE { return x[i * a.column] * y[i * b.column]; });
  }
}

}  // namespace
