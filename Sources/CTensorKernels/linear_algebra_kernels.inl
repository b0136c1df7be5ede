// Factorisations of one row-major matrix, by the row operations that vector units like. Included by linear_algebra.cpp for
// each instruction set.

// Sums in eight or more strands, whose order is fixed.
static ST_INLINE double dot_product(const double *a, const double *b, intptr_t count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (intptr_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

static ST_INLINE void add_scaled(double *to, double factor, const double *from, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) to[i] += factor * from[i];
}

// (a, b) = (c a - s b, s a + c b)
static ST_INLINE void rotate(double *a, double *b, double c, double s, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) {
    const double x = a[i], y = b[i];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}

// rows [begin, end) of a -= their multiples of the pivot's row k, which are kept in column k.
inline void lu_eliminate(double *a, intptr_t columns, intptr_t k, intptr_t begin, intptr_t end) {
  const double *const pivot = a + k * columns;
  for (intptr_t i = begin; i < end; i++) {
    double *const row = a + i * columns;
    row[k] /= pivot[k];
    add_scaled(row + k + 1, -row[k], pivot + k + 1, columns - k - 1);
  }
}

// Column j of the factor, in rows [begin, end).
inline void cholesky_column(double *a, intptr_t n, intptr_t j, intptr_t begin, intptr_t end) {
  const double *const pivot = a + j * n;
  for (intptr_t i = begin; i < end; i++) {
    double *const row = a + i * n;
    row[j] = (row[j] - dot_product(row, pivot, j)) / pivot[j];
  }
}

// The square of the factor's diagonal at j, before its root.
inline double cholesky_diagonal(const double *a, intptr_t n, intptr_t j) {
  return a[j * n + j] - dot_product(a + j * n, a + j * n, j);
}

// Columns [begin, end) of b become those of the solution of a x = b.
inline void triangular_columns(const double *a, double *b, intptr_t n, intptr_t columns, bool upper, bool unit,
                               intptr_t begin, intptr_t end) {
  for (intptr_t step = 0; step < n; step++) {
    const intptr_t i = upper ? n - 1 - step : step;
    const intptr_t from = upper ? i + 1 : 0, to = upper ? n : i;
    const double *const row = a + i * n;
    double *const x = b + i * columns;
    if (columns == 1) {
      x[0] -= dot_product(row + from, b + from, to - from);
    } else {
      for (intptr_t j = from; j < to; j++) add_scaled(x + begin, -row[j], b + j * columns + begin, end - begin);
    }
    if (unit) continue;
    for (intptr_t column = begin; column < end; column++) x[column] /= row[i];
  }
}

// Makes the reflector I - tau v v' that takes the vector (*first, rest) to (beta, 0): rest becomes v's, whose first is 1, and
// *first becomes beta. Returns tau. `rest` has a stride.
inline double make_reflector(double *first, double *rest, intptr_t count, intptr_t stride) {
  double largest = 0;
  for (intptr_t i = 0; i < count; i++) largest = __builtin_fmax(largest, __builtin_fabs(rest[i * stride]));
  if (largest == 0) return 0;
  // Scaled, so that squares neither overflow nor vanish.
  double sum = 0;
  for (intptr_t i = 0; i < count; i++) sum += (rest[i * stride] / largest) * (rest[i * stride] / largest);
  const double alpha = *first;
  const double beta = -__builtin_copysign(__builtin_hypot(alpha, largest * __builtin_sqrt(sum)), alpha);
  for (intptr_t i = 0; i < count; i++) rest[i * stride] /= alpha - beta;
  *first = beta;
  return (beta - alpha) / beta;
}

// Columns [from, columns) of the rows below `row` and of that row become (I - tau v v') times them; v is 1 in `row` and below
// it stands in column `row` of `reflectors`. `scratch` holds a row.
inline void apply_reflector(const double *reflectors, double tau, double *a, intptr_t rows, intptr_t columns,
                            intptr_t row, intptr_t from, double *scratch) {
  const intptr_t count = columns - from;
  if (tau == 0 || count <= 0) return;
  __builtin_memcpy(scratch, a + row * columns + from, size_t(count) * sizeof(double));
  for (intptr_t i = row + 1; i < rows; i++) {
    add_scaled(scratch, reflectors[i * columns + row], a + i * columns + from, count);
  }
  add_scaled(a + row * columns + from, -tau, scratch, count);
  for (intptr_t i = row + 1; i < rows; i++) {
    add_scaled(a + i * columns + from, -tau * reflectors[i * columns + row], scratch, count);
  }
}

// R on and above the diagonal, the reflectors below it.
inline void qr_matrix(double *a, double *tau, intptr_t rows, intptr_t columns, double *scratch) {
  for (intptr_t k = 0; k < std::min(rows, columns); k++) {
    tau[k] = make_reflector(a + k * columns + k, a + (k + 1) * columns + k, rows - k - 1, columns);
    apply_reflector(a, tau[k], a, rows, columns, k, k + 1, scratch);
  }
}

// The first columns of the product of reflectors, which stand in the first `count` columns of q.
inline void reflectors_product(double *q, const double *tau, intptr_t rows, intptr_t columns, intptr_t count,
                               double *scratch) {
  for (intptr_t i = 0; i < rows; i++) {
    for (intptr_t j = count; j < columns; j++) q[i * columns + j] = i == j ? 1 : 0;
  }
  for (intptr_t k = count - 1; k >= 0; k--) {
    apply_reflector(q, tau[k], q, rows, columns, k, k + 1, scratch);
    for (intptr_t i = 0; i < k; i++) q[i * columns + k] = 0;
    q[k * columns + k] = 1 - tau[k];
    for (intptr_t i = k + 1; i < rows; i++) q[i * columns + k] *= -tau[k];
  }
}

// Brings the symmetric matrix whose lower triangle is given to tridiagonal form, the diagonal and what is beside it. Its
// reflectors stay in the rows of a, right of the diagonal, their factors in tau.
inline void tridiagonalise(double *a, intptr_t n, double *diagonal, double *beside, double *tau, double *scratch) {
  for (intptr_t i = 0; i < n; i++) {
    for (intptr_t j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  }
  for (intptr_t k = 0; k + 1 < n; k++) {
    double *const v = a + k * n + k + 1;
    const intptr_t count = n - k - 1;
    tau[k] = make_reflector(v, v + 1, count - 1, 1);
    beside[k] = v[0];
    v[0] = 1;
    if (tau[k] == 0) continue;
    // With p = tau A v and w = p - tau/2 (p'v) v, A becomes A - v w' - w v'.
    double *const w = scratch;
    for (intptr_t i = 0; i < count; i++) w[i] = tau[k] * dot_product(a + (k + 1 + i) * n + k + 1, v, count);
    add_scaled(w, -tau[k] / 2 * dot_product(w, v, count), v, count);
    for (intptr_t i = 0; i < count; i++) {
      double *const row = a + (k + 1 + i) * n + k + 1;
      const double x = v[i], y = w[i];
      for (intptr_t j = 0; j < count; j++) row[j] -= x * w[j] + y * v[j];
    }
  }
  for (intptr_t i = 0; i < n; i++) diagonal[i] = a[i * n + i];
}

// z becomes the product of tridiagonalise's reflectors.
inline void tridiagonal_basis(const double *a, const double *tau, double *z, intptr_t n, double *scratch) {
  for (intptr_t i = 0; i < n * n; i++) z[i] = 0;
  for (intptr_t i = 0; i < n; i++) z[i * n + i] = 1;
  for (intptr_t k = n - 2; k >= 0; k--) {
    const double *const v = a + k * n + k + 1;
    const intptr_t count = n - k - 1;
    double *const block = z + (k + 1) * n + k + 1;
    for (intptr_t j = 0; j < count; j++) scratch[j] = 0;
    for (intptr_t i = 0; i < count; i++) add_scaled(scratch, v[i], block + i * n, count);
    for (intptr_t i = 0; i < count; i++) add_scaled(block + i * n, -tau[k] * v[i], scratch, count);
  }
}

// The rows of z become the eigenvectors of the tridiagonal matrix in the basis that they were, `diagonal` the eigenvalues, by
// implicit QL steps. Whether it converged.
inline bool tridiagonal_eigenvectors(double *diagonal, double *beside, double *z, intptr_t n) {
  const double epsilon = 0x1p-53;
  for (intptr_t low = 0; low < n; low++) {
    for (int turn = 0;; turn++) {
      intptr_t high = low;
      while (high + 1 < n &&
             !(__builtin_fabs(beside[high]) <=
               epsilon * (__builtin_fabs(diagonal[high]) + __builtin_fabs(diagonal[high + 1])))) {
        high++;
      }
      if (high == low) break;
      if (turn == 80) return false;
      // Wilkinson's shift, from the upper corner.
      const double half = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low]);
      double bulge = diagonal[high] - diagonal[low] +
                     beside[low] / (half + __builtin_copysign(__builtin_hypot(half, 1), half));
      double c = 1, s = 1, shift = 0;
      bool split = false;
      for (intptr_t i = high - 1; i >= low; i--) {
        const double f = s * beside[i], b = c * beside[i];
        const double length = __builtin_hypot(f, bulge);
        beside[i + 1] = length;
        if (length == 0) {
          diagonal[i + 1] -= shift;
          split = true;
          break;
        }
        s = f / length;
        c = bulge / length;
        const double below = diagonal[i + 1] - shift;
        const double r = (diagonal[i] - below) * s + 2 * c * b;
        shift = s * r;
        diagonal[i + 1] = below + shift;
        bulge = c * r - b;
        rotate(z + i * n, z + (i + 1) * n, c, s, n);
      }
      beside[high] = 0;
      if (split) continue;
      diagonal[low] -= shift;
      beside[low] = bulge;
    }
  }
  return true;
}

// One-sided Jacobi (Hestenes): rotates the rows of w [n, n], and those of g with them, until they are orthogonal. `squares`
// holds n numbers. Whether it converged.
inline bool orthogonalise_rows(double *w, double *g, intptr_t n, double *squares) {
  const double epsilon = 0x1p-52;
  for (int sweep = 0; sweep < 60; sweep++) {
    for (intptr_t i = 0; i < n; i++) squares[i] = dot_product(w + i * n, w + i * n, n);
    bool rotated = false;
    for (intptr_t p = 0; p + 1 < n; p++) {
      for (intptr_t q = p + 1; q < n; q++) {
        const double alpha = squares[p], beta = squares[q];
        const double gamma = dot_product(w + p * n, w + q * n, n);
        if (gamma == 0 || __builtin_fabs(gamma) <= epsilon * __builtin_sqrt(alpha) * __builtin_sqrt(beta)) continue;
        rotated = true;
        const double zeta = (beta - alpha) / (2 * gamma);
        const double t = __builtin_copysign(1 / (__builtin_fabs(zeta) + __builtin_hypot(zeta, 1)), zeta);
        const double c = 1 / __builtin_sqrt(1 + t * t), s = c * t;
        rotate(w + p * n, w + q * n, c, s, n);
        rotate(g + p * n, g + q * n, c, s, n);
        squares[p] = alpha - t * gamma;
        squares[q] = beta + t * gamma;
        // Cancellation: a number that was taken from a larger one is found anew.
        if (squares[p] < 0.25 * alpha) squares[p] = dot_product(w + p * n, w + p * n, n);
        if (squares[q] < 0.25 * beta) squares[q] = dot_product(w + q * n, w + q * n, n);
      }
    }
    if (!rotated) return true;
  }
  return false;
}
