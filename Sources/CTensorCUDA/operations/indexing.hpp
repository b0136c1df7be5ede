// The parts of indexing: moving elements (indexing_move.cpp), positions (indexing_positions.cpp), sums
// (indexing_sum.cpp).
#ifndef ST_CUDA_OPERATIONS_INDEXING_HPP
#define ST_CUDA_OPERATIONS_INDEXING_HPP

#include <utility>

#include "../../CTensorKernels/convert.hpp"
#include "places.hpp"
// After the integer types.
#include "../kernels/indexing_parameters.h"

namespace st::cuda {

inline constexpr int32_t largest_rank = 64;

// Strides of N operands in one shape.
template <int N>
struct Space {
  int32_t rank = 0;
  intptr_t shape[largest_rank];
  intptr_t strides[N][largest_rank];

  void add(intptr_t size, const intptr_t (&steps)[N]) {
    shape[rank] = size;
    for (int k = 0; k < N; k++) strides[k][rank] = steps[k];
    rank++;
  }
  st_view view(int k) const { return {nullptr, shape, strides[k], rank, ST_INT64}; }
  Collapsed<N> collapsed(bool keep_order) const {
    return [&]<size_t... k>(std::index_sequence<k...>) {
      const st_view views[] = {view(k)...};
      const st_view *const all[] = {&views[k]...};
      return collapse(all, keep_order);
    }(std::make_index_sequence<N>());
  }
};

inline bool is_dtype(st_dtype dtype) { return dtype >= ST_BOOL && dtype <= ST_FLOAT64; }

// The types that additions are compiled for: int8 adds as uint8 does.
inline constexpr const char *added_types[] = {"bool",    "uint8_t", "uint8_t",  "int16_t", "int32_t",
                                              "int64_t", "float16", "bfloat16", "float",   "double"};

// ---- Elements from and to where one index leads.

enum class Move { read, write, add, add_atomically };

struct Moving {
  Move move;
  st_dtype dtype;
  void *out;
  const void *in;
  IndexedDimension dimension;
  const uint32_t *winners;
  Collapsed<3> shape;  // out, in, index
};
st_status move_by_index(st_cuda_device *device, Moving moving);

// ---- Positions: the indices of several dimensions as one number, for each place of the index shape.

struct Positions {
  intptr_t count = 1;  // of the index shape
  int64_t scale = 1;   // the elements from one position to the next: divides all strides
  int64_t extent = 1;  // above all positions
  int64_t refused = -1;
  int32_t rank;
  const intptr_t *shape, *start;  // start: strides of what positions begin with; null for 0
  const st_view *indices;
  const IndexedDimension *dimensions;
  int32_t dimension_count;

  // Finds the scale and the extent.
  void measure();
  // Stands for the indices, `to` being the positions.
  IndexedDimension prepared(const int64_t *to) const { return {to, INT64_MAX, scale, nullptr, 0, 0, 0, 0}; }
};
st_status write_positions(st_cuda_device *device, const Positions &positions, int64_t *to);
// winners[position] becomes the last of the places that lead there.
st_status claim_positions(st_cuda_device *device, const Positions &positions, const int64_t *from, uint32_t *winners);

// ---- Sums of rows.

// Rows that are added to the places of a tensor that their positions name.
struct IndexSum {
  st_dtype dtype;
  void *out;
  const void *values;
  const int64_t *positions;  // of each row, 0 ..< extent; `extent` for rows to leave out
  int64_t extent, scale;
  Collapsed<1> rows;  // of the values
  Collapsed<2> row;   // out, values: of the elements of a row
};
// In one order, whatever the number of threads.
st_status sum_by_index(st_cuda_device *device, const IndexSum &sum);

}  // namespace st::cuda

#endif
