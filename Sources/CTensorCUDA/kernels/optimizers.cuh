// Optimizer steps over many arrays in one launch. The formulas and their roundings are those of the CPU's kernels
// (CTensorKernels/optimizers_kernels.inl).
#ifndef ST_CUDA_OPTIMIZERS_CUH
#define ST_CUDA_OPTIMIZERS_CUH

#include "device_math.cuh"
#include "optimizers_parameters.h"

namespace st {

ST_INLINE bool is_skipped(const float *found_inf) { return found_inf != nullptr && *found_inf != 0; }

// Raises the counts of steps, before the kernels below read them.
ST_DEVICE void raise_steps(const StepParameters &p) {
  const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < p.count && !is_skipped(p.found_inf)) *p.steps[i] += 1;
}

// A block's part of one array.
struct Chunk {
  int array;
  int64_t first;
  int count;
};

template <class Arrays>
ST_INLINE Chunk chunk_of(const Arrays &arrays, uint32_t block) {
  int low = 0, high = arrays.count;  // the last array whose first block is not behind
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (arrays.first_block[middle] <= block) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const int64_t first = int64_t(block - arrays.first_block[low]) * optimizer_chunk;
  const int64_t left = arrays.elements[low] - first;
  return {low, first, int(left < optimizer_chunk ? left : optimizer_chunk)};
}

// Calls `body(values)` for each element of a chunk with its values in `N` columns, null ones left out, and stores those
// of the columns whose bits are set in `written`. 16 bytes at a time where all columns are aligned.
template <int N, class T, class Body>
ST_INLINE void each_element(T *const (&columns)[N], int count, uint32_t written, const Body &body) {
  constexpr int width = 16 / sizeof(T);
  uintptr_t addresses = 0;
#pragma unroll
  for (int n = 0; n < N; n++) addresses |= reinterpret_cast<uintptr_t>(columns[n]);
  const int vectors = addresses % 16 == 0 ? count / width : 0;
#pragma unroll 1
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    Vector<T, width> loaded[N];
#pragma unroll
    for (int n = 0; n < N; n++) {
      if (columns[n] != nullptr) loaded[n] = reinterpret_cast<const Vector<T, width> *>(columns[n])[i];
    }
#pragma unroll
    for (int k = 0; k < width; k++) {
      Arithmetic<T> values[N];
#pragma unroll
      for (int n = 0; n < N; n++) values[n] = columns[n] == nullptr ? 0 : cast<Arithmetic<T>>(loaded[n].values[k]);
      body(values);
#pragma unroll
      for (int n = 0; n < N; n++) loaded[n].values[k] = cast<T>(values[n]);
    }
#pragma unroll
    for (int n = 0; n < N; n++) {
      if (columns[n] != nullptr && (written >> n & 1) != 0) {
        reinterpret_cast<Vector<T, width> *>(columns[n])[i] = loaded[n];
      }
    }
  }
#pragma unroll 1
  for (int i = vectors * width + int(threadIdx.x); i < count; i += int(blockDim.x)) {
    Arithmetic<T> values[N];
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = columns[n] == nullptr ? 0 : cast<Arithmetic<T>>(columns[n][i]);
    body(values);
#pragma unroll
    for (int n = 0; n < N; n++) {
      if (columns[n] != nullptr && (written >> n & 1) != 0) columns[n][i] = cast<T>(values[n]);
    }
  }
}

// The columns of a chunk.
template <int N, class T, class Arrays>
ST_INLINE void find_columns(const Arrays &arrays, const Chunk &chunk, T *(&columns)[N]) {
#pragma unroll
  for (int n = 0; n < N; n++) {
    T *base = static_cast<T *>(arrays.data[n][chunk.array]);
    columns[n] = base == nullptr ? nullptr : base + chunk.first;
  }
}

// What PyTorch's separate operations keep of a result.
template <class T>
ST_INLINE Arithmetic<T> stored(Arithmetic<T> value) {
  return cast<Arithmetic<T>>(cast<T>(value));
}

// a + factor * b.
template <class T>
ST_INLINE Arithmetic<T> plus(Arithmetic<T> a, Arithmetic<T> b, Arithmetic<T> factor) {
  return stored<T>(m_fma(stored<T>(factor), b, a));
}

template <class T>
ST_DEVICE void sgd(const SGDParameters &p) {
  using A = Arithmetic<T>;
  if (is_skipped(p.found_inf)) return;
  const Chunk chunk = chunk_of(p.arrays, blockIdx.x);
  T *columns[3];
  find_columns(p.arrays, chunk, columns);
  const float *steps = static_cast<const float *>(p.arrays.data[3][chunk.array]);
  const bool is_first = steps != nullptr && *steps == 1;
  const A rate = A(-p.lr), decay = A(p.weight_decay), keep = A(p.momentum), share = A(1 - p.dampening);
  const bool has_momentum = p.momentum != 0;
  each_element(columns, chunk.count, 0b101, [&](A(&values)[3]) {
    A gradient = p.maximize ? -values[1] : values[1];
    if (decay != 0) gradient = plus<T>(gradient, values[0], decay);
    if (has_momentum) {
      values[2] = is_first ? gradient : plus<T>(stored<T>(values[2] * keep), gradient, share);
      gradient = p.nesterov ? plus<T>(gradient, values[2], keep) : values[2];
    }
    values[0] = plus<T>(values[0], gradient, rate);
  });
}

template <class T>
ST_DEVICE void adam(const AdamParameters &p) {
  using A = Arithmetic<T>;
  if (is_skipped(p.found_inf)) return;
  const Chunk chunk = chunk_of(p.arrays, blockIdx.x);
  T *columns[5];
  find_columns(p.arrays, chunk, columns);
  // 1 - beta^step; the exponent is rounded once, and nothing is cancelled.
  const double step = *static_cast<const float *>(p.arrays.data[5][chunk.array]);
  const A correction1 = -m_expm1(A(step * p.log_beta1)), correction2 = -m_expm1(A(step * p.log_beta2));
  const A root = m_sqrt(correction2), rate = A(-p.lr) / correction1;
  const A decay = A(p.weight_decay), shrink = A(1 - p.lr * p.weight_decay), eps = stored<T>(A(p.eps));
  const A weight1 = A(1 - p.beta1), weight2 = A(1 - p.beta2), beta2 = A(p.beta2);
  each_element(columns, chunk.count, 0b11101, [&](A(&values)[5]) {
    A gradient = p.maximize ? -values[1] : values[1];
    if (decay != 0) {
      if (p.decoupled) {
        values[0] = stored<T>(values[0] * shrink);
      } else {
        gradient = plus<T>(gradient, values[0], decay);
      }
    }
    // lerp starts from the nearer end.
    const A gap = gradient - values[2];
    values[2] = stored<T>(weight1 < A(0.5) ? m_fma(weight1, gap, values[2]) : m_fma(-gap, 1 - weight1, gradient));
    values[3] = stored<T>(m_fma(weight2 * gradient, gradient, stored<T>(values[3] * beta2)));
    A square = values[3];
    if (p.amsgrad) {
      if (!(square > values[4] || square != square)) square = values[4];
      values[4] = square;
    }
    const A denominator = stored<T>(stored<T>(stored<T>(m_sqrt(square)) / root) + eps);
    values[0] += rate * values[2] / denominator;
  });
}

template <class T>
ST_DEVICE void unscale(const UnscaleParameters &p) {
  using A = Arithmetic<T>;
  const Chunk chunk = chunk_of(p.arrays, blockIdx.x);
  T *columns[1];
  find_columns(p.arrays, chunk, columns);
  const A factor = float(1 / double(*p.scale));
  bool is_bad = false;
  each_element(columns, chunk.count, 1, [&](A(&values)[1]) {
    is_bad = is_bad || !(values[0] - values[0] == 0);
    values[0] *= factor;
  });
  if (is_bad) *p.found_inf = 1;  // by any number of threads
}

ST_DEVICE void update_scale(const ScaleParameters &p) {
  if (*p.found_inf != 0) {
    *p.scale = float(*p.scale * p.backoff_factor);
    *p.growth_tracker = 0;
    return;
  }
  const int32_t good = *p.growth_tracker + 1;
  if (good != p.growth_interval) {
    *p.growth_tracker = good;
    return;
  }
  const float grown = float(*p.scale * p.growth_factor);
  if (grown - grown == 0) *p.scale = grown;  // finite
  *p.growth_tracker = 0;
}

}  // namespace st

#endif
