// Operands in vectors of up to 16 bytes.
#ifndef ST_CUDA_VECTORS_CUH
#define ST_CUDA_VECTORS_CUH

#include "device_math.cuh"

namespace st {

// What a vector is kept in: 16-bit floats as pairs, since registers have 32 bits.
template <class T, int N, bool pairs = is_half<T> && N % 2 == 0> struct HeldOf { using type = Vector<T, N>; };
template <class T, int N> struct HeldOf<T, N, true> { using type = Vector<uint32_t, N / 2>; };
template <class T, int N> using Held = typename HeldOf<T, N>::type;

// Of an operand that is not dense, only each vector's first element: meanwhile other operands can be loaded.
template <class T, int width, int items>
ST_DEVICE void load_vectors(Held<T, width> (&vectors)[items], const void *from, const int64_t (&offsets)[items],
                            bool dense) {
  const T *elements = static_cast<const T *>(from);
  if (dense) {
#pragma unroll
    for (int i = 0; i < items; i++) {
      vectors[i] = *reinterpret_cast<const Held<T, width> *>(elements + offsets[i]);
    }
  } else {
#pragma unroll
    for (int i = 0; i < items; i++) {
      if constexpr (is_half<T>) vectors[i].values[0] = elements[offsets[i]].bits;
      else vectors[i].values[0] = elements[offsets[i]];
    }
  }
}

// ---- Two 16-bit floats in a register, the first one low.

template <class T>
ST_DEVICE void floats_of_pair(uint32_t pair, float &first, float &second) {
#ifndef ST_EMULATED
  if constexpr (is_same<T, bfloat16>) {
    first = __uint_as_float(pair << 16);
    second = __uint_as_float(pair & 0xffff0000u);
    return;
  }
#endif
  first = to_float(T{uint16_t(pair)});
  second = to_float(T{uint16_t(pair >> 16)});
}

template <class T>
ST_DEVICE uint32_t pair_of_floats(float first, float second) {
#if !defined(ST_EMULATED) && __CUDA_ARCH__ >= 800
  uint32_t pair;
  if constexpr (is_same<T, bfloat16>) {
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  } else {
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  }
  return pair;
#else
  return uint32_t(cast<T>(first).bits) | uint32_t(cast<T>(second).bits) << 16;
#endif
}

// ---- A vector's elements as numbers, and back.

template <class T, class Number, int N>
ST_DEVICE void unpack(Number (&numbers)[N], const Held<T, N> &vector) {
  if constexpr (is_half<T> && N % 2 == 0) {
#pragma unroll
    for (int n = 0; n < N; n += 2) {
      float first, second;
      floats_of_pair<T>(vector.values[n / 2], first, second);
      numbers[n] = cast<Number>(first);
      numbers[n + 1] = cast<Number>(second);
    }
  } else {
#pragma unroll
    for (int n = 0; n < N; n++) numbers[n] = cast<Number>(vector.values[n]);
  }
}

// Of an operand that is not dense, the first element for all.
template <class T, class Number, int N>
ST_DEVICE void unpack(Number (&numbers)[N], const Held<T, N> &vector, bool dense) {
  if (dense) {
    unpack<T>(numbers, vector);
  } else {
    Number first;
    if constexpr (is_half<T>) first = cast<Number>(T{uint16_t(vector.values[0])});
    else first = cast<Number>(vector.values[0]);
#pragma unroll
    for (int n = 0; n < N; n++) numbers[n] = first;
  }
}

template <class T, class Number, int N>
ST_DEVICE Held<T, N> packed(const Number (&numbers)[N]) {
  Held<T, N> vector;
  if constexpr (is_half<T> && N % 2 == 0) {
#pragma unroll
    for (int n = 0; n < N; n += 2) {
      vector.values[n / 2] = pair_of_floats<T>(cast<float>(numbers[n]), cast<float>(numbers[n + 1]));
    }
  } else {
#pragma unroll
    for (int n = 0; n < N; n++) vector.values[n] = cast<T>(numbers[n]);
  }
  return vector;
}

}  // namespace st

#endif
