// The derivatives of norms over channels. With h = (x - mean) rstd: by weight and bias the sums over a channel of
// gradient * h and of gradient; by x, rstd (gradient * weight - level - h slope), where level and slope are the means of
// gradient * weight and of that times h over the elements that share statistics.
#ifndef ST_CUDA_BATCH_NORM_BACKWARD_CUH
#define ST_CUDA_BATCH_NORM_BACKWARD_CUH

#include "batch_norm.cuh"

namespace st {

template <class A>
struct GradientSums {
  A plain, products;
};
template <class A>
ST_DEVICE GradientSums<A> gradients_added(const GradientSums<A> &a, const GradientSums<A> &b) {
  return {a.plain + b.plain, a.products + b.products};
}

// Of parts of the channels or, for group norm, of whole planes, which then are the channels of one sample.
template <class T>
ST_DEVICE void channel_gradient_sums(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED GradientSums<A> shared[256];
  const T *x = static_cast<const T *>(p.x), *g = static_cast<const T *>(p.gradient);
  const ChannelPart part(p, p.vectors ? N : 1);
  const bool there = part.channel < p.channels;
  const int64_t statistic = !there ? 0 : p.together == 0 ? part.channel : quotient(part.channel, p.together);
  const A mean = static_cast<const A *>(p.mean)[statistic], rstd = static_cast<const A *>(p.rstd)[statistic];
  GradientSums<A> total = {A(0), A(0)};
  if (p.vectors) {
#pragma unroll 2
    for (int64_t i = part.begin + part.y; i < part.end; i += part.down) {
      const int64_t at = part.offset(p, i * N);
      const Vector<T, N> xs = load<N>(x + at), gs = load<N>(g + at);
#pragma unroll
      for (int n = 0; n < N; n++) {
        const A gradient = cast<A>(gs.values[n]);
        total.plain += gradient;
        total.products += gradient * ((cast<A>(xs.values[n]) - mean) * rstd);
      }
    }
  } else {
#pragma unroll 2
    for (int64_t i = part.begin + part.y; i < part.end; i += part.down) {
      const int64_t at = part.offset(p, i);
      const A gradient = cast<A>(g[at]);
      total.plain += gradient;
      total.products += gradient * ((cast<A>(x[at]) - mean) * rstd);
    }
  }
  total = columns_total(total, part.across, part.down, shared, gradients_added<A>);
  if (part.y == 0 && there) {
    static_cast<GradientSums<A> *>(p.parts)[blockIdx.y * p.channels + part.channel] = total;
  }
}

// A thread for each channel: the sums of its parts, and what batch norm takes from its elements while training.
template <class T>
ST_DEVICE void channel_parameter_gradients(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  const int64_t c = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (c >= p.channels) return;
  GradientSums<A> total = {A(0), A(0)};
#pragma unroll 1
  for (int64_t part = 0; part < p.part_count; part++) {
    total = gradients_added(total, static_cast<const GradientSums<A> *>(p.parts)[part * p.channels + c]);
  }
  set_number<T>(p.weight_gradient, p.wide_weight, c, total.products);
  set_number<T>(p.bias_gradient, p.wide_weight, c, total.plain);
  if (p.together != 0) return;
  const A share = p.training ? number_at<T>(p.weight, p.wide_weight, c, A(1)) / A(p.batch * p.size) : A(0);
  static_cast<A *>(p.levels)[c] = share * total.plain;
  static_cast<A *>(p.levels)[p.channels + c] = share * total.products;
}

// A thread for each group.
template <class T>
ST_DEVICE void group_levels(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  const int64_t group = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t groups = quotient(p.batch * p.channels, p.together);
  if (group >= groups) return;
  GradientSums<A> total = {A(0), A(0)};
#pragma unroll 1
  for (int64_t plane = group * p.together; plane < (group + 1) * p.together; plane++) {
    const GradientSums<A> own = static_cast<const GradientSums<A> *>(p.parts)[plane];
    const A weight = number_at<T>(p.weight, p.wide_weight, plane - quotient(plane, p.channels) * p.channels, A(1));
    total = gradients_added(total, {own.plain * weight, own.products * weight});
  }
  const A count = A(p.together * p.size);
  static_cast<A *>(p.levels)[group] = total.plain / count;
  static_cast<A *>(p.levels)[groups + group] = total.products / count;
}

// An access for each thread.
template <class T>
ST_DEVICE void differentiate_channels(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  const int64_t i = (int64_t(blockIdx.x) * blockDim.x + threadIdx.x) * (p.vectors ? N : 1);
  if (i >= p.batch * p.channels * p.size) return;
  const ChannelPlace place(p, i);
  const int64_t statistics = p.together == 0 ? p.channels : quotient(p.batch * p.channels, p.together);
  const A mean = static_cast<const A *>(p.mean)[place.statistic];
  const A rstd = static_cast<const A *>(p.rstd)[place.statistic];
  const A level = static_cast<const A *>(p.levels)[place.statistic];
  const A slope = static_cast<const A *>(p.levels)[statistics + place.statistic];
  const A weight = number_at<T>(p.weight, p.wide_weight, place.channel, A(1));
  const auto result = [&](T gradient, T value) {
    return cast<T>(rstd * (cast<A>(gradient) * weight - level - (cast<A>(value) - mean) * rstd * slope));
  };
  const T *x = static_cast<const T *>(p.x) + i, *g = static_cast<const T *>(p.gradient) + i;
  T *out = static_cast<T *>(p.out) + i;
  if (p.vectors) {
    const Vector<T, N> xs = load<N>(x), gs = load<N>(g);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = result(gs.values[n], xs.values[n]);
    store(out, results);
  } else {
    *out = result(*g, *x);
  }
}

}  // namespace st

#endif
