// What the norms' kernels read and keep beside the rows: vectors of one number for each column or channel.
#ifndef CTENSORKERNELS_VECTORS_HPP
#define CTENSORKERNELS_VECTORS_HPP

#include <algorithm>
#include <memory>

#include "arithmetic.hpp"

namespace st {

template <class A>
using Buffer = std::unique_ptr<A, decltype(&st_free)>;

template <class A>
Buffer<A> allocated(intptr_t count) {
  return Buffer<A>(static_cast<A *>(st_allocate(size_t(std::max<intptr_t>(count, 1)) * sizeof(A))), st_free);
}

// A vector's numbers as A, read where they lie or copied to the buffer; null for a view without data.
template <class A>
struct Vector {
  Buffer<A> copy{nullptr, st_free};
  const A *data = nullptr;
  bool complete = true;

  explicit Vector(st_view view) {
    if (!view.data) return;
    const intptr_t count = view.shape[0], step = 1;
    if (view.dtype == dtype_of<A> && (view.strides[0] == 1 || count == 1)) {
      data = static_cast<const A *>(view.data);
      return;
    }
    copy = allocated<A>(count);
    complete = copy != nullptr;
    data = copy.get();
    if (complete) st_copy({copy.get(), &count, &step, 1, dtype_of<A>}, view);
  }
};

// Writes a vector's numbers to a view, which may have no data.
template <class A>
void write_vector(st_view out, A *numbers, intptr_t count) {
  const intptr_t step = 1;
  if (out.data) st_copy(out, {numbers, &count, &step, 1, dtype_of<A>});
}

template <class A>
A *numbers(st_view view) {
  return static_cast<A *>(view.data);
}

}  // namespace st

#endif
