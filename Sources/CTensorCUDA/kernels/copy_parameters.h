// What the kernels for copies, fills and ranges take. It includes nothing but the shape's description.
#ifndef ST_CUDA_COPY_PARAMETERS_H
#define ST_CUDA_COPY_PARAMETERS_H

#include "places_parameters.h"

namespace st {

struct CopyParameters {
  void *out;
  const void *in;   // null: the number
  uint64_t number;  // as bits of the output's type
  int32_t from;     // the input's dtype
  uint32_t dense;   // vectors: the input is contiguous along dimension 0, else it repeats one element
  uint32_t tail;    // vectors: elements after the last whole one
  Places<2> places;
};

// Vectors of a thread, or elements of any strides.
inline constexpr int copied_items = 4;

// Planes whose rows are the input's columns: out[i, j] at i * out_row + j, in[i, j] at i + j * in_column.
struct TransposeParameters {
  void *out;
  const void *in;
  int64_t out_row, in_column;
  uint32_t rows, columns;
  uint32_t tiles_down, tiles;  // of a plane
  Places<2> planes;
};

// Tiles of elements of a size in bytes; square.
template <int size>
inline constexpr int transposed_side = size <= 2 ? 64 : 32;

// Rows of the tiles that move by accesses of 16 bytes, and columns by an element's size.
inline constexpr int transposed_down = 64;
template <int size>
inline constexpr int transposed_across = 128 / size;

struct RangeParameters {
  void *out;
  int64_t count, stride;
  int64_t first, step;            // arange of whole numbers
  double real_first, real_step;   // arange of others; linspace
  double real_last;               // linspace
  int32_t whole;
};

}  // namespace st

#endif
