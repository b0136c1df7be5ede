// Attention of a group of heads that share keys and values, backwards: weights are computed again from the logarithms
// of their sums. Scores lie as they do forwards, [keys, queries].
namespace {

// The sum of term(i), in strands whose order is fixed.
template <class A, class Term>
ST_INLINE A strand_sum(intptr_t count, Term term) {
  constexpr int strands = 16;
  A sum[strands] = {};
  intptr_t i = 0;
  for (; i + strands <= count; i += strands) {
    for (int l = 0; l < strands; l++) sum[l] += term(i + l);
  }
  for (; i < count; i++) sum[i % strands] += term(i);
  for (int gap = strands / 2; gap > 0; gap /= 2) {
    for (int l = 0; l < gap; l++) sum[l] += sum[l + gap];
  }
  return sum[0];
}

// Turns scores into weights by the logarithms of their sums, and slopes, the weights' gradients, into the scores':
// weight (slope - delta) scale, where delta is the sum of a query's result times its gradient.
template <class T>
void attention_slopes(const AttentionBlock<T> &block, Arithmetic<T> *slopes, const Arithmetic<T> *logarithms,
                      const Arithmetic<T> *delta) {
  using A = Arithmetic<T>;
  using Vector = typename Lanes<A>::Vector;
  const A scale = A(block.given.scale);
  for (intptr_t column = 0; column < block.columns; column += Lanes<A>::count) {
    const Vector sum = load(logarithms + column), level = load(delta + column);
    const Vector base = sum == -A(infinity) ? Vector{} : sum;
    block.each_score(column, base, [&](const Vector &score, intptr_t place) ST_LAMBDA_INLINE {
      const Vector weight = power_of_two(score);
      store(block.scores + place, weight);
      store(slopes + place, weight * (load(slopes + place) - level) * scale);
    });
  }
}

template <class T>
struct AttentionGradient {
  using A = Arithmetic<T>;
  const AttentionOperands<T> &given;
  const AttentionGradients &views;
  // Rows of `wide` numbers are whole vectors.
  const intptr_t columns = rounded_up(std::min(query_block, given.queries()), Lanes<A>::count), size = given.size(),
                 wide = rounded_up(size, Lanes<A>::count), most_keys = std::min(key_block, given.keys());
  A *scores, *slopes, *queries, *gradients, *turned_queries, *turned_gradients, *q_sums, *k_sums, *v_sums, *keys, *mask,
      *logarithms, *delta;

  bool run(intptr_t batch, intptr_t group) {
    const intptr_t block = most_keys * columns, rows = columns * wide, all = given.keys() * wide;
    const bool in_place = lies_in_vectors<A, T>(given.k.strides[3], size, wide);
    if (!take<A>({&scores, &slopes, &queries, &gradients, &turned_queries, &turned_gradients, &q_sums, &k_sums,
                  &v_sums, &keys, &mask, &logarithms, &delta},
                 {block, block, rows, rows, rows, rows, rows, all, all, in_place ? 0 : most_keys * wide,
                  given.mask.data ? block : 0, columns, columns})) {
      return false;
    }
    std::fill_n(k_sums, all, A(0));
    std::fill_n(v_sums, all, A(0));
    for (intptr_t head = group * given.sharing(); head < (group + 1) * given.sharing(); head++) {
      for (intptr_t query = 0; query < given.queries(); query += query_block) queries_from(batch, group, head, query);
    }
    write_rows(rows_of<T>(views.k, batch, group, 0), k_sums, wide, given.keys(), size);
    write_rows(rows_of<T>(views.v, batch, group, 0), v_sums, wide, given.keys(), size);
    return true;
  }

 private:
  // Rows of whole vectors, zero beyond their end, and the same transposed.
  Matrix<const A> read(const Matrix<T> &from, intptr_t rows, A *buffer, A *turned) {
    const Matrix<const A> read = read_vectors(from, rows, size, wide, buffer);
    write_columns(turned, columns, read, rows, size);
    return read;
  }

  void queries_from(intptr_t batch, intptr_t group, intptr_t head, intptr_t query) {
    const intptr_t rows = std::min(query_block, given.queries() - query), stop = given.last_key(query, rows);
    const Matrix<const A> q = read(rows_of<T>(given.q, batch, head, query), rows, queries, turned_queries);
    scale_queries(turned_queries, size * columns, given.scale);
    const Matrix<const A> g = read(rows_of<T>(views.gradient, batch, head, query), rows, gradients, turned_gradients);
    const Matrix<const A> result = read_rows(rows_of<T>(views.out, batch, head, query), rows, size, q_sums);
    const A *const sums = numbers_at<A>(views.lse, batch, head, query);
    std::fill_n(logarithms, columns, A(0));
    std::fill_n(delta, columns, A(0));
    for (intptr_t row = 0; row < rows; row++) {
      logarithms[row] = sums[row * views.lse.strides[2]] * A(log2_e);
      const A *const x = result.at(row, 0), *const y = g.at(row, 0);
      delta[row] = strand_sum<A>(size, [&](intptr_t i) ST_LAMBDA_INLINE { return x[i * result.column] * y[i]; });
    }
    for (intptr_t key = 0; key < stop; key += key_block) {
      AttentionBlock<T> block{given, scores, columns, query, key, std::min(key_block, stop - key)};
      const Matrix<const A> v = read_rows(rows_of<T>(given.v, batch, group, key), block.keys, size, keys);
      multiply_tiles<A, A>(block.keys, columns, size, v, turned_gradients, columns, slopes, columns, nullptr, 0);
      const Matrix<const A> k = read_vectors(rows_of<T>(given.k, batch, group, key), block.keys, size, wide, keys);
      multiply_tiles<A, A>(block.keys, columns, size, k, turned_queries, columns, scores, columns, nullptr, 0);
      block.read_mask(mask, batch, head, rows);
      attention_slopes(block, slopes, logarithms, delta);
      const Matrix<const A> weights{scores, columns, 1}, steps{slopes, columns, 1};
      A *const own_k = k_sums + key * wide, *const own_v = v_sums + key * wide;
      multiply_tiles<A, A>(block.keys, wide, rows, weights, g.data, g.row, own_v, wide, own_v, wide);
      multiply_tiles<A, A>(block.keys, wide, rows, steps, q.data, q.row, own_k, wide, own_k, wide);
      multiply_tiles<A, A>(rows, wide, block.keys, steps.transposed(), k.data, k.row, q_sums, wide,
                           key > 0 ? q_sums : nullptr, wide);
    }
    if (stop == 0) std::fill_n(q_sums, rows * wide, A(0));
    write_rows(rows_of<T>(views.q, batch, head, query), q_sums, wide, rows, size);
  }
};

template <class T>
bool differentiate_group(const AttentionOperands<T> &given, const AttentionGradients &gradients, intptr_t batch,
                         intptr_t group) {
  return AttentionGradient<T>{given, gradients}.run(batch, group);
}

}  // namespace
