// Attention in blocks of queries and keys: the matrix of scores is never whole in memory. The products are st_matmul's,
// in float for 16-bit floats.
#include "attention.hpp"

#include <atomic>

#include "dispatch.hpp"
#include "math.hpp"
#include "threads.hpp"

#define ST_KERNELS "attention_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

// Work in even_grain's quarter nanoseconds.
intptr_t cost(intptr_t products) { return products / 8; }

// ---- A block of queries against all keys.

template <class T>
struct Forward {
  using A = Arithmetic<T>;
  const AttentionOperands<T> &given;
  const st_view out, lse;
  Pieces<A> pieces;
  A *const scores, *const results, *const most, *const sum, *const queries, *const keys, *const values;

  Forward(const AttentionOperands<T> &given, st_view out, st_view lse)
      : given(given), out(out), lse(lse), pieces(numbers(given)),
        scores(pieces.take(given.most_queries() * given.most_keys())),
        results(pieces.take(given.most_queries() * given.size())), most(pieces.take(given.most_queries())),
        sum(pieces.take(given.most_queries())), queries(pieces.take(given.room(given.most_queries()))),
        keys(pieces.take(given.room(given.most_keys()))), values(pieces.take(given.room(given.most_keys()))) {}

  static intptr_t numbers(const AttentionOperands<T> &given) {
    return given.most_queries() * (given.most_keys() + given.size() + 2) + given.room(given.most_queries()) +
           2 * given.room(given.most_keys());
  }

  bool run(intptr_t batch, intptr_t head, intptr_t query) {
    const intptr_t rows = std::min(query_block, given.queries() - query), size = given.size();
    const intptr_t group = head / given.sharing(), stop = given.last_key(query, rows);
    const Matrix<A> weights{scores, given.most_keys(), 1}, result = given.packed(results);
    std::fill_n(results, rows * size, A(0));
    std::fill_n(most, rows, -A(infinity));
    std::fill_n(sum, rows, A(0));
    const Matrix<A> left = given.read(given.q, batch, head, query, rows, queries);
    for (intptr_t key = 0; key < stop; key += key_block) {
      const intptr_t taken = std::min(key_block, stop - key);
      const Matrix<A> right = given.read(given.k, batch, group, key, taken, keys);
      if (!multiply(rows, taken, size, weights, left, right.transposed(), false)) return false;
      ST_CHOOSE(attention_rows<T>)(given.block(query, rows, key, taken), scores,
                                   given.mask_at(batch, head, query, key), most, sum, results, size);
      const Matrix<A> value = given.read(given.v, batch, group, key, taken, values);
      if (!multiply(rows, size, taken, result, weights, value, true)) return false;
    }
    ST_CHOOSE(finish_attention<A>)(rows, size, most, sum, results);
    given.write(out, batch, head, query, rows, results);
    A *const to = numbers_at<A>(lse, batch, head, query);
    for (intptr_t row = 0; row < rows; row++) to[row * lse.strides[2]] = most[row];
    return true;
  }
};

template <class T>
bool attend(const AttentionOperands<T> &given, st_view out, st_view lse) {
  const intptr_t blocks = (given.queries() + query_block - 1) / query_block;
  const intptr_t items = given.batches() * given.heads() * blocks;
  const intptr_t work = cost(given.most_queries() * given.keys() * given.size() * 2);
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, work), [&](intptr_t begin, intptr_t end) {
    Forward<T> own(given, out, lse);
    bool good{own.pieces};
    for (intptr_t item = begin; good && item < end; item++) {
      const intptr_t pair = item / blocks;
      good = own.run(pair / given.heads(), pair % given.heads(), item % blocks * query_block);
    }
    if (!good) complete.store(false, std::memory_order_relaxed);
  });
  return complete;
}

// ---- The gradients of a batch's group of heads that share keys and values.

template <class T>
struct Backward {
  using A = Arithmetic<T>;
  const AttentionOperands<T> &given;
  const st_view q_gradient, k_gradient, v_gradient, gradient, out, lse;
  Pieces<A> pieces;
  A *const scores, *const slopes, *const q_sums, *const k_sums, *const v_sums, *const logarithms, *const delta,
      *const queries, *const keys, *const values, *const results, *const gradients;

  Backward(const AttentionOperands<T> &given, st_view q_gradient, st_view k_gradient, st_view v_gradient,
           st_view gradient, st_view out, st_view lse)
      : given(given), q_gradient(q_gradient), k_gradient(k_gradient), v_gradient(v_gradient), gradient(gradient),
        out(out), lse(lse), pieces(numbers(given)), scores(pieces.take(given.most_queries() * given.most_keys())),
        slopes(pieces.take(given.most_queries() * given.most_keys())),
        q_sums(pieces.take(given.most_queries() * given.size())),
        k_sums(pieces.take(given.keys() * given.size())), v_sums(pieces.take(given.keys() * given.size())),
        logarithms(pieces.take(given.most_queries())), delta(pieces.take(given.most_queries())),
        queries(pieces.take(given.room(given.most_queries()))), keys(pieces.take(given.room(given.most_keys()))),
        values(pieces.take(given.room(given.most_keys()))), results(pieces.take(given.room(given.most_queries()))),
        gradients(pieces.take(given.room(given.most_queries()))) {}

  static intptr_t numbers(const AttentionOperands<T> &given) {
    return given.most_queries() * (2 * given.most_keys() + given.size() + 2) + 2 * given.keys() * given.size() +
           3 * given.room(given.most_queries()) + 2 * given.room(given.most_keys());
  }

  bool run(intptr_t batch, intptr_t group) {
    const intptr_t numbers = given.keys() * given.size();
    std::fill_n(k_sums, numbers, A(0));
    std::fill_n(v_sums, numbers, A(0));
    for (intptr_t head = group * given.sharing(); head < (group + 1) * given.sharing(); head++) {
      for (intptr_t query = 0; query < given.queries(); query += query_block) {
        if (!block(batch, group, head, query)) return false;
      }
    }
    given.write(k_gradient, batch, group, 0, given.keys(), k_sums);
    given.write(v_gradient, batch, group, 0, given.keys(), v_sums);
    return true;
  }

  bool block(intptr_t batch, intptr_t group, intptr_t head, intptr_t query) {
    const intptr_t rows = std::min(query_block, given.queries() - query), size = given.size();
    const intptr_t stop = given.last_key(query, rows);
    const Matrix<A> weights{scores, given.most_keys(), 1}, steps{slopes, given.most_keys(), 1};
    const Matrix<A> left = given.read(given.q, batch, head, query, rows, queries);
    const Matrix<A> result = given.read(out, batch, head, query, rows, results);
    const Matrix<A> slope = given.read(gradient, batch, head, query, rows, gradients);
    const A *const sums = numbers_at<A>(lse, batch, head, query);
    for (intptr_t row = 0; row < rows; row++) logarithms[row] = sums[row * lse.strides[2]];
    ST_CHOOSE(row_products<A>)(rows, size, delta, result, slope);
    std::fill_n(q_sums, rows * size, A(0));
    for (intptr_t key = 0; key < stop; key += key_block) {
      const intptr_t taken = std::min(key_block, stop - key);
      const Matrix<A> right = given.read(given.k, batch, group, key, taken, keys);
      const Matrix<A> value = given.read(given.v, batch, group, key, taken, values);
      bool good = multiply(rows, taken, size, weights, left, right.transposed(), false) &&
                  multiply(rows, taken, size, steps, slope, value.transposed(), false);
      if (!good) return false;
      ST_CHOOSE(attention_gradient_rows<T>)(given.block(query, rows, key, taken), scores, slopes,
                                            given.mask_at(batch, head, query, key), logarithms, delta);
      const Matrix<A> own_k = rows_from(given.packed(k_sums), key), own_v = rows_from(given.packed(v_sums), key);
      good = multiply(taken, size, rows, own_v, weights.transposed(), slope, true) &&
             multiply(rows, size, taken, given.packed(q_sums), steps, right, true) &&
             multiply(taken, size, rows, own_k, steps.transposed(), left, true);
      if (!good) return false;
    }
    given.write(q_gradient, batch, head, query, rows, q_sums);
    return true;
  }
};

template <class T>
bool differentiate(const AttentionOperands<T> &given, st_view q_gradient, st_view k_gradient, st_view v_gradient,
                   st_view gradient, st_view out, st_view lse) {
  const intptr_t items = given.batches() * given.groups();
  const intptr_t work = cost(given.queries() * given.keys() * given.size() * 5 * given.sharing());
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, work), [&](intptr_t begin, intptr_t end) {
    Backward<T> own(given, q_gradient, k_gradient, v_gradient, gradient, out, lse);
    bool good{own.pieces};
    for (intptr_t item = begin; good && item < end; item++) {
      good = own.run(item / given.groups(), item % given.groups());
    }
    if (!good) complete.store(false, std::memory_order_relaxed);
  });
  return complete;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_attention(st_view out, st_view lse, st_view q, st_view k, st_view v, st_view mask, bool causal,
                       double scale) {
  bool complete = true;
  const st_status status = with_float(q.dtype, [&](auto tag) {
    complete = attend(AttentionOperands<typename decltype(tag)::type>{q, k, v, mask, causal, scale}, out, lse);
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}

st_status st_attention_backward(st_view q_gradient, st_view k_gradient, st_view v_gradient, st_view gradient,
                                st_view out, st_view lse, st_view q, st_view k, st_view v, st_view mask, bool causal,
                                double scale) {
  bool complete = true;
  const st_status status = with_float(q.dtype, [&](auto tag) {
    complete = differentiate(AttentionOperands<typename decltype(tag)::type>{q, k, v, mask, causal, scale}, q_gradient,
                             k_gradient, v_gradient, gradient, out, lse);
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}
