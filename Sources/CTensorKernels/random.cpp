// PyTorch's transforms of the generator's stream, bit for bit. A product and a sum are fused where PyTorch's are and
// nowhere else.
#pragma clang fp contract(off)
#include <algorithm>
#include <cmath>
#include <numbers>

#include "convert.hpp"
#include "dispatch.hpp"
#include "random.hpp"
#include "rows.hpp"

namespace st {

// a * b + c in one rounding.
template <class T>
static ST_INLINE T fused(T a, T b, T c) {
  return __builtin_elementwise_fma(a, b, c);
}
static ST_INLINE float to_float(float value) { return value; }

}  // namespace st

#define ST_KERNELS "random_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

constexpr intptr_t buffered = 1024;  // draws at a time

// The order in which PyTorch's iterator visits the views' elements: innermost dimensions first, sorted by stride; of
// equal strides the smaller dimension first; a stride of 0 says nothing.
template <int N>
Rows<N> memory_walk(const std::array<st_view, N> &views) {
  const int32_t rank = views[0].rank < Rows<N>::largest_rank ? views[0].rank : Rows<N>::largest_rank;
  const auto compare = [&](int32_t a, int32_t b) {
    for (const st_view &view : views) {
      const intptr_t first = broadcast_stride(view, rank, a), second = broadcast_stride(view, rank, b);
      if (first == 0 || second == 0) continue;
      if (first != second) return first < second ? -1 : 1;
      if (views[0].shape[a] > views[0].shape[b]) return 1;
    }
    return 0;
  };
  int32_t order[Rows<N>::largest_rank];
  for (int32_t i = 0; i < rank; i++) order[i] = rank - 1 - i;
  for (int32_t i = 1; i < rank; i++) {
    int32_t moving = i;
    for (int32_t other = i - 1; other >= 0; other--) {
      const int comparison = compare(order[other], order[moving]);
      if (comparison < 0) break;
      if (comparison == 0) continue;
      std::swap(order[other], order[moving]);
      moving = other;
    }
  }
  Rows<N> walk;
  for (int32_t i = rank - 1; i >= 0; i--) {
    std::array<intptr_t, N> strides;
    for (int n = 0; n < N; n++) strides[n] = broadcast_stride(views[n], rank, order[i]);
    walk.add(views[0].shape[order[i]], strides);
  }
  walk.close();
  return walk;
}

// Calls `body(draws, offsets, steps, count)` for runs of the views' elements; each element has `per` fresh draws.
template <int N, class Body>
void each_run(st_generator *generator, int per, const std::array<st_view, N> &views, Body body) {
  Rows<N> walk = memory_walk<N>(views);
  uint32_t draws[buffered];
  const intptr_t most = buffered / std::max(per, 1);
  for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
    for (intptr_t i = 0; i < walk.length; i += most) {
      const intptr_t count = std::min(most, walk.length - i);
      draw(generator, draws, count * per);
      auto offset = walk.offset;
      for (int n = 0; n < N; n++) offset[n] += i * walk.step[n];
      body(draws, offset, walk.step, count);
    }
  }
}

// Sets each element to `value(its draws)`.
template <class T, class Value>
void fill(st_generator *generator, st_view out, int per, Value value) {
  each_run<1>(generator, per, {out}, [&](const uint32_t *draws, auto offset, auto step, intptr_t count) {
    T *to = static_cast<T *>(out.data) + offset[0];
    for (intptr_t i = 0; i < count; i++) to[i * step[0]] = value(draws + i * per);
  });
}

// The same by a function over whole runs, `kernel(draws, values, count)`.
template <class T, class Kernel>
void fill_runs(st_generator *generator, st_view out, int per, Kernel kernel) {
  each_run<1>(generator, per, {out}, [&](const uint32_t *draws, auto offset, auto step, intptr_t count) {
    T *to = static_cast<T *>(out.data) + offset[0];
    if (step[0] == 1) return kernel(draws, to, count);
    T values[buffered];
    kernel(draws, values, count);
    for (intptr_t i = 0; i < count; i++) to[i * step[0]] = values[i];
  });
}

// One normal value by way of doubles. They come in pairs; the second waits in the generator for the next call.
double next_normal(st_generator *generator) {
  if (generator->has_cached_normal) {
    generator->has_cached_normal = false;
    return generator->cached_normal;
  }
  uint32_t draws[4];
  draw(generator, draws, 4);
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform53(joined(draws + 2))));
  const double angle = 2.0 * std::numbers::pi * uniform53(joined(draws));
  generator->cached_normal = radius * std::sin(angle);
  generator->has_cached_normal = true;
  return radius * std::cos(angle);
}

void normal_serial(st_generator *generator, st_view out, double mean, double deviation) {
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    fill<T>(generator, out, 0, [&](const uint32_t *) {
      return cast<T>(std::fma(next_normal(generator), deviation, mean));
    });
  });
}

// As normal_blocks, in doubles with the C library's functions.
void normal_blocks_double(double *values, intptr_t blocks, double mean, double deviation) {
  for (intptr_t block = 0; block < blocks; block++, values += 16) {
    for (int i = 0; i < 8; i++) {
      const double radius = std::sqrt(-2.0 * std::log(1.0 - values[i]));
      const double angle = 2.0 * std::numbers::pi * values[i + 8];
      values[i] = std::fma(radius * std::cos(angle), deviation, mean);
      values[i + 8] = std::fma(radius * std::sin(angle), deviation, mean);
    }
  }
}

void uniforms(st_generator *generator, float *values, intptr_t count) {
  uint32_t draws[buffered];
  for (intptr_t i = 0; i < count; i += buffered) {
    const intptr_t taken = std::min(buffered, count - i);
    draw(generator, draws, taken);
    for (intptr_t k = 0; k < taken; k++) values[i + k] = uniform24(draws[k]);
  }
}
void uniforms(st_generator *generator, double *values, intptr_t count) {
  uint32_t draws[buffered];
  for (intptr_t i = 0; i < count; i += buffered / 2) {
    const intptr_t taken = std::min(buffered / 2, count - i);
    draw(generator, draws, 2 * taken);
    for (intptr_t k = 0; k < taken; k++) values[i + k] = uniform53(joined(draws + 2 * k));
  }
}

void transform(float *values, intptr_t blocks, double mean, double deviation) {
  ST_CHOOSE(normal_blocks)(values, blocks, static_cast<float>(mean), static_cast<float>(deviation));
}
void transform(double *values, intptr_t blocks, double mean, double deviation) {
  normal_blocks_double(values, blocks, mean, deviation);
}

// 16 or more contiguous elements: blocks of 16. What is left over draws a whole block, which replaces the last 16.
template <class T>
void normal_contiguous(st_generator *generator, T *out, intptr_t count, double mean, double deviation) {
  if constexpr (is_half<T>) {
    // Made as floats; no draws are spent on an incomplete block.
    float values[buffered];
    for (intptr_t i = 0; i + 16 <= count;) {
      const intptr_t taken = std::min(buffered, (count - i) / 16 * 16);
      uniforms(generator, values, taken);
      transform(values, taken / 16, mean, deviation);
      for (intptr_t k = 0; k < taken; k++) out[i + k] = cast<T>(values[k]);
      i += taken;
    }
    if (count % 16 == 0) return;
    uniforms(generator, values, 16);
    transform(values, 1, mean, deviation);
    for (intptr_t k = 0; k < 16; k++) out[count - 16 + k] = cast<T>(values[k]);
  } else {
    uniforms(generator, out, count);
    transform(out, count / 16, mean, deviation);
    if (count % 16 == 0) return;
    uniforms(generator, out + count - 16, 16);
    transform(out + count - 16, 1, mean, deviation);
  }
}

}  // namespace
}  // namespace st

using namespace st;

void st_random_uniform(st_generator *generator, st_view out, double from, double to) {
  const auto first = static_cast<float>(from), past = static_cast<float>(to);
  switch (out.dtype) {
    case ST_FLOAT64:
      return fill_runs<double>(generator, out, 2, [&, kernel = ST_CHOOSE(uniform_double)](auto... run) {
        kernel(run..., from, to);
      });
    case ST_FLOAT32:
      return fill_runs<float>(generator, out, 1, [&, kernel = ST_CHOOSE(uniform_float)](auto... run) {
        kernel(run..., first, past);
      });
    case ST_FLOAT16:
      return fill_runs<float16>(generator, out, 1, [&, kernel = ST_CHOOSE(uniform_float16)](auto... run) {
        kernel(run..., first, past);
      });
    case ST_BFLOAT16:
      return fill_runs<bfloat16>(generator, out, 1, [&, kernel = ST_CHOOSE(uniform_bfloat16)](auto... run) {
        kernel(run..., first, past);
      });
    default: return;  // not for integers
  }
}

void st_random_normal(st_generator *generator, st_view out, double mean, double std) {
  const intptr_t count = element_count(out);
  if (count < 16 || !is_contiguous(out) || !is_floating(out.dtype)) return normal_serial(generator, out, mean, std);
  switch (out.dtype) {
    case ST_FLOAT64: return normal_contiguous(generator, static_cast<double *>(out.data), count, mean, std);
    case ST_FLOAT32: return normal_contiguous(generator, static_cast<float *>(out.data), count, mean, std);
    case ST_FLOAT16: return normal_contiguous(generator, static_cast<float16 *>(out.data), count, mean, std);
    default: return normal_contiguous(generator, static_cast<bfloat16 *>(out.data), count, mean, std);
  }
}

// A range of 0 means 2^64: every draw is taken as it is.
void st_random_integers(st_generator *generator, st_view out, int64_t from, uint64_t range) {
  const auto base = static_cast<uint64_t>(from);
  const bool narrow = range != 0 && range < uint64_t{1} << 28;
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if (narrow) {
      const auto divisor = static_cast<uint32_t>(range);
      fill<T>(generator, out, 1, [=](const uint32_t *draws) {
        return cast<T>(static_cast<int64_t>(draws[0] % divisor + base));
      });
    } else {
      fill<T>(generator, out, 2, [=](const uint32_t *draws) {
        const uint64_t value = joined(draws);
        return cast<T>(static_cast<int64_t>((range == 0 ? value : value % range) + base));
      });
    }
  });
}

// Integers get their positive half, floats the integers that their significand holds.
void st_random_raw(st_generator *generator, st_view out) {
  const auto narrow = [&](auto zero, uint32_t modulus) {
    using T = decltype(zero);
    fill<T>(generator, out, 1, [=](const uint32_t *draws) { return cast<T>(int64_t{draws[0] % modulus}); });
  };
  switch (out.dtype) {
    case ST_BOOL: return narrow(bool{}, 2);
    case ST_UINT8: return narrow(uint8_t{}, 1u << 8);
    case ST_INT8: return narrow(int8_t{}, 1u << 7);
    case ST_INT16: return narrow(int16_t{}, 1u << 15);
    case ST_INT32: return narrow(int32_t{}, 1u << 31);
    case ST_FLOAT16: return narrow(float16{}, (1u << 11) + 1);
    case ST_BFLOAT16: return narrow(bfloat16{}, (1u << 8) + 1);
    case ST_FLOAT32: return narrow(float{}, (1u << 24) + 1);
    case ST_INT64:
      return fill<int64_t>(generator, out, 2, [](const uint32_t *draws) {
        return static_cast<int64_t>(joined(draws) & INT64_MAX);
      });
    default:
      return fill<double>(generator, out, 2, [](const uint32_t *draws) {
        return static_cast<double>(joined(draws) % ((uint64_t{1} << 53) + 1));
      });
  }
}

void st_random_bernoulli(st_generator *generator, st_view out, double probability) {
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T one = cast<T>(1), zero = cast<T>(0);
    fill<T>(generator, out, 2, [=](const uint32_t *draws) {
      return uniform53(joined(draws)) < probability ? one : zero;
    });
  });
}

st_status st_random_bernoulli_each(st_generator *generator, st_view out, st_view probabilities) {
  if (!is_floating(probabilities.dtype)) return {ST_UNSUPPORTED_DTYPE, 1, 0, 0};
  st_status status{};
  with_type(probabilities.dtype, [&](auto tag) {
    using P = typename decltype(tag)::type;
    if constexpr (is_half<P> || is_float<P>) {
      const auto *data = static_cast<const P *>(probabilities.data);
      Rows<1> check;
      for (int32_t d = 0; d < probabilities.rank; d++) check.add(probabilities.shape[d], {probabilities.strides[d]});
      check.close();
      for (intptr_t row = 0; row < check.rows; row++, check.next()) {
        for (intptr_t i = 0; i < check.length; i++) {
          const auto p = cast<double>(data[check.offset[0] + i * check.step[0]]);
          if (p >= 0 && p <= 1) continue;
          status = {ST_INDEX_OUT_OF_RANGE, 1, row * check.length + i, 1};
          return;
        }
      }
      constexpr int per = is_same<P, double> ? 2 : 1;
      with_type(out.dtype, [&](auto out_tag) {
        using T = typename decltype(out_tag)::type;
        const T one = cast<T>(1), zero = cast<T>(0);
        const std::array<st_view, 2> views{out, probabilities};
        each_run<2>(generator, per, views, [&](const uint32_t *draws, auto offset, auto step, intptr_t count) {
          T *to = static_cast<T *>(out.data) + offset[0];
          const P *from = data + offset[1];
          for (intptr_t i = 0; i < count; i++) {
            const double uniform = per == 2 ? uniform53(joined(draws + 2 * i)) : double(uniform24(draws[i]));
            to[i * step[0]] = uniform < cast<double>(from[i * step[1]]) ? one : zero;
          }
        });
      });
    }
  });
  return status;
}

void st_random_exponential(st_generator *generator, st_view out, double rate) {
  const double scale = -1.0 / rate;
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    fill<T>(generator, out, 2, [=](const uint32_t *draws) {
      return cast<T>(scale * std::log1p(-uniform53(joined(draws))));
    });
  });
}
