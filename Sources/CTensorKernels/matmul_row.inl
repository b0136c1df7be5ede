// One row: out (n) = x (k) @ b (k x n) + bias. Limited by memory, so b is read once, where it lies.
namespace {

// sums[j] += x[r] * b[r, j] for `rows` rows of b, whose columns are contiguous.
template <int rows, class A, class T>
ST_INLINE void add_rows(A *__restrict sums, const A *x, const T *b, intptr_t b_row, intptr_t columns) {
  constexpr int lanes = Lanes<A>::count;
  intptr_t j = 0;
  for (; j + lanes <= columns; j += lanes) {
    auto sum = load(sums + j);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum = x[r] * load_as<A>(b + r * b_row + j) + sum;
    store(sums + j, sum);
  }
  for (; j < columns; j++) {
    for (int r = 0; r < rows; r++) sums[j] = x[r] * cast<A>(b[r * b_row + j]) + sums[j];
  }
}

template <class T>
bool multiply_row(const Product<T> &product, intptr_t j0, intptr_t j1) {
  using A = Accumulator<T>;
  constexpr intptr_t width = 2048, together = 8;
  const intptr_t depth = product.k;
  const Matrix<T> &b = product.b;
  const A *x = nullptr;
  A few[64];
  if constexpr (is_same<A, T>) {
    if (product.a.column == 1) x = product.a.data;
  }
  if (!x) {
    A *copy = depth <= 64 ? few : static_cast<A *>(workspace(depth * sizeof(A)));
    if (!copy) return false;
    for (intptr_t k = 0; k < depth; k++) copy[k] = cast<A>(*product.a.at(0, k));
    x = copy;
  }
  for (intptr_t j = j0; j < j1; j += width) {
    alignas(64) A sums[width];
    const intptr_t taken = std::min(width, j1 - j);
    for (intptr_t l = 0; l < taken; l++) sums[l] = 0;
    if (b.column == 1) {
      intptr_t k = 0;
      for (; k + together <= depth; k += together) {
        add_rows<together>(sums, x + k, b.at(k, j), b.row, taken);
      }
      for (; k < depth; k++) add_rows<1>(sums, x + k, b.at(k, j), b.row, taken);
    } else {
      for (intptr_t l = 0; l < taken; l++) {
        for (intptr_t k = 0; k < depth; k++) sums[l] = x[k] * cast<A>(*b.at(k, j + l)) + sums[l];
      }
    }
    for (intptr_t l = 0; l < taken; l++) {
      if (product.bias.data) sums[l] += cast<A>(*product.bias.at(0, j + l));
      *product.out.at(0, j + l) = cast<T>(sums[l]);
    }
  }
  return true;
}

}  // namespace
