// Means and squared distances from them, in one pass.
#ifndef ST_CUDA_MOMENTS_CUH
#define ST_CUDA_MOMENTS_CUH

#include "rows.cuh"

namespace st {

// A count, a mean and the squared distances from it. Elements are taken less the row's first one: means that are large
// beside the spread then lose nothing.
template <class A>
struct Moments {
  A count, mean, squares;
};
template <class A>
ST_DEVICE Moments<A> exchanged(const Moments<A> &moments, int mask) {
  return {exchanged(moments.count, mask), exchanged(moments.mean, mask), exchanged(moments.squares, mask)};
}
template <class A>
ST_DEVICE Moments<A> combined_moments(const Moments<A> &a, const Moments<A> &b) {
  const A count = a.count + b.count, difference = b.mean - a.mean, share = b.count / (count > 0 ? count : A(1));
  return {count, a.mean + difference * share, a.squares + b.squares + difference * difference * (a.count * share)};
}

// Adds elements, less `shift`.
template <int N, class T, class A>
ST_DEVICE void add_moments(Moments<A> &total, const T (&elements)[N], A shift) {
  A values[N], terms[N];
#pragma unroll
  for (int n = 0; n < N; n++) values[n] = terms[n] = cast<A>(elements[n]) - shift;
  const A mean = folded(terms, added<A>) / A(N);
#pragma unroll
  for (int n = 0; n < N; n++) terms[n] = (values[n] - mean) * (values[n] - mean);
  total = combined_moments(total, Moments<A>{A(N), mean, folded(terms, added<A>)});
}

}  // namespace st

#endif
