// Running sums of one instruction set: see dispatch.hpp.

// Vectors pass between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

typedef double Sums __attribute__((vector_size(64), may_alias));
typedef float Floats __attribute__((vector_size(32), aligned(4), may_alias));

// In double, where sums of float32 are exact enough for their order not to show. Three steps give the sums of each
// element and the 7 before it, to which the running sum of 8 places before is added: few additions wait for others.
inline void running_sums(float *out, const float *in, intptr_t count) {
  Sums results = {}, last = {}, last_pairs = {}, last_fours = {};
  intptr_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const Sums x = __builtin_convertvector(*reinterpret_cast<const Floats *>(in + i), Sums);
    const Sums pairs = x + __builtin_shufflevector(last, x, 7, 8, 9, 10, 11, 12, 13, 14);
    const Sums fours = pairs + __builtin_shufflevector(last_pairs, pairs, 6, 7, 8, 9, 10, 11, 12, 13);
    results += fours + __builtin_shufflevector(last_fours, fours, 4, 5, 6, 7, 8, 9, 10, 11);
    *reinterpret_cast<Floats *>(out + i) = __builtin_convertvector(results, Floats);
    last = x, last_pairs = pairs, last_fours = fours;
  }
  double so_far = results[7];
  for (; i < count; i++) out[i] = float(so_far += double(in[i]));
}
