// What kernels over rows share. `lanes` partial results run side by side, so that loops vectorise and results do not
// depend on the vectors' length; loops over lanes have a constant length for the compiler to see.
namespace {

constexpr int lanes = 16;

// A run of `count` elements that are `stride` apart in the view and adjacent in `to`.
template <class T>
void read_row(Arithmetic<T> *to, const T *from, intptr_t stride, intptr_t count) {
  if (stride == 1) {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<Arithmetic<T>>(from[i]);
  } else {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<Arithmetic<T>>(from[i * stride]);
  }
}
template <class T>
void write_row(T *to, const Arithmetic<T> *from, intptr_t stride, intptr_t count) {
  if (stride == 1) {
    for (intptr_t i = 0; i < count; i++) to[i] = cast<T>(from[i]);
  } else {
    for (intptr_t i = 0; i < count; i++) to[i * stride] = cast<T>(from[i]);
  }
}

template <class A>
ST_INLINE A larger(A a, A b) {
  return a > b ? a : b;
}

template <class A>
A row_maximum(const A *x, intptr_t count) {
  A most[lanes];
  for (int l = 0; l < lanes; l++) most[l] = -A(infinity);
  intptr_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int l = 0; l < lanes; l++) most[l] = larger(x[i + l], most[l]);
  }
  for (; i < count; i++) most[0] = larger(x[i], most[0]);
  for (int l = 1; l < lanes; l++) most[0] = larger(most[l], most[0]);
  return most[0];
}

// The sum of term(i), which may store as it goes.
template <class A, class Term>
ST_INLINE A row_sum(intptr_t count, Term term) {
  A sum[lanes] = {};
  intptr_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int l = 0; l < lanes; l++) sum[l] += term(i + l);
  }
  for (; i < count; i++) sum[i % lanes] += term(i);
  for (int gap = lanes / 2; gap > 0; gap /= 2) {
    for (int l = 0; l < gap; l++) sum[l] += sum[l + gap];
  }
  return sum[0];
}

// The same for rows of any length, chunk by chunk, so that the terms' rounding stays small.
template <class A, class Term>
ST_INLINE double row_total(intptr_t count, Term term) {
  constexpr intptr_t chunk = 2048;
  double total = 0;
  for (intptr_t start = 0; start < count; start += chunk) {
    const intptr_t taken = count - start < chunk ? count - start : chunk;
    total += double(row_sum<A>(taken, [&](intptr_t i) ST_LAMBDA_INLINE { return term(start + i); }));
  }
  return total;
}

}  // namespace
