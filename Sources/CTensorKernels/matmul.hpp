// What the driver of matrix products hands to the kernels.
#ifndef CTENSORKERNELS_MATMUL_HPP
#define CTENSORKERNELS_MATMUL_HPP

#include <cstdint>
#include <type_traits>

#include "CTensorKernels.h"
#include "convert.hpp"

namespace st {

// Strides count elements, of any sign and order; 0 broadcasts.
template <class T>
struct Matrix {
  T *data = nullptr;
  intptr_t row = 0, column = 0;

  T *at(intptr_t i, intptr_t j) const { return data + i * row + j * column; }
  Matrix transposed() const { return {data, column, row}; }
};

// out (m x n) = a (m x k) @ b (k x n) + bias (m x n, or no data).
template <class T>
struct Product {
  intptr_t m, n, k;
  Matrix<T> out, a, b, bias;

  Product transposed() const {
    return {n, m, k, out.transposed(), b.transposed(), a.transposed(), bias.transposed()};
  }
};

// What a product of T accumulates in: integers wrap around, so they are unsigned.
template <class T, bool integer = !is_half<T> && !is_float<T>>
struct AccumulatorOf {
  using type = std::make_unsigned_t<T>;
};
template <class T>
struct AccumulatorOf<T, false> {
  using type = std::conditional_t<is_half<T>, float, T>;
};
template <class T>
using Accumulator = typename AccumulatorOf<T>::type;

// The product of two accumulators. The product of two 16-bit numbers overflows int, so they are widened without a sign.
template <class A>
ST_INLINE A times(A a, A b) {
  if constexpr (sizeof(A) < 4) {
    return static_cast<A>(uint32_t{a} * uint32_t{b});
  } else {
    return a * b;
  }
}

// A part of a product: rows i0..<i1 and columns j0..<j1 of `out`.
struct Part {
  intptr_t i0, i1, j0, j1;
  intptr_t rows() const { return i1 - i0; }
  intptr_t columns() const { return j1 - j0; }
};

// Parts have at most this many rows and columns.
inline constexpr intptr_t most_rows = 168, most_columns = 512;

}  // namespace st

#endif
