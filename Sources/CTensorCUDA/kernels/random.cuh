// Philox random numbers: the values that PyTorch's fills give a seed. The element of a number is settled by the launch:
// thread t of T draws groups of 128 bits, of which value i goes to element t + T * i.
#ifndef ST_CUDA_RANDOM_CUH
#define ST_CUDA_RANDOM_CUH

#include "device_math.cuh"
#include "random_parameters.h"

namespace st {

// ---- The stream: Philox 4x32-10 (Salmon and others, 2011).

struct PhiloxGroup {
  uint32_t words[4];
};

ST_INLINE PhiloxGroup philox(uint64_t seed, uint64_t group, uint64_t thread) {
  uint32_t c0 = uint32_t(group), c1 = uint32_t(group >> 32), c2 = uint32_t(thread), c3 = uint32_t(thread >> 32);
  uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint64_t a = uint64_t(0xD2511F53u) * c0, b = uint64_t(0xCD9E8D57u) * c2;
    c0 = uint32_t(b >> 32) ^ c1 ^ k0;
    c1 = uint32_t(b);
    c2 = uint32_t(a >> 32) ^ c3 ^ k1;
    c3 = uint32_t(a);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// Takes words one by one; not indexed, which would put the group into memory.
ST_INLINE uint32_t next_word(PhiloxGroup &group) {
  const uint32_t word = group.words[0];
  group = {{group.words[1], group.words[2], group.words[3], 0}};
  return word;
}

// The number of a launch's first group.
ST_INLINE uint64_t first_group(const PhiloxState &state) {
  return (state.offset + (state.graph_offset == nullptr ? 0 : *state.graph_offset)) / 4;
}

// ---- Numbers of a group. Uniform ones lie in (0, 1].

ST_INLINE float unit(uint32_t x) { return m_fma(float(x), 0x1p-32f, 0x1p-33f); }
ST_INLINE uint64_t joined53(uint32_t low, uint32_t high) { return uint64_t(low) ^ uint64_t(high) << 21; }
ST_INLINE uint64_t joined(uint32_t high, uint32_t low) { return uint64_t(high) << 32 | low; }

ST_INLINE void uniform_numbers(const PhiloxGroup &group, float (&numbers)[4]) {
  for (int i = 0; i < 4; i++) numbers[i] = unit(group.words[i]);
}
ST_INLINE void uniform_numbers(const PhiloxGroup &group, double (&numbers)[2]) {
  for (int i = 0; i < 2; i++) {
    numbers[i] = m_fma(double(joined53(group.words[2 * i], group.words[2 * i + 1])), 0x1p-53, 0x1p-54);
  }
}

ST_INLINE void whole_numbers(const PhiloxGroup &group, uint32_t (&numbers)[4]) {
  for (int i = 0; i < 4; i++) numbers[i] = group.words[i];
}
ST_INLINE void whole_numbers(const PhiloxGroup &group, uint64_t (&numbers)[2]) {
  for (int i = 0; i < 2; i++) numbers[i] = joined(group.words[2 * i], group.words[2 * i + 1]);
}

// For floats the fast instructions, as PyTorch's build.
#ifdef ST_EMULATED
ST_INLINE void fast_sincos(float x, float &sine, float &cosine) { sine = ::sinf(x), cosine = ::cosf(x); }
ST_INLINE void sincos_pi(double x, double &sine, double &cosine) {
  sine = ::sin(3.14159265358979323846 * x);
  cosine = ::cos(3.14159265358979323846 * x);
}
#else
ST_INLINE void fast_sincos(float x, float &sine, float &cosine) { __sincosf(x, &sine, &cosine); }
ST_INLINE void sincos_pi(double x, double &sine, double &cosine) { ::sincospi(x, &sine, &cosine); }
#endif

// Box and Muller's transform; the sine comes first.
ST_INLINE void normal_numbers(const PhiloxGroup &group, float (&numbers)[4]) {
  constexpr float turn = 0x1p-32f * 6.2831855f;
  for (int i = 0; i < 4; i += 2) {
    const float radius = m_sqrt(-2.0f * m_log(unit(group.words[i])));
    float sine, cosine;
    fast_sincos(m_fma(float(group.words[i + 1]), turn, turn / 2), sine, cosine);
    numbers[i] = sine * radius;
    numbers[i + 1] = cosine * radius;
  }
}
ST_INLINE void normal_numbers(const PhiloxGroup &group, double (&numbers)[2]) {
  const uint32_t *words = group.words;
  const double radius = m_sqrt(-2.0 * m_log(m_fma(double(joined53(words[0], words[1])), 0x1p-53, 0x1p-54)));
  double sine, cosine;
  sincos_pi(m_fma(double(joined53(words[2], words[3])), 0x1p-52, 0x1p-53), sine, cosine);
  numbers[0] = sine * radius;
  numbers[1] = cosine * radius;
}

// ---- Distributions: what becomes of a number, and where it goes.

// A value that rounds to the end becomes the beginning: [from, to).
template <class T>
struct Uniform {
  using Number = Arithmetic<T>;
  T from, to;
  Number width;

  ST_INLINE explicit Uniform(const FillParameters &p) : from(cast<T>(p.first)), to(cast<T>(p.second)) {
    width = cast<Number>(cast<T>(cast<Number>(to) - cast<Number>(from)));
  }
  template <class Numbers>
  static ST_INLINE void draw(const PhiloxGroup &group, Numbers &numbers) { uniform_numbers(group, numbers); }
  ST_INLINE void store(void *out, int64_t i, Number number) const {
    const T value = cast<T>(m_fma(number, width, cast<Number>(from)));
    static_cast<T *>(out)[i] = cast<Number>(value) == cast<Number>(to) ? from : value;
  }
};

template <class T>
struct Normal {
  using Number = Arithmetic<T>;
  Number mean, deviation;

  ST_INLINE explicit Normal(const FillParameters &p) : mean(Number(p.first)), deviation(Number(p.second)) {}
  template <class Numbers>
  static ST_INLINE void draw(const PhiloxGroup &group, Numbers &numbers) { normal_numbers(group, numbers); }
  ST_INLINE void store(void *out, int64_t i, Number number) const {
    static_cast<T *>(out)[i] = cast<T>(m_fma(number, deviation, mean));
  }
};

template <class T>
struct Exponential {
  using Number = Arithmetic<T>;
  Number scale;

  ST_INLINE explicit Exponential(const FillParameters &p) : scale(Number(-1) / Number(p.first)) {}
  template <class Numbers>
  static ST_INLINE void draw(const PhiloxGroup &group, Numbers &numbers) { uniform_numbers(group, numbers); }
  ST_INLINE static float logarithm(float x) { return __logf(x); }
  ST_INLINE static double logarithm(double x) { return m_log(x); }
  ST_INLINE void store(void *out, int64_t i, Number number) const {
    constexpr Number smallest = is_same<Number, double> ? Number(0x1p-53) : Number(0x1p-24);  // 0 is not a value
    const Number value = number >= 1 - smallest ? -smallest : logarithm(number);
    static_cast<T *>(out)[i] = cast<T>(scale * value);
  }
};

ST_INLINE void store_whole(void *out, int32_t dtype, int64_t i, int64_t value) {
  switch (dtype) {
    case ST_BOOL: static_cast<bool *>(out)[i] = value != 0; break;
    case ST_UINT8:
    case ST_INT8: static_cast<uint8_t *>(out)[i] = uint8_t(value); break;
    case ST_INT16: static_cast<int16_t *>(out)[i] = int16_t(value); break;
    case ST_INT32: static_cast<int32_t *>(out)[i] = int32_t(value); break;
    case ST_INT64: static_cast<int64_t *>(out)[i] = value; break;
    case ST_FLOAT16: static_cast<float16 *>(out)[i] = cast<float16>(value); break;
    case ST_BFLOAT16: static_cast<bfloat16 *>(out)[i] = cast<bfloat16>(value); break;
    case ST_FLOAT32: static_cast<float *>(out)[i] = float(value); break;
    case ST_FLOAT64: static_cast<double *>(out)[i] = double(value); break;
  }
}

// Of any dtype; `A` is double for doubles.
template <class A>
struct Bernoulli {
  using Number = A;
  A probability;
  int32_t dtype;

  ST_INLINE explicit Bernoulli(const FillParameters &p) : probability(A(p.first)), dtype(p.dtype) {}
  template <class Numbers>
  static ST_INLINE void draw(const PhiloxGroup &group, Numbers &numbers) { uniform_numbers(group, numbers); }
  ST_INLINE void store(void *out, int64_t i, A number) const {
    store_whole(out, dtype, i, number < probability ? 1 : 0);
  }
};

// Of any dtype, from 32 or 64 bits each.
template <class Bits>
struct Whole {
  using Number = Bits;
  Bits range;
  uint64_t from, mask;
  int32_t dtype;

  ST_INLINE explicit Whole(const FillParameters &p)
      : range(Bits(p.range)), from(uint64_t(p.from)), mask(p.mask), dtype(p.dtype) {}
  template <class Numbers>
  static ST_INLINE void draw(const PhiloxGroup &group, Numbers &numbers) { whole_numbers(group, numbers); }
  ST_INLINE void store(void *out, int64_t i, Bits number) const {
    const uint64_t value = (range == 0 ? number : number % range) + from;
    store_whole(out, dtype, i, int64_t(value & mask));
  }
};

// ---- Kernels.

template <class Distribution>
ST_DEVICE void random_fill(const FillParameters &p) {
  using Number = typename Distribution::Number;
  constexpr int values = 16 / sizeof(Number);
  const Distribution distribution(p);
  const uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x, threads = gridDim.x * blockDim.x;
  uint64_t group = first_group(p.state);
  for (uint32_t start = thread; start < p.count; start += threads * values, group++) {
    Number numbers[values];
    Distribution::draw(philox(p.state.seed, group, thread), numbers);
#pragma unroll
    for (int i = 0; i < values; i++) {
      const uint32_t number = start + threads * i;
      if (number < p.count) distribution.store(p.out, number * p.stride, numbers[i]);
    }
  }
}

template <int N>
ST_INLINE void locate(const Layout<N> &layout, int64_t number, int64_t (&offsets)[N]) {
  for (int n = 0; n < N; n++) offsets[n] = 0;
  const int last = layout.rank - 1;
#pragma unroll 1
  for (int d = 0; d < last; d++) {
    const int64_t above = int64_t(uint64_t(number) / uint64_t(layout.shape[d]));
    const int64_t own = number - above * layout.shape[d];
    for (int n = 0; n < N; n++) offsets[n] += own * layout.strides[n][d];
    number = above;
  }
  for (int n = 0; n < N; n++) offsets[n] += number * layout.strides[n][last];
}

ST_INLINE double load_probability(const void *probabilities, int32_t dtype, int64_t i) {
  switch (dtype) {
    case ST_FLOAT16: return to_float(static_cast<const float16 *>(probabilities)[i]);
    case ST_BFLOAT16: return to_float(static_cast<const bfloat16 *>(probabilities)[i]);
    case ST_FLOAT32: return static_cast<const float *>(probabilities)[i];
    default: return static_cast<const double *>(probabilities)[i];
  }
}

// Four elements a thread, with a probability each.
ST_DEVICE void bernoulli_each(const BernoulliParameters &p) {
  const int64_t thread = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (thread * 4 >= p.count) return;
  PhiloxGroup group = philox(p.state.seed, first_group(p.state), thread);
#pragma unroll 1
  for (int i = 0; i < 4 && thread * 4 + i < p.count; i++) {
    int64_t offsets[3];
    locate(p.layout, thread * 4 + i, offsets);
    double probability = load_probability(p.probabilities, p.probability_dtype, offsets[1]);
    const bool valid = probability >= 0 && probability <= 1;
    if (p.dtype != ST_FLOAT64) probability = float(probability);
    if (!valid) report(static_cast<Fault *>(p.fault), p.tag, index_out_of_range, -1, offsets[2], 1);
    const bool one = double(unit(next_word(group))) <= probability;
    store_whole(p.out, p.dtype, offsets[0], valid && one ? 1 : 0);
  }
}

// x * (0 or 1) * scale, so that what is dropped of an infinity is not a number, as in PyTorch.
template <class T>
ST_INLINE T dropped(T x, bool kept, Arithmetic<T> scale) {
  using A = Arithmetic<T>;
  return cast<T>(cast<A>(x) * A(kept ? 1 : 0) * scale);
}

// Consecutive and aligned elements, 16 bytes at a time.
template <class T>
ST_DEVICE void dropout_dense(const DropoutParameters &p) {
  using A = Arithmetic<T>;
  constexpr int width = 16 / sizeof(T), groups = (width + 3) / 4, share = width < 4 ? width : 4;
  const A keep = A(p.keep), scale = A(p.scale);
  const int64_t thread = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t threads = int64_t(gridDim.x) * blockDim.x, vectors = p.count / width;
  uint64_t group = first_group(p.state);
  for (int64_t i = thread; i < vectors; i += threads, group += groups) {
    Vector<T, width> values = static_cast<const Vector<T, width> *>(p.x)[i];
    Vector<bool, width> mask;
#pragma unroll
    for (int g = 0; g < groups; g++) {
      const PhiloxGroup drawn = philox(p.state.seed, group + g, thread);
#pragma unroll
      for (int k = 0; k < share; k++) {
        const bool kept = A(unit(drawn.words[k])) < keep;
        values.values[4 * g + k] = dropped(values.values[4 * g + k], kept, scale);
        mask.values[4 * g + k] = kept;
      }
    }
    static_cast<Vector<T, width> *>(p.out)[i] = values;
    static_cast<Vector<bool, width> *>(p.mask)[i] = mask;
  }
}

// The same numbers for elements that lie anywhere.
template <class T>
ST_DEVICE void dropout_strided(const StridedDropoutParameters &parameters) {
  using A = Arithmetic<T>;
  const DropoutParameters &p = parameters.dropout;
  const A keep = A(p.keep), scale = A(p.scale);
  const int64_t thread = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t threads = int64_t(gridDim.x) * blockDim.x;
  const int width = parameters.width;
  const int groups = width == 8 ? 2 : 1, share = width == 2 ? 2 : 4;  // groups a round, elements a group
  const int64_t round = threads * (width == 1 ? 4 : width), step = width == 1 ? threads : 1;
  uint64_t group = first_group(p.state);
  for (int64_t start = thread * width; start < p.count; start += round) {
    for (int g = 0; g < groups; g++, group++) {
      PhiloxGroup drawn = philox(p.state.seed, group, thread);
#pragma unroll 1
      for (int k = 0; k < share && start + 4 * g + step * k < p.count; k++) {
        int64_t offsets[3];
        locate(parameters.layout, start + 4 * g + step * k, offsets);
        const bool kept = A(unit(next_word(drawn))) < keep;
        static_cast<T *>(p.out)[offsets[1]] = dropped(static_cast<const T *>(p.x)[offsets[0]], kept, scale);
        static_cast<bool *>(p.mask)[offsets[2]] = kept;
      }
    }
  }
}

// Shuffles the values of equal keys; the thread of the first does it.
template <class Key>
ST_DEVICE void shuffle_equal(const ShuffleParameters &p) {
  const Key *keys = static_cast<const Key *>(p.keys);
  const int64_t first = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (first + 1 >= p.count || keys[first] != keys[first + 1]) return;
  if (first > 0 && keys[first - 1] == keys[first]) return;
  int64_t count = 2;
  while (first + count < p.count && keys[first + count] == keys[first]) count++;

  int64_t *values = p.values + first * p.step;
  const uint64_t group = first_group(p.state);
  PhiloxGroup drawn = {};
  for (int64_t i = count - 1, draws = 0; i > 0; i--, draws++) {
    if (draws % 4 == 0) drawn = philox(p.state.seed, group + uint64_t(draws) / 4, uint64_t(first));
    const int64_t other = next_word(drawn) % uint32_t(i + 1);
    const int64_t moved = values[i * p.step];
    values[i * p.step] = values[other * p.step];
    values[other * p.step] = moved;
  }
}

}  // namespace st

#endif
