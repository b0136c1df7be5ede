// Element types and PyTorch's conversions between them, written without undefined behaviour and without branches, so
// that loops over them vectorise. It includes nothing: other backends embed this file's text. The surroundings define
// ST_INLINE and the fixed-width integer types.
#ifndef CTENSORKERNELS_CAST_HPP
#define CTENSORKERNELS_CAST_HPP

namespace st {

struct float16 {
  uint16_t bits;
};
struct bfloat16 {
  uint16_t bits;
};

template <class To, class From>
ST_INLINE To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

// ---- 16-bit floats. To nearest, ties to even; subnormals are kept.

#ifndef ST_OWN_HALF_CONVERSIONS  // a device with instructions for them has its own

ST_INLINE float to_float(float16 half) {
  uint32_t magnitude = half.bits & 0x7fffu;
  // The half's fields, read as a float's, are 2^112 too small; the product is exact, for subnormals too.
  uint32_t finite = bits_as<uint32_t>(bits_as<float>(magnitude << 13) * 0x1p112f);
  uint32_t special = 0x7f800000u | magnitude << 13;
  uint32_t value = magnitude >= 0x7c00u ? special : finite;
  return bits_as<float>(value | uint32_t(half.bits & 0x8000u) << 16);
}

ST_INLINE float16 to_float16(float value) {
  uint32_t bits = bits_as<uint32_t>(value);
  uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t normal = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  // Adding 0.5, whose last place is the smallest half, rounds a subnormal result to it.
  uint32_t subnormal = bits_as<uint32_t>(bits_as<float>(magnitude) + 0.5f) - 0x3f000000u;
  uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u : result;
  return float16{uint16_t(result | (bits >> 16 & 0x8000u))};
}

ST_INLINE float to_float(bfloat16 value) { return bits_as<float>(uint32_t(value.bits) << 16); }

ST_INLINE bfloat16 to_bfloat16(float value) {
  uint32_t bits = bits_as<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  return bfloat16{uint16_t((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded)};
}

#endif

// ---- Any to any.

template <class T> inline constexpr bool is_float = false;
template <> inline constexpr bool is_float<float> = true;
template <> inline constexpr bool is_float<double> = true;
template <class T> inline constexpr bool is_half = false;
template <> inline constexpr bool is_half<float16> = true;
template <> inline constexpr bool is_half<bfloat16> = true;
template <class A, class B> inline constexpr bool is_same = false;
template <class A> inline constexpr bool is_same<A, A> = true;

// Truncates; what does not fit gives the smallest integer, as x86 processors do.
template <class From>
ST_INLINE int64_t to_int64(From value) {
  return value >= From(-0x1p63) && value < From(0x1p63) ? int64_t(value) : INT64_MIN;
}
ST_INLINE int32_t to_int32(float value) { return value >= -0x1p31f && value < 0x1p31f ? int32_t(value) : INT32_MIN; }
ST_INLINE int32_t to_int32(double value) {
  return value > -0x1.00000002p31 && value < 0x1p31 ? int32_t(value) : INT32_MIN;
}

// PyTorch's cast. Integers keep their low bits; floats go to int8 and int16 by way of int32, to uint8 by way of
// int64, and every number to a 16-bit float by way of float.
template <class To, class From>
ST_INLINE To cast(From value) {
  if constexpr (is_same<To, From>) {
    return value;
  } else if constexpr (is_half<From>) {
    return cast<To>(to_float(value));
  } else if constexpr (is_same<To, float16>) {
    return to_float16(cast<float>(value));
  } else if constexpr (is_same<To, bfloat16>) {
    return to_bfloat16(cast<float>(value));
  } else if constexpr (is_same<To, bool>) {
    return value != From(0);
  } else if constexpr (is_float<From> && !is_float<To>) {
    if constexpr (is_same<To, int64_t> || is_same<To, uint8_t>) {
      return To(to_int64(value));
    } else {
      return To(to_int32(value));
    }
  } else {
    return To(value);
  }
}

}  // namespace st

#endif
