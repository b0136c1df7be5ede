// Conversions of contiguous elements, for one instruction set: see dispatch.hpp.

template <class To, class From>
void convert(void *out, const void *in, intptr_t count) {
  To *target = static_cast<To *>(out);
  const From *source = static_cast<const From *>(in);
#if ST_VARIANT_F16C
  // The processor's own conversions of half.
  if constexpr (is_same<From, float16> && is_same<To, float>) {
#pragma clang loop vectorize(assume_safety)
    for (intptr_t i = 0; i < count; i++) target[i] = float(bits_as<_Float16>(source[i].bits));
    return;
  }
  if constexpr (is_same<From, float> && is_same<To, float16>) {
#pragma clang loop vectorize(assume_safety)
    for (intptr_t i = 0; i < count; i++) target[i].bits = bits_as<uint16_t>(_Float16(source[i]));
    return;
  }
#endif
#pragma clang loop vectorize(assume_safety)
  for (intptr_t i = 0; i < count; i++) target[i] = cast<To>(source[i]);
}

template <class To>
Conversion conversion_to(st_dtype from) {
  return with_type(from, [](auto tag) -> Conversion { return convert<To, typename decltype(tag)::type>; });
}

inline Conversion conversion(st_dtype to, st_dtype from) {
  return with_type(to, [from](auto tag) { return conversion_to<typename decltype(tag)::type>(from); });
}
