// Moving elements as they are: rows, transposed squares, one value many times. For the best instruction set.
#ifndef CTENSORKERNELS_MOVES_HPP
#define CTENSORKERNELS_MOVES_HPP

#include <stddef.h>
#include <stdint.h>

#include "streaming.hpp"

namespace st {

// Rows of a table, all of `bytes` bytes and `stride` bytes apart; negative places count from the end.
struct TableRows {
  const char *data;
  intptr_t size, stride, bytes;
};

struct Moves {
  // Copies `rows` rows of `bytes` bytes between strides that count bytes.
  void (*copy)(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t rows, intptr_t bytes,
               bool streamed);
  // Repeats the 8 bytes of `pattern`, which begins on a multiple of its element.
  void (*fill)(char *out, uint64_t pattern, intptr_t bytes);
  // out[i, j] at i * out_row + j * size becomes in[i, j] at i * size + j * in_column; strides count bytes.
  void (*transpose)(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows, intptr_t columns,
                    intptr_t size, bool streamed);
  // Copies `count` rows of a table, whose places are `step` elements apart. Returns false at a place outside of it.
  bool (*pick)(char *out, intptr_t out_stride, const TableRows &table, const int64_t *places, intptr_t step,
               intptr_t count);
  // out[i] = in[places[i]] for elements of `size` bytes, while the `limit` at `next` are fetched, unless that is null.
  // Returns for how many of the first it did so: none without instructions for it or with places outside 0..<limit.
  intptr_t (*gather)(char *out, const char *in, intptr_t limit, const int64_t *places, intptr_t count, intptr_t size,
                     const char *next, bool streamed);
};

const Moves &moves();

}  // namespace st

#endif
