// Few rows against columns that are contiguous along the depth, such as a layer's weight [out, in]. Vectors run along
// the depth, and b is read once, where it lies.
namespace {

template <class A, class T>
ST_INLINE typename Lanes<A>::Vector load_as(const T *from) {
  if constexpr (is_same<A, T>) {
    return load(from);
  } else {
    A values[Lanes<A>::count];
    for (int l = 0; l < Lanes<A>::count; l++) values[l] = cast<A>(from[l]);
    return load(values);
  }
}

// How many rows and columns meet at a time; one row takes more columns, which are read from memory side by side. Each
// number of rows is a kernel of its own: 16-bit floats have four rows at most, integers are rare.
template <class T>
constexpr int dot_rows = !ST_VARIANT_AVX512 ? 2 : is_half<T> ? 4 : is_float<T> ? 6 : 2;
constexpr int dot_columns = 4, row_columns = 8;

template <class A>
ST_INLINE A sum_of(const typename Lanes<A>::Vector &vector) {
  constexpr int lanes = Lanes<A>::count;
  A values[lanes];
  store(values, vector);
#pragma clang loop unroll(full)
  for (int gap = lanes / 2; gap > 0; gap /= 2) {
#pragma clang loop unroll(full)
    for (int l = 0; l < gap; l++) values[l] += values[l + gap];
  }
  return values[0];
}

// to [rows, columns] = the products of rows of x and columns of b. Sums are kept in `ways` parts.
template <int rows, int columns, class A, class T>
ST_INLINE void dots(A (&to)[dot_rows<T>][row_columns], const A *x, intptr_t x_row, const T *b, intptr_t b_column,
                    intptr_t depth) {
  using Vector = typename Lanes<A>::Vector;
  constexpr int lanes = Lanes<A>::count, ways = rows == 1 ? 2 : 1;
  Vector sum[rows][columns][ways];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < columns; j++) {
#pragma clang loop unroll(full)
      for (int way = 0; way < ways; way++) sum[i][j][way] = Vector{};
    }
  }
  intptr_t k = 0;
  for (; k + ways * lanes <= depth; k += ways * lanes) {
#pragma clang loop unroll(full)
    for (int way = 0; way < ways; way++) {
      Vector right[columns];
#pragma clang loop unroll(full)
      for (int j = 0; j < columns; j++) right[j] = load_as<A>(b + j * b_column + k + way * lanes);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        const Vector left = load(x + i * x_row + k + way * lanes);
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) sum[i][j][way] = left * right[j] + sum[i][j][way];
      }
    }
  }
  A rest[rows][columns] = {};
  const bool whole = k > 0;
  for (; k < depth; k++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < columns; j++) {
      const A right = cast<A>(b[j * b_column + k]);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) rest[i][j] = x[i * x_row + k] * right + rest[i][j];
    }
  }
  if (whole) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
      for (int j = 0; j < columns; j++) {
        rest[i][j] += sum_of<A>(ways == 2 ? sum[i][j][0] + sum[i][j][1] : sum[i][j][0]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) __builtin_memcpy(to[i], rest[i], sizeof rest[i]);
}

template <class A, class T, class Rows = std::make_integer_sequence<int, dot_rows<T>>>
struct Dots;
template <class A, class T, int... row>
struct Dots<A, T, std::integer_sequence<int, row...>> {
  using Kernel = void (*)(A (&)[dot_rows<T>][row_columns], const A *, intptr_t, const T *, intptr_t, intptr_t);
  // By the number of rows, less one.
  static constexpr Kernel single[] = {&dots<row + 1, 1, A, T>...};
  static constexpr Kernel several[] = {&dots<row + 1, dot_columns, A, T>...};
};

// Columns j0..<j1 of a product of few rows. Returns false when there is no memory to work in.
template <class T>
bool multiply_few_rows(const Product<T> &p, intptr_t j0, intptr_t j1) {
  using A = Accumulator<T>;
  Matrix<const A> x;
  A few[64];
  if constexpr (is_same<A, T>) {
    if (p.a.column == 1) x = {p.a.data, p.a.row, 1};
  }
  if (!x.data) {
    A *const copy = p.m * p.k <= 64 ? few : static_cast<A *>(workspace(p.m * p.k * sizeof(A)));
    if (!copy) return false;
    for (intptr_t i = 0; i < p.m; i++) {
      for (intptr_t k = 0; k < p.k; k++) copy[i * p.k + k] = cast<A>(*p.a.at(i, k));
    }
    x = {copy, p.k, 1};
  }
  const intptr_t groups = (p.m + dot_rows<T> - 1) / dot_rows<T>, height = (p.m + groups - 1) / groups;
  for (intptr_t j = j0; j < j1;) {
    const intptr_t left = j1 - j, most = p.m == 1 ? row_columns : dot_columns;
    const intptr_t taken = left >= most ? most : left >= dot_columns ? dot_columns : 1;
    for (intptr_t i = 0; i < p.m; i += height) {
      const intptr_t high = std::min(height, p.m - i);
      A sums[dot_rows<T>][row_columns];
      const A *const from = x.at(i, 0);
      const T *const column = p.b.at(0, j);
      if (taken == row_columns) {
        dots<1, row_columns>(sums, from, x.row, column, p.b.column, p.k);
      } else if (high == 1 && taken == dot_columns) {
        dots<1, dot_columns>(sums, from, x.row, column, p.b.column, p.k);  // inlined: often all there is
      } else {
        (taken == 1 ? Dots<A, T>::single : Dots<A, T>::several)[high - 1](sums, from, x.row, column, p.b.column, p.k);
      }
      for (intptr_t r = 0; r < high; r++) {
        for (intptr_t l = 0; l < taken; l++) {
          if (p.bias.data) sums[r][l] += cast<A>(*p.bias.at(i + r, j + l));
          *p.out.at(i + r, j + l) = cast<T>(sums[r][l]);
        }
      }
    }
    j += taken;
  }
  return true;
}

}  // namespace
