// What the driver of matrix products hands to the kernels.
#ifndef CTENSORKERNELS_MATMUL_HPP
#define CTENSORKERNELS_MATMUL_HPP

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "CTensorKernels.h"
#include "convert.hpp"
#include "rows.hpp"

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

  intptr_t work() const { return m * n * k; }

  Product transposed() const {
    return {n, m, k, out.transposed(), b.transposed(), a.transposed(), bias.transposed()};
  }
};

// Products of one shape and layout, which lie as `places` says: those of out, a, b and bias. `product` is one of them.
template <class T>
struct Products {
  Product<T> product;
  Rows<4> places;

  explicit Products(const Product<T> &first)
      : product(first), first{first.out.data, first.a.data, first.b.data, first.bias.data} {}

  intptr_t count() const { return places.rows * places.length; }

  void move_to(intptr_t item) {
    if (count() == 1) return;
    places.seek(item / places.length);
    const intptr_t column = item % places.length;
    const auto at = [&](int n) { return first[n] + places.offset[n] + column * places.step[n]; };
    product.out.data = at(0);
    product.a.data = at(1);
    product.b.data = at(2);
    if (first[3]) product.bias.data = at(3);
  }

 private:
  T *first[4];
};

// What a product of T accumulates in: integers wrap around, so they are unsigned.
template <class T>
using Accumulator = std::conditional_t<is_half<T>, float,
                                       std::conditional_t<is_float<T>, T,
                                                          std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>>;

// A part of a product or block: rows i0..<i1 and columns j0..<j1.
struct Part {
  intptr_t i0, i1, j0, j1;
  intptr_t rows() const { return i1 - i0; }
  intptr_t columns() const { return j1 - j0; }
};

// Products that are worth a part of their own: about 20 microseconds.
inline constexpr intptr_t one_part = intptr_t{1} << 21;

// How a block is cut into parts: `down` x `across`, each of `rows` x `columns` at most.
struct Grid {
  intptr_t rows, columns, down, across;

  Grid(intptr_t m, intptr_t n, intptr_t k) {
    constexpr intptr_t most_rows = 168, most_columns = 512, unit_rows = 14, unit_columns = 32;
    // Parts in one row share nothing of the right operand: they stay in one as long as that makes enough of them.
    const bool in_one_row = m <= most_rows;
    down = std::max<intptr_t>(1, (m + most_rows - 1) / most_rows);
    across = std::max<intptr_t>(1, (n + most_columns - 1) / most_columns);
    const auto cut = [&] {
      rows = std::max<intptr_t>(1, ((m + down - 1) / down + unit_rows - 1) / unit_rows * unit_rows);
      columns = std::max<intptr_t>(1, ((n + across - 1) / across + unit_columns - 1) / unit_columns * unit_columns);
    };
    for (cut(); down * across < 16 && std::min(rows, m) * std::min(columns, n) * k >= 2 * one_part; cut()) {
      if (columns > unit_columns && (columns >= rows || in_one_row)) {
        across *= 2;
      } else if (rows > 4 * unit_rows && (!in_one_row || across < 8)) {
        down *= 2;
      } else {
        break;
      }
    }
    down = (m + rows - 1) / rows;
    across = (n + columns - 1) / columns;
  }
};

}  // namespace st

#endif
