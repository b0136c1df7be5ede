// What the kernels that read and write by index take. It includes nothing but the shape's description.
#ifndef ST_CUDA_INDEXING_PARAMETERS_H
#define ST_CUDA_INDEXING_PARAMETERS_H

#include "places_parameters.h"

namespace st {

struct Fault;

// A dimension that an index tensor goes into. Negative indices count from the end if `wraps` is set. Without a fault
// record, an index outside means "leave this one out" and is not reported.
struct IndexedDimension {
  const int64_t *index;
  int64_t size, stride;
  Fault *fault;
  int32_t tag, operand;
  int32_t wraps, unused;
};

// out[...] = in[..., index, ...] and out[..., index, ...] = in[...].
struct IndexMoveParameters {
  void *out;
  const void *in;
  // Or null: where several may go to one place, the number of the one that does. The first index here has `number`.
  const uint32_t *winners;
  IndexedDimension dimension;
  uint32_t number, unused;
  Places<3> places;  // out, in, index
};

inline constexpr int moved_items = 4;

// Where the indices of some dimensions lead, together: one number for each place of the index shape.
struct IndexPositionsParameters {
  int64_t *positions;
  int64_t start;    // what positions begin with
  int64_t refused;  // the position for an index outside
  int32_t first;    // else the positions are added to
  int32_t count;    // of the dimensions
  IndexedDimension dimensions[4];
  Places<6> places;  // positions, more to begin with, indices
};

struct IndexClaimParameters {
  const int64_t *positions;
  uint32_t *winners;
  uint32_t count;
};

// Sums of the rows of `values` whose keys are equal. Keys are sorted; row i of them is row numbers[i] of the values.
struct IndexSumParameters {
  void *out;
  const void *values;
  const uint64_t *keys;
  const uint32_t *numbers;
  void *heads, *tails;  // of each window, the sums that it shares with the one before and the one after
  int64_t scale;        // key * scale is the place in `out`
  uint64_t refused;     // the key of rows that count nowhere
  uint32_t count, window, windows;
  uint32_t columns;     // vectors of a row
  Places<1> rows;       // of the values
  Places<2> places;     // out, values: of the vectors of a row
};

struct NonzeroParameters {
  int64_t *out;
  const void *in;
  uint64_t mask;       // an element is zero if none of these bits is set
  uint64_t *counts;    // of each block's elements; then how many stand before them
  int64_t count, limit;  // elements; rows of `out`
  int64_t row_stride, column_stride;
  int64_t shape[64];
  int32_t rank;
  int32_t contiguous;
  Places<1> places;    // of the input, when it is not contiguous
};

inline constexpr int nonzero_items = 16;

}  // namespace st

#endif
