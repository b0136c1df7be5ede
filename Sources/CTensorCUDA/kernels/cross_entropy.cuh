// The cross entropy of logits, or of log probabilities, and classes: logits are read once, and once more for label
// smoothing. Its derivative stands in cross_entropy_backward.cuh.
#ifndef ST_CUDA_CROSS_ENTROPY_CUH
#define ST_CUDA_CROSS_ENTROPY_CUH

#include "softmax.cuh"
// After the integer types.
#include "cross_entropy_parameters.h"

namespace st {

inline constexpr int32_t class_operand = -2;

// A row's place in its operands.
template <class T>
struct ClassRow {
  const T *x;
  int64_t target;
  bool counts;  // its target is a class

  ST_DEVICE ClassRow(const CrossEntropyParameters &p, int64_t row) {
    const int64_t n = quotient(row, p.places), s = row - n * p.places;
    x = static_cast<const T *>(p.x) + n * p.x_strides[0] + s * p.x_strides[2];
    target = p.target[n * p.target_strides[0] + s * p.target_strides[1]];
    counts = target != p.ignore_index && target >= 0 && target < p.classes;
  }
};

template <class A>
ST_DEVICE A class_weight(const CrossEntropyParameters &p, int64_t c) {
  return p.weight == nullptr ? A(1) : static_cast<const A *>(p.weight)[c];
}
template <class A>
ST_DEVICE A all_weights(const CrossEntropyParameters &p) {
  return p.weight_sum == nullptr ? A(p.classes) : *static_cast<const A *>(p.weight_sum);
}

template <class A>
struct LossSums {
  A losses, weights;
};
template <class A>
ST_DEVICE LossSums<A> exchanged(const LossSums<A> &sums, int mask) {
  return {exchanged(sums.losses, mask), exchanged(sums.weights, mask)};
}
template <class A>
ST_DEVICE LossSums<A> losses_added(const LossSums<A> &a, const LossSums<A> &b) {
  return {a.losses + b.losses, a.weights + b.weights};
}

// A row's loss, by the thread that has its sums; `spread` is the weighted sum of logits less the largest. Adds it to
// `sums`.
template <class T, class A>
ST_DEVICE void finish_loss(const CrossEntropyParameters &p, int64_t row, const Exponentials<A> &total,
                           A spread, LossSums<A> &sums) {
  const ClassRow<T> place(p, row);
  const A most = p.log_probabilities ? A(0) : total.most, log_sum = p.log_probabilities ? A(0) : m_log(total.sum);
  A loss = 0;
  if (place.counts) {
    const A weight = class_weight<A>(p, place.target), smoothing = A(p.label_smoothing);
    const A logit = cast<A>(place.x[place.target * p.x_strides[1]]);
    loss = (1 - smoothing) * weight * (log_sum - (logit - most));
    if (smoothing != 0) loss += smoothing / A(p.classes) * (all_weights<A>(p) * log_sum - spread);
    sums.losses += loss;
    sums.weights += weight;
  } else if (place.target != p.ignore_index) {
    report(p.fault, p.tag, index_out_of_range, class_operand, place.target, p.classes);
  }
  if (p.out != nullptr) static_cast<T *>(p.out)[row] = cast<T>(loss);
  if (p.statistics == nullptr || p.log_probabilities) return;
  static_cast<A *>(p.statistics)[2 * row] = most;
  static_cast<A *>(p.statistics)[2 * row + 1] = log_sum;
}

// The block's sums, to its part. `shared` has a place for each warp.
template <class A>
ST_DEVICE void write_part(const CrossEntropyParameters &p, const LossSums<A> &own, LossSums<A> *shared) {
  if (p.part_losses == nullptr) return;
  const LossSums<A> total = team_total(own, int(blockDim.x), shared, losses_added<A>);
  if (threadIdx.x != 0) return;
  static_cast<A *>(p.part_losses)[blockIdx.x] = total.losses;
  static_cast<A *>(p.part_weights)[blockIdx.x] = total.weights;
}

// Contiguous rows: a team for each.
template <class T>
ST_DEVICE void cross_entropy_rows(const CrossEntropyParameters &p) {
  using A = Arithmetic<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED Exponentials<A> shared_totals[16];
  ST_SHARED A shared_spreads[16];
  ST_SHARED LossSums<A> shared_sums[16];
  const int team = p.team, lane = int(threadIdx.x) % team;
  const int64_t row = int64_t(blockIdx.x) * (int(blockDim.x) / team) + int(threadIdx.x) / team;
  const bool there = row < p.rows;
  const ClassRow<T> place(p, there ? row : 0);
  const int64_t classes = there && place.counts ? p.classes : 0, units = p.vectors ? classes / N : 0;
  Exponentials<A> total = {negative_infinity<A>(), A(0)};
#pragma unroll 1
  for (int64_t i = lane; i < units; i += team) {
    const Vector<T, N> loaded = load<N>(place.x + i * N);
    A values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = cast<A>(loaded.values[n]);
    add(total, values);
  }
#pragma unroll 1
  for (int64_t i = units * N + lane; i < classes; i += team) {
    const A values[1] = {cast<A>(place.x[i])};
    add(total, values);
  }
  total = team_total(total, team, shared_totals, together<A>);
  A spread = 0;
  if (p.label_smoothing != 0) {
#pragma unroll 1
    for (int64_t i = lane; i < classes; i += team) {
      spread += class_weight<A>(p, i) * (cast<A>(place.x[i]) - total.most);
    }
    spread = team_total(spread, team, shared_spreads, added<A>);
  }
  LossSums<A> sums = {A(0), A(0)};
  if (there && lane == 0) finish_loss<T>(p, row, total, spread, sums);
  write_part(p, sums, shared_sums);
}

// Any strides: threads beside each other take neighbouring rows, those below each other their classes in turns.
template <class T>
ST_DEVICE void cross_entropy_columns(const CrossEntropyParameters &p) {
  using A = Arithmetic<T>;
  ST_SHARED Exponentials<A> shared_totals[256];
  ST_SHARED A shared_spreads[256];
  ST_SHARED LossSums<A> shared_sums[16];
  const int across = p.team, down = 256 / across, thread = int(threadIdx.x), y = thread / across;
  const int64_t row = int64_t(blockIdx.x) * across + thread % across;
  const bool there = row < p.rows;
  const ClassRow<T> place(p, there ? row : 0);
  const int64_t classes = there && place.counts && !p.log_probabilities ? p.classes : 0;
  Exponentials<A> total = {negative_infinity<A>(), A(0)};
#pragma unroll 1
  for (int64_t i = y; i < classes; i += down) {
    const A values[1] = {cast<A>(place.x[i * p.x_strides[1]])};
    add(total, values);
  }
  total = columns_total(total, across, down, shared_totals, together<A>);
  A spread = 0;
  if (p.label_smoothing != 0) {
#pragma unroll 1
    for (int64_t i = y; i < classes; i += down) {
      spread += class_weight<A>(p, i) * (cast<A>(place.x[i * p.x_strides[1]]) - total.most);
    }
    spread = columns_total(spread, across, down, shared_spreads, added<A>);
  }
  LossSums<A> sums = {A(0), A(0)};
  if (there && y == 0) finish_loss<T>(p, row, total, spread, sums);
  write_part(p, sums, shared_sums);
}

// One block.
template <class T>
ST_DEVICE void loss_total(const LossTotalParameters &p) {
  using A = Arithmetic<T>;
  ST_SHARED LossSums<double> shared[16];
  LossSums<double> sums = {0, 0};
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < p.parts; i += blockDim.x) {
    sums.losses += double(static_cast<const A *>(p.part_losses)[i]);
    sums.weights += double(static_cast<const A *>(p.part_weights)[i]);
  }
  sums = team_total(sums, int(blockDim.x), shared, losses_added<double>);
  if (threadIdx.x != 0) return;
  if (p.out != nullptr) *static_cast<T *>(p.out) = cast<T>(A(p.mean ? sums.losses / sums.weights : sums.losses));
  if (p.total_weight != nullptr) *static_cast<A *>(p.total_weight) = A(sums.weights);
}

}  // namespace st

#endif
