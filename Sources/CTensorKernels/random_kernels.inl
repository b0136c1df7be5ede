// The transforms of random.cpp that use fused multiply-adds. Each rounding is as PyTorch's on processors with AVX2; without
// the instruction the C library's fma gives the same bits.

// uniform24(draws) scaled into from..<to; a value that rounds to `to` becomes `from`.
template <class T>
static void uniform_values(const uint32_t *draws, T *out, intptr_t count, float from, float to) {
  const float width = to - from;
  const T first = cast<T>(from), past = cast<T>(to);
  for (intptr_t i = 0; i < count; i++) {
    const T value = cast<T>(__builtin_fmaf(uniform24(draws[i]), width, from));
    out[i] = to_float(value) == to_float(past) ? first : value;
  }
}
void uniform_float(const uint32_t *draws, float *out, intptr_t count, float from, float to) {
  uniform_values(draws, out, count, from, to);
}
void uniform_float16(const uint32_t *draws, float16 *out, intptr_t count, float from, float to) {
  uniform_values(draws, out, count, from, to);
}
void uniform_bfloat16(const uint32_t *draws, bfloat16 *out, intptr_t count, float from, float to) {
  uniform_values(draws, out, count, from, to);
}
void uniform_double(const uint32_t *draws, double *out, intptr_t count, double from, double to) {
  const double width = to - from;
  for (intptr_t i = 0; i < count; i++) {
    const double value = __builtin_fma(uniform53(joined(draws + 2 * i)), width, from);
    out[i] = value == to ? from : value;
  }
}

// Natural logarithm: Cephes' logf, for x in (0, 1].
static ST_INLINE Float8 logarithm(Float8 x) {
  constexpr float coefficients[] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                                    -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                                    2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
  const Int8 bits = bits_as<Int8>(x);
  Float8 exponent = __builtin_convertvector((bits >> 23) - 0x7F, Float8) + 1.0f;
  x = bits_as<Float8>((bits & ~0x7F800000) | 0x3F000000);
  const Int8 small = x < 0.707106781186547524f;
  exponent = small ? exponent - 1.0f : exponent;
  const Float8 less = x - 1.0f;
  x = small ? less + x : less;
  const Float8 square = x * x;
  Float8 y = splat(coefficients[0]);
  for (int k = 1; k < 9; k++) y = __builtin_elementwise_fma(y, x, splat(coefficients[k]));
  y = y * x;
  const Float8 low = exponent * -2.12194440e-4f;
  y = __builtin_elementwise_fma(y, square, low);
  y = __builtin_elementwise_fma(-square, splat(0.5f), y);
  x = x + y;
  return __builtin_elementwise_fma(exponent, splat(0.693359375f), x);
}

// Sine and cosine: Cephes' sinf and cosf, for x in [0, 2 pi].
static ST_INLINE void sine_cosine(Float8 x, Float8 &sine, Float8 &cosine) {
  Int8 octant = __builtin_convertvector(x * 1.27323954473516f, Int8);
  octant = (octant + 1) & ~1;
  const Float8 y = __builtin_convertvector(octant, Float8);
  const Int8 sine_sign = (octant & 4) << 29, cosine_sign = (~(octant - 2) & 4) << 29;
  const Int8 plain = (octant & 2) == 0;
  x = __builtin_elementwise_fma(y, splat(-0.78515625f), x);
  x = __builtin_elementwise_fma(y, splat(-2.4187564849853515625e-4f), x);
  x = __builtin_elementwise_fma(y, splat(-3.77489497744594108e-8f), x);
  const Float8 z = x * x;
  Float8 c = __builtin_elementwise_fma(splat(2.443315711809948e-5f), z, splat(-1.388731625493765e-3f));
  c = __builtin_elementwise_fma(c, z, splat(4.166664568298827e-2f));
  c = c * z;
  c = __builtin_elementwise_fma(c, z, -(z * 0.5f));
  c = c + 1.0f;
  Float8 s = __builtin_elementwise_fma(splat(-1.9515295891e-4f), z, splat(8.3321608736e-3f));
  s = __builtin_elementwise_fma(s, z, splat(-1.6666654611e-1f));
  s = s * z;
  s = __builtin_elementwise_fma(s, x, x);
  sine = bits_as<Float8>(bits_as<Int8>(plain ? s : c) ^ sine_sign);
  cosine = bits_as<Float8>(bits_as<Int8>(plain ? c : s) ^ cosine_sign);
}

// Box and Muller's transform in place: blocks of 8 radii and 8 angles, uniform in [0, 1), become 16 normal values.
void normal_blocks(float *values, intptr_t blocks, float mean, float deviation) {
  for (intptr_t block = 0; block < blocks; block++, values += 16) {
    Float8 radius, angle, sine, cosine;
    __builtin_memcpy(&radius, values, sizeof radius);
    __builtin_memcpy(&angle, values + 8, sizeof angle);
    radius = __builtin_elementwise_sqrt(-2.0f * logarithm(1.0f - radius));
    sine_cosine(angle * 6.283185307179586f, sine, cosine);
    cosine = __builtin_elementwise_fma(radius * cosine, splat(deviation), splat(mean));
    sine = __builtin_elementwise_fma(radius * sine, splat(deviation), splat(mean));
    __builtin_memcpy(values, &cosine, sizeof cosine);
    __builtin_memcpy(values + 8, &sine, sizeof sine);
  }
}
