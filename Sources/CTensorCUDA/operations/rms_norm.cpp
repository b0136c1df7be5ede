// The RMS norm of rows and its derivatives: which kernel takes which shapes.
#include <algorithm>

#include "rows.hpp"
// After the integer types.
#include "../kernels/rms_norm_parameters.h"

namespace st::cuda {

namespace {

enum Kernel { short_rows, rows, long_rows };
constexpr const char *names[2][3] = {
    {"rms_norm_rows<", "rms_norm_rows<", "rms_norm_long<"},
    {"rms_norm_gradient_rows<", "rms_norm_gradient_rows<", "rms_norm_gradient_long<"}};

// The vectors of a row that a thread keeps in registers.
int held(st_dtype dtype) { return dtype == ST_FLOAT32 ? 4 : 2; }

bool takes_vectors(const RMSNormParameters &p, st_dtype dtype) {
  const int64_t width = vector_width(dtype), bytes = width * element_size(dtype);
  if (p.columns % width != 0) return false;
  for (const void *data : {static_cast<const void *>(p.out), p.x, p.gradient, p.weight}) {
    if (!is_aligned(data, bytes)) return false;
  }
  return true;
}

st_status run_rows(st_cuda_device *device, bool backward, st_dtype dtype, RMSNormParameters &p) {
  p.vectors = takes_vectors(p, dtype);
  const int64_t units = divided_up(p.columns, vector_width(dtype));
  Kernel kernel = units <= 32 ? short_rows : rows;
  Grid grid;
  if (units > held(dtype) * 512) {
    kernel = long_rows;
    grid.threads[0] = 512;
    grid.blocks[0] = unsigned(p.rows);
  } else {
    const int64_t needed = kernel == short_rows ? units : divided_up(units, held(dtype));
    p.team = int32_t(needed <= 32 ? power_of_two(needed) : divided_up(needed, 32) * 32);
    const int64_t teams = std::max<int64_t>(1, 256 / p.team);
    grid.threads[0] = unsigned(teams * p.team);
    grid.blocks[0] = unsigned(divided_up(p.rows, teams));
  }
  static Slot slots[2][3][10];
  return run(device, slots[backward][kernel][dtype], grid, p, [&] {
    std::string name = std::string(names[backward][kernel]) + element_names[dtype];
    if (kernel == short_rows) name += ", 1";
    if (kernel == rows) name += ", " + std::to_string(held(dtype));
    return Program{"rms_norm.cuh", "RMSNormParameters", 512, name + ">"};
  });
}

// float32 weights may go with 16-bit rows.
bool fits(const st_view &weight, st_dtype dtype, bool &wide) {
  if (weight.data == nullptr) return true;
  wide = weight.dtype != dtype;
  return weight.dtype == dtype || (weight.dtype == ST_FLOAT32 && element_size(dtype) == 2);
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_rms_norm(st_cuda_device *device, st_view out, st_view rstd, st_view x, st_view weight, double eps) {
  RMSNormParameters p = {};
  if (!is_floating(x.dtype) || !fits(weight, x.dtype, p.wide_weight)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  p.out = out.data;
  p.x = x.data;
  p.weight = weight.data;
  p.rstd = rstd.data;
  p.rows = x.shape[0];
  p.columns = x.shape[1];
  p.eps = eps;
  if (p.rows == 0) return {};
  if (p.columns == 0) {
    // The statistics of no elements.
    return rstd.data == nullptr
               ? st_status{}
               : st_cuda_fill(device, rstd, {st_number::ST_NUMBER_FLOAT, 0, __builtin_nan("")});
  }
  return run_rows(device, false, x.dtype, p);
}

st_status st_cuda_rms_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                    st_view gradient, st_view x, st_view rstd, st_view weight) {
  RMSNormParameters p = {};
  if (!is_floating(x.dtype) || !fits(weight, x.dtype, p.wide_weight)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  const int64_t rows = x.shape[0], columns = x.shape[1];
  if (columns == 0) return {};
  if (x_gradient.data != nullptr && rows > 0) {
    p.out = x_gradient.data;
    p.x = x.data;
    p.gradient = gradient.data;
    p.weight = weight.data;
    p.rstd = rstd.data;
    p.rows = rows;
    p.columns = columns;
    const st_status status = run_rows(device, true, x.dtype, p);
    if (status.code != ST_OK) return status;
  }
  if (weight_gradient.data == nullptr) return {};
  if (rows == 0) return st_cuda_fill(device, weight_gradient, {st_number::ST_NUMBER_INT, 0, 0});

  // Sums of parts of the rows, then their sums.
  const st_dtype sum_dtype = x.dtype == ST_FLOAT64 ? ST_FLOAT64 : ST_FLOAT32;
  const int64_t width = vector_width(x.dtype), units = divided_up(columns, width);
  RMSNormWeightParameters sums = {};
  sums.x = x.data;
  sums.gradient = gradient.data;
  sums.rstd = rstd.data;
  sums.rows = rows;
  sums.columns = columns;
  sums.across = int32_t(std::min<int64_t>(32, power_of_two(units)));
  sums.vectors = columns % width == 0 && is_aligned(x.data, width * element_size(x.dtype)) &&
                 is_aligned(gradient.data, width * element_size(x.dtype));
  Grid grid;
  grid.threads[0] = 256;
  grid.blocks[0] = unsigned(divided_up(units, sums.across));
  const int64_t blocks = facts(device).multiprocessors * 4, most = divided_up(rows, 256 / sums.across * 4);
  const int64_t parts = std::max<int64_t>(1, std::min(blocks / grid.blocks[0], most));
  grid.blocks[1] = unsigned(parts);
  const Workspace space(device, size_t(parts * columns * element_size(sum_dtype)));
  if (space.status.code != ST_OK) return space.status;
  sums.sums = space.address;
  static Slot slots[10];
  const st_status status = run(device, slots[x.dtype], grid, sums, [&] {
    return Program{"rms_norm.cuh", "RMSNormWeightParameters", 256,
                   std::string("rms_norm_weight_sums<") + element_names[x.dtype] + ">"};
  });
  if (status.code != ST_OK) return status;
  const intptr_t from_shape[] = {parts, columns}, to_shape[] = {1, columns}, strides[] = {columns, 1};
  const st_view from = {space.address, from_shape, strides, 2, sum_dtype};
  return st_cuda_reduce(device, ST_SUM, {weight_gradient.data, to_shape, strides, 2, weight_gradient.dtype}, from, 0);
}
