// What the kernels for sorts take. It includes nothing but the shape's description.
#ifndef ST_CUDA_SORT_PARAMETERS_H
#define ST_CUDA_SORT_PARAMETERS_H

#include "places_parameters.h"

namespace st {

// How the bits of elements become unsigned keys of the same order.
struct SortOrder {
  uint64_t sign;      // the sign's bit; 0 for unsigned numbers
  uint64_t infinity;  // a float's; 0 for whole numbers
  uint64_t flip;      // all ones to sort downwards
};

struct SortRowsParameters {
  const void *in;
  void *values;
  int64_t *indices;
  SortOrder order;
  int64_t steps[3];  // along a row
  uint32_t length, padded;  // padded: the power of two at or above the length
  Places<3> rows;    // values, indices, in
};

inline constexpr int sorted_row = 2048;  // the longest that a block sorts

// One pass over rows of the same length: moves elements by 8 bits of their keys.
struct SortPassParameters {
  const void *in;
  void *out;
  const uint32_t *numbers;  // where the elements stood at first; null: where they stand now
  uint32_t *numbers_out;    // one of the two
  int64_t *indices_out;
  uint32_t *counts;         // [rows][256][blocks]: of digits; then how many of them stand before the block's
  uint32_t *totals;         // [rows][256], or null: the counts were not summed
  SortOrder order;
  uint32_t length, blocks;
  int32_t shift, unused;
};

// Elements of a thread, by their size.
template <int size>
inline constexpr int sorted_items = size == 8 ? 8 : 16;

struct CountsParameters {
  void *counts;  // [sequences][length]
  void *totals;  // [sequences]
  uint32_t length, unused;
};

}  // namespace st

#endif
