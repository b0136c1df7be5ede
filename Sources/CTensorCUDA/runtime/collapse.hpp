// The shared shape of some views, reduced to the fewest dimensions. Included by device.hpp.
#ifndef ST_CUDA_RUNTIME_COLLAPSE_HPP
#define ST_CUDA_RUNTIME_COLLAPSE_HPP

namespace st::cuda {

template <int N>
Collapsed<N> collapse(const st_view *const (&views)[N], bool keep_order) {
  Collapsed<N> result;
  const st_view &first = *views[0];
  // From the last dimension, which is the fastest in row-major order.
  for (int d = first.rank - 1; d >= 0; d--) {
    const int64_t size = first.shape[d];
    result.count *= size;
    if (size == 1) continue;
    const int i = result.rank++;
    result.shape[i] = size;
    for (int n = 0; n < N; n++) {
      const int own = d - (first.rank - views[n]->rank);
      result.strides[n][i] = own < 0 || views[n]->shape[own] == 1 ? 0 : views[n]->strides[own];
    }
  }
  if (result.count == 0) {
    result.rank = 0;
    return result;
  }
  if (!keep_order) {
    // Insertion sort by the first view's strides; repeated dimensions (stride 0) stay where they are.
    for (int i = 1; i < result.rank; i++) {
      for (int j = i; j > 0; j--) {
        const int64_t below = result.strides[0][j - 1], own = result.strides[0][j];
        if (below == 0 || own == 0 || below <= own) break;
        auto swap = [](int64_t &a, int64_t &b) {
          const int64_t c = a;
          a = b;
          b = c;
        };
        swap(result.shape[j], result.shape[j - 1]);
        for (int n = 0; n < N; n++) swap(result.strides[n][j], result.strides[n][j - 1]);
      }
    }
  }
  // A dimension whose steps continue those of the one below becomes a part of it.
  int kept = 0;
  for (int i = 1; i < result.rank; i++) {
    bool continues = true;
    for (int n = 0; n < N; n++) {
      continues = continues && result.strides[n][i] == result.strides[n][kept] * result.shape[kept];
    }
    if (continues) {
      result.shape[kept] *= result.shape[i];
      continue;
    }
    kept++;
    result.shape[kept] = result.shape[i];
    for (int n = 0; n < N; n++) result.strides[n][kept] = result.strides[n][i];
  }
  if (result.rank > 0) result.rank = kept + 1;
  return result;
}

}  // namespace st::cuda

#endif
