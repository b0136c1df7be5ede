// Writing past the caches, for outputs that exceed them: what they displace is of more use there.
#ifndef CTENSORKERNELS_STREAMING_HPP
#define CTENSORKERNELS_STREAMING_HPP

#include <stdint.h>

#include "convert.hpp"

namespace st {

// Whether an output of so many elements is to be written past the caches, if none of the inputs is in its memory.
inline bool is_streamed(intptr_t elements, st_dtype dtype) {
  constexpr intptr_t smallest = intptr_t(12) << 20;
  return elements * element_size(dtype) >= smallest;
}

// After the last such write of a chunk: they become visible in order with what follows.
ST_INLINE void end_stream() {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

}  // namespace st

#endif
