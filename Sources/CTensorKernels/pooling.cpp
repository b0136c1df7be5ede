// Pooling over up to three dimensions.
#include "pooling.hpp"

#include <atomic>

#include "products.hpp"
#include "threads.hpp"

#define ST_KERNELS "pooling_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

Pool pool_of(st_view x, st_view out, const st_pool &options) {
  Pool pool{{}, options.divisor};
  const int32_t rank = x.rank - 1;
  for (int32_t d = 0; d < 3; d++) {
    const int32_t own = d - (3 - rank);
    const bool adaptive = options.adaptive && own >= 0;
    pool.axes[d] = own < 0 ? PoolAxis{1, 1, 1, 1, 0, 1, false, false}
                           : PoolAxis{x.shape[1 + own], out.shape[1 + own], options.kernel[own], options.stride[own],
                                      options.padding[own], options.dilation[own], adaptive,
                                      options.count_include_pad};
  }
  return pool;
}

// Calls body(tag, plane, scratch) for each plane, with scratch memory of `numbers`.
template <class Body>
st_status each_plane(st_dtype dtype, intptr_t planes, intptr_t work, intptr_t numbers, const Body &body) {
  std::atomic<bool> complete{true};
  const auto run = [&](auto tag) {
    using A = PoolValue<typename decltype(tag)::type>;
    parallel_for(planes, even_grain(planes, work), [&](intptr_t begin, intptr_t end) {
      Pieces<A> scratch(numbers);
      if (!scratch) return complete.store(false, std::memory_order_relaxed);
      for (intptr_t plane = begin; plane < end; plane++) body(tag, plane, scratch.take(0));
    });
  };
  st_status status{};
  if (dtype == ST_INT64) {
    run(Tag<int64_t>());
  } else {
    status = with_float(dtype, run);
  }
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}

// Of a plane, in quarter nanoseconds.
intptr_t work(const Pool &pool) { return pool.pixels() + pool.places() * 2; }

template <class T>
T *plane_of(st_view view, intptr_t plane, intptr_t size) {
  return static_cast<T *>(view.data) + plane * size;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_max_pool(st_view out, st_view indices, st_view x, st_pool options) {
  const Pool pool = pool_of(x, out, options);
  const intptr_t row = indices.data ? pool.indexed_scratch() : pool.axes[2].size + pool.axes[2].places;
  return each_plane(x.dtype, x.shape[0], work(pool) * (indices.data ? 4 : 1), row,
                    [&](auto tag, intptr_t plane, auto *scratch) {
    using T = typename decltype(tag)::type;
    const T *const from = plane_of<T>(x, plane, pool.pixels());
    T *const to = plane_of<T>(out, plane, pool.places());
    if (indices.data) {
      ST_CHOOSE(max_pool_plane_indexed<T>)(pool, from, plane_of<T>(x, x.shape[0], pool.pixels()), to,
                                           plane_of<int64_t>(indices, plane, pool.places()), scratch);
    } else {
      ST_CHOOSE(max_pool_plane<T>)(pool, from, to, scratch);
    }
  });
}

st_status st_average_pool(st_view out, st_view x, st_pool options) {
  const Pool pool = pool_of(x, out, options);
  return each_plane(x.dtype, x.shape[0], work(pool) * 2, pool.axes[2].size + pool.axes[2].places,
                    [&](auto tag, intptr_t plane, auto *scratch) {
    using T = typename decltype(tag)::type;
    ST_CHOOSE(average_pool_plane<T>)(pool, plane_of<T>(x, plane, pool.pixels()),
                                     plane_of<T>(out, plane, pool.places()), scratch);
  });
}

st_status st_average_pool_backward(st_view out, st_view gradient, st_pool options) {
  const Pool pool = pool_of(out, gradient, options);
  return each_plane(out.dtype, out.shape[0], work(pool) * 4, pool.pixels() + pool.axes[2].size,
                    [&](auto tag, intptr_t plane, auto *scratch) {
    using T = typename decltype(tag)::type;
    ST_CHOOSE(average_pool_backward_plane<T>)(pool, plane_of<T>(gradient, plane, pool.places()),
                                              plane_of<T>(out, plane, pool.pixels()), scratch);
  });
}
