// Attention in blocks of queries and keys: the matrix of scores is never whole in memory.
#include "attention.hpp"

#include <algorithm>
#include <atomic>
#include <type_traits>
#include <utility>

#include "dispatch.hpp"
#include "math.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_KERNELS "attention_kernels.inl"
#include "each_instruction_set.hpp"
#define ST_KERNELS "attention_kernels.inl"
#include "bfloat16_dot.hpp"

namespace st {
namespace {

// Calls body(item) for items that cost so many products each; false when one of them is.
template <class Body>
bool each(intptr_t items, intptr_t products, const Body &body) {
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, products / 8), [&](intptr_t begin, intptr_t end) {
    for (intptr_t item = begin; item < end; item++) {
      if (!body(item)) complete.store(false, std::memory_order_relaxed);
    }
  });
  return complete;
}

template <class T>
bool attend(const AttentionOperands<T> &given, st_view out, st_view lse) {
  const intptr_t blocks = (given.queries() + query_block - 1) / query_block;
  const intptr_t products = std::min(query_block, given.queries()) * given.keys() * given.size() * 2;
  return each(given.batches() * given.heads() * blocks, products, [&](intptr_t item) {
    const intptr_t batch = item / blocks / given.heads(), head = item / blocks % given.heads();
    const intptr_t query = item % blocks * query_block;
#if defined(__x86_64__)
    if constexpr (is_same<T, bfloat16>) {
      if (has_bfloat16_dot()) return avx512_bfloat16::attend_block(given, out, lse, batch, head, query);
    }
#endif
    return ST_CHOOSE(attend_block<T>)(given, out, lse, batch, head, query);
  });
}

template <class T>
bool differentiate(const AttentionOperands<T> &given, const AttentionGradients &views) {
  const intptr_t products = given.queries() * given.keys() * given.size() * 5 * given.sharing();
  return each(given.batches() * given.groups(), products, [&](intptr_t item) {
    return ST_CHOOSE(differentiate_group<T>)(given, views, item / given.groups(), item % given.groups());
  });
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
  const AttentionGradients views{q_gradient, k_gradient, v_gradient, gradient, out, lse};
  const st_status status = with_float(q.dtype, [&](auto tag) {
    complete = differentiate(AttentionOperands<typename decltype(tag)::type>{q, k, v, mask, causal, scale}, views);
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}
