// Norms over channels: their sums and what is made of each element, for one instruction set. See batch_norm.hpp.
#include "row_kernels.inl"

namespace {

// ---- Sums.

// The mean of `count` adjacent elements and their squared distances from it, chunk by chunk.
template <class T>
Moments moments_of(const T *x, intptr_t count) {
  Moments all;
  for (intptr_t start = 0; start < count; start += chunk) {
    const intptr_t taken = count - start < chunk ? count - start : chunk;
    const double mean = row_total(x + start, taken) / double(taken);
    all.add({double(taken), mean, row_squares(x + start, Arithmetic<T>(mean), taken)});
  }
  return all;
}
template <class T>
void plane_moments(intptr_t begin, intptr_t end, intptr_t size, const T *x, Moments *moments) {
  for (intptr_t plane = begin; plane < end; plane++) moments[plane] = moments_of(x + plane * size, size);
}

// Calls step(i, width) for the columns, `width` of them at a time.
template <class Step>
ST_INLINE void each_columns(intptr_t columns, const Step &step) {
  intptr_t i = 0;
  for (; i + lanes <= columns; i += lanes) step(i, intptr_t(lanes));
  if (i < columns) step(i, columns - i);
}
template <class T>
ST_INLINE LaneVector<Arithmetic<T>> load_some(const T *from, intptr_t width) {
  return width == lanes ? load(from) : load_part(from, width, Arithmetic<T>(0));
}
template <class T>
ST_INLINE void store_some(T *to, LaneVector<Arithmetic<T>> x, intptr_t width) {
  if (width == lanes) {
    store(to, x);
  } else {
    store_part(to, x, width);
  }
}

// Adds rows `begin` up to `end`: the elements, or with a `centre` for each column their squared distances from it.
template <class T>
void column_sums(intptr_t begin, intptr_t end, intptr_t columns, const T *x, const Arithmetic<T> *centre,
                 Arithmetic<T> *sums) {
  using A = Arithmetic<T>;
  constexpr intptr_t together = 8;
  for (intptr_t row = begin; row < end; row += together) {
    const intptr_t rows = end - row < together ? end - row : together;
    const T *const from = x + row * columns;
    each_columns(columns, [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
      LaneVector<A> sum = load_some(sums + i, width);
      const LaneVector<A> middle = centre ? load_some(centre + i, width) : LaneVector<A>{};
      for (intptr_t r = 0; r < rows; r++) {
        const LaneVector<A> value = load_some(from + r * columns + i, width) - middle;
        sum += centre ? value * value : value;
      }
      store_some(sums + i, sum, width);
    });
  }
}

// Of each plane: the sums of the gradient g and of g (x - mean).
template <class T>
void plane_gradient_sums(intptr_t begin, intptr_t end, const Channels &p, const T *g, const T *x,
                         const Arithmetic<T> *mean, double *plain, double *products) {
  using A = Arithmetic<T>;
  for (intptr_t plane = begin; plane < end; plane++) {
    const T *const slopes = g + plane * p.size, *const values = x + plane * p.size;
    const A middle = mean[plane % p.period];
    plain[plane] = row_total(slopes, p.size);
    products[plane] = chunked_total<A>(
        p.size, [&](intptr_t i) ST_LAMBDA_INLINE { return load(slopes + i) * (load(values + i) - middle); },
        [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
          return load_part(slopes + i, width, A(0)) * (load_part(values + i, width, middle) - middle);
        });
  }
}
template <class T>
void column_gradient_sums(intptr_t begin, intptr_t end, intptr_t columns, const T *g, const T *x,
                          const Arithmetic<T> *mean, Arithmetic<T> *plain, Arithmetic<T> *products) {
  using A = Arithmetic<T>;
  constexpr intptr_t together = 8;
  for (intptr_t row = begin; row < end; row += together) {
    const intptr_t rows = end - row < together ? end - row : together, start = row * columns;
    each_columns(columns, [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
      LaneVector<A> sum = load_some(plain + i, width), product = load_some(products + i, width);
      const LaneVector<A> middle = load_some(mean + i, width);
      for (intptr_t r = 0; r < rows; r++) {
        const LaneVector<A> slope = load_some(g + start + r * columns + i, width);
        sum += slope;
        product += slope * (load_some(x + start + r * columns + i, width) - middle);
      }
      store_some(plain + i, sum, width);
      store_some(products + i, product, width);
    });
  }
}

// ---- Elements. Of planes, or with planes of one element of rows as long as the period.

// (x - mean) scale + shift.
template <class T>
void scale_channels(intptr_t begin, intptr_t end, const Channels &p, T *out, const T *x,
                    const ChannelScales<Arithmetic<T>> &by, bool streams) {
  using A = Arithmetic<T>;
  for (intptr_t unit = begin; unit < end; unit++) {
    if (p.size == 1) {
      const intptr_t start = unit * p.period;
      each_columns(p.period, [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
        const LaneVector<A> distance = load_some(x + start + i, width) - load_some(by.mean + i, width);
        store_some(out + start + i, distance * load_some(by.scale + i, width) + load_some(by.shift + i, width), width);
      });
    } else {
      const T *const from = x + unit * p.size;
      const intptr_t channel = unit % p.period;
      const A mean = by.mean[channel], scale = by.scale[channel], shift = by.shift[channel];
      write_lanes(
          out + unit * p.size, p.size, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE { return (load(from + i) - mean) * scale + shift; },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            return (load_part(from + i, width, A(0)) - mean) * scale + shift;
          });
    }
  }
  if (streams) stream_end();
}

// g scale - (x - mean) slope - shift.
template <class T>
void differentiate_channels(intptr_t begin, intptr_t end, const Channels &p, T *out, const T *g, const T *x,
                            const ChannelScales<Arithmetic<T>> &by, bool streams) {
  using A = Arithmetic<T>;
  for (intptr_t unit = begin; unit < end; unit++) {
    if (p.size == 1) {
      const intptr_t start = unit * p.period;
      each_columns(p.period, [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
        const LaneVector<A> distance = load_some(x + start + i, width) - load_some(by.mean + i, width);
        const LaneVector<A> scaled = load_some(g + start + i, width) * load_some(by.scale + i, width);
        store_some(out + start + i,
                   scaled - distance * load_some(by.slope + i, width) - load_some(by.shift + i, width), width);
      });
    } else {
      const T *const slopes = g + unit * p.size, *const values = x + unit * p.size;
      const intptr_t channel = unit % p.period;
      const A mean = by.mean[channel], scale = by.scale[channel], slope = by.slope[channel], shift = by.shift[channel];
      write_lanes(
          out + unit * p.size, p.size, streams,
          [&](intptr_t i) ST_LAMBDA_INLINE {
            return load(slopes + i) * scale - (load(values + i) - mean) * slope - shift;
          },
          [&](intptr_t i, intptr_t width) ST_LAMBDA_INLINE {
            return load_part(slopes + i, width, A(0)) * scale - (load_part(values + i, width, A(0)) - mean) * slope -
                   shift;
          });
    }
  }
  if (streams) stream_end();
}

}  // namespace
