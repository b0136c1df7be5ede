// Evenly spaced numbers.
#ifndef ST_CUDA_RANGE_CUH
#define ST_CUDA_RANGE_CUH

#include "device_math.cuh"
// After the integer types.
#include "copy_parameters.h"

namespace st {

template <class T>
ST_DEVICE void arange(const RangeParameters &p) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= p.count) return;
  T *out = static_cast<T *>(p.out) + i * p.stride;
  if (p.whole) {
    *out = cast<T>(int64_t(uint64_t(p.first) + uint64_t(i) * uint64_t(p.step)));
  } else {
    *out = cast<T>(p.real_first + double(i) * p.real_step);
  }
}

// From both ends. `Step` has the output's precision, for 16-bit floats float's, for whole numbers double's.
template <class T, class Step>
ST_DEVICE void linspace(const RangeParameters &p) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= p.count) return;
  const Step first = Step(p.real_first), last = Step(p.real_last), by = Step(p.real_step);
  const bool near = i < p.count / 2 || p.count == 1;
  static_cast<T *>(p.out)[i * p.stride] = cast<T>(near ? first + by * Step(i) : last - by * Step(p.count - 1 - i));
}

}  // namespace st

#endif
