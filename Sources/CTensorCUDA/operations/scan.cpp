// Running sums and products along one dimension: which kernel takes which views.
#include <algorithm>

#include "rows.hpp"
// After the integer types and the axes.
#include "../kernels/scan_parameters.h"

namespace st::cuda {

// Vectors of a thread before rows are cut into parts; tests cut short ones.
int64_t longest_scan = 32;

namespace {

enum Kernel { totals, rows, columns };
constexpr const char *names[] = {"scan_totals<", "scan_rows<", "scan_columns<"};

st_status launch_scan(st_cuda_device *device, Kernel kernel, st_dtype dtype, const Grid &grid,
                      const ScanParameters &p) {
  static Slot slots[3][10];
  return run(device, slots[kernel][dtype], grid, p, [&] {
    constexpr const char *whole[] = {"", "uint8_t", "uint16_t", "", "uint32_t", "", "", "", "uint64_t"};
    const char *element = is_floating(dtype) ? element_names[dtype] : whole[element_size(dtype)];
    return Program{"scan.cuh", "ScanParameters", 256, std::string(names[kernel]) + element + ">"};
  });
}

// Too many dimensions: over a dense copy, in place.
st_status run_copied(st_cuda_device *device, st_scan_op op, const st_view &out, const st_view &in, int32_t dim) {
  intptr_t dense[64], count = 1;
  for (int32_t d = in.rank - 1; d >= 0; d--) {
    dense[d] = count;
    count *= in.shape[d];
  }
  const Workspace space(device, size_t(count * element_size(in.dtype)));
  if (space.status.code != ST_OK) return space.status;
  const st_view copy = {space.address, in.shape, dense, in.rank, in.dtype};
  st_status status = st_cuda_copy(device, copy, in, 0);
  if (status.code == ST_OK) status = st_cuda_scan(device, op, copy, copy, dim);
  return status.code == ST_OK ? st_cuda_copy(device, out, copy, 0) : status;
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_scan(st_cuda_device *device, st_scan_op op, st_view out, st_view in, int32_t dim) {
  const st_dtype dtype = in.dtype;
  if (dtype == ST_BOOL || out.dtype != dtype) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  ScanParameters p = {};
  intptr_t shape[64], strides[2][64];
  int32_t rank = 0;
  for (int32_t d = 0; d < in.rank; d++) {
    if (d == dim) continue;
    shape[rank] = in.shape[d];
    strides[0][rank] = out.strides[d];
    strides[1][rank++] = in.strides[d];
  }
  const st_view out_kept = {out.data, shape, strides[0], rank, dtype};
  const st_view in_kept = {in.data, shape, strides[1], rank, dtype};
  const st_view *const views[] = {&out_kept, &in_kept};
  const Collapsed<2> kept = collapse<2>(views, false);
  p.rows = kept.count;
  p.count = in.rank == 0 ? 1 : in.shape[dim];
  if (p.rows == 0 || p.count == 0) return {};
  if (kept.rank > most_axes) return run_copied(device, op, out, in, dim);
  set_axes(p.kept, kept);
  p.out = out.data;
  p.in = in.data;
  p.product = op == ST_CUMPROD;
  p.strides[0] = p.count == 1 ? 1 : out.strides[dim];
  p.strides[1] = p.count == 1 ? 1 : in.strides[dim];
  p.parts = 1;
  p.part = p.count;

  Grid grid;
  grid.threads[0] = 256;
  // Neighbouring rows, when they are enough to keep the device busy.
  const bool beside = kept.rank > 0 && kept.strides[1][0] != 0 && kept.strides[1][0] < p.strides[1];
  if (p.count == 1 || (beside && (p.rows >= 2048 || p.count <= 64))) {
    grid.blocks[0] = unsigned(divided_up(p.rows, 256));
    return launch_scan(device, columns, dtype, grid, p);
  }
  const int64_t width = vector_width(dtype), bytes = width * element_size(dtype), units = divided_up(p.count, width);
  p.vectors_in = p.strides[1] == 1 && is_aligned(p.in, bytes) && keeps_aligned(kept, 1, 0, width);
  p.vectors_out = p.strides[0] == 1 && is_aligned(p.out, bytes) && keeps_aligned(kept, 0, 0, width);
  p.team = int32_t(std::min<int64_t>(256, power_of_two(units)));
  const int64_t wanted = facts(device).multiprocessors * 4;
  if (units <= 256 * longest_scan || p.rows * 2 > wanted) {
    const int64_t teams = 256 / p.team;
    grid.blocks[0] = unsigned(divided_up(p.rows, teams));
    return launch_scan(device, rows, dtype, grid, p);
  }
  p.team = 256;
  const int64_t parts = std::min(wanted / p.rows, divided_up(units, 256 * 4));
  p.part = divided_up(divided_up(units, parts), 256) * 256 * width;
  p.parts = int32_t(divided_up(p.count, p.part));
  const Workspace space(device, size_t(p.rows * p.parts) * 8);
  if (space.status.code != ST_OK) return space.status;
  p.totals = space.address;
  grid.blocks[0] = unsigned(p.rows);
  grid.blocks[1] = unsigned(p.parts);
  const st_status status = launch_scan(device, totals, dtype, grid, p);
  return status.code == ST_OK ? launch_scan(device, rows, dtype, grid, p) : status;
}
