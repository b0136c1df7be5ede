// The derivative of the cross entropy: of each row the softmax times its weight, less what belongs to each class, in
// one pass over the logits.
#ifndef ST_CUDA_CROSS_ENTROPY_BACKWARD_CUH
#define ST_CUDA_CROSS_ENTROPY_BACKWARD_CUH

#include "cross_entropy.cuh"

namespace st {

// What the elements of a row's gradient are made by.
template <class T>
struct ClassSlope {
  using A = Arithmetic<T>;
  A most, log_sum, scale, spread, own;
  int64_t target;
  bool counts;

  ST_DEVICE ClassSlope(const CrossEntropyParameters &p, int64_t row, const ClassRow<T> &place) {
    const int64_t n = quotient(row, p.places), s = row - n * p.places;
    A g = cast<A>(static_cast<const T *>(p.gradient)[n * p.gradient_strides[0] + s * p.gradient_strides[1]]);
    if (p.total_weight != nullptr) g /= *static_cast<const A *>(p.total_weight);
    const A smoothing = A(p.label_smoothing);
    target = place.target;
    counts = place.counts;
    own = (1 - smoothing) * g * (counts ? class_weight<A>(p, target) : A(0));
    spread = smoothing != 0 ? smoothing / A(p.classes) * g : A(0);
    scale = own + (smoothing != 0 ? spread * all_weights<A>(p) : A(0));
    most = log_sum = 0;
    if (p.log_probabilities) return;
    most = static_cast<const A *>(p.statistics)[2 * row];
    log_sum = static_cast<const A *>(p.statistics)[2 * row + 1];
  }

  ST_DEVICE T operator()(const CrossEntropyParameters &p, T logit, int64_t c) const {
    A y = 0;
    if (!p.log_probabilities) {
      y = m_exp(cast<A>(logit) - most - log_sum) * scale;
      if (spread != 0) y -= spread * class_weight<A>(p, c);
    }
    if (c == target) y -= own;
    return cast<T>(counts ? y : A(0));
  }
};

// Contiguous rows: a team for each.
template <class T>
ST_DEVICE void cross_entropy_gradient_rows(const CrossEntropyParameters &p) {
  constexpr int N = vector_width<T>;
  const int team = p.team, lane = int(threadIdx.x) % team;
  const int64_t row = int64_t(blockIdx.x) * (int(blockDim.x) / team) + int(threadIdx.x) / team;
  if (row >= p.rows) return;
  const ClassRow<T> place(p, row);
  const ClassSlope<T> slope(p, row, place);
  T *out = static_cast<T *>(p.out) + row * p.classes;
  const int64_t units = p.vectors ? p.classes / N : 0;
#pragma unroll 1
  for (int64_t i = lane; i < units; i += team) {
    const Vector<T, N> loaded = load<N>(place.x + i * N);
    Vector<T, N> results;
#pragma unroll
    for (int n = 0; n < N; n++) results.values[n] = slope(p, loaded.values[n], i * N + n);
    store(out + i * N, results);
  }
#pragma unroll 1
  for (int64_t i = units * N + lane; i < p.classes; i += team) out[i] = slope(p, place.x[i], i);
}

// Any strides: neighbouring places side by side.
template <class T>
ST_DEVICE void cross_entropy_gradient_columns(const CrossEntropyParameters &p) {
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x);
  const int64_t row = int64_t(blockIdx.x) * across + thread % across;
  if (row >= p.rows) return;
  const ClassRow<T> place(p, row);
  const ClassSlope<T> slope(p, row, place);
  const int64_t n = quotient(row, p.places), s = row - n * p.places;
  T *out = static_cast<T *>(p.out) + n * p.classes * p.places + s;
#pragma unroll 1
  for (int64_t c = thread / across; c < p.classes; c += down) {
    out[c * p.places] = slope(p, place.x[c * p.x_strides[1]], c);
  }
}

}  // namespace st

#endif
