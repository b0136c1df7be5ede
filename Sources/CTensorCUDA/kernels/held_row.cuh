// Contiguous rows that are kept in the registers of the threads that share them.
#ifndef ST_CUDA_HELD_ROW_CUH
#define ST_CUDA_HELD_ROW_CUH

#include "rows.cuh"
#include "vectors.cuh"

// These kernels wait for memory, so that more blocks at once are worth more than more registers to each. On Hopper the
// compiler's own balance was measured to be faster, and does not spill.
#if __CUDA_ARCH__ == 900
#undef ST_BOUNDS
#define ST_BOUNDS(threads) __launch_bounds__(threads)
#endif

namespace st {

// Where a thread stands: its row, and its number in the row's team.
struct RowPlace {
  int64_t row;
  int length;           // of the threads beyond the last row: 0
  int lane, team;
  bool vectors;         // wide accesses are possible

  ST_DEVICE RowPlace(int team, int64_t rows, int64_t length, bool vectors)
      : row(int64_t(blockIdx.x) * (blockDim.x / team) + threadIdx.x / team),
        length(row < rows ? int(length) : 0),
        lane(int(threadIdx.x) % team),
        team(team),
        vectors(vectors) {}
};

// A thread's part of a row: `held` vectors, or as many single elements; kept as `Value`s.
template <class T, int held, class Value = Arithmetic<T>>
struct HeldRow {
  static constexpr int N = vector_width<T>, count = N * held;
  Value values[count];

  // The place in the row of the i-th value.
  static ST_DEVICE int at(int i, const RowPlace &place) {
    return place.vectors ? ((i / N) * place.team + place.lane) * N + i % N : i * place.team + place.lane;
  }

  ST_DEVICE void read(const T *row, const RowPlace &place, Value missing) {
    if (place.vectors) {
      Held<T, N> loaded[held];
      Vector<T, N> none;
#pragma unroll
      for (int n = 0; n < N; n++) none.values[n] = cast<T>(missing);
#pragma unroll
      for (int k = 0; k < held; k++) {
        loaded[k] = bits_as<Held<T, N>>(none);
        if (at(k * N, place) < place.length) {
          loaded[k] = *reinterpret_cast<const Held<T, N> *>(row + at(k * N, place));
        }
      }
#pragma unroll
      for (int k = 0; k < held; k++) {
        if constexpr (is_same<Value, T>) {
          const auto elements = bits_as<Vector<T, N>>(loaded[k]);
#pragma unroll
          for (int n = 0; n < N; n++) values[k * N + n] = elements.values[n];
        } else {
          Value numbers[N];
          unpack<T>(numbers, loaded[k]);
#pragma unroll
          for (int n = 0; n < N; n++) values[k * N + n] = numbers[n];
        }
      }
    } else {
#pragma unroll
      for (int i = 0; i < count; i++) {
        values[i] = at(i, place) < place.length ? cast<Value>(row[at(i, place)]) : missing;
      }
    }
  }

  // Calls body(value) for each value that is there.
  template <class Body>
  ST_DEVICE void each(const RowPlace &place, const Body &body) {
    if (place.vectors) {
#pragma unroll
      for (int k = 0; k < held; k++) {
        if (at(k * N, place) >= place.length) continue;
#pragma unroll
        for (int n = 0; n < N; n++) body(values[k * N + n]);
      }
    } else {
#pragma unroll
      for (int i = 0; i < count; i++) {
        if (at(i, place) < place.length) body(values[i]);
      }
    }
  }

  // Writes finish(value, i) for the i-th value.
  template <class Finish>
  ST_DEVICE void write(T *row, const RowPlace &place, const Finish &finish) const {
    if (place.vectors) {
#pragma unroll
      for (int k = 0; k < held; k++) {
        if (at(k * N, place) >= place.length) continue;
        Arithmetic<T> results[N];
#pragma unroll
        for (int n = 0; n < N; n++) results[n] = finish(values[k * N + n], k * N + n);
        *reinterpret_cast<Held<T, N> *>(row + at(k * N, place)) = packed<T>(results);
      }
    } else {
#pragma unroll
      for (int i = 0; i < count; i++) {
        if (at(i, place) < place.length) row[at(i, place)] = cast<T>(finish(values[i], i));
      }
    }
  }
};

}  // namespace st

#endif
