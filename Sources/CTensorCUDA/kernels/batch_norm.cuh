// Norms over channels, (x - mean) rstd weight + bias: the moments of parts of each channel, what they come to, and the
// elements. Group norm is the same with each sample's groups in the place of channels, but for weights. Their
// derivatives stand in batch_norm_backward.cuh.
#ifndef ST_CUDA_BATCH_NORM_CUH
#define ST_CUDA_BATCH_NORM_CUH

#include "moments.cuh"
// After the integer types.
#include "batch_norm_parameters.h"

namespace st {

// One of a vector's numbers, of the elements' dtype or, with 16-bit elements, of float32.
template <class T>
ST_DEVICE Arithmetic<T> number_at(const void *data, bool wide, int64_t i, Arithmetic<T> missing) {
  using A = Arithmetic<T>;
  if (data == nullptr) return missing;
  if (sizeof(T) == 2 && wide) return cast<A>(static_cast<const float *>(data)[i]);
  return cast<A>(static_cast<const T *>(data)[i]);
}
template <class T>
ST_DEVICE void set_number(void *data, bool wide, int64_t i, Arithmetic<T> value) {
  if (data == nullptr) return;
  if (sizeof(T) == 2 && wide) {
    static_cast<float *>(data)[i] = float(value);
  } else {
    static_cast<T *>(data)[i] = cast<T>(value);
  }
}

// Where a thread stands in sums over a part of some channels' elements.
struct ChannelPart {
  int across, down, y;
  int64_t channel, begin, end;  // of the channel's elements, in whole accesses

  ST_DEVICE ChannelPart(const ChannelNormParameters &p, int width)
      : across(p.across), down(256 / p.across), y(int(threadIdx.x) / p.across),
        channel(int64_t(blockIdx.x) * p.across + int(threadIdx.x) % p.across) {
    const int64_t all = quotient(p.batch * p.size, width), part = quotient(all + gridDim.y - 1, gridDim.y);
    begin = blockIdx.y * part;
    end = begin + part < all ? begin + part : all;
    if (channel >= p.channels) end = begin;
  }
  // Of element i of the channel.
  ST_DEVICE int64_t offset(const ChannelNormParameters &p, int64_t i) const {
    const int64_t n = quotient(i, p.size);
    return (n * p.channels + channel) * p.size + (i - n * p.size);
  }
};

template <class T>
ST_DEVICE void channel_moments(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED Moments<A> shared[256];
  const T *x = static_cast<const T *>(p.x);
  const ChannelPart part(p, p.vectors ? N : 1);
  const A shift = part.channel < p.channels ? cast<A>(x[part.channel * p.size]) : A(0);
  Moments<A> total = {A(0), A(0), A(0)};
  if (p.vectors) {
#pragma unroll 2
    for (int64_t i = part.begin + part.y; i < part.end; i += part.down) {
      const Vector<T, N> loaded = load<N>(x + part.offset(p, i * N));
      add_moments(total, loaded.values, shift);
    }
  } else {
#pragma unroll 1
    for (int64_t i = part.begin + part.y; i < part.end; i += part.down) {
      const T single[1] = {x[part.offset(p, i)]};
      add_moments(total, single, shift);
    }
  }
  total = columns_total(total, part.across, part.down, shared, combined_moments<A>);
  if (part.y != 0 || part.channel >= p.channels) return;
  total.mean += shift;
  static_cast<Moments<A> *>(p.parts)[blockIdx.y * p.channels + part.channel] = total;
}

// A thread for each channel: of its parts or, in evaluation, of the running statistics.
template <class T>
ST_DEVICE void channel_statistics(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  const int64_t c = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (c >= p.channels) return;
  const A old_mean = number_at<T>(p.running_mean, p.wide_running, c, A(0));
  const A old_var = number_at<T>(p.running_var, p.wide_running, c, A(0));
  A mean = old_mean, variance = old_var;
  if (p.training) {
    Moments<A> total = {A(0), A(0), A(0)};
#pragma unroll 1
    for (int64_t part = 0; part < p.part_count; part++) {
      total = combined_moments(total, static_cast<const Moments<A> *>(p.parts)[part * p.channels + c]);
    }
    mean = total.mean;
    variance = total.squares / total.count;
    const A share = A(p.momentum), rest = A(1 - p.momentum);
    set_number<T>(p.running_mean, p.wide_running, c, rest * old_mean + share * mean);
    set_number<T>(p.running_var, p.wide_running, c, rest * old_var + share * (total.squares / (total.count - 1)));
  }
  static_cast<A *>(p.mean)[c] = mean;
  static_cast<A *>(p.rstd)[c] = 1 / m_sqrt(variance + A(p.eps));
}

// An element's channel, and the place of its statistics.
struct ChannelPlace {
  int64_t channel, statistic;
  ST_DEVICE ChannelPlace(const ChannelNormParameters &p, int64_t i) {
    const int64_t plane = quotient(i, p.size);
    channel = plane - quotient(plane, p.channels) * p.channels;
    statistic = p.together == 0 ? channel : quotient(plane, p.together);
  }
};

// An access for each thread: N elements of one plane, or one element.
template <class T>
ST_DEVICE void scale_channels(const ChannelNormParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  const int64_t i = (int64_t(blockIdx.x) * blockDim.x + threadIdx.x) * (p.vectors ? N : 1);
  if (i >= p.batch * p.channels * p.size) return;
  const ChannelPlace place(p, i);
  const A mean = static_cast<const A *>(p.mean)[place.statistic];
  const A scale = static_cast<const A *>(p.rstd)[place.statistic] *
                  number_at<T>(p.weight, p.wide_weight, place.channel, A(1));
  const A bias = number_at<T>(p.bias, p.wide_weight, place.channel, A(0));
  const T *x = static_cast<const T *>(p.x) + i;
  T *out = static_cast<T *>(p.out) + i;
  if (p.vectors) {
    const Vector<T, N> loaded = load<N>(x);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = cast<T>((cast<A>(loaded.values[n]) - mean) * scale + bias);
    store(out, results);
  } else {
    *out = cast<T>((cast<A>(*x) - mean) * scale + bias);
  }
}

}  // namespace st

#endif
