// The transforms of random.cpp that use fused multiply-adds. Each rounding is as PyTorch's on processors with AVX2;
// without the instruction the C library's fma gives the same bits.

// uniform24(draws) scaled into from..<to; a value that rounds to `to` becomes `from`.
template <class T>
static void uniform_values(const uint32_t *draws, T *out, intptr_t count, float from, float to) {
  const float width = to - from;
  const T first = cast<T>(from), past = cast<T>(to);
  for (intptr_t i = 0; i < count; i++) {
    const T value = cast<T>(fused(uniform24(draws[i]), width, from));
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
    const double value = fused(uniform53(joined(draws + 2 * i)), width, from);
    out[i] = value == to ? from : value;
  }
}

// Natural logarithm: Cephes' logf, for x in (0, 1].
static ST_INLINE float logarithm(float x) {
  const int32_t bits = bits_as<int32_t>(x);
  float exponent = static_cast<float>((bits >> 23) - 0x7F) + 1.0f;
  x = bits_as<float>((bits & ~0x7F800000) | 0x3F000000);
  const bool small = x < 0.707106781186547524f;
  exponent = small ? exponent - 1.0f : exponent;
  const float less = x - 1.0f;
  x = small ? less + x : less;
  const float square = x * x;
  float y = fused(7.0376836292e-2f, x, -1.1514610310e-1f);
  y = fused(y, x, 1.1676998740e-1f);
  y = fused(y, x, -1.2420140846e-1f);
  y = fused(y, x, 1.4249322787e-1f);
  y = fused(y, x, -1.6668057665e-1f);
  y = fused(y, x, 2.0000714765e-1f);
  y = fused(y, x, -2.4999993993e-1f);
  y = fused(y, x, 3.3333331174e-1f);
  y = y * x;
  y = fused(y, square, exponent * -2.12194440e-4f);
  y = fused(-square, 0.5f, y);
  x = x + y;
  return fused(exponent, 0.693359375f, x);
}

// Sine and cosine: Cephes' sinf and cosf, for x in [0, 2 pi].
static ST_INLINE void sine_cosine(float x, float &sine, float &cosine) {
  const int32_t octant = (static_cast<int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const float y = static_cast<float>(octant);
  const uint32_t sine_sign = uint32_t(octant & 4) << 29, cosine_sign = uint32_t(~(octant - 2) & 4) << 29;
  x = fused(y, -0.78515625f, x);
  x = fused(y, -2.4187564849853515625e-4f, x);
  x = fused(y, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = fused(2.443315711809948e-5f, z, -1.388731625493765e-3f);
  c = fused(c, z, 4.166664568298827e-2f);
  c = c * z;
  c = fused(c, z, -(z * 0.5f));
  c = c + 1.0f;
  float s = fused(-1.9515295891e-4f, z, 8.3321608736e-3f);
  s = fused(s, z, -1.6666654611e-1f);
  s = s * z;
  s = fused(s, x, x);
  const bool plain = (octant & 2) == 0;
  sine = bits_as<float>(bits_as<uint32_t>(plain ? s : c) ^ sine_sign);
  cosine = bits_as<float>(bits_as<uint32_t>(plain ? c : s) ^ cosine_sign);
}

// Box and Muller's transform in place: blocks of 8 radii and 8 angles, uniform in [0, 1), become 16 normal values.
void normal_blocks(float *values, intptr_t blocks, float mean, float deviation) {
  for (intptr_t block = 0; block < blocks; block++, values += 16) {
    for (int i = 0; i < 8; i++) {
      float sine, cosine;
      const float radius = __builtin_elementwise_sqrt(-2.0f * logarithm(1.0f - values[i]));
      sine_cosine(values[i + 8] * 6.283185307179586f, sine, cosine);
      values[i] = fused(radius * cosine, deviation, mean);
      values[i + 8] = fused(radius * sine, deviation, mean);
    }
  }
}
