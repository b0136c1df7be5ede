// Rows of layer normalisation and of its derivative.
#include "row_kernels.inl"

namespace {

// Rows `begin` up to `end`: (x - mean) / sqrt(variance + eps) * weight + bias; null pointers where there is nothing to
// scale by, to add or to keep. Returns false when there is no memory to work in.
template <class T>
bool layer_norm_rows(intptr_t begin, intptr_t end, intptr_t columns, T *out, Arithmetic<T> *means,
                     Arithmetic<T> *rstds, const T *x, const Arithmetic<T> *weight, const Arithmetic<T> *bias,
                     double eps) {
  using A = Arithmetic<T>;
  A *block = static_cast<A *>(workspace(columns * sizeof(A)));
  if (!block) return false;
  for (intptr_t row = begin; row < end; row++) {
    const A *from = block;
    if constexpr (is_same<A, T>) {
      from = x + row * columns;
    } else {
      read_row(block, x + row * columns, 1, columns);
    }
    const double mean = row_total<A>(columns, [&](intptr_t i) ST_LAMBDA_INLINE { return from[i]; }) / columns;
    const A centre = A(mean);
    const double square = row_total<A>(columns, [&](intptr_t i) ST_LAMBDA_INLINE {
      const A distance = from[i] - centre;
      return distance * distance;
    });
    const A scale = A(1 / __builtin_elementwise_sqrt(square / columns + eps));
    if (means) means[row] = centre;
    if (rstds) rstds[row] = scale;
    for (intptr_t i = 0; i < columns; i++) block[i] = (from[i] - centre) * scale;
    if (weight) {
      for (intptr_t i = 0; i < columns; i++) block[i] *= weight[i];
    }
    if (bias) {
      for (intptr_t i = 0; i < columns; i++) block[i] += bias[i];
    }
    write_row(out + row * columns, block, 1, columns);
  }
  return true;
}

// With h = (x - mean) rstd and the result's gradient g times the weight w, the gradient of x is
// rstd (g w - mean(g w) - h mean(g w h)), that of the weight the sum of g h over rows, that of the bias the sum of g.
// The latter two are added to what is there. Null pointers where one is not asked for.
template <class T>
bool layer_norm_gradient_rows(intptr_t begin, intptr_t end, intptr_t columns, T *x_gradient,
                              Arithmetic<T> *weight_gradient, Arithmetic<T> *bias_gradient, const T *gradient,
                              const T *x, const Arithmetic<T> *means, const Arithmetic<T> *rstds,
                              const Arithmetic<T> *weight) {
  using A = Arithmetic<T>;
  A *const h = static_cast<A *>(workspace(2 * columns * sizeof(A)));
  if (!h) return false;
  A *const g = h + columns;
  for (intptr_t row = begin; row < end; row++) {
    read_row(g, gradient + row * columns, 1, columns);
    read_row(h, x + row * columns, 1, columns);
    const A mean = means[row], rstd = rstds[row];
    for (intptr_t i = 0; i < columns; i++) h[i] = (h[i] - mean) * rstd;
    if (weight_gradient) {
      for (intptr_t i = 0; i < columns; i++) weight_gradient[i] += g[i] * h[i];
    }
    if (bias_gradient) {
      for (intptr_t i = 0; i < columns; i++) bias_gradient[i] += g[i];
    }
    if (!x_gradient) continue;
    if (weight) {
      for (intptr_t i = 0; i < columns; i++) g[i] *= weight[i];
    }
    const A level = A(row_total<A>(columns, [&](intptr_t i) ST_LAMBDA_INLINE { return g[i]; }) / columns);
    const A slope = A(row_total<A>(columns, [&](intptr_t i) ST_LAMBDA_INLINE { return g[i] * h[i]; }) / columns);
    for (intptr_t i = 0; i < columns; i++) g[i] = rstd * (g[i] - level - h[i] * slope);
    write_row(x_gradient + row * columns, g, 1, columns);
  }
  return true;
}

}  // namespace
