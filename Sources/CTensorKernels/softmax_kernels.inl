// Rows of softmax and of its derivative.
#include "row_kernels.inl"

namespace {

// Up to `lanes` neighbours; the others become 0.
template <class T>
ST_INLINE void read_lanes(Arithmetic<T> *to, const T *from, int width) {
  if (width == lanes) {
    for (int l = 0; l < lanes; l++) to[l] = cast<Arithmetic<T>>(from[l]);
  } else {
    for (int l = 0; l < lanes; l++) to[l] = l < width ? cast<Arithmetic<T>>(from[l]) : Arithmetic<T>(0);
  }
}
template <class T>
ST_INLINE void write_lanes(T *to, const Arithmetic<T> *from, int width) {
  if (width == lanes) {
    for (int l = 0; l < lanes; l++) to[l] = cast<T>(from[l]);
  } else {
    for (int l = 0; l < width; l++) to[l] = cast<T>(from[l]);
  }
}

// y may be x. NaN and rows of -inf give NaN by arithmetic alone.
template <class A>
void softmax_row(bool logarithm, A *y, const A *x, intptr_t count) {
  const A most = row_maximum(x, count);
  if (logarithm) {
    const A sum = row_sum<A>(count, [&](intptr_t i) ST_LAMBDA_INLINE { return m_exp(x[i] - most); });
    const A log_sum = m_log(sum);
    for (intptr_t i = 0; i < count; i++) y[i] = x[i] - most - log_sum;
  } else {
    const A sum = row_sum<A>(count, [&](intptr_t i) ST_LAMBDA_INLINE { return y[i] = m_exp(x[i] - most); });
    const A scale = 1 / sum;
    for (intptr_t i = 0; i < count; i++) y[i] *= scale;
  }
}

// y (g - sum(g y)), or for the logarithm g - exp(y) sum(g); out may be g or y.
template <class A>
void softmax_gradient_row(bool logarithm, A *out, const A *g, const A *y, intptr_t count) {
  if (logarithm) {
    const A sum = row_sum<A>(count, [&](intptr_t i) ST_LAMBDA_INLINE { return g[i]; });
    for (intptr_t i = 0; i < count; i++) out[i] = g[i] - m_exp(y[i]) * sum;
  } else {
    const A sum = row_sum<A>(count, [&](intptr_t i) ST_LAMBDA_INLINE { return g[i] * y[i]; });
    for (intptr_t i = 0; i < count; i++) out[i] = y[i] * (g[i] - sum);
  }
}

// `width` neighbouring columns, of a dimension that is not the contiguous one; `block` holds count x lanes.
template <class T>
void softmax_columns(bool logarithm, T *out, intptr_t out_stride, const T *in, intptr_t in_stride, intptr_t count,
                     int width, Arithmetic<T> *block) {
  using A = Arithmetic<T>;
  A most[lanes], sum[lanes] = {}, last[lanes];
  for (int l = 0; l < lanes; l++) most[l] = -A(infinity);
  for (intptr_t i = 0; i < count; i++) {
    A *row = block + i * lanes;
    read_lanes(row, in + i * in_stride, width);
    for (int l = 0; l < lanes; l++) most[l] = larger(row[l], most[l]);
  }
  for (intptr_t i = 0; i < count; i++) {
    A *row = block + i * lanes;
    if (logarithm) {
      for (int l = 0; l < lanes; l++) sum[l] += m_exp(row[l] -= most[l]);
    } else {
      for (int l = 0; l < lanes; l++) sum[l] += row[l] = m_exp(row[l] - most[l]);
    }
  }
  for (int l = 0; l < lanes; l++) last[l] = logarithm ? m_log(sum[l]) : 1 / sum[l];
  for (intptr_t i = 0; i < count; i++) {
    A *row = block + i * lanes;
    if (logarithm) {
      for (int l = 0; l < lanes; l++) row[l] -= last[l];
    } else {
      for (int l = 0; l < lanes; l++) row[l] *= last[l];
    }
    write_lanes(out + i * out_stride, row, width);
  }
}

template <class T>
void softmax_gradient_columns(bool logarithm, T *out, intptr_t out_stride, const T *gradient, intptr_t gradient_stride,
                              const T *result, intptr_t result_stride, intptr_t count, int width) {
  using A = Arithmetic<T>;
  A sum[lanes] = {}, g[lanes], y[lanes];
  for (intptr_t i = 0; i < count; i++) {
    read_lanes(g, gradient + i * gradient_stride, width);
    if (logarithm) {
      for (int l = 0; l < lanes; l++) sum[l] += g[l];
    } else {
      read_lanes(y, result + i * result_stride, width);
      for (int l = 0; l < lanes; l++) sum[l] += g[l] * y[l];
    }
  }
  for (intptr_t i = 0; i < count; i++) {
    read_lanes(g, gradient + i * gradient_stride, width);
    read_lanes(y, result + i * result_stride, width);
    if (logarithm) {
      for (int l = 0; l < lanes; l++) g[l] -= m_exp(y[l]) * sum[l];
    } else {
      for (int l = 0; l < lanes; l++) g[l] = y[l] * (g[l] - sum[l]);
    }
    write_lanes(out + i * out_stride, g, width);
  }
}

// Returns false when there is no memory to work in.
template <class T>
bool softmax_rows(bool logarithm, Rows<2> &place, intptr_t begin, intptr_t end, T *out, intptr_t out_stride,
                  const T *in, intptr_t in_stride, intptr_t count) {
  using A = Arithmetic<T>;
  constexpr bool same = is_same<A, T>;
  const bool along = in_stride == 1 && out_stride == 1;
  const bool beside = !along && place.step[0] == 1 && place.step[1] == 1;
  A *block = nullptr;
  if (!same || !along) {
    block = static_cast<A *>(workspace(count * (beside ? lanes : 1) * sizeof(A)));
    if (!block) return false;
  }
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end;) {
    T *to = out + place.offset[0] + column * place.step[0];
    const T *from = in + place.offset[1] + column * place.step[1];
    intptr_t taken = 1;
    if (beside) {
      taken = place.length - column < end - i ? place.length - column : end - i;
      taken = taken < lanes ? taken : lanes;
      softmax_columns(logarithm, to, out_stride, from, in_stride, count, static_cast<int>(taken), block);
    } else if (same && along) {
      if constexpr (same) softmax_row(logarithm, to, from, count);
    } else {
      read_row(block, from, in_stride, count);
      softmax_row(logarithm, block, block, count);
      write_row(to, block, out_stride, count);
    }
    i += taken;
    column += taken;
    if (column == place.length) column = 0, place.next();
  }
  return true;
}

template <class T>
bool softmax_gradient_rows(bool logarithm, Rows<3> &place, intptr_t begin, intptr_t end, T *out, intptr_t out_stride,
                           const T *gradient, intptr_t gradient_stride, const T *result, intptr_t result_stride,
                           intptr_t count) {
  using A = Arithmetic<T>;
  constexpr bool same = is_same<A, T>;
  const bool along = out_stride == 1 && gradient_stride == 1 && result_stride == 1;
  const bool beside = !along && place.step[0] == 1 && place.step[1] == 1 && place.step[2] == 1;
  A *block = nullptr;
  if (!beside && (!same || !along)) {
    block = static_cast<A *>(workspace(2 * count * sizeof(A)));
    if (!block) return false;
  }
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end;) {
    T *to = out + place.offset[0] + column * place.step[0];
    const T *g = gradient + place.offset[1] + column * place.step[1];
    const T *y = result + place.offset[2] + column * place.step[2];
    intptr_t taken = 1;
    if (beside) {
      taken = place.length - column < end - i ? place.length - column : end - i;
      taken = taken < lanes ? taken : lanes;
      softmax_gradient_columns(logarithm, to, out_stride, g, gradient_stride, y, result_stride, count,
                               static_cast<int>(taken));
    } else if (same && along) {
      if constexpr (same) softmax_gradient_row(logarithm, to, g, y, count);
    } else {
      read_row(block, g, gradient_stride, count);
      read_row(block + count, y, result_stride, count);
      softmax_gradient_row(logarithm, block, block, block + count, count);
      write_row(to, block, out_stride, count);
    }
    i += taken;
    column += taken;
    if (column == place.length) column = 0, place.next();
  }
  return true;
}

}  // namespace
