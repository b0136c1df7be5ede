// One row: out (n) = x (k) @ b (k x n) + bias. Limited by memory, so b is read once, where it lies.
namespace {

template <class T>
bool multiply_row(const Product<T> &product, intptr_t j0, intptr_t j1) {
  using A = Accumulator<T>;
  using Vector = typename Lanes<A>::Vector;
  constexpr int lanes = Lanes<A>::count, most = 8, width = most * lanes;
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
  for (intptr_t j = j0; j < j1;) {
    A sums[width];
    int taken = static_cast<int>(j1 - j < width ? j1 - j : width);
    if (b.column == 1 && taken >= lanes) {
      const T *from = b.at(0, j);
      if (taken == width) {
        Vector sum[most] = {};
        for (intptr_t k = 0; k < depth; k++, from += b.row) {
#pragma clang loop unroll(full)
          for (int v = 0; v < most; v++) {
            sum[v] = x[k] * load_as<A>(from + v * lanes) + sum[v];
          }
        }
        __builtin_memcpy(sums, sum, sizeof sum);
      } else {
        taken = lanes;
        Vector sum = {};
        for (intptr_t k = 0; k < depth; k++, from += b.row) {
          sum = x[k] * load_as<A>(from) + sum;
        }
        __builtin_memcpy(sums, &sum, sizeof sum);
      }
    } else {
      for (int l = 0; l < taken; l++) {
        A sum = 0;
        for (intptr_t k = 0; k < depth; k++) sum = x[k] * cast<A>(*b.at(k, j + l)) + sum;
        sums[l] = sum;
      }
    }
    for (int l = 0; l < taken; l++) {
      if (product.bias.data) sums[l] += cast<A>(*product.bias.at(0, j + l));
      *product.out.at(0, j + l) = cast<T>(sums[l]);
    }
    j += taken;
  }
  return true;
}

}  // namespace
