// Matrix products: chooses a path by shape and layout, and cuts the work on a grid that depends on them alone.
#include "matmul.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "dispatch.hpp"
#include "rows.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_VARIANT_BFLOAT16_DOT 0
#define ST_KERNELS "matmul_kernels.inl"
#include "each_instruction_set.hpp"

// Once more for processors that multiply pairs of bfloat16; only the products of bfloat16 are taken from there.
#if defined(__x86_64__)
#undef ST_VARIANT_BFLOAT16_DOT
#define ST_VARIANT_BFLOAT16_DOT 1
#define ST_VARIANT_FMA 1
#define ST_VARIANT_AVX512 1
#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)
namespace st::avx512_bfloat16 {
#include "matmul_kernels.inl"
}
#pragma clang attribute pop
#endif

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
      for (intptr_t k = 0; k < p.k; k++, left += p.a.column, right += p.b.row) {
        sum += times(cast<A>(*left), cast<A>(*right));
      }
      if (p.bias.data) sum += cast<A>(*p.bias.at(i, j));
      *p.out.at(i, j) = cast<T>(sum);
    }
  }
}

// How a product is cut: `down` x `across` parts.
struct Grid {
  intptr_t rows, columns, down, across;

  Grid(intptr_t m, intptr_t n, intptr_t k) {
    constexpr intptr_t unit_rows = 14, unit_columns = 64, smallest = intptr_t{1} << 21;
    down = std::max<intptr_t>(1, (m + most_rows - 1) / most_rows);
    across = std::max<intptr_t>(1, (n + most_columns - 1) / most_columns);
    const auto cut = [&] {
      rows = std::max<intptr_t>(1, ((m + down - 1) / down + unit_rows - 1) / unit_rows * unit_rows);
      columns = std::max<intptr_t>(1, ((n + across - 1) / across + unit_columns - 1) / unit_columns * unit_columns);
    };
    for (cut(); down * across < 16 && std::min(rows, m) * std::min(columns, n) * k >= 2 * smallest; cut()) {
      if (columns > unit_columns && columns >= rows) {
        across *= 2;
      } else if (rows > 4 * unit_rows) {
        down *= 2;
      } else {
        break;
      }
    }
    down = (m + rows - 1) / rows;
    across = (n + columns - 1) / columns;
  }
};

// A product, cut into `parts` that may run at the same time.
template <class T>
struct Plan {
  static constexpr bool integer = !is_half<T> && !is_float<T>;
  const intptr_t work;
  const bool row;  // m == 1: cut by columns alone
  const Grid grid;
  const intptr_t row_columns, parts;

  explicit Plan(const Product<T> &p)
      : work(p.m * p.n * p.k),
        row(!integer && p.m == 1),
        grid(row ? 1 : p.m, row ? 1 : p.n, p.k),
        // Each part of a row reads half a megabyte or so.
        row_columns(std::max<intptr_t>(128, (intptr_t{1} << 17) / std::max<intptr_t>(1, p.k) / 128 * 128)),
        parts(row ? (p.n + row_columns - 1) / row_columns : grid.down * grid.across) {}

  bool run(const Product<T> &p, intptr_t index) const {
    if (p.k == 0) {
      if (index == 0) multiply_tiny(p);
      return true;
    }
    if constexpr (!integer) {
      if (row) {
        const intptr_t j = index * row_columns;
        return ST_CHOOSE(multiply_row<T>)(p, j, std::min(j + row_columns, p.n));
      }
    }
    const intptr_t i = index / grid.across * grid.rows, j = index % grid.across * grid.columns;
    const Part part{i, std::min(i + grid.rows, p.m), j, std::min(j + grid.columns, p.n)};
    if constexpr (integer) {
      return ST_CHOOSE(multiply_integers<T>)(p, part);
    } else {
#if defined(__x86_64__)
      if constexpr (is_same<T, bfloat16>) {
        if (has_bfloat16_dot()) return avx512_bfloat16::multiply_part(p, part);
      }
#endif
      return ST_CHOOSE(multiply_part<T>)(p, part);
    }
  }

  // The grain for parts of about 30 microseconds or more.
  intptr_t grain() const { return std::max<intptr_t>(1, (intptr_t{1} << 20) / std::max<intptr_t>(1, work / parts)); }
};

// Many products of one shape. The views' leading dimensions say where each lies.
template <class T>
bool multiply_batch(const Product<T> &first, const Plan<T> &plan, st_view out, st_view a, st_view b, st_view bias) {
  Rows<4> batch;
  for (int32_t d = 0; d < out.rank - 2; d++) {
    batch.add(out.shape[d], {out.strides[d], broadcast_stride(a, out.rank, d), broadcast_stride(b, out.rank, d),
                             bias.data ? broadcast_stride(bias, out.rank, d) : 0});
  }
  batch.close();
  std::atomic<bool> complete{true};
  parallel_for(batch.rows * batch.length * plan.parts, plan.grain(), [&](intptr_t begin, intptr_t end) {
    Rows<4> place = batch;
    Product<T> product = first;
    for (intptr_t index = begin; index < end; index++) {
      const intptr_t item = index / plan.parts, part = index % plan.parts;
      if (part == 0 || index == begin) {
        place.seek(item / place.length);
        const auto offset = [&](int n) { return place.offset[n] + item % place.length * place.step[n]; };
        product.out.data = first.out.data + offset(0);
        product.a.data = first.a.data + offset(1);
        product.b.data = first.b.data + offset(2);
        if (first.bias.data) product.bias.data = first.bias.data + offset(3);
      }
      if (!plan.run(product, part)) complete.store(false, std::memory_order_relaxed);
    }
  });
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
  const Plan<T> plan(product);
  bool complete = true;
  if (rank > 2) {
    complete = multiply_batch(product, plan, out, a, b, bias);
  } else if (plan.parts == 1) {
    complete = plan.run(product, 0);
  } else {
    std::atomic<bool> all{true};
    parallel_for(plan.parts, plan.grain(), [&](intptr_t begin, intptr_t end) {
      for (intptr_t i = begin; i < end; i++) {
        if (!plan.run(product, i)) all.store(false, std::memory_order_relaxed);
      }
    });
    complete = all;
  }
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_matmul(st_view out, st_view a, st_view b, st_view bias) {
  switch (out.dtype) {
    case ST_UINT8: return multiply<uint8_t>(out, a, b, bias);
    case ST_INT8: return multiply<int8_t>(out, a, b, bias);
    case ST_INT16: return multiply<int16_t>(out, a, b, bias);
    case ST_INT32: return multiply<int32_t>(out, a, b, bias);
    case ST_INT64: return multiply<int64_t>(out, a, b, bias);
    case ST_FLOAT16: return multiply<float16>(out, a, b, bias);
    case ST_BFLOAT16: return multiply<bfloat16>(out, a, b, bias);
    case ST_FLOAT32: return multiply<float>(out, a, b, bias);
    case ST_FLOAT64: return multiply<double>(out, a, b, bias);
    default: return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
}
