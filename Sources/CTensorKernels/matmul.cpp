// Matrix products: chooses a path by shape and layout, which the results' bits depend on, not by the number of threads.
#include "matmul.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "dispatch.hpp"
#include "rows.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_KERNELS "matmul_kernels.inl"
#include "each_instruction_set.hpp"
#define ST_KERNELS "matmul_kernels.inl"
#include "bfloat16_dot.hpp"

namespace st {

namespace {

template <class T>
Matrix<T> last_two(st_view view) {
  const int32_t r = view.rank;
  return {static_cast<T *>(view.data), view.strides[r - 2], view.strides[r - 1]};
}

// A stride of one row or column is never used; 1 says "contiguous" to the kernels' choices.
template <class T>
void settle(Matrix<T> &matrix, intptr_t rows, intptr_t columns) {
  if (columns == 1) matrix.column = 1;
  if (rows == 1) matrix.row = columns == 1 || matrix.column != 1 ? 1 : columns;
}

// No calls, no packing: 3 x 3.
template <class T>
void multiply_tiny(const Product<T> &p) {
  using A = Accumulator<T>;
  for (intptr_t i = 0; i < p.m; i++) {
    for (intptr_t j = 0; j < p.n; j++) {
      A sum = 0;
      const T *left = p.a.at(i, 0), *right = p.b.at(0, j);
      for (intptr_t k = 0; k < p.k; k++, left += p.a.column, right += p.b.row) sum += cast<A>(*left) * cast<A>(*right);
      if (p.bias.data) sum += cast<A>(*p.bias.at(i, j));
      *p.out.at(i, j) = cast<T>(sum);
    }
  }
}

// Few rows are limited by how fast b is read.
template <class T>
bool in_dots(const Product<T> &p) {
  return p.b.row == 1 && (p.m == 1 || (p.m <= (is_half<T> ? 4 : 16) && p.k >= 64 * p.m));
}

// One row, or few. Returns false when there is no memory to work in.
template <class T>
bool multiply_rows(const Product<T> &p) {
  const bool dots = in_dots(p);
  // Each part reads half a megabyte or so, and rows in long pieces.
  intptr_t columns = std::max<intptr_t>(128, (intptr_t{1} << 17) / p.k / 128 * 128);
  if (!dots) columns = std::max(columns, std::min<intptr_t>(2048, p.n / 2));
  std::atomic<bool> complete{true};
  parallel_for(p.n, columns, [&](intptr_t begin, intptr_t end) {
    const auto kernel = dots ? ST_CHOOSE(multiply_few_rows<T>) : ST_CHOOSE(multiply_row<T>);
    if (!kernel(p, begin, end)) complete.store(false, std::memory_order_relaxed);
  });
  return complete;
}

// Products `begin` up to `end`. Returns false when there is no memory to work in.
template <class T>
bool multiply_each(Products<T> &products, intptr_t begin, intptr_t end) {
  const Product<T> &product = products.product;
  if (product.k == 0 || product.m == 1 || in_dots(product)) {
    bool complete = true;
    for (intptr_t item = begin; item < end; item++) {
      products.move_to(item);
      if (product.k == 0) {
        multiply_tiny(product);
      } else {
        complete &= multiply_rows(product);
      }
    }
    return complete;
  }
#if defined(__x86_64__)
  if constexpr (is_same<T, bfloat16>) {
    if (has_bfloat16_dot()) return avx512_bfloat16::multiply_blocks(products, begin, end);
  }
#endif
  return ST_CHOOSE(multiply_blocks<T>)(products, begin, end);
}

// Many products of one shape. The views' leading dimensions say where each lies.
template <class T>
bool multiply_batch(const Product<T> &first, st_view out, st_view a, st_view b, st_view bias) {
  Products<T> products(first);
  Rows<4> &places = products.places;
  for (int32_t d = 0; d < out.rank - 2; d++) {
    places.add(out.shape[d], {out.strides[d], broadcast_stride(a, out.rank, d), broadcast_stride(b, out.rank, d),
                              bias.data ? broadcast_stride(bias, out.rank, d) : 0});
  }
  places.close();
  std::atomic<bool> complete{true};
  const intptr_t items = products.count(), work = std::max<intptr_t>(1, first.work());
  const auto run = [&](intptr_t begin, intptr_t end) {
    Products<T> own = products;
    if (!multiply_each(own, begin, end)) complete.store(false, std::memory_order_relaxed);
  };
  // A few large products are each cut into parts, many run side by side.
  if (items < 16 && work >= 4 * one_part) {
    run(0, items);
  } else {
    parallel_for(items, std::max<intptr_t>(1, one_part / 2 / work), run);
  }
  return complete;
}

template <class T>
st_status multiply(st_view out, st_view a, st_view b, st_view bias) {
  const int32_t rank = out.rank;
  Product<T> product{out.shape[rank - 2], out.shape[rank - 1], a.shape[a.rank - 1], last_two<T>(out), last_two<T>(a),
                     last_two<T>(b), {}};
  if (bias.data) {
    product.bias = {static_cast<T *>(bias.data), broadcast_stride(bias, rank, rank - 2),
                    broadcast_stride(bias, rank, rank - 1)};
  }
  if (product.m == 0 || product.n == 0) return {};
  if (rank == 2 && product.m * product.n * product.k <= 64) {
    multiply_tiny(product);
    return {};
  }
  settle(product.out, product.m, product.n);
  settle(product.a, product.m, product.k);
  settle(product.b, product.k, product.n);
  // A single column is a row of the transposed product; a column-major output is a row-major one of it.
  const bool swapped = product.m > 1 && (product.n == 1 || (product.out.column != 1 && product.out.row == 1));
  if (swapped) {
    product = product.transposed();
    std::swap(a, b);
  }
  Products<T> one(product);
  const bool complete = rank > 2 ? multiply_batch(product, out, a, b, bias) : multiply_each(one, 0, 1);
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_matmul(st_view out, st_view a, st_view b, st_view bias) {
  // Where nothing is converted, sums wrap around in the result itself.
  switch (out.dtype) {
    case ST_UINT8: return multiply<uint8_t>(out, a, b, bias);
    case ST_INT8: return multiply<int8_t>(out, a, b, bias);
    case ST_INT16: return multiply<int16_t>(out, a, b, bias);
    case ST_INT32: return multiply<uint32_t>(out, a, b, bias);
    case ST_INT64: return multiply<uint64_t>(out, a, b, bias);
    case ST_FLOAT16: return multiply<float16>(out, a, b, bias);
    case ST_BFLOAT16: return multiply<bfloat16>(out, a, b, bias);
    case ST_FLOAT32: return multiply<float>(out, a, b, bias);
    case ST_FLOAT64: return multiply<double>(out, a, b, bias);
    default: return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
}
