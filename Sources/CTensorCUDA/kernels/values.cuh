// Elements of a dtype that is known at run time only: loaded as bits by their size, then converted, so that several
// loads are under way at once.
#ifndef ST_CUDA_VALUES_CUH
#define ST_CUDA_VALUES_CUH

#include "device_math.cuh"

// Shared by kernels: tests compile one copy of it.
#ifdef ST_EMULATED
#define ST_SHARED_CODE __attribute__((noinline))
#else
#define ST_SHARED_CODE ST_DEVICE
#endif

namespace st {

// ---- Values as bits in a register.

template <class T>
ST_DEVICE T from_bits(uint64_t bits) {
  if constexpr (is_same<T, bool>) {
    return bits != 0;
  } else if constexpr (is_half<T>) {
    return T{uint16_t(bits)};
  } else if constexpr (is_same<T, float>) {
    return bits_as<float>(uint32_t(bits));
  } else if constexpr (is_same<T, double>) {
    return bits_as<double>(bits);
  } else {
    return T(bits);
  }
}

template <class T>
ST_DEVICE uint64_t to_bits(T value) {
  if constexpr (is_half<T>) {
    return value.bits;
  } else if constexpr (is_same<T, float>) {
    return bits_as<uint32_t>(value);
  } else if constexpr (is_same<T, double>) {
    return bits_as<uint64_t>(value);
  } else {
    return uint64_t(value);
  }
}

// ---- Memory.

template <class Bits, int items>
ST_DEVICE void load_each(uint64_t (&bits)[items], const void *from, const int64_t (&offsets)[items]) {
#pragma unroll
  for (int i = 0; i < items; i++) bits[i] = static_cast<const Bits *>(from)[offsets[i]];
}

template <int items>
ST_SHARED_CODE void load_bits(uint64_t (&bits)[items], const void *from, const int64_t (&offsets)[items],
                              int32_t dtype) {
  switch (dtype) {
    case ST_BOOL: case ST_UINT8: case ST_INT8: return load_each<uint8_t>(bits, from, offsets);
    case ST_INT16: case ST_FLOAT16: case ST_BFLOAT16: return load_each<uint16_t>(bits, from, offsets);
    case ST_INT32: case ST_FLOAT32: return load_each<uint32_t>(bits, from, offsets);
    default: return load_each<uint64_t>(bits, from, offsets);
  }
}

// Those of the items in `present`.
template <class Bits, int items>
ST_DEVICE void store_each(void *to, const int64_t (&offsets)[items], const uint64_t (&bits)[items],
                          const bool (&present)[items]) {
#pragma unroll
  for (int i = 0; i < items; i++) {
    if (present[i]) static_cast<Bits *>(to)[offsets[i]] = Bits(bits[i]);
  }
}

template <int items>
ST_SHARED_CODE void store_bits(void *to, const int64_t (&offsets)[items], const uint64_t (&bits)[items],
                               const bool (&present)[items], int32_t dtype) {
  switch (dtype) {
    case ST_BOOL: case ST_UINT8: case ST_INT8: return store_each<uint8_t>(to, offsets, bits, present);
    case ST_INT16: case ST_FLOAT16: case ST_BFLOAT16: return store_each<uint16_t>(to, offsets, bits, present);
    case ST_INT32: case ST_FLOAT32: return store_each<uint32_t>(to, offsets, bits, present);
    default: return store_each<uint64_t>(to, offsets, bits, present);
  }
}

// ---- Conversion.

template <class From, class To, int items>
ST_DEVICE void cast_from(To (&values)[items], const uint64_t (&bits)[items]) {
#pragma unroll
  for (int i = 0; i < items; i++) values[i] = cast<To>(from_bits<From>(bits[i]));
}

template <class To, int items>
ST_SHARED_CODE void cast_from_bits(To (&values)[items], const uint64_t (&bits)[items], int32_t dtype) {
  switch (dtype) {
    case ST_BOOL: return cast_from<bool>(values, bits);
    case ST_UINT8: return cast_from<uint8_t>(values, bits);
    case ST_INT8: return cast_from<int8_t>(values, bits);
    case ST_INT16: return cast_from<int16_t>(values, bits);
    case ST_INT32: return cast_from<int32_t>(values, bits);
    case ST_INT64: return cast_from<int64_t>(values, bits);
    case ST_FLOAT16: return cast_from<float16>(values, bits);
    case ST_BFLOAT16: return cast_from<bfloat16>(values, bits);
    case ST_FLOAT32: return cast_from<float>(values, bits);
    default: return cast_from<double>(values, bits);
  }
}

template <class To, class From, int items>
ST_DEVICE void cast_to(uint64_t (&bits)[items], const From (&values)[items]) {
#pragma unroll
  for (int i = 0; i < items; i++) bits[i] = to_bits(cast<To>(values[i]));
}

template <class From, int items>
ST_SHARED_CODE void cast_to_bits(uint64_t (&bits)[items], const From (&values)[items], int32_t dtype) {
  switch (dtype) {
    case ST_BOOL: return cast_to<bool>(bits, values);
    case ST_UINT8: return cast_to<uint8_t>(bits, values);
    case ST_INT8: return cast_to<int8_t>(bits, values);
    case ST_INT16: return cast_to<int16_t>(bits, values);
    case ST_INT32: return cast_to<int32_t>(bits, values);
    case ST_INT64: return cast_to<int64_t>(bits, values);
    case ST_FLOAT16: return cast_to<float16>(bits, values);
    case ST_BFLOAT16: return cast_to<bfloat16>(bits, values);
    case ST_FLOAT32: return cast_to<float>(bits, values);
    default: return cast_to<double>(bits, values);
  }
}

}  // namespace st

#endif
