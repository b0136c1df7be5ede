// Moving elements as they are: rows, transposed squares, one value many times. For the best instruction set.
#ifndef CTENSORKERNELS_MOVES_HPP
#define CTENSORKERNELS_MOVES_HPP

#include <stddef.h>
#include <stdint.h>

namespace st {

// Results of this many bytes are written past the caches: no line of theirs is read first, and what is in the caches
// stays. After the last such store of a chunk comes stream_end.
inline constexpr intptr_t streamed_bytes = intptr_t(16) << 20;
void stream_end();

struct Moves {
  // Copies `rows` rows of `bytes` bytes between strides that count bytes.
  void (*copy)(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t rows, intptr_t bytes,
               bool streamed);
  // Repeats the 8 bytes of `pattern`, which begins on a multiple of its element.
  void (*fill)(char *out, uint64_t pattern, intptr_t bytes);
  // out[i, j] at i * out_row + j * size becomes in[i, j] at i * size + j * in_column; strides count bytes.
  void (*transpose)(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows, intptr_t columns,
                    intptr_t size, bool streamed);
};

const Moves &moves();

}  // namespace st

#endif
