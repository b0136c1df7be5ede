// Matrix products as steps of other kernels.
#ifndef CTENSORKERNELS_PRODUCTS_HPP
#define CTENSORKERNELS_PRODUCTS_HPP

#include <algorithm>
#include <memory>
#include <utility>

#include "arithmetic.hpp"
#include "matmul.hpp"

namespace st {

// A matrix as a view; it holds what st_view points to.
struct Plane {
  intptr_t shape[2], strides[2];
  void *data;
  st_dtype dtype;

  template <class T>
  Plane(Matrix<T> matrix, intptr_t rows, intptr_t columns, st_dtype dtype)
      : shape{rows, columns}, strides{matrix.row, matrix.column}, data(matrix.data), dtype(dtype) {}

  operator st_view() const { return {data, shape, strides, 2, dtype}; }
};

template <class T>
Matrix<T> rows_from(Matrix<T> matrix, intptr_t row) {
  return {matrix.at(row, 0), matrix.row, matrix.column};
}

// out (m x n) = a (m x k) @ b (k x n), or added to what is there. Returns false when there is no memory to work in.
template <class A>
bool multiply(intptr_t m, intptr_t n, intptr_t k, Matrix<A> out, Matrix<A> a, Matrix<A> b, bool add) {
  constexpr st_dtype dtype = dtype_of<A>;
  const Plane to(out, m, n, dtype);
  return st_matmul(to, Plane(a, m, k, dtype), Plane(b, k, n, dtype), add ? st_view(to) : st_view{}).code == ST_OK;
}

// Memory that is handed out in pieces.
template <class A>
class Pieces {
 public:
  explicit Pieces(intptr_t numbers)
      : memory_(static_cast<A *>(st_allocate(size_t(std::max<intptr_t>(numbers, 1)) * sizeof(A))), st_free),
        next_(memory_.get()) {}
  explicit operator bool() const { return memory_ != nullptr; }
  A *take(intptr_t numbers) { return next_ ? std::exchange(next_, next_ + numbers) : nullptr; }

 private:
  std::unique_ptr<A, decltype(&st_free)> memory_;
  A *next_;
};

}  // namespace st

#endif
