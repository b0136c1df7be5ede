// Softmax and its logarithm along one dimension, and their derivatives: which kernel takes which views.
#include <algorithm>

#include "rows.hpp"
// After the integer types and the axes.
#include "../kernels/softmax_parameters.h"

namespace st::cuda {

bool softmax_uses_long_rows = false;

namespace {

enum Kernel { short_rows, rows, long_rows, columns };
constexpr const char *names[2][4] = {
    {"softmax_rows<", "softmax_rows<", "softmax_long<", "softmax_columns<"},
    {"softmax_gradient_rows<", "softmax_gradient_rows<", "softmax_gradient_long<", "softmax_gradient_columns<"}};

struct Softmax {
  const st_view *views[3];  // out, in, gradient; forward, the last is `in` too
  int32_t dim;
  bool logarithm, backward;

  // The vectors of a row that a thread keeps in registers.
  int held() const {
    if (views[0]->dtype == ST_FLOAT64) return 4;
    const int forward = views[0]->dtype == ST_FLOAT32 ? 8 : 4;
    return backward ? forward / 2 : forward;
  }
};

bool is_contiguous_along(const st_view &view, int32_t dim) {
  return view.rank == 0 || view.shape[dim] == 1 || view.strides[dim] == 1;
}

Kernel plan(const Softmax &softmax, const Collapsed<3> &kept, SoftmaxParameters &p, Grid &grid) {
  const st_dtype dtype = softmax.views[0]->dtype;
  const int64_t width = vector_width(dtype), count = p.count;
  bool contiguous = true;
  p.vectors = count % width == 0;
  for (int n = 0; n < 3; n++) {
    const st_view &view = *softmax.views[n];
    contiguous = contiguous && is_contiguous_along(view, softmax.dim);
    p.vectors = p.vectors && is_aligned(view.data, width * element_size(dtype)) && keeps_aligned(kept, n, 0, width);
  }
  grid.threads[0] = 256;
  if (!contiguous) {
    int64_t across = std::min<int64_t>(32, power_of_two(p.rows));
    while (across < 256 && across < p.rows && 256 / across * 4 > count) across *= 2;
    p.team = int32_t(across);
    grid.blocks[0] = unsigned(divided_up(p.rows, across));
    return columns;
  }
  const int64_t units = divided_up(count, width);
  if (units > softmax.held() * 512 || softmax_uses_long_rows) {
    p.team = 512;
    grid.threads[0] = 512;
    grid.blocks[0] = unsigned(p.rows);
    return long_rows;
  }
  const int64_t needed = units <= 32 ? units : divided_up(units, softmax.held());
  p.team = int32_t(needed <= 32 ? power_of_two(needed) : divided_up(needed, 32) * 32);
  const int64_t teams = std::max<int64_t>(1, 256 / p.team);
  grid.threads[0] = unsigned(teams * p.team);
  grid.blocks[0] = unsigned(divided_up(p.rows, teams));
  return units <= 32 ? short_rows : rows;
}

// Too many dimensions: over dense copies.
st_status run_copied(st_cuda_device *device, const Softmax &softmax);

st_status run(st_cuda_device *device, const Softmax &softmax) {
  const st_view &out = *softmax.views[0];
  if (!is_floating(out.dtype)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  SoftmaxParameters p = {};
  p.logarithm = softmax.logarithm;
  p.count = out.rank == 0 ? 1 : out.shape[softmax.dim];
  // The other dimensions, the fastest of the input first.
  intptr_t shape[64], strides[3][64];
  int32_t rank = 0;
  for (int32_t d = 0; d < out.rank; d++) {
    if (d == softmax.dim) continue;
    shape[rank] = out.shape[d];
    for (int n = 0; n < 3; n++) strides[n][rank] = softmax.views[n]->strides[d];
    rank++;
  }
  st_view kept_views[3];
  for (int n = 0; n < 3; n++) {
    kept_views[n] = {softmax.views[n]->data, shape, strides[n], rank, out.dtype};
    p.strides[n] = out.rank == 0 ? 1 : softmax.views[n]->strides[softmax.dim];
  }
  const st_view *const pointers[] = {&kept_views[0], &kept_views[1], &kept_views[2]};
  const Collapsed<3> kept = collapse<3>(pointers, false);
  p.rows = kept.count;
  if (p.rows == 0 || p.count == 0) return {};
  if (kept.rank > most_axes) return run_copied(device, softmax);
  set_axes(p.kept, kept);
  p.out = out.data;
  p.in = softmax.views[1]->data;
  p.gradient = softmax.views[2]->data;
  Grid grid;
  const Kernel kernel = plan(softmax, kept, p, grid);
  static Slot slots[2][4][10];
  return run(device, slots[softmax.backward][kernel][out.dtype], grid, p, [&] {
    std::string name = std::string(names[softmax.backward][kernel]) + element_names[out.dtype];
    if (kernel == short_rows) name += ", 1";
    if (kernel == rows) name += ", " + std::to_string(softmax.held());
    return Program{softmax.backward ? "softmax_backward.cuh" : "softmax.cuh", "SoftmaxParameters",
                   kernel == columns ? 256 : 512, name + ">"};
  });
}

st_status run_copied(st_cuda_device *device, const Softmax &softmax) {
  const st_view &out = *softmax.views[0];
  intptr_t dense[64], count = 1;
  for (int32_t d = out.rank - 1; d >= 0; d--) {
    dense[d] = count;
    count *= out.shape[d];
  }
  const size_t bytes = size_t(count * element_size(out.dtype));
  const Workspace in(device, bytes), gradient(device, softmax.backward ? bytes : 1);
  if (in.status.code != ST_OK) return in.status;
  if (gradient.status.code != ST_OK) return gradient.status;
  const auto view = [&](void *data) { return st_view{data, out.shape, dense, out.rank, out.dtype}; };
  // The result replaces the input's copy.
  const st_view first = view(in.address), second = view(softmax.backward ? gradient.address : in.address);
  st_status status = st_cuda_copy(device, first, *softmax.views[1], 0);
  if (status.code == ST_OK && softmax.backward) status = st_cuda_copy(device, second, *softmax.views[2], 0);
  if (status.code == ST_OK) {
    status = run(device, {{&first, &first, &second}, softmax.dim, softmax.logarithm, softmax.backward});
  }
  return status.code == ST_OK ? st_cuda_copy(device, out, first, 0) : status;
}

}  // namespace
}  // namespace st::cuda

using namespace st::cuda;

st_status st_cuda_softmax(st_cuda_device *device, bool logarithm, st_view out, st_view in, int32_t dim) {
  return run(device, {{&out, &in, &in}, dim, logarithm, false});
}

st_status st_cuda_softmax_backward(st_cuda_device *device, bool logarithm, st_view out, st_view gradient,
                                   st_view result, int32_t dim) {
  return run(device, {{&out, &result, &gradient}, dim, logarithm, true});
}
