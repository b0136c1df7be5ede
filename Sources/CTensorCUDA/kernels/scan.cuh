// Running sums and products along one dimension. Teams of threads scan rows chunk by chunk; few long rows are cut into
// parts, whose totals are taken first. Neighbouring rows of another layout are scanned by a thread each.
#ifndef ST_CUDA_SCAN_CUH
#define ST_CUDA_SCAN_CUH

#include "rows.cuh"
#include "scan_parameters.h"

namespace st {

// Whole numbers come as unsigned ones of their size, and wrap.
template <class T> struct ScanAccumulatorOf { using type = Arithmetic<T>; };
template <> struct ScanAccumulatorOf<uint8_t> { using type = uint64_t; };
template <> struct ScanAccumulatorOf<uint16_t> { using type = uint64_t; };
template <> struct ScanAccumulatorOf<uint32_t> { using type = uint64_t; };
template <class T> using ScanAccumulator = typename ScanAccumulatorOf<T>::type;

template <class A>
struct Running {
  bool product;
  ST_DEVICE A start() const { return product ? A(1) : A(0); }
  ST_DEVICE A operator()(A a, A b) const { return product ? a * b : a + b; }
};

// N elements of a row from number `at` on, those before `end`; the rest do not change a total.
template <int N, class T>
ST_DEVICE void read_run(ScanAccumulator<T> (&values)[N], const T *row, int64_t at, int64_t end, int64_t stride,
                        bool vectors, ScanAccumulator<T> missing) {
  using A = ScanAccumulator<T>;
  if (vectors && at + N <= end) {
    const Vector<T, N> loaded = load<N>(row + at);
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = cast<A>(loaded.values[n]);
  } else {
#pragma unroll
    for (int n = 0; n < N; n++) values[n] = at + n < end ? cast<A>(row[(at + n) * stride]) : missing;
  }
}

// The totals of blockIdx.y's parts of rows; the block is one team.
template <class T>
ST_DEVICE void scan_totals(const ScanParameters &p) {
  using A = ScanAccumulator<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[8];
  const Running<A> running = {p.product};
  int64_t offsets[2];
  locate(p.kept, blockIdx.x, offsets);
  const T *in = static_cast<const T *>(p.in) + offsets[1];
  const int64_t begin = blockIdx.y * p.part, end = begin + p.part < p.count ? begin + p.part : p.count;
  A total = running.start();
#pragma unroll 2
  for (int64_t at = begin + int64_t(threadIdx.x) * N; at < end; at += int64_t(blockDim.x) * N) {
    A values[N];
    read_run(values, in, at, end, p.strides[1], p.vectors_in, running.start());
    total = running(total, folded(values, running));
  }
  // All threads of a warp come to the exchange.
  __syncwarp();
  total = team_total(total, int(blockDim.x), shared, running);
  if (threadIdx.x == 0) static_cast<A *>(p.totals)[blockIdx.x * p.parts + blockIdx.y] = total;
}

// Each team scans a row, or with parts each block blockIdx.y's part of one.
template <class T>
ST_DEVICE void scan_rows(const ScanParameters &p) {
  using A = ScanAccumulator<T>;
  constexpr int N = vector_width<T>;
  ST_SHARED A shared[8];
  const Running<A> running = {p.product};
  const int team = p.team, lane = int(threadIdx.x) % team, width = team < 32 ? team : 32;
  const int warp = int(threadIdx.x) / 32, first_warp = int(threadIdx.x) / team * team / 32;
  const int64_t row = int64_t(blockIdx.x) * (blockDim.x / team) + threadIdx.x / team;
  int64_t offsets[2] = {};
  if (row < p.rows) locate(p.kept, row, offsets);
  const T *in = static_cast<const T *>(p.in) + offsets[1];
  T *out = static_cast<T *>(p.out) + offsets[0];
  A carry = running.start();
  if (p.totals != nullptr) {
    const A *totals = static_cast<const A *>(p.totals) + row * p.parts;
    for (int i = lane; i < int(blockIdx.y); i += team) carry = running(carry, totals[i]);
    carry = team_total(carry, team, shared, running);
  }
  const int64_t begin = blockIdx.y * p.part, end = begin + p.part < p.count ? begin + p.part : p.count;
  // All teams take as many steps: they wait for each other.
#pragma unroll 1
  for (int64_t chunk = begin; chunk < end; chunk += int64_t(team) * N) {
    const int64_t at = chunk + int64_t(lane) * N, stop = row < p.rows ? end : 0;
    A values[N];
    read_run(values, in, at, stop, p.strides[1], p.vectors_in, running.start());
#pragma unroll
    for (int n = 1; n < N; n++) values[n] = running(values[n - 1], values[n]);
    A sum = values[N - 1];
    for (int step = 1; step < width; step *= 2) {
      const A before = __shfl_up_sync(whole_warp, sum, step, width);
      if (lane % 32 >= step) sum = running(before, sum);
    }
    A prefix = __shfl_up_sync(whole_warp, sum, 1, width);
    if (lane % 32 == 0) prefix = running.start();
    A total = __shfl_sync(whole_warp, sum, width - 1, width);
    if (team > 32) {
      __syncthreads();
      if (lane % 32 == 0) shared[warp] = total;
      __syncthreads();
      A before = running.start();
      total = running.start();
      for (int w = 0; w < team / 32; w++) {
        if (first_warp + w == warp) before = total;
        total = running(total, shared[first_warp + w]);
      }
      prefix = running(before, prefix);
    }
    prefix = running(carry, prefix);
    carry = running(carry, total);
    if (p.vectors_out && at + N <= stop) {
      Vector<T, N> results;
#pragma unroll
      for (int n = 0; n < N; n++) results.values[n] = cast<T>(running(prefix, values[n]));
      store(out + at, results);
    } else {
#pragma unroll
      for (int n = 0; n < N; n++) {
        if (at + n < stop) out[(at + n) * p.strides[0]] = cast<T>(running(prefix, values[n]));
      }
    }
  }
}

// A thread for each row.
template <class T>
ST_DEVICE void scan_columns(const ScanParameters &p) {
  using A = ScanAccumulator<T>;
  const Running<A> running = {p.product};
  const int64_t row = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (row >= p.rows) return;
  int64_t offsets[2];
  locate(p.kept, row, offsets);
  const T *in = static_cast<const T *>(p.in) + offsets[1];
  T *out = static_cast<T *>(p.out) + offsets[0];
  A total = running.start();
  // Loads that do not wait for the stores before them, which might be to the same memory.
  constexpr int ahead = 8;
  int64_t i = 0;
#pragma unroll 1
  for (; i + ahead <= p.count; i += ahead) {
    T values[ahead];
#pragma unroll
    for (int k = 0; k < ahead; k++) values[k] = in[(i + k) * p.strides[1]];
#pragma unroll
    for (int k = 0; k < ahead; k++) {
      total = running(total, cast<A>(values[k]));
      out[(i + k) * p.strides[0]] = cast<T>(total);
    }
  }
#pragma unroll 1
  for (; i < p.count; i++) {
    total = running(total, cast<A>(in[i * p.strides[1]]));
    out[i * p.strides[0]] = cast<T>(total);
  }
}

}  // namespace st

#endif
