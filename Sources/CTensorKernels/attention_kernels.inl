// Attention of a block of queries, forwards. Scores lie transposed, [keys, queries], so that what each query has of its
// own is a lane of a vector. Keys and values are read where they lie.
#include "tiles.inl"
#include "attention_blocks.inl"
#include "attention_gradient.inl"

namespace {

// What a block of queries has come to: its largest scores, and the sums of weights relative to them.
template <class A>
struct AttentionSoFar {
  A *most, *sum, *shrink;
};

// Turns scores into weights relative to each query's largest score so far, and leaves in `shrink` by what earlier ones
// must be multiplied. Returns whether any must.
template <class T>
bool attention_weights(const AttentionBlock<T> &block, const AttentionSoFar<Arithmetic<T>> &so_far) {
  using A = Arithmetic<T>;
  using Vector = typename Lanes<A>::Vector;
  bool changed = false;
  for (intptr_t column = 0; column < block.columns; column += Lanes<A>::count) {
    const Vector before = load(so_far.most + column);
    Vector peak = before;
    block.each_score(column, Vector{}, [&](const Vector &score, intptr_t) ST_LAMBDA_INLINE {
      peak = score > peak ? score : peak;
    });
    // Of a query for which nothing counts yet, all weights are 0.
    const Vector base = peak == -A(infinity) ? Vector{} : peak;
    const Vector shrink = power_of_two(before - base);
    Vector sum = load(so_far.sum + column) * shrink;
    block.each_score(column, base, [&](const Vector &score, intptr_t place) ST_LAMBDA_INLINE {
      const Vector weight = power_of_two(score);
      store(block.scores + place, weight);
      sum += weight;
    });
    store(so_far.sum + column, sum);
    store(so_far.most + column, peak);
    store(so_far.shrink + column, shrink);
    for (int l = 0; l < Lanes<A>::count; l++) changed |= shrink[l] != 1;
  }
  return changed;
}

// Multiplies each row of numbers [rows, wide] by its factor.
template <class A>
void multiply_rows(A *numbers, intptr_t rows, intptr_t wide, const A *factors) {
  for (intptr_t i = 0; i < rows; i++) {
    for (intptr_t j = 0; j < wide; j += Lanes<A>::count) {
      A *const at = numbers + i * wide + j;
      store(at, load(at) * factors[i]);
    }
  }
}

// The results and the logarithms of the weights' sums of the queries from `query` on. False when there is no memory.
template <class T>
bool attend_block(const AttentionOperands<T> &given, st_view out, st_view lse, intptr_t batch, intptr_t head,
                  intptr_t query) {
  using A = Arithmetic<T>;
  using Vector = typename Lanes<A>::Vector;
  const intptr_t rows = std::min(query_block, given.queries() - query);
  const intptr_t columns = rounded_up(rows, Lanes<A>::count), size = given.size();
  const intptr_t wide = rounded_up(size, Lanes<A>::count);
  const intptr_t group = head / given.sharing(), stop = given.last_key(query, rows);
  const intptr_t most_keys = std::min(key_block, stop);
  A *queries, *scores, *result, *mask, *keys, *turned;
  AttentionSoFar<A> so_far;
  const bool in_place = lies_in_vectors<A, T>(given.v.strides[3], size, wide);
  if (!take<A>({&queries, &scores, &result, &mask, &keys, &turned, &so_far.most, &so_far.sum, &so_far.shrink},
               {rounded_up(size, 2) * columns, rounded_up(most_keys, 2) * columns, rows * wide,
                given.mask.data ? most_keys * columns : 0, in_place ? 0 : rounded_up(most_keys, 2) * wide,
                rows * rounded_up(size, 2), columns, columns, columns})) {
    return false;
  }
  using Operand = AttentionOperand<T>;
  using E = typename Operand::Element;
  const intptr_t steps = Operand::steps(size);
  const Matrix<const E> q = Operand::along_columns(rows_of<T>(given.q, batch, head, query), rows, size, turned);
  write_columns(reinterpret_cast<E *>(queries), columns, q, rows, steps);
  if constexpr (scales_queries<T>) scale_queries(queries, size * columns, given.scale);
  std::fill_n(so_far.most, columns, -A(infinity));
  std::fill_n(so_far.sum, columns, A(0));
  if (stop == 0) std::fill_n(result, rows * wide, A(0));
  for (intptr_t key = 0; key < stop; key += key_block) {
    AttentionBlock<T> block{given, scores, columns, query, key, std::min(key_block, stop - key)};
    const Matrix<const E> k = Operand::along_columns(rows_of<T>(given.k, batch, group, key), block.keys, size, keys);
    multiply_tiles<A, E>(block.keys, columns, steps, k, reinterpret_cast<E *>(queries), columns, scores, columns,
                         nullptr, 0);
    block.read_mask(mask, batch, head, rows);
    if (attention_weights(block, so_far) && key > 0) multiply_rows(result, rows, wide, so_far.shrink);
    const Matrix<const E> v = Operand::along_rows(rows_of<T>(given.v, batch, group, key), block.keys, size, wide, keys);
    const Matrix<const E> weights{Operand::weights(scores, block.keys, columns), 1, columns};
    multiply_tiles<A, E>(rows, wide, Operand::steps(block.keys), weights, v.data, v.row, result, wide,
                         key > 0 ? result : nullptr, wide);
  }
  for (intptr_t column = 0; column < columns; column += Lanes<A>::count) {
    const Vector sum = load(so_far.sum + column);
    store(so_far.shrink + column, sum == 0 ? Vector{} : 1 / sum);
  }
  multiply_rows(result, rows, wide, so_far.shrink);
  write_rows(rows_of<T>(out, batch, head, query), result, wide, rows, size);
  for (intptr_t i = 0; i < columns; i++) so_far.sum[i] = so_far.most[i] * A(log_2) + m_log(so_far.sum[i]);
  A *const to = numbers_at<A>(lse, batch, head, query);
  for (intptr_t row = 0; row < rows; row++) to[row * lse.strides[2]] = so_far.sum[row];
  return true;
}

}  // namespace
