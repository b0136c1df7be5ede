// The rows of strided operands: one iteration space and N operands, in row-major order or any other of the dimensions.
#ifndef CTENSORKERNELS_ROWS_HPP
#define CTENSORKERNELS_ROWS_HPP

#include <array>
#include <cstdint>

#include "CTensorKernels.h"

namespace st {

inline bool is_contiguous(st_view view) {
  intptr_t expected = 1;
  for (int32_t d = view.rank - 1; d >= 0; d--) {
    if (view.shape[d] == 0) return true;
    if (view.shape[d] != 1 && view.strides[d] != expected) return false;
    expected *= view.shape[d];
  }
  return true;
}

// Dimensions are added from the outermost to the innermost; size 1 is dropped and neighbours that are one run for
// every operand are joined. Rows are then numbered in row-major order: `seek` any, `next` the following one.
template <int N>
class Rows {
 public:
  static constexpr int largest_rank = 64;  // as PyTorch's
  using Strides = std::array<intptr_t, N>;
  intptr_t rows = 1;          // 0 when the space is empty
  intptr_t length = 1;        // elements of a row
  Strides step{}, offset{};   // along a row; of the current row's first element

  void add(intptr_t size, const Strides &strides) {
    if (size == 1 || rank_ == largest_rank) return;
    total_ *= size;
    if (rank_ > 0) {
      Dim &outer = dims_[rank_ - 1];
      bool joins = true;
      for (int n = 0; n < N; n++) joins &= outer.strides[n] == strides[n] * size;
      if (joins) {
        outer.size *= size;
        outer.strides = strides;
        return;
      }
    }
    dims_[rank_++] = {size, 0, strides};
  }

  // Ends the adding: the innermost dimension becomes the row.
  void close() {
    if (rank_ > 0) {
      length = dims_[--rank_].size;
      step = dims_[rank_].strides;
    }
    rows = length > 0 ? total_ / length : 0;
  }

  void seek(intptr_t row) {
    offset = {};
    for (int d = rank_ - 1; d >= 0; d--) {
      Dim &dim = dims_[d];
      dim.at = row % dim.size;
      row /= dim.size;
      for (int n = 0; n < N; n++) offset[n] += dim.at * dim.strides[n];
    }
  }

  void next() {
    for (int d = rank_ - 1; d >= 0; d--) {
      Dim &dim = dims_[d];
      if (++dim.at < dim.size) {
        for (int n = 0; n < N; n++) offset[n] += dim.strides[n];
        return;
      }
      for (int n = 0; n < N; n++) offset[n] -= (dim.size - 1) * dim.strides[n];
      dim.at = 0;
    }
  }

 private:
  struct Dim {
    intptr_t size, at;
    Strides strides;
  };
  Dim dims_[largest_rank];
  int rank_ = 0;
  intptr_t total_ = 1;
};

// The positions of the rows along `dim`: all other dimensions.
template <size_t N>
Rows<N> positions(const std::array<st_view, N> &views, int32_t dim) {
  Rows<N> rows;
  for (int32_t d = 0; d < views[0].rank; d++) {
    if (d == dim) continue;
    std::array<intptr_t, N> strides;
    for (size_t n = 0; n < N; n++) strides[n] = views[n].strides[d];
    rows.add(views[0].shape[d], strides);
  }
  rows.close();
  return rows;
}

// A row's stride; that of one element is as good as contiguous.
inline intptr_t row_stride(st_view view, int32_t dim) {
  return view.rank == 0 || view.shape[dim] == 1 ? 1 : view.strides[dim];
}

// The stride of `view` in dimension d of a space of `rank` dimensions to which it is broadcast.
inline intptr_t broadcast_stride(st_view view, int32_t rank, int32_t d) {
  const int32_t own = d - (rank - view.rank);
  return own < 0 || view.shape[own] == 1 ? 0 : view.strides[own];
}

}  // namespace st

#endif
