// Walks over strided operands: one iteration space, N operands, rows along the innermost dimension.
#ifndef CTENSORKERNELS_WALK_HPP
#define CTENSORKERNELS_WALK_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "CTensorKernels.h"

namespace st {

// A list that lives on the stack up to N elements; tensors of rank above N are legal and rare.
template <class T, int N>
class ShortList {
 public:
  ShortList() = default;
  ShortList(const ShortList &other) : ShortList() { *this = other; }
  ShortList &operator=(const ShortList &other) {
    if (this == &other) return *this;
    count_ = 0;
    for (int i = 0; i < other.count_; i++) append(other[i]);
    return *this;
  }
  void append(const T &value) {
    if (count_ < N) {
      inline_[count_++] = value;
      return;
    }
    if (!heap_ || count_ - N == capacity_) {
      const int capacity = heap_ ? capacity_ * 2 : N;
      auto grown = std::make_unique<T[]>(capacity);
      for (int i = 0; i < count_ - N; i++) grown[i] = heap_[i];
      heap_ = std::move(grown);
      capacity_ = capacity;
    }
    heap_[count_++ - N] = value;
  }
  T &operator[](int i) { return i < N ? inline_[i] : heap_[i - N]; }
  const T &operator[](int i) const { return i < N ? inline_[i] : heap_[i - N]; }
  int count() const { return count_; }
  T &last() { return (*this)[count_ - 1]; }
  void remove_last() { count_--; }

 private:
  std::array<T, N> inline_;
  std::unique_ptr<T[]> heap_;
  int count_ = 0, capacity_ = 0;
};

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
class Walk {
 public:
  using Strides = std::array<intptr_t, N>;
  intptr_t rows = 1;          // 0 when the space is empty
  intptr_t length = 1;        // elements of a row
  Strides step{}, offset{};   // along a row; of the current row's first element

  void add(intptr_t size, const Strides &strides) {
    total_ *= size;
    if (size == 1) return;
    if (dims_.count() > 0) {
      Dim &outer = dims_.last();
      bool joins = true;
      for (int n = 0; n < N; n++) joins &= outer.strides[n] == strides[n] * size;
      if (joins) {
        outer.size *= size;
        outer.strides = strides;
        return;
      }
    }
    dims_.append({size, 0, strides});
  }

  // Ends the adding: the innermost dimension becomes the row.
  void close() {
    if (dims_.count() > 0) {
      length = dims_.last().size;
      step = dims_.last().strides;
      dims_.remove_last();
    }
    rows = length > 0 ? total_ / length : 0;
  }

  void seek(intptr_t row) {
    offset = {};
    for (int d = dims_.count() - 1; d >= 0; d--) {
      Dim &dim = dims_[d];
      dim.at = row % dim.size;
      row /= dim.size;
      for (int n = 0; n < N; n++) offset[n] += dim.at * dim.strides[n];
    }
  }

  void next() {
    for (int d = dims_.count() - 1; d >= 0; d--) {
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
  ShortList<Dim, 8> dims_;
  intptr_t total_ = 1;
};

// The stride of `view` in dimension d of a space of `rank` dimensions to which it is broadcast.
inline intptr_t broadcast_stride(st_view view, int32_t rank, int32_t d) {
  const int32_t own = d - (rank - view.rank);
  return own < 0 || view.shape[own] == 1 ? 0 : view.strides[own];
}

}  // namespace st

#endif
