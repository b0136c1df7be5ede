// Rows of the layer norm and of the RMS norm, whose mean counts as 0, and of their derivatives.
#include "row_kernels.inl"

namespace {

// Rows `begin` up to `end`: (x - mean) / sqrt(mean square distance + eps) * weight + bias; null pointers where there is
// nothing to scale by, to add or to keep.
template <class T, bool centred>
void norm_rows(intptr_t begin, intptr_t end, intptr_t columns, T *out, Arithmetic<T> *means, Arithmetic<T> *rstds,
               const T *x, const Arithmetic<T> *weight, const Arithmetic<T> *bias, double eps, bool streams) {
  using A = Arithmetic<T>;
  const intptr_t together = rows_together(columns);
  A mean[most_together] = {}, rstd[most_together];
  for (intptr_t row = begin; row < end; row += together) {
    const intptr_t rows = end - row < together ? end - row : together;
    const T *const from = x + row * columns;
    if constexpr (centred) {
      for (intptr_t r = 0; r < rows; r++) mean[r] = A(row_total(from + r * columns, columns) / columns);
    }
    double square[most_together];
    for (intptr_t r = 0; r < rows; r++) {
      const T *const values = from + r * columns;
      // Memory would rest meanwhile; what is in the caches need not be fetched.
      square[r] = row_squares(values, mean[r], columns, streams ? values + 2 * together * columns : values);
    }
    for (intptr_t r = 0; r < rows; r++) rstd[r] = A(1 / m_sqrt(square[r] / columns + eps));
    for (intptr_t r = 0; r < rows; r++) {
      if (means) means[row + r] = mean[r];
      if (rstds) rstds[row + r] = rstd[r];
    }
    for (intptr_t r = 0; r < rows; r++) {
      const T *const values = from + r * columns;
      const A centre = mean[r], scale = rstd[r];
      write_lanes(
          out + (row + r) * columns, columns, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE {
            LaneVector<A> y = (load(values + i) - centre) * scale;
            if (weight) y *= load(weight + i);
            if (bias) y += load(bias + i);
            return y;
          },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            LaneVector<A> y = (load_part(values + i, width, A(0)) - centre) * scale;
            if (weight) y *= load_part(weight + i, width, A(0));
            if (bias) y += load_part(bias + i, width, A(0));
            return y;
          },
          row + together + r < end ? values + together * columns : nullptr);
    }
  }
  if (streams) stream_end();
}

// With h = (x - mean) rstd and the result's gradient g times the weight w: the means of g w and of g w h of `R` rows.
// The sums of g h and of g go to whole lanes of the gradients of weight and bias, unless those are null. Meanwhile the
// rows after the next `R` are fetched.
template <class T, int R>
ST_SHORT void norm_gradient_sums(const NormGradient<T> &p, intptr_t row, Arithmetic<T> *weight_gradient,
                                 Arithmetic<T> *bias_gradient, double *level, double *slope) {
  using A = Arithmetic<T>;
  const T *const g = p.gradient + row * p.columns, *const x = p.x + row * p.columns;
  A mean[R], rstd[R];
  for (int r = 0; r < R; r++) {
    mean[r] = p.means ? p.means[row + r] : A(0);
    rstd[r] = p.rstds[row + r];
    level[r] = slope[r] = 0;
  }
  for (intptr_t start = 0; start < p.columns; start += chunk) {
    const intptr_t end = p.columns - start < chunk ? p.columns : start + chunk;
    LaneVector<A> levels[R] = {}, slopes[R] = {};
    const auto step = [&](intptr_t i, LaneVector<A> weight, const auto &read) ST_LAMBDA_INLINE {
      LaneVector<A> products = {}, plain = {};
      if (weight_gradient) products = load(weight_gradient + i);
      if (bias_gradient) plain = load(bias_gradient + i);
ST_UNROLL
      for (int r = 0; r < R; r++) {
        __builtin_prefetch(g + (2 * R + r) * p.columns + i, 0, 2);
        __builtin_prefetch(x + (2 * R + r) * p.columns + i, 0, 2);
        const LaneVector<A> slope = read(g + r * p.columns + i, A(0));
        const LaneVector<A> h = (read(x + r * p.columns + i, mean[r]) - mean[r]) * rstd[r];
        products += slope * h;
        plain += slope;
        const LaneVector<A> weighted = slope * weight;
        levels[r] += weighted;
        slopes[r] += weighted * h;
      }
      if (weight_gradient) store(weight_gradient + i, products);
      if (bias_gradient) store(bias_gradient + i, plain);
    };
    intptr_t i = start;
    for (; i + lanes <= end; i += lanes) {
      step(i, p.weight ? load(p.weight + i) : LaneVector<A>{} + A(1),
           [](const T *from, A) ST_LAMBDA_INLINE { return load(from); });
    }
    if (i < end) {
      const intptr_t width = end - i;
      step(i, p.weight ? load_part(p.weight + i, width, A(0)) : LaneVector<A>{} + A(1),
           [&](const T *from, A missing) ST_LAMBDA_INLINE { return load_part(from, width, missing); });
    }
ST_UNROLL
    for (int r = 0; r < R; r++) {
      level[r] += double(sum_of_lanes<A>(levels[r]));
      slope[r] += double(sum_of_lanes<A>(slopes[r]));
    }
  }
  for (int r = 0; r < R; r++) {
    level[r] /= double(p.columns);
    slope[r] /= double(p.columns);
  }
}

// The gradient of x is rstd (g w - mean(g w) - h mean(g w h)), where mean(g w) counts for rows that are centred. Null
// pointers where a gradient is not asked for; those of weight and bias are added to.
template <class T, bool centred>
void norm_gradient_rows(intptr_t begin, intptr_t end, const NormGradient<T> &p, T *x_gradient,
                        Arithmetic<T> *weight_gradient, Arithmetic<T> *bias_gradient, bool streams) {
  using A = Arithmetic<T>;
  constexpr int most = 4;
  double levels[most], slopes[most];
  for (intptr_t row = begin; row < end;) {
    const intptr_t rows = end - row < most ? 1 : most;
    if (rows == most) {
      norm_gradient_sums<T, most>(p, row, weight_gradient, bias_gradient, levels, slopes);
    } else {
      norm_gradient_sums<T, 1>(p, row, weight_gradient, bias_gradient, levels, slopes);
    }
    for (intptr_t r = 0; r < rows && x_gradient; r++) {
      const intptr_t start = (row + r) * p.columns;
      const T *const g = p.gradient + start, *const x = p.x + start;
      const A mean = p.means ? p.means[row + r] : A(0), rstd = p.rstds[row + r];
      const A level = centred ? A(levels[r]) : A(0), slope = A(slopes[r]);
      const A *const weight = p.weight;
      write_lanes(
          x_gradient + start, p.columns, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE {
            LaneVector<A> weighted = load(g + i);
            if (weight) weighted *= load(weight + i);
            return rstd * (weighted - level - (load(x + i) - mean) * rstd * slope);
          },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            LaneVector<A> weighted = load_part(g + i, width, A(0));
            if (weight) weighted *= load_part(weight + i, width, A(0));
            return rstd * (weighted - level - (load_part(x + i, width, A(0)) - mean) * rstd * slope);
          },
          row + most + r < end ? g + most * p.columns : nullptr, row + most + r < end ? x + most * p.columns : nullptr);
    }
    row += rows;
  }
  if (streams) stream_end();
}

}  // namespace
