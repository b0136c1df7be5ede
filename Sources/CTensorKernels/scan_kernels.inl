// Running sums and products of one instruction set: see dispatch.hpp.

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

template <class T>
ST_INLINE Running<T> number(T x) {
#if ST_VARIANT_F16C
  if constexpr (is_same<T, float16>) return float(bits_as<_Float16>(x.bits));
#endif
  return cast<Running<T>>(x);
}
template <class T>
ST_INLINE T element(Running<T> x) {
#if ST_VARIANT_F16C
  if constexpr (is_same<T, float16>) return float16{bits_as<uint16_t>(_Float16(x))};
#endif
  return cast<T>(x);
}

// Rows side by side, a step apart: in each an operation waits for the one before.
template <st_scan_op op, int rows, class T>
ST_INLINE void scan_together(T *out, intptr_t out_stride, intptr_t out_step, const T *in, intptr_t in_stride,
                             intptr_t in_step, intptr_t count) {
  Running<T> so_far[rows];
  for (int r = 0; r < rows; r++) so_far[r] = op == ST_CUMSUM ? 0 : 1;
  for (intptr_t i = 0; i < count; i++) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      so_far[r] = next(op, so_far[r], number(in[i * in_stride + r * in_step]));
      out[i * out_stride + r * out_step] = element<T>(so_far[r]);
    }
  }
}

template <st_scan_op op, class T>
void scan_rows(T *out, intptr_t out_stride, intptr_t out_step, const T *in, intptr_t in_stride, intptr_t in_step,
               intptr_t count, intptr_t rows) {
  constexpr int together = 4;
  if constexpr (op == ST_CUMSUM && is_same<T, float>) {
    if (out_stride == 1 && in_stride == 1) {
      for (intptr_t r = 0; r < rows; r++) running_sums(out + r * out_step, in + r * in_step, count);
      return;
    }
  }
  intptr_t r = 0;
  for (; r + together <= rows; r += together) {
    scan_together<op, together>(out + r * out_step, out_stride, out_step, in + r * in_step, in_stride, in_step, count);
  }
  for (; r < rows; r++) {
    scan_together<op, 1>(out + r * out_step, out_stride, out_step, in + r * in_step, in_stride, in_step, count);
  }
}

// `width` neighbouring rows, contiguous across.
template <st_scan_op op, class T, int lanes>
void scan_columns(T *out, intptr_t out_stride, const T *in, intptr_t in_stride, intptr_t count, intptr_t width) {
  Running<T> so_far[lanes];
  for (int l = 0; l < lanes; l++) so_far[l] = op == ST_CUMSUM ? 0 : 1;
  for (intptr_t i = 0; i < count; i++) {
    const T *const from = in + i * in_stride;
    T *const to = out + i * out_stride;
    for (intptr_t l = 0; l < width; l++) {
      so_far[l] = next(op, so_far[l], number(from[l]));
      to[l] = element<T>(so_far[l]);
    }
  }
}
