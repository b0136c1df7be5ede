// Rows of softmax and of its derivative.
#include "row_kernels.inl"

namespace {

// `rows` rows, that of number r at x(r) and y(r); `block` holds them in whole lanes, and may be x. NaN and rows of -inf
// give NaN by arithmetic alone.
template <class T>
ST_INLINE void softmax_group(bool logarithm, RowGroup<T> y, RowGroup<const T> x, intptr_t rows, intptr_t count,
                             bool streams, Arithmetic<T> *block) {
  using A = Arithmetic<T>;
  const RowGroup<A> terms{block, (count + lanes - 1) / lanes * lanes};
  A most[most_together], scale[most_together];
  for (intptr_t r = 0; r < rows; r++) most[r] = row_maximum(x(r), count);
  if (logarithm) {
    exp_rows<false>(scale, terms, x, most, rows, count);
    for (intptr_t r = 0; r < rows; r++) scale[r] = m_log(scale[r]);
    for (intptr_t r = 0; r < rows; r++) {
      const T *const from = x(r);
      const A peak = most[r], log_sum = scale[r];
      write_lanes(
          y(r), count, streams, [&](intptr_t i) ST_LAMBDA_INLINE { return load(from + i) - peak - log_sum; },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            return load_part(from + i, width, A(0)) - peak - log_sum;
          });
    }
  } else {
    exp_rows<true>(scale, terms, x, most, rows, count);
    for (intptr_t r = 0; r < rows; r++) {
      const A *const from = terms(r);
      const A factor = 1 / scale[r];
      write_lanes(
          y(r), count, streams, [&](intptr_t i) ST_LAMBDA_INLINE { return load(from + i) * factor; },
          [&](intptr_t i, intptr_t) ST_LAMBDA_INLINE { return load(from + i) * factor; });
    }
  }
}

// y (g - sum(g y)), or for the logarithm g - exp(y) sum(g); out may be g or y.
template <class T>
ST_INLINE void softmax_gradient_group(bool logarithm, RowGroup<T> out, RowGroup<const T> g, RowGroup<const T> y,
                                      intptr_t rows, intptr_t count, bool streams) {
  using A = Arithmetic<T>;
  A sums[most_together];
  if (logarithm) {
    for (intptr_t r = 0; r < rows; r++) sums[r] = A(row_total(g(r), count));
    for (intptr_t r = 0; r < rows; r++) {
      const T *const slope = g(r), *const result = y(r);
      const A sum = sums[r];
      write_lanes(
          out(r), count, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE { return load(slope + i) - exp_lanes<A>(load(result + i)) * sum; },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            return load_part(slope + i, width, A(0)) - exp_lanes<A>(load_part(result + i, width, A(0))) * sum;
          });
    }
  } else {
    for (intptr_t r = 0; r < rows; r++) sums[r] = A(row_product(g(r), y(r), count));
    for (intptr_t r = 0; r < rows; r++) {
      const T *const slope = g(r), *const result = y(r);
      const A sum = sums[r];
      write_lanes(
          out(r), count, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE { return load(result + i) * (load(slope + i) - sum); },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            return load_part(result + i, width, A(0)) * (load_part(slope + i, width, A(0)) - sum);
          });
    }
  }
}

// Of one row that was copied to a block, in the block; the same for all dtypes that compute in A.
template <class A>
__attribute__((noinline)) void softmax_block(bool logarithm, A *block, intptr_t count) {
  softmax_group<A>(logarithm, {block, count}, {block, count}, 1, count, false, block);
}
// The block holds the row's gradient, whose place the answer takes, and its result.
template <class A>
__attribute__((noinline)) void softmax_gradient_block(bool logarithm, A *block, intptr_t count) {
  softmax_gradient_group<A>(logarithm, {block, count}, {block, count}, {block + count, count}, 1, count, false);
}

// ---- `width` neighbouring columns, of a dimension that is not the contiguous one.

template <class T>
ST_INLINE LaneVector<Arithmetic<T>> load_across(const T *from, intptr_t width) {
  return width == lanes ? load(from) : load_part(from, width, Arithmetic<T>(0));
}
template <class T>
ST_INLINE void store_across(T *to, LaneVector<Arithmetic<T>> x, intptr_t width) {
  if (width == lanes) {
    store(to, x);
  } else {
    store_part(to, x, width);
  }
}

// `block` holds count x lanes.
template <class T>
void softmax_columns(bool logarithm, T *out, intptr_t out_stride, const T *in, intptr_t in_stride, intptr_t count,
                     intptr_t width, Arithmetic<T> *block) {
  using A = Arithmetic<T>;
  LaneVector<A> most = LaneVector<A>{} - A(infinity), sum = {};
  for (intptr_t i = 0; i < count; i++) {
    const LaneVector<A> x = load_across(in + i * in_stride, width);
    store(block + i * lanes, x);
    most = x > most ? x : most;
  }
  for (intptr_t i = 0; i < count; i++) {
    const LaneVector<A> x = load(block + i * lanes) - most, term = exp_lanes<A>(x);
    sum += term;
    store(block + i * lanes, logarithm ? x : term);
  }
  if (logarithm) {
    for (int l = 0; l < lanes; l++) sum[l] = m_log(sum[l]);
    for (intptr_t i = 0; i < count; i++) store_across(out + i * out_stride, load(block + i * lanes) - sum, width);
  } else {
    const LaneVector<A> scale = 1 / sum;
    for (intptr_t i = 0; i < count; i++) store_across(out + i * out_stride, load(block + i * lanes) * scale, width);
  }
}

template <class T>
void softmax_gradient_columns(bool logarithm, T *out, intptr_t out_stride, const T *gradient, intptr_t gradient_stride,
                              const T *result, intptr_t result_stride, intptr_t count, intptr_t width) {
  using A = Arithmetic<T>;
  LaneVector<A> sum = {};
  for (intptr_t i = 0; i < count; i++) {
    const LaneVector<A> g = load_across(gradient + i * gradient_stride, width);
    sum += logarithm ? g : g * load_across(result + i * result_stride, width);
  }
  for (intptr_t i = 0; i < count; i++) {
    const LaneVector<A> g = load_across(gradient + i * gradient_stride, width);
    const LaneVector<A> y = load_across(result + i * result_stride, width);
    store_across(out + i * out_stride, logarithm ? g - exp_lanes<A>(y) * sum : y * (g - sum), width);
  }
}

// ---- Parts of the positions.

// Positions `begin` up to `end` of a grid of rows. Returns false when there is no memory to work in.
template <class T>
bool softmax_rows(bool logarithm, Rows<2> &place, intptr_t begin, intptr_t end, T *out, intptr_t out_stride,
                  const T *in, intptr_t in_stride, intptr_t count, bool streams) {
  using A = Arithmetic<T>;
  const bool along = out_stride == 1 && in_stride == 1;
  const bool beside = !along && place.step[0] == 1 && place.step[1] == 1;
  const intptr_t together = beside ? lanes : along ? rows_together(count) : 1;
  A *const block = static_cast<A *>(workspace(together * (count + lanes) * sizeof(A)));
  if (!block) return false;
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end;) {
    T *to = out + place.offset[0] + column * place.step[0];
    const T *from = in + place.offset[1] + column * place.step[1];
    intptr_t taken = place.length - column < end - i ? place.length - column : end - i;
    taken = taken < together ? taken : together;
    if (beside) {
      softmax_columns(logarithm, to, out_stride, from, in_stride, count, taken, block);
    } else if (along) {
      softmax_group<T>(logarithm, {to, place.step[0]}, {from, place.step[1]}, taken, count, streams, block);
    } else {
      read_row(block, from, in_stride, count);
      softmax_block(logarithm, block, count);
      write_row(to, block, out_stride, count);
    }
    i += taken;
    column += taken;
    if (column == place.length) column = 0, place.next();
  }
  if (streams) stream_end();
  return true;
}

template <class T>
bool softmax_gradient_rows(bool logarithm, Rows<3> &place, intptr_t begin, intptr_t end, T *out, intptr_t out_stride,
                           const T *gradient, intptr_t gradient_stride, const T *result, intptr_t result_stride,
                           intptr_t count, bool streams) {
  using A = Arithmetic<T>;
  const bool along = out_stride == 1 && gradient_stride == 1 && result_stride == 1;
  const bool beside = !along && place.step[0] == 1 && place.step[1] == 1 && place.step[2] == 1;
  const intptr_t together = beside ? lanes : along ? rows_together(count) : 1;
  A *block = nullptr;
  if (!beside && !along) {
    block = static_cast<A *>(workspace(2 * count * sizeof(A)));
    if (!block) return false;
  }
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end;) {
    T *to = out + place.offset[0] + column * place.step[0];
    const T *g = gradient + place.offset[1] + column * place.step[1];
    const T *y = result + place.offset[2] + column * place.step[2];
    intptr_t taken = place.length - column < end - i ? place.length - column : end - i;
    taken = taken < together ? taken : together;
    if (beside) {
      softmax_gradient_columns(logarithm, to, out_stride, g, gradient_stride, y, result_stride, count, taken);
    } else if (along) {
      softmax_gradient_group<T>(logarithm, {to, place.step[0]}, {g, place.step[1]}, {y, place.step[2]}, taken, count,
                                streams);
    } else {
      read_row(block, g, gradient_stride, count);
      read_row(block + count, y, result_stride, count);
      softmax_gradient_block(logarithm, block, count);
      write_row(to, block, out_stride, count);
    }
    i += taken;
    column += taken;
    if (column == place.length) column = 0, place.next();
  }
  if (streams) stream_end();
  return true;
}

}  // namespace
