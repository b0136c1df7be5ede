// The largest or smallest elements and where they are.
#include "reduction.hpp"

using namespace st;
using namespace st::cuda;

st_status st_cuda_extremum(st_cuda_device *device, bool largest, st_view values, st_view indices, st_view in,
                           int32_t dim) {
  intptr_t shape[64], strides[3][64];
  int32_t kept = 0;
  for (int32_t d = 0; d < in.rank; d++) {
    if (in.shape[d] == 0) return {};
    if (dim < 0 || d == dim) continue;
    shape[kept] = in.shape[d];
    strides[0][kept] = in.strides[d];
    strides[1][kept] = values.data != nullptr ? values.strides[d] : 0;
    strides[2][kept++] = indices.strides[d];
  }
  ReduceParameters p = {};
  if (!largest) p.flip = is_floating(in.dtype) ? uint64_t(1) << 63 : ~uint64_t(0);
  st_view folded = in;
  if (dim >= 0 && in.rank > 0) folded = {in.data, in.shape + dim, in.strides + dim, 1, in.dtype};
  const Reduction reduction = {Fold::extreme,
                               {in.data, shape, strides[0], kept, in.dtype},
                               {values.data, shape, strides[1], kept, values.dtype},
                               {indices.data, shape, strides[2], kept, ST_INT64},
                               folded, true};
  return run(device, reduction, p);
}
