// mt19937 (Matsumoto and Nishimura, 1998) with PyTorch's bookkeeping of its position.
#include <algorithm>

#include "dispatch.hpp"
#include "random.hpp"

namespace st {
namespace {

constexpr int length = 624, shift = 397;

}  // namespace
}  // namespace st

#define ST_KERNELS "generator_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {

// `left` counts down to 1 at the end of a block; right after seeding it is 1 too.
void draw(st_generator *generator, uint32_t *values, intptr_t count) {
  while (count > 0) {
    if (generator->left <= 1 || generator->next >= length) {
      ST_CHOOSE(twist)(generator->state);
      generator->left = length + 1;
      generator->next = 0;
    }
    const intptr_t taken = std::min<intptr_t>(count, length - generator->next);
    ST_CHOOSE(temper)(generator->state + generator->next, values, taken);
    generator->next += static_cast<uint32_t>(taken);
    generator->left -= static_cast<int32_t>(taken);
    values += taken;
    count -= taken;
  }
}

}  // namespace st

void st_generator_seed(st_generator *generator, uint64_t seed) {
  *generator = {};
  generator->seed = seed;
  generator->left = 1;
  uint32_t *s = generator->state;
  s[0] = static_cast<uint32_t>(seed);
  for (uint32_t k = 1; k < st::length; k++) s[k] = 1812433253u * (s[k - 1] ^ (s[k - 1] >> 30)) + k;
}

uint32_t st_generator_next32(st_generator *generator) {
  uint32_t value;
  st::draw(generator, &value, 1);
  return value;
}

uint64_t st_generator_next64(st_generator *generator) {
  uint32_t pair[2];
  st::draw(generator, pair, 2);
  return st::joined(pair);
}

// Exchanges each element with one of those behind it: one 32-bit draw an element but the last.
void st_random_permutation(st_generator *generator, st_view out) {
  auto *to = static_cast<int64_t *>(out.data);
  const intptr_t n = out.shape[0], step = out.strides[0];
  for (intptr_t i = 0; i < n; i++) to[i * step] = i;
  uint32_t values[st::length];
  for (intptr_t i = 0; i < n - 1;) {
    const intptr_t taken = std::min<intptr_t>(st::length, n - 1 - i);
    st::draw(generator, values, taken);
    for (intptr_t k = 0; k < taken; k++, i++) {
      std::swap(to[i * step], to[(i + static_cast<intptr_t>(values[k] % static_cast<uint64_t>(n - i))) * step]);
    }
  }
}
