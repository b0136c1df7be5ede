// Writing past the caches, for outputs that exceed them.
#ifndef CTENSORKERNELS_STREAMING_HPP
#define CTENSORKERNELS_STREAMING_HPP

#include <stdint.h>

#include "convert.hpp"

namespace st {

// Results of this many bytes are written past the caches: no line of theirs is read first, and what is in the caches
// stays. After the last such store of a chunk comes stream_end.
inline constexpr intptr_t streamed_bytes = intptr_t(16) << 20;
void stream_end();
// Of what is computed first, so many bytes or twice as many are then written: the stores go on while the next are read.
inline constexpr intptr_t streamed_part = 512;

// Whether an output of so many elements is to be written so, if none of the inputs is in its memory.
inline bool is_streamed(intptr_t elements, st_dtype dtype) { return elements * element_size(dtype) >= streamed_bytes; }

}  // namespace st

#endif
