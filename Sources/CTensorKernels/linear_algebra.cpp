// Factorisations of stacks of matrices, in float64: LU, Cholesky, triangular systems, QR, symmetric eigenvectors, singular
// values.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>

#include "CTensorKernels.h"
#include "dispatch.hpp"
#include "threads.hpp"

#define ST_KERNELS "linear_algebra_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

using Buffer = std::unique_ptr<double, decltype(&st_free)>;

Buffer allocated(intptr_t count) {
  return Buffer(static_cast<double *>(st_allocate(size_t(std::max<intptr_t>(count, 1)) * sizeof(double))), st_free);
}

const st_status exhausted{ST_OUT_OF_MEMORY, 0, 0, 0};

double *matrix(st_matrices stack, intptr_t i) { return stack.data + i * stack.rows * stack.columns; }

bool is_finite(const double *numbers, intptr_t count) {
  return std::all_of(numbers, numbers + count, [](double x) { return std::isfinite(x); });
}

void transpose(double *to, const double *from, intptr_t rows, intptr_t columns) {
  for (intptr_t i = 0; i < rows; i++) {
    for (intptr_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  }
}

void reorder_rows(double *to, const double *from, const intptr_t *order, intptr_t rows, intptr_t columns) {
  for (intptr_t i = 0; i < rows; i++) std::copy_n(from + order[i] * columns, columns, to + i * columns);
}

// The grain for matrices that cost this many multiplications each.
intptr_t grain_of(intptr_t count, intptr_t cost) { return even_grain(count, std::max<intptr_t>(cost, 1)); }

int32_t factorise_lu(double *a, int32_t *pivots, intptr_t rows, intptr_t columns) {
  int32_t info = 0;
  for (intptr_t k = 0; k < std::min(rows, columns); k++) {
    intptr_t best = k;
    for (intptr_t i = k + 1; i < rows; i++) {
      if (std::fabs(a[i * columns + k]) > std::fabs(a[best * columns + k])) best = i;
    }
    pivots[k] = int32_t(best + 1);
    if (a[best * columns + k] == 0) {
      if (info == 0) info = int32_t(k + 1);
      continue;
    }
    if (best != k) std::swap_ranges(a + k * columns, a + (k + 1) * columns, a + best * columns);
    const intptr_t left = rows - k - 1;
    parallel_for(left, grain_of(left, columns - k), [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(lu_eliminate)(a, columns, k, k + 1 + begin, k + 1 + end);
    });
  }
  return info;
}

int32_t factorise_cholesky(double *a, intptr_t n) {
  int32_t info = 0;
  for (intptr_t j = 0; j < n && info == 0; j++) {
    const double square = ST_CHOOSE(cholesky_diagonal)(a, n, j);
    if (!(square > 0)) {
      info = int32_t(j + 1);
      break;
    }
    a[j * n + j] = std::sqrt(square);
    const intptr_t left = n - j - 1;
    parallel_for(left, grain_of(left, j + 1), [&](intptr_t begin, intptr_t end) {
      ST_CHOOSE(cholesky_column)(a, n, j, j + 1 + begin, j + 1 + end);
    });
  }
  for (intptr_t i = 0; i < n; i++) std::fill(a + i * n + i + 1, a + (i + 1) * n, 0.0);
  return info;
}

// x becomes the solution of a x = x, or a' x = x, for a of the factors lu.
bool solve_factorised(const double *lu, const int32_t *pivots, double *x, intptr_t n, intptr_t columns,
                      bool transposed) {
  const auto solve = [&](const double *a, bool upper, bool unit) {
    ST_CHOOSE(triangular_columns)(a, x, n, columns, upper, unit, 0, columns);
  };
  const auto exchange = [&](intptr_t k) {
    const intptr_t other = std::clamp<intptr_t>(pivots[k] - 1, 0, n - 1);
    if (other != k) std::swap_ranges(x + k * columns, x + (k + 1) * columns, x + other * columns);
  };
  if (!transposed) {
    for (intptr_t k = 0; k < n; k++) exchange(k);
    solve(lu, false, true);
    solve(lu, true, false);
    return true;
  }
  const Buffer turned = allocated(n * n);
  if (!turned) return false;
  transpose(turned.get(), lu, n, n);
  solve(turned.get(), false, false);
  solve(turned.get(), true, true);
  for (intptr_t k = n - 1; k >= 0; k--) exchange(k);
  return true;
}

// a becomes the eigenvectors, as columns.
int32_t factorise_symmetric(double *a, double *values, intptr_t n) {
  const Buffer z = allocated(n * n), sorted = allocated(n * n), numbers = allocated(4 * n);
  const std::unique_ptr<intptr_t[]> order(new (std::nothrow) intptr_t[size_t(n) + 1]);
  if (!z || !sorted || !numbers || !order) return -1;
  double *const diagonal = numbers.get(), *const beside = diagonal + n, *const tau = beside + n, *const scratch = tau + n;
  std::fill_n(diagonal, 4 * n, 0.0);
  ST_CHOOSE(tridiagonalise)(a, n, diagonal, beside, tau, scratch);
  if (!is_finite(diagonal, n) || !is_finite(beside, n)) return int32_t(n);
  ST_CHOOSE(tridiagonal_basis)(a, tau, z.get(), n, scratch);
  transpose(sorted.get(), z.get(), n, n);
  if (!ST_CHOOSE(tridiagonal_eigenvectors)(diagonal, beside, sorted.get(), n)) return int32_t(n);
  std::iota(order.get(), order.get() + n, intptr_t(0));
  std::sort(order.get(), order.get() + n, [&](intptr_t i, intptr_t j) { return diagonal[i] < diagonal[j]; });
  for (intptr_t i = 0; i < n; i++) values[i] = diagonal[order[i]];
  reorder_rows(z.get(), sorted.get(), order.get(), n, n);
  transpose(a, z.get(), n, n);
  return 0;
}

// Rows that are zero become unit vectors, orthogonal to the others and to each other.
void complete_rows(double *rows, const double *lengths, intptr_t n, double *candidate) {
  for (intptr_t i = 0; i < n; i++) {
    if (lengths[i] != 0) continue;
    double *const row = rows + i * n;
    double best = 0;
    for (intptr_t j = 0; j < n && best < 0.5; j++) {
      std::fill_n(candidate, n, 0.0);
      candidate[j] = 1;
      for (int turn = 0; turn < 2; turn++) {
        for (intptr_t k = 0; k < n; k++) {
          if (k == i || (lengths[k] == 0 && k > i)) continue;
          const double *const other = rows + k * n;
          const double along = std::inner_product(candidate, candidate + n, other, 0.0);
          for (intptr_t l = 0; l < n; l++) candidate[l] -= along * other[l];
        }
      }
      const double length = std::sqrt(std::inner_product(candidate, candidate + n, candidate, 0.0));
      if (length <= best) continue;
      best = length;
      for (intptr_t l = 0; l < n; l++) row[l] = candidate[l] / length;
    }
  }
}

// a [rows, columns], rows >= columns = n, becomes u; values falls; vt [n, n].
int32_t factorise_tall(double *a, double *values, double *vt, intptr_t rows, intptr_t n) {
  if (n == 0) return 0;
  const Buffer w = allocated(n * n), g = allocated(n * n), scratch = allocated(4 * n + rows);
  const std::unique_ptr<intptr_t[]> order(new (std::nothrow) intptr_t[size_t(n)]);
  if (!w || !g || !scratch || !order) return -1;
  if (!is_finite(a, rows * n)) return 1;
  double *const tau = scratch.get(), *const squares = tau + n, *const lengths = squares + n, *const row = lengths + n;
  // A power of two, so that no square overflows.
  double largest = 0;
  for (intptr_t i = 0; i < rows * n; i++) largest = std::max(largest, std::fabs(a[i]));
  const int exponent = largest > 0 ? std::ilogb(largest) : 0;
  for (intptr_t i = 0; i < rows * n; i++) a[i] = std::scalbn(a[i], -exponent);
  ST_CHOOSE(qr_matrix)(a, tau, rows, n, row);
  std::fill_n(g.get(), n * n, 0.0);
  for (intptr_t i = 0; i < n; i++) {
    g.get()[i * n + i] = 1;
    for (intptr_t j = 0; j < n; j++) w.get()[i * n + j] = j < i ? 0 : a[i * n + j];
  }
  ST_CHOOSE(reflectors_product)(a, tau, rows, n, n, row);
  // With G R = W of orthogonal rows, R = G' W.
  if (!ST_CHOOSE(orthogonalise_rows)(w.get(), g.get(), n, squares)) return 1;
  for (intptr_t i = 0; i < n; i++) {
    double *const from = w.get() + i * n;
    double top = 0;
    for (intptr_t j = 0; j < n; j++) top = std::max(top, std::fabs(from[j]));
    double sum = 0;
    if (top > 0) {
      for (intptr_t j = 0; j < n; j++) sum += (from[j] / top) * (from[j] / top);
    }
    lengths[i] = top * std::sqrt(sum);
    if (lengths[i] > 0) {
      for (intptr_t j = 0; j < n; j++) from[j] /= lengths[i];
    }
  }
  complete_rows(w.get(), lengths, n, row);
  std::iota(order.get(), order.get() + n, intptr_t(0));
  std::sort(order.get(), order.get() + n, [&](intptr_t i, intptr_t j) { return lengths[i] > lengths[j]; });
  for (intptr_t i = 0; i < n; i++) values[i] = std::scalbn(lengths[order[i]], exponent);
  reorder_rows(vt, w.get(), order.get(), n, n);
  reorder_rows(w.get(), g.get(), order.get(), n, n);
  // u = q G'
  for (intptr_t i = 0; i < rows; i++) {
    std::copy_n(a + i * n, n, row);
    for (intptr_t j = 0; j < n; j++) a[i * n + j] = std::inner_product(row, row + n, w.get() + j * n, 0.0);
  }
  return 0;
}

int32_t factorise_singular(double *a, double *u, double *values, double *vt, intptr_t rows, intptr_t columns) {
  if (rows >= columns) {
    std::copy_n(a, rows * columns, u);
    return factorise_tall(u, values, vt, rows, columns);
  }
  // The transpose's u is v.
  const Buffer left = allocated(rows * columns), right = allocated(rows * rows);
  if (!left || !right) return -1;
  transpose(left.get(), a, rows, columns);
  const int32_t info = factorise_tall(left.get(), values, right.get(), columns, rows);
  if (info != 0) return info;
  transpose(vt, left.get(), columns, rows);
  transpose(u, right.get(), rows, rows);
  return 0;
}

// Calls function(i) for each matrix of a stack; it returns what becomes info[i], or -1 when memory is exhausted.
template <class Function>
st_status each_matrix(intptr_t count, intptr_t cost, int32_t *info, const Function &function) {
  bool complete = true;
  parallel_for(count, grain_of(count, cost), [&](intptr_t begin, intptr_t end) {
    for (intptr_t i = begin; i < end; i++) info[i] = function(i);
  });
  for (intptr_t i = 0; i < count; i++) complete = complete && info[i] >= 0;
  return complete ? st_status{} : exhausted;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_lu(st_matrices a, int32_t *pivots, int32_t *info) {
  const intptr_t steps = std::min(a.rows, a.columns);
  return each_matrix(a.count, a.rows * a.columns * steps, info, [&](intptr_t i) {
    return factorise_lu(matrix(a, i), pivots + i * steps, a.rows, a.columns);
  });
}

st_status st_cholesky(st_matrices a, int32_t *info) {
  return each_matrix(a.count, a.rows * a.rows * a.rows / 3, info,
                     [&](intptr_t i) { return factorise_cholesky(matrix(a, i), a.rows); });
}

void st_triangular_solve(st_matrices a, st_matrices b, bool upper, bool unit) {
  // A matrix of many columns is cut into columns.
  const intptr_t width = std::max<intptr_t>(b.columns, 1), block = 128, blocks = (width + block - 1) / block;
  parallel_for(a.count * blocks, grain_of(a.count * blocks, a.rows * a.rows * std::min(width, block) / 2),
               [&](intptr_t begin, intptr_t end) {
                 for (intptr_t at = begin; at < end; at++) {
                   const intptr_t i = at / blocks, from = at % blocks * block;
                   ST_CHOOSE(triangular_columns)(matrix(a, i), matrix(b, i), a.rows, b.columns, upper, unit, from,
                                                 std::min(from + block, b.columns));
                 }
               });
}

st_status st_lu_solve(st_matrices lu, const int32_t *pivots, st_matrices b, bool transposed) {
  std::atomic<bool> complete{true};
  parallel_for(lu.count, grain_of(lu.count, lu.rows * lu.rows * b.columns), [&](intptr_t begin, intptr_t end) {
    for (intptr_t i = begin; i < end; i++) {
      if (!solve_factorised(matrix(lu, i), pivots + i * lu.rows, matrix(b, i), lu.rows, b.columns, transposed)) {
        complete.store(false, std::memory_order_relaxed);
      }
    }
  });
  return complete ? st_status{} : exhausted;
}

st_status st_qr(st_matrices a, double *tau, int32_t *info) {
  const intptr_t steps = std::min(a.rows, a.columns);
  return each_matrix(a.count, 2 * a.rows * a.columns * steps, info, [&](intptr_t i) {
    const Buffer scratch = allocated(a.columns);
    if (!scratch) return -1;
    ST_CHOOSE(qr_matrix)(matrix(a, i), tau + i * steps, a.rows, a.columns, scratch.get());
    return 0;
  });
}

st_status st_householder_product(st_matrices q, const double *tau, intptr_t reflectors, int32_t *info) {
  return each_matrix(q.count, 2 * q.rows * q.columns * reflectors, info, [&](intptr_t i) {
    const Buffer scratch = allocated(q.columns);
    if (!scratch) return -1;
    ST_CHOOSE(reflectors_product)(matrix(q, i), tau + i * reflectors, q.rows, q.columns, reflectors, scratch.get());
    return 0;
  });
}

st_status st_eigh(st_matrices a, double *values, int32_t *info) {
  return each_matrix(a.count, 10 * a.rows * a.rows * a.rows, info, [&](intptr_t i) {
    return factorise_symmetric(matrix(a, i), values + i * a.rows, a.rows);
  });
}

st_status st_svd(st_matrices a, double *u, double *values, double *vt, int32_t *info) {
  const intptr_t k = std::min(a.rows, a.columns);
  return each_matrix(a.count, 20 * a.rows * a.columns * k, info, [&](intptr_t i) {
    return factorise_singular(matrix(a, i), u + i * a.rows * k, values + i * k, vt + i * k * a.columns, a.rows,
                              a.columns);
  });
}
