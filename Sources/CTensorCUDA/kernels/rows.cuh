// What kernels over rows share: places in strided operands, and totals of the threads that share a row.
#ifndef ST_CUDA_ROWS_CUH
#define ST_CUDA_ROWS_CUH

#include "device_math.cuh"
#include "rows_parameters.h"

namespace st {

// The offsets of element `index` of the axes' row-major order.
template <int N>
ST_DEVICE void locate(const Axes<N> &axes, int64_t index, int64_t (&offsets)[N]) {
#pragma unroll
  for (int n = 0; n < N; n++) offsets[n] = 0;
  const int last = int(axes.rank) - 1;
#pragma unroll 1
  for (int d = 0; d < last; d++) {
    int64_t next;
    if (uint64_t(index) >> 31 == 0) {
      const uint32_t high = uint32_t(uint64_t(uint32_t(index)) * axes.multipliers[d] >> 32);
      next = int64_t((high + uint32_t(index)) >> axes.shifts[d]);
    } else {
      next = index / axes.shape[d];
    }
    const int64_t digit = index - next * axes.shape[d];
#pragma unroll
    for (int n = 0; n < N; n++) offsets[n] += digit * axes.strides[n][d];
    index = next;
  }
#pragma unroll
  for (int n = 0; n < N; n++) offsets[n] += index * axes.strides[n][last];
}
ST_DEVICE int64_t locate(const Axes<1> &axes, int64_t index) {
  int64_t offsets[1];
  locate(axes, index, offsets);
  return offsets[0];
}

// Of numbers that are not negative.
ST_DEVICE int64_t quotient(int64_t a, int64_t b) {
  return uint64_t(a | b) >> 32 == 0 ? int64_t(uint32_t(a) / uint32_t(b)) : a / b;
}

// The elements of a wide access.
template <class T> inline constexpr int vector_width = sizeof(T) == 1 ? 8 : 16 / int(sizeof(T));

template <int N, class T>
ST_DEVICE Vector<T, N> load(const T *data) {
  return *reinterpret_cast<const Vector<T, N> *>(data);
}
template <int N, class T>
ST_DEVICE void store(T *data, const Vector<T, N> &vector) {
  *reinterpret_cast<Vector<T, N> *>(data) = vector;
}

// The elements of a row in N adjacent columns; `left` are there.
template <int N, class T>
ST_DEVICE Vector<T, N> load_across(const T *data, int64_t stride, int64_t left, bool vectors) {
  if (vectors) return load<N>(data);
  Vector<T, N> loaded;
#pragma unroll
  for (int n = 0; n < N; n++) loaded.values[n] = data[n < left ? n * stride : 0];
  return loaded;
}

// How many elements lie before the next address for wide accesses, at most `length`.
template <int N, class T>
ST_DEVICE int64_t unaligned(const T *data, int64_t length) {
  const int64_t before = int64_t((0 - reinterpret_cast<uintptr_t>(data)) % (N * sizeof(T)) / sizeof(T));
  return before < length ? before : length;
}

// What elements are accumulated in: double, float or int64.
template <class T> struct AccumulatorOf { using type = int64_t; };
template <> struct AccumulatorOf<float16> { using type = float; };
template <> struct AccumulatorOf<bfloat16> { using type = float; };
template <> struct AccumulatorOf<float> { using type = float; };
template <> struct AccumulatorOf<double> { using type = double; };
template <class T> using Accumulator = typename AccumulatorOf<T>::type;

// Pairwise, so that the operations do not wait for each other.
template <int N, class A, class Operation>
ST_DEVICE A folded(A (&values)[N], const Operation &operation) {
#pragma unroll
  for (int gap = 1; gap < N; gap *= 2) {
#pragma unroll
    for (int n = 0; n + gap < N; n += 2 * gap) values[n] = operation(values[n], values[n + gap]);
  }
  return values[0];
}

inline constexpr uint32_t whole_warp = 0xffffffffu;

// A value of the thread whose lane differs by `mask`.
ST_DEVICE float exchanged(float value, int mask) { return __shfl_xor_sync(whole_warp, value, mask); }
ST_DEVICE double exchanged(double value, int mask) { return __shfl_xor_sync(whole_warp, value, mask); }
ST_DEVICE int64_t exchanged(int64_t value, int mask) { return __shfl_xor_sync(whole_warp, value, mask); }
ST_DEVICE uint32_t exchanged(uint32_t value, int mask) { return __shfl_xor_sync(whole_warp, value, mask); }
ST_DEVICE uint64_t exchanged(uint64_t value, int mask) { return __shfl_xor_sync(whole_warp, value, mask); }

template <class A> ST_DEVICE A added(A a, A b) { return a + b; }

// A team is the threads that share a row: a power of two up to a warp, or some whole warps. Every thread of the block
// takes part and gets its team's total. `shared` has a place for each warp of the block.
template <class Total, class Combine>
ST_DEVICE Total team_total(Total own, int team, Total *shared, const Combine &combined) {
  for (int mask = 1; mask < team && mask < 32; mask *= 2) own = combined(own, exchanged(own, mask));
  if (team <= 32) return own;
  const int warp = int(threadIdx.x) / 32, warps = team / 32, first = warp / warps * warps;
  __syncthreads();
  if (threadIdx.x % 32 == 0) shared[warp] = own;
  __syncthreads();
  own = shared[first];
  for (int w = 1; w < warps; w++) own = combined(own, shared[first + w]);
  return own;
}

// The same where the threads of a block of `across` * `down` stand in columns, for those of one column; `down` is a
// power of two and `shared` has a place for each thread.
template <class Total, class Combine>
ST_DEVICE Total columns_total(Total own, int across, int down, Total *shared, const Combine &combined) {
  const int thread = int(threadIdx.x), y = thread / across;
  if (down == 1) return own;
  shared[thread] = own;
#pragma unroll 1
  for (int above = down / 2; above > 0; above /= 2) {
    __syncthreads();
    if (y < above) shared[thread] = combined(shared[thread], shared[thread + above * across]);
  }
  __syncthreads();
  return shared[thread % across];
}

}  // namespace st

#endif
