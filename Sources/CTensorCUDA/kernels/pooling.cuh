// Pooling over up to three dimensions: a thread for each element of the result.
#ifndef ST_CUDA_POOLING_CUH
#define ST_CUDA_POOLING_CUH

#include "device_math.cuh"
// After the integer types.
#include "pooling_parameters.h"

namespace st {

// The elements begin, begin + step ... below end of one dimension.
struct PoolWindow {
  int64_t begin, end, step;

  ST_INLINE PoolWindow(const PoolParameters &p, int d, int64_t place) {
    const PoolDimension &axis = p.axes[d];
    if (p.adaptive) {
      begin = place * axis.size / axis.places;
      end = ((place + 1) * axis.size + axis.places - 1) / axis.places;
      step = 1;
    } else {
      const int64_t start = place * axis.stride - axis.padding;
      begin = start >= 0 ? start : start + (-start + axis.dilation - 1) / axis.dilation * axis.dilation;
      const int64_t stop = start + int64_t(axis.kernel - 1) * axis.dilation + 1;
      end = stop < axis.size ? stop : axis.size;
      step = axis.dilation;
    }
  }
};

// How many elements a mean's window has along a dimension.
ST_INLINE int64_t pool_count(const PoolParameters &p, int d, int64_t place) {
  const PoolDimension &axis = p.axes[d];
  if (p.adaptive || !p.counts_padding) {
    const PoolWindow window(p, d, place);
    return window.end > window.begin ? window.end - window.begin : 0;
  }
  const int64_t start = place * axis.stride - axis.padding, stop = start + axis.kernel;
  return (stop < axis.size + axis.padding ? stop : axis.size + axis.padding) - start;
}

// An element's plane and place.
struct PoolPlace {
  int64_t plane, at[3];
  ST_INLINE PoolPlace(int64_t number, int64_t depth, int64_t height, int64_t width) {
    at[2] = number % width;
    number /= width;
    at[1] = number % height;
    number /= height;
    at[0] = number % depth;
    plane = number / depth;
  }
};

template <class T>
ST_INLINE const T *pool_plane(const PoolParameters &p, int64_t plane) {
  return static_cast<const T *>(p.in) + plane * (p.axes[0].size * p.axes[1].size * p.axes[2].size);
}

template <class A>
ST_INLINE A pool_least() {
  if constexpr (is_float<A>) {
    return -A(__builtin_inf());
  } else {
    return A(INT64_MIN);
  }
}

template <class T>
ST_DEVICE void max_pool(const PoolParameters &p) {
  using A = Arithmetic<T>;
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < p.count; i += int64_t(gridDim.x) * blockDim.x) {
    const PoolPlace place(i, p.axes[0].places, p.axes[1].places, p.axes[2].places);
    const PoolWindow slices(p, 0, place.at[0]), rows(p, 1, place.at[1]), columns(p, 2, place.at[2]);
    const T *const in = pool_plane<T>(p, place.plane);
    A best = pool_least<A>();
    int64_t where = (slices.begin * p.axes[1].size + rows.begin) * p.axes[2].size + columns.begin;
    for (int64_t z = slices.begin; z < slices.end; z += slices.step) {
      for (int64_t y = rows.begin; y < rows.end; y += rows.step) {
        for (int64_t x = columns.begin; x < columns.end; x += columns.step) {
          const int64_t at = (z * p.axes[1].size + y) * p.axes[2].size + x;
          const A value = cast<A>(in[at]);
          if (value > best || value != value) {
            best = value;
            where = at;
          }
        }
      }
    }
    static_cast<T *>(p.out)[i] = cast<T>(best);
    if (p.indices != nullptr) p.indices[i] = where;
  }
}

template <class T>
ST_DEVICE void average_pool(const PoolParameters &p) {
  using A = Arithmetic<T>;
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < p.count; i += int64_t(gridDim.x) * blockDim.x) {
    const PoolPlace place(i, p.axes[0].places, p.axes[1].places, p.axes[2].places);
    const PoolWindow slices(p, 0, place.at[0]), rows(p, 1, place.at[1]), columns(p, 2, place.at[2]);
    const T *const in = pool_plane<T>(p, place.plane);
    A sum = A(0);
    for (int64_t z = slices.begin; z < slices.end; z++) {
      for (int64_t y = rows.begin; y < rows.end; y++) {
        for (int64_t x = columns.begin; x < columns.end; x++) {
          sum += cast<A>(in[(z * p.axes[1].size + y) * p.axes[2].size + x]);
        }
      }
    }
    int64_t count = p.divisor;
    if (count == 0) {
      count = pool_count(p, 0, place.at[0]) * pool_count(p, 1, place.at[1]) * pool_count(p, 2, place.at[2]);
    }
    static_cast<T *>(p.out)[i] = cast<T>(count != 0 ? A(sum / A(count)) : A(0));
  }
}

// The places whose windows may hold an element.
struct PoolPlaces {
  int64_t first, last;
  ST_INLINE PoolPlaces(const PoolParameters &p, int d, int64_t element) {
    const PoolDimension &axis = p.axes[d];
    if (p.adaptive) {
      first = element * axis.places / axis.size;
      last = ((element + 1) * axis.places + axis.size - 1) / axis.size;
    } else {
      const int64_t late = element + axis.padding - axis.kernel + 1;
      first = late > 0 ? (late + axis.stride - 1) / axis.stride : 0;
      last = (element + axis.padding) / axis.stride + 1;
    }
    if (last > axis.places) last = axis.places;
  }
};

// `in` is the gradient of the means, `out` has the planes.
template <class T>
ST_DEVICE void average_pool_backward(const PoolParameters &p) {
  using A = Arithmetic<T>;
  const int64_t places = p.axes[0].places * p.axes[1].places * p.axes[2].places;
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < p.count; i += int64_t(gridDim.x) * blockDim.x) {
    const PoolPlace element(i, p.axes[0].size, p.axes[1].size, p.axes[2].size);
    const PoolPlaces slices(p, 0, element.at[0]), rows(p, 1, element.at[1]), columns(p, 2, element.at[2]);
    const T *const in = static_cast<const T *>(p.in) + element.plane * places;
    A sum = A(0);
    for (int64_t z = slices.first; z < slices.last; z++) {
      for (int64_t y = rows.first; y < rows.last; y++) {
        for (int64_t x = columns.first; x < columns.last; x++) {
          const int64_t count =
              p.divisor != 0 ? p.divisor : pool_count(p, 0, z) * pool_count(p, 1, y) * pool_count(p, 2, x);
          const A part = cast<A>(in[(z * p.axes[1].places + y) * p.axes[2].places + x]);
          if (count != 0) sum += A(part / A(count));
        }
      }
    }
    static_cast<T *>(p.out)[i] = cast<T>(sum);
  }
}

}  // namespace st

#endif
