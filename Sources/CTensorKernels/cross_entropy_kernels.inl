// Rows of the cross entropy of logits, or of log probabilities, and classes, and of its derivative.
#include "row_kernels.inl"

namespace {

// ---- What a row's logits come to: their largest, the logarithm of the sum of exponentials less it and, for label
// smoothing, the weighted sum of logits less the largest.

template <class A>
struct RowStatistics {
  A most, log_sum, spread;
};

template <class In, class A>
A weighted_distances(const In *x, const A *weight, A most, intptr_t count) {
  return A(chunked_total<A>(
      count,
      [&](intptr_t i) ST_LAMBDA_INLINE {
        const LaneVector<A> distance = load(x + i) - most;
        return weight ? distance * load(weight + i) : distance;
      },
      [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
        const LaneVector<A> distance = load_part(x + i, width, most) - most;
        return weight ? distance * load_part(weight + i, width, A(0)) : distance;
      }));
}

// Of `rows` contiguous rows, at x(r).
template <class A, class In>
ST_INLINE void row_statistics(RowStatistics<A> *statistics, const In &x, intptr_t rows, intptr_t classes,
                              const A *weight, bool smooths) {
  for (intptr_t r = 0; r < rows; r++) statistics[r].most = row_maximum(x(r), classes);
  for (intptr_t r = 0; r < rows; r++) {
    statistics[r].log_sum = exp_row<false>(static_cast<A *>(nullptr), x(r), statistics[r].most, classes, x(rows + r));
  }
  for (intptr_t r = 0; r < rows; r++) {
    statistics[r].log_sum = m_log(statistics[r].log_sum);
    if (smooths) statistics[r].spread = weighted_distances(x(r), weight, statistics[r].most, classes);
  }
}

// Of `width` rows side by side.
template <class T>
void column_statistics(RowStatistics<Arithmetic<T>> *statistics, const T *x, intptr_t stride, intptr_t width,
                       intptr_t classes, const Arithmetic<T> *weight, bool smooths) {
  using A = Arithmetic<T>;
  const auto at = [&](intptr_t c) ST_LAMBDA_INLINE {
    return width == lanes ? load(x + c * stride) : load_part(x + c * stride, width, A(0));
  };
  LaneVector<A> most = LaneVector<A>{} - A(infinity), sum = {}, spread = {};
  for (intptr_t c = 0; c < classes; c++) {
    const LaneVector<A> value = at(c);
    most = value > most ? value : most;
  }
  for (intptr_t c = 0; c < classes; c++) {
    const LaneVector<A> distance = at(c) - most;
    sum += exp_lanes<A>(distance);
    if (smooths) spread += weight ? distance * weight[c] : distance;
  }
  for (intptr_t r = 0; r < width; r++) statistics[r] = {most[r], m_log(sum[r]), spread[r]};
}

// Rows `begin` up to `end`. Each one's loss goes to `losses`, and what its logits come to, two numbers, to `kept`, unless those are
// null. Returns false when there is no memory to work in.
template <class T>
bool cross_entropy_rows(intptr_t begin, intptr_t end, const ClassRows<T> &p, T *losses, Arithmetic<T> *kept,
                        LossSums &sums) {
  using A = Arithmetic<T>;
  const intptr_t classes = p.classes, stride = p.x_strides[1];
  const bool along = stride == 1 || classes == 1, beside = !along && p.x_strides[2] == 1;
  const bool smooths = p.options.label_smoothing != 0;
  const double spread = p.spread(), own = 1 - p.options.label_smoothing;
  A *const block = along || beside ? nullptr : static_cast<A *>(workspace(classes * sizeof(A)));
  if (!along && !beside && !block) return false;
  const intptr_t together = along ? rows_together(classes) : beside ? lanes : 1;
  for (intptr_t row = begin; row < end;) {
    intptr_t rows = end - row < together ? end - row : together;
    if (beside) rows = p.places - row % p.places < rows ? p.places - row % p.places : rows;
    RowStatistics<A> statistics[most_together] = {};
    if (!p.options.log_probabilities) {
      if (along) {
        row_statistics<A>(
            statistics, [&](intptr_t r) ST_LAMBDA_INLINE { return p.row(row + r); }, rows, classes, p.weight, smooths);
      } else if (beside) {
        column_statistics(statistics, p.row(row), stride, rows, classes, p.weight, smooths);
      } else {
        read_row(block, p.row(row), stride, classes);
        row_statistics<A>(
            statistics, [&](intptr_t) ST_LAMBDA_INLINE { return block; }, 1, classes, p.weight, smooths);
      }
    }
    for (intptr_t r = 0; r < rows; r++) {
      const RowStatistics<A> &own_statistics = statistics[r];
      const int64_t target = p.target_of(row + r);
      double loss = 0;
      if (p.counts(target)) {
        if (target < 0 || target >= classes) {
          sums.wrong = row + r;
          return true;
        }
        const double weight = p.weight_of(target);
        const A logit = cast<A>(p.row(row + r)[target * stride]);
        loss = own * weight * (double(own_statistics.log_sum) - double(logit - own_statistics.most));
        if (smooths) {
          loss += spread * (p.weight_sum * double(own_statistics.log_sum) - double(own_statistics.spread));
        }
        sums.losses += loss;
        sums.weights += weight;
      }
      if (losses) losses[row + r] = cast<T>(A(loss));
      if (kept && !p.options.log_probabilities) {
        kept[2 * (row + r)] = own_statistics.most;
        kept[2 * (row + r) + 1] = own_statistics.log_sum;
      }
    }
    row += rows;
  }
  return true;
}

// ---- The derivative: the softmax times a row's scale, less what belongs to each class: `spread` times its weight,
// and for the target `own` too.

struct RowSlope {
  double scale, spread, own;
  int64_t target;  // -1 for rows that do not count
};

template <class T>
ST_INLINE RowSlope slope_of(const ClassRows<T> &p, intptr_t row, double gradient) {
  const int64_t target = p.target_of(row);
  if (!p.counts(target) || target < 0 || target >= p.classes) return {0, 0, 0, -1};
  const double own = (1 - p.options.label_smoothing) * p.weight_of(target) * gradient, spread = p.spread() * gradient;
  return {own + spread * p.weight_sum, spread, own, target};
}

// Contiguous: `out` of one row.
template <class Out, class In, class A>
void cross_entropy_gradient_row(Out *out, const In *x, const A *weight, intptr_t classes, const RowSlope &slope, A most,
                                A log_sum, bool log_probabilities, bool streams) {
  const A scale = A(slope.scale), spread = A(slope.spread);
  const bool is_zero = log_probabilities || slope.target < 0;
  const auto result = [&](LaneVector<A> logits, LaneVector<A> weights) ST_LAMBDA_INLINE {
    const LaneVector<A> y = exp_lanes<A>(logits - most - log_sum) * scale;
    return spread == 0 ? y : y - spread * weights;
  };
  const LaneVector<A> ones = LaneVector<A>{} + A(1);
  if (is_zero) {
    write_lanes(
        out, classes, streams, [&](intptr_t) ST_LAMBDA_INLINE { return LaneVector<A>{}; },
        [&](intptr_t, intptr_t) ST_LAMBDA_INLINE { return LaneVector<A>{}; });
  } else {
    write_lanes(
        out, classes, streams,
        [&](intptr_t i) ST_LAMBDA_INLINE {
          return result(load(x + i), weight && spread != 0 ? load(weight + i) : ones);
        },
        [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
          return result(load_part(x + i, width, A(0)),
                        weight && spread != 0 ? load_part(weight + i, width, A(0)) : ones);
        });
  }
}

// The target's element: of the softmax there is nothing with log probabilities.
template <class T>
ST_INLINE T target_gradient(const ClassRows<T> &p, T logit, const RowSlope &slope, Arithmetic<T> most,
                            Arithmetic<T> log_sum) {
  using A = Arithmetic<T>;
  double y = -slope.own;
  if (!p.options.log_probabilities) {
    y += double(m_exp_nonpositive(cast<A>(logit) - most - log_sum)) * slope.scale;
    y -= slope.spread * p.weight_of(slope.target);
  }
  return cast<T>(A(y));
}

// `gradients` holds each row's, by `gradient_strides`, or one number where those are 0; `factor` multiplies them.
template <class T>
bool cross_entropy_gradient_rows(intptr_t begin, intptr_t end, const ClassRows<T> &p, T *out,
                                 const intptr_t *out_strides, const T *gradients, const intptr_t *gradient_strides,
                                 double factor, const Arithmetic<T> *kept, bool streams) {
  using A = Arithmetic<T>;
  const intptr_t classes = p.classes, in_stride = p.x_strides[1], stride = out_strides[1];
  const bool along = (in_stride == 1 && stride == 1) || classes == 1;
  const bool beside = !along && p.x_strides[2] == 1 && out_strides[2] == 1;
  const bool log_probabilities = p.options.log_probabilities;
  A *const block = along || beside ? nullptr : static_cast<A *>(workspace(2 * classes * sizeof(A)));
  if (!along && !beside && !block) return false;
  for (intptr_t row = begin; row < end;) {
    intptr_t rows = 1;
    if (beside) {
      rows = end - row < lanes ? end - row : lanes;
      rows = p.places - row % p.places < rows ? p.places - row % p.places : rows;
    }
    RowSlope slopes[lanes];
    LaneVector<A> most = {}, log_sum = {}, scale = {}, spread = {};
    for (intptr_t r = 0; r < rows; r++) {
      const intptr_t n = (row + r) / p.places, s = (row + r) % p.places;
      const double gradient = double(cast<A>(gradients[n * gradient_strides[0] + s * gradient_strides[1]]));
      slopes[r] = slope_of(p, row + r, gradient * factor);
      scale[r] = A(slopes[r].scale);
      spread[r] = A(slopes[r].spread);
      if (!kept || p.options.log_probabilities) continue;
      most[r] = kept[2 * (row + r)];
      log_sum[r] = kept[2 * (row + r) + 1];
    }
    T *const to = out + row / p.places * out_strides[0] + row % p.places * out_strides[2];
    const T *const from = p.row(row);
    if (along) {
      cross_entropy_gradient_row(to, from, p.weight, classes, slopes[0], most[0], log_sum[0], log_probabilities,
                                 streams);
    } else if (beside) {
      LaneVector<int32_t> counts = {};
      for (intptr_t r = 0; r < rows; r++) counts[r] = slopes[r].target >= 0 && !log_probabilities;
      for (intptr_t c = 0; c < classes; c++) {
        const T *const values = from + c * in_stride;
        const LaneVector<A> logits = rows == lanes ? load(values) : load_part(values, rows, A(0));
        LaneVector<A> y = exp_lanes<A>(logits - most - log_sum) * scale - spread * (p.weight ? p.weight[c] : A(1));
        for (int l = 0; l < lanes; l++) y[l] = counts[l] ? y[l] : A(0);
        if (rows == lanes) {
          store(to + c * stride, y);
        } else {
          store_part(to + c * stride, y, rows);
        }
      }
    } else {
      A *const result = block + classes;
      read_row(block, from, in_stride, classes);
      cross_entropy_gradient_row(result, block, p.weight, classes, slopes[0], most[0], log_sum[0], log_probabilities,
                                 false);
      write_row(to, result, stride, classes);
    }
    for (intptr_t r = 0; r < rows; r++) {
      const int64_t target = slopes[r].target;
      if (target < 0) continue;
      const T logit = from[r * p.x_strides[2] + target * in_stride];
      to[r * out_strides[2] + target * stride] = target_gradient(p, logit, slopes[r], most[r], log_sum[r]);
    }
    row += rows;
  }
  if (streams) stream_end();
  return true;
}

}  // namespace
