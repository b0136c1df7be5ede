// Bulk draws from the generator.
#ifndef CTENSORKERNELS_RANDOM_HPP
#define CTENSORKERNELS_RANDOM_HPP

#include <cstdint>

#include "CTensorKernels.h"

namespace st {

// The next `count` 32-bit values of the stream.
void draw(st_generator *generator, uint32_t *values, intptr_t count);

// A 64-bit value takes two 32-bit ones, the high half first.
inline uint64_t joined(const uint32_t *pair) { return uint64_t{pair[0]} << 32 | pair[1]; }

// Uniform in [0, 1): the low 24 bits of a 32-bit value, the low 53 of a 64-bit one.
inline float uniform24(uint32_t value) { return static_cast<float>(value & 0xFFFFFF) * 0x1p-24f; }
inline double uniform53(uint64_t value) { return static_cast<double>(value & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }

}  // namespace st

#endif
