// Matrix products: chooses a path by shape and layout, and cuts the work on a grid that depends on them alone.
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

template <class T>
st_status multiply(st_view out, st_view a, st_view b, st_view bias) {
  const int32_t rank = out.rank;
  Product<T> shared{out.shape[rank - 2], out.shape[rank - 1], a.shape[a.rank - 1], last_two<T>(out), last_two<T>(a),
                    last_two<T>(b), {}};
  if (bias.data) {
    shared.bias = {static_cast<T *>(bias.data), broadcast_stride(bias, rank, rank - 2),
                   broadcast_stride(bias, rank, rank - 1)};
  }
  if (shared.m == 0 || shared.n == 0) return {};
  settle(shared.out, shared.m, shared.n);
  settle(shared.a, shared.m, shared.k);
  settle(shared.b, shared.k, shared.n);
  constexpr bool integer = !is_half<T> && !is_float<T>;
  const intptr_t work = shared.m * shared.n * shared.k;
  if (rank == 2 && work <= 64) {
    multiply_tiny(shared);
    return {};
  }
  // A single column is a row of the transposed product; so is a column-major output.
  const bool swapped = shared.m > 1 && (shared.n == 1 || (shared.out.column != 1 && shared.out.row == 1));
  if (swapped) shared = shared.transposed();
  const bool row = !integer && shared.m == 1;
  const Grid grid(row ? 1 : shared.m, row ? 1 : shared.n, shared.k);
  // Rows are cut so that each part reads at least half a megabyte or so.
  const intptr_t row_columns =
      std::max<intptr_t>(128, (intptr_t{1} << 17) / std::max<intptr_t>(1, shared.k) / 128 * 128);
  const intptr_t row_parts = (shared.n + row_columns - 1) / row_columns;
  const intptr_t parts = row ? row_parts : grid.down * grid.across;

  Rows<4> batches;
  for (int32_t d = 0; d < rank - 2; d++) {
    batches.add(out.shape[d], {out.strides[d], broadcast_stride(swapped ? b : a, rank, d),
                               broadcast_stride(swapped ? a : b, rank, d),
                               bias.data ? broadcast_stride(bias, rank, d) : 0});
  }
  batches.close();
  const intptr_t batch = batches.rows * batches.length;
  std::atomic<bool> complete{true};
  const auto run = [&](intptr_t begin, intptr_t end) {
    Rows<4> place = batches;
    Product<T> product = shared;
    for (intptr_t index = begin; index < end; index++) {
      const intptr_t item = index / parts, part = index % parts;
      if (part == 0 || index == begin) {
        place.seek(item / place.length);
        const intptr_t column = item % place.length;
        const auto offset = [&](int n) { return place.offset[n] + column * place.step[n]; };
        product.out.data = shared.out.data + offset(0);
        product.a.data = shared.a.data + offset(1);
        product.b.data = shared.b.data + offset(2);
        if (shared.bias.data) product.bias.data = shared.bias.data + offset(3);
      }
      bool done = true;
      if (product.k == 0) {
        if (part == 0) multiply_tiny(product);
      } else if constexpr (integer) {
        const intptr_t i = part / grid.across * grid.rows, j = part % grid.across * grid.columns;
        const Part block{i, std::min(i + grid.rows, product.m), j, std::min(j + grid.columns, product.n)};
        done = ST_CHOOSE(multiply_integers<T>)(product, block);
      } else if (row) {
        const intptr_t j = part * row_columns;
        done = ST_CHOOSE(multiply_row<T>)(product, j, std::min(j + row_columns, product.n));
      } else {
        const intptr_t i = part / grid.across * grid.rows, j = part % grid.across * grid.columns;
        const Part block{i, std::min(i + grid.rows, product.m), j, std::min(j + grid.columns, product.n)};
        done = ST_CHOOSE(multiply_part<T>)(product, block);
      }
      if (!done) complete.store(false, std::memory_order_relaxed);
    }
  };
  const intptr_t cost = std::max<intptr_t>(1, work / parts);
  parallel_for(batch * parts, std::max<intptr_t>(1, (intptr_t{1} << 20) / cost), run);
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
