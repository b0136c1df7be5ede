// Loops over strided operands: dimensions put in the order of memory and merged, and ranges of them walked row by row.
#ifndef CTENSORKERNELS_LAYOUT_HPP
#define CTENSORKERNELS_LAYOUT_HPP

#include "CTensorKernels.h"
#include "convert.hpp"

namespace st {

inline constexpr int largest_rank = 64;

// The loops over `count` operands that are broadcast to the first one's shape. Dimension 0 is the innermost. Strides
// count bytes.
template <int count>
struct Layout {
  int rank = 0;
  intptr_t elements = 1;
  intptr_t shape[largest_rank];
  intptr_t strides[count][largest_rank];
  char *data[count];

  // The first view decides shape and order: its smallest strides come first.
  explicit Layout(const st_view *const (&views)[count]) {
    const st_view &out = *views[0];
    for (int k = 0; k < count; k++) data[k] = static_cast<char *>(views[k]->data);
    for (int d = out.rank - 1; d >= 0; d--) {
      intptr_t size = out.shape[d];
      elements *= size;
      if (size == 1 || rank == largest_rank) continue;
      for (int k = 0; k < count; k++) {
        const st_view &view = *views[k];
        int own = d - (out.rank - view.rank);
        bool moves = own >= 0 && view.shape[own] != 1;
        strides[k][rank] = moves ? view.strides[own] * element_size(view.dtype) : 0;
      }
      shape[rank++] = size;
      for (int i = rank - 1; i > 0 && precedes(i, i - 1); i--) swap(i, i - 1);
    }
    merge();
  }

  // Puts the dimensions but for the innermost in the order of another operand's memory.
  void order_rows_by(int k) {
    const auto size = [](intptr_t stride) { return stride < 0 ? -stride : stride; };
    for (int d = 2; d < rank; d++) {
      for (int i = d; i > 1 && size(strides[k][i]) < size(strides[k][i - 1]); i--) swap(i, i - 1);
    }
  }

  // All strides of the operand are as in one contiguous row.
  bool contiguous(int k, intptr_t size) const { return rank == 0 || (rank == 1 && strides[k][0] == size); }

  bool uniform(int k) const {
    for (int d = 0; d < rank; d++) {
      if (strides[k][d] != 0) return false;
    }
    return true;
  }

 private:
  bool precedes(int a, int b) const {
    for (int k = 0; k < count; k++) {
      intptr_t x = strides[k][a] < 0 ? -strides[k][a] : strides[k][a];
      intptr_t y = strides[k][b] < 0 ? -strides[k][b] : strides[k][b];
      if (x == 0 || y == 0 || x == y) continue;
      return x < y;
    }
    return false;
  }

  void swap(int a, int b) {
    auto exchange = [](intptr_t &x, intptr_t &y) {
      intptr_t kept = x;
      x = y;
      y = kept;
    };
    exchange(shape[a], shape[b]);
    for (int k = 0; k < count; k++) exchange(strides[k][a], strides[k][b]);
  }

  void merge() {
    if (rank < 2) return;
    int last = 0;
    for (int d = 1; d < rank; d++) {
      bool joins = true;
      for (int k = 0; k < count; k++) joins &= strides[k][d] == strides[k][last] * shape[last];
      if (joins) {
        shape[last] *= shape[d];
        continue;
      }
      last++;
      shape[last] = shape[d];
      for (int k = 0; k < count; k++) strides[k][last] = strides[k][d];
    }
    rank = last + 1;
  }
};

// A place in a layout's loops, for walking a range of its elements by (parts of) rows of dimension 0.
template <int count>
struct Walk {
  const Layout<count> &layout;
  intptr_t index[largest_rank];
  char *data[count];

  Walk(const Layout<count> &layout, intptr_t position) : layout(layout) {
    for (int k = 0; k < count; k++) data[k] = layout.data[k];
    for (int d = 0; d < layout.rank; d++) {
      index[d] = position % layout.shape[d];
      position /= layout.shape[d];
      for (int k = 0; k < count; k++) data[k] += index[d] * layout.strides[k][d];
    }
  }

  // The elements left in this row.
  intptr_t row() const { return layout.rank == 0 ? 1 : layout.shape[0] - index[0]; }

  // Steps over `taken` elements, which this row still has.
  void advance(intptr_t taken) {
    if (layout.rank == 0) return;
    index[0] += taken;
    for (int k = 0; k < count; k++) data[k] += taken * layout.strides[k][0];
    for (int d = 0; index[d] == layout.shape[d];) {
      index[d] = 0;
      for (int k = 0; k < count; k++) data[k] -= layout.shape[d] * layout.strides[k][d];
      if (++d == layout.rank) return;
      index[d]++;
      for (int k = 0; k < count; k++) data[k] += layout.strides[k][d];
    }
  }
};

// Copies elements of `size` bytes between strides that count bytes.
void copy_strided(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t count, intptr_t size);

}  // namespace st

#endif
