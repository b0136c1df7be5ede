// Operands in vectors of up to 16 bytes.
#ifndef ST_CUDA_VECTORS_CUH
#define ST_CUDA_VECTORS_CUH

#include "dialect.cuh"

namespace st {

// Of an operand that is not dense, only each vector's first element, which repeat_first spreads: meanwhile other
// operands can be loaded.
template <class T, int width, int items>
ST_DEVICE void load_vectors(Vector<T, width> (&vectors)[items], const void *from, const int64_t (&offsets)[items],
                            bool dense) {
  const T *elements = static_cast<const T *>(from);
  if (dense) {
#pragma unroll
    for (int i = 0; i < items; i++) vectors[i] = *reinterpret_cast<const Vector<T, width> *>(elements + offsets[i]);
  } else {
#pragma unroll
    for (int i = 0; i < items; i++) vectors[i].values[0] = elements[offsets[i]];
  }
}

template <class T, int width, int items>
ST_DEVICE void repeat_first(Vector<T, width> (&vectors)[items]) {
#pragma unroll
  for (int i = 0; i < items; i++) {
#pragma unroll
    for (int j = 1; j < width; j++) vectors[i].values[j] = vectors[i].values[0];
  }
}

}  // namespace st

#endif
