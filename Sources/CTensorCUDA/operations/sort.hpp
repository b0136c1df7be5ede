// Sorting by radix, for the operations that need it.
#ifndef ST_CUDA_OPERATIONS_SORT_HPP
#define ST_CUDA_OPERATIONS_SORT_HPP

#include "../runtime/device.hpp"
// After the integer types.
#include "../kernels/sort_parameters.h"

namespace st::cuda {

// Rows of `length` elements of `size` bytes, one after the other. `numbers` or `indices` get the places that the
// elements of `out` had in their rows of `in`, which stays as it is.
struct RadixSort {
  const void *in;
  void *out;
  uint32_t *numbers;
  int64_t *indices;
  int64_t rows, length;
  int size;
  int bits;  // of the keys, those that count
  SortOrder order;
};
st_status sort_by_radix(st_cuda_device *device, const RadixSort &sort);

// Replaces each of `length` counts, uint32 or wide ones of uint64, by the sum of those before it, in each sequence;
// `totals` gets the sums of all.
st_status sum_counts(st_cuda_device *device, bool wide, void *counts, void *totals, int64_t sequences, int64_t length);

// 0 ... 3
inline int size_index(int size) { return size == 8 ? 3 : size / 2; }
inline constexpr const char *unsigned_types[] = {"uint8_t", "uint16_t", "uint32_t", "uint64_t"};

}  // namespace st::cuda

#endif
