// Softmax and its logarithm along one dimension, and their derivatives.
#include <atomic>

#include "arithmetic.hpp"
#include "dispatch.hpp"
#include "math.hpp"
#include "rows.hpp"
#include "streaming.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_KERNELS "softmax_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

// Calls `body(tag, begin, end)` for the views' float type and parts of the positions; it returns false out of memory.
template <class Body>
st_status each_part(st_dtype dtype, intptr_t positions, intptr_t count, const Body &body) {
  std::atomic<bool> complete{true};
  const auto run = [&](auto tag) {
    const intptr_t grain = even_grain(positions, count * (dtype == ST_FLOAT64 ? 32 : 1) + 40);
    parallel_for(positions, grain, [&](intptr_t begin, intptr_t end) {
      if (!body(tag, begin, end)) complete.store(false, std::memory_order_relaxed);
    });
  };
  const st_status status = with_float(dtype, run);
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_softmax(bool logarithm, st_view out, st_view in, int32_t dim) {
  const intptr_t count = in.rank == 0 ? 1 : in.shape[dim];
  const Rows<2> shared = positions<2>({out, in}, dim);
  if (count == 0) return {};
  const bool streams = is_streamed(element_count(out), out.dtype) && out.data != in.data;
  return each_part(out.dtype, shared.rows * shared.length, count, [&](auto tag, intptr_t begin, intptr_t end) {
    using T = typename decltype(tag)::type;
    Rows<2> place = shared;
    return ST_CHOOSE(softmax_rows<T>)(logarithm, place, begin, end, static_cast<T *>(out.data), row_stride(out, dim),
                                      static_cast<const T *>(in.data), row_stride(in, dim), count,
                                      streams);
  });
}

st_status st_softmax_backward(bool logarithm, st_view out, st_view gradient, st_view result, int32_t dim) {
  const intptr_t count = out.rank == 0 ? 1 : out.shape[dim];
  const Rows<3> shared = positions<3>({out, gradient, result}, dim);
  if (count == 0) return {};
  const bool streams =
      is_streamed(element_count(out), out.dtype) && out.data != gradient.data && out.data != result.data;
  return each_part(out.dtype, shared.rows * shared.length, count, [&](auto tag, intptr_t begin, intptr_t end) {
    using T = typename decltype(tag)::type;
    Rows<3> place = shared;
    return ST_CHOOSE(softmax_gradient_rows<T>)(
        logarithm, place, begin, end, static_cast<T *>(out.data), row_stride(out, dim),
        static_cast<const T *>(gradient.data), row_stride(gradient, dim), static_cast<const T *>(result.data),
        row_stride(result, dim), count, streams);
  });
}
