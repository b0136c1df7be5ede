// Norms over channels and their derivatives: which kernels, over what grids.
#include <algorithm>

#include "rows.hpp"
// After the integer types.
#include "../kernels/batch_norm_parameters.h"

namespace st::cuda {
namespace {

enum Kernel { moments, statistics, scaling, gradient_sums, parameter_gradients, levels, differentiating, kernel_count };
constexpr const char *names[kernel_count] = {
    "channel_moments<", "channel_statistics<", "scale_channels<", "channel_gradient_sums<",
    "channel_parameter_gradients<", "group_levels<", "differentiate_channels<"};

st_status launch(st_cuda_device *device, Kernel kernel, st_dtype dtype, const Grid &grid,
                 const ChannelNormParameters &p) {
  static Slot slots[kernel_count][10];
  return run(device, slots[kernel][dtype], grid, p, [&] {
    return Program{kernel < gradient_sums ? "batch_norm.cuh" : "batch_norm_backward.cuh", "ChannelNormParameters", 256,
                   std::string(names[kernel]) + element_names[dtype] + ">"};
  });
}

// A thread for each of `count`.
st_status launch_each(st_cuda_device *device, Kernel kernel, st_dtype dtype, int64_t count,
                      const ChannelNormParameters &p) {
  Grid grid;
  grid.threads[0] = 256;
  grid.blocks[0] = unsigned(divided_up(count, 256));
  return launch(device, kernel, dtype, grid, p);
}

// The grid of sums over channels: neighbouring ones side by side where they are neighbours in memory. Sets their parts.
Grid sums_grid(st_cuda_device *device, ChannelNormParameters &p, bool whole) {
  Grid grid;
  p.across = p.size == 1 ? int32_t(std::min<int64_t>(32, power_of_two(p.channels))) : 1;
  grid.threads[0] = 256;
  grid.blocks[0] = unsigned(divided_up(p.channels, p.across));
  const int64_t blocks = facts(device).multiprocessors * 4;
  const int64_t most = divided_up(p.batch * p.size, 256 / p.across * 16);
  p.part_count = whole ? 1 : std::max<int64_t>(1, std::min(blocks / grid.blocks[0], most));
  grid.blocks[1] = unsigned(p.part_count);
  return grid;
}

// float32 weights may go with 16-bit elements.
bool fits(const st_view &vector, st_dtype dtype, bool &wide) {
  if (vector.data == nullptr) return true;
  wide = vector.dtype != dtype;
  return vector.dtype == dtype || (vector.dtype == ST_FLOAT32 && element_size(dtype) == 2);
}
bool fit(const st_view &first, const st_view &second, st_dtype dtype, bool &wide) {
  bool wides[2] = {};
  if (!fits(first, dtype, wides[0]) || !fits(second, dtype, wides[1])) return false;
  wide = wides[0] || wides[1];
  return first.data == nullptr || second.data == nullptr || wides[0] == wides[1];
}

// The gradients of parameters are of the weight's dtype.
bool parameters_fit(ChannelNormParameters &p, const st_view &weight, const st_view &weight_gradient,
                    const st_view &bias_gradient, st_dtype dtype) {
  bool wide = false;
  if (!fits(weight, dtype, p.wide_weight) || !fit(weight_gradient, bias_gradient, dtype, wide)) return false;
  if (weight.data == nullptr) p.wide_weight = wide;
  return wide == p.wide_weight || (weight_gradient.data == nullptr && bias_gradient.data == nullptr);
}

ChannelNormParameters describe(const st_view &x, const st_view &out, const st_view &gradient, const st_view &mean,
                               const st_view &rstd, const st_view &weight) {
  ChannelNormParameters p = {};
  p.out = out.data;
  p.x = x.data;
  p.gradient = gradient.data;
  p.mean = mean.data;
  p.rstd = rstd.data;
  p.weight = weight.data;
  p.batch = x.shape[0];
  p.channels = x.shape[1];
  p.size = x.shape[2];
  const int64_t width = vector_width(x.dtype), bytes = width * element_size(x.dtype);
  p.vectors = p.size % width == 0;
  for (const void *data : {p.x, static_cast<const void *>(p.out), p.gradient}) {
    p.vectors = p.vectors && is_aligned(data, bytes);
  }
  return p;
}

int64_t accesses(const ChannelNormParameters &p, st_dtype dtype) {
  return p.batch * p.channels * p.size / (p.vectors ? vector_width(dtype) : 1);
}

int64_t sum_size(st_dtype dtype) { return dtype == ST_FLOAT64 ? 8 : 4; }

constexpr st_view none = {nullptr, nullptr, nullptr, 0, 0};

st_status fill_zeros(st_cuda_device *device, std::initializer_list<st_view> views) {
  for (const st_view &view : views) {
    if (view.data == nullptr) continue;
    const st_status status = st_cuda_fill(device, view, {st_number::ST_NUMBER_INT, 0, 0});
    if (status.code != ST_OK) return status;
  }
  return {};
}

// Statistics of x seen as [batch, channels, size], then its elements.
st_status moments_to_statistics(st_cuda_device *device, st_dtype dtype, ChannelNormParameters p) {
  const Grid grid = sums_grid(device, p, false);
  const Workspace space(device, size_t(p.part_count * p.channels * 3 * sum_size(dtype)));
  if (space.status.code != ST_OK) return space.status;
  p.parts = space.address;
  const st_status status = launch(device, moments, dtype, grid, p);
  return status.code == ST_OK ? launch_each(device, statistics, dtype, p.channels, p) : status;
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_batch_norm(st_cuda_device *device, st_view out, st_view mean, st_view rstd, st_view running_mean,
                             st_view running_var, st_view x, st_view weight, st_view bias, bool training,
                             double momentum, double eps) {
  if (!is_floating(x.dtype)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  ChannelNormParameters p = describe(x, out, none, mean, rstd, weight);
  if (!fit(weight, bias, x.dtype, p.wide_weight) || !fit(running_mean, running_var, x.dtype, p.wide_running)) {
    return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  if (p.batch * p.channels * p.size == 0) return fill_zeros(device, {mean, rstd});
  p.bias = bias.data;
  p.running_mean = running_mean.data;
  p.running_var = running_var.data;
  p.training = training;
  p.momentum = momentum;
  p.eps = eps;
  const st_status status = training ? moments_to_statistics(device, x.dtype, p)
                                    : launch_each(device, statistics, x.dtype, p.channels, p);
  return status.code == ST_OK ? launch_each(device, scaling, x.dtype, accesses(p, x.dtype), p) : status;
}

st_status st_cuda_group_norm(st_cuda_device *device, st_view out, st_view mean, st_view rstd, st_view x, st_view weight,
                             st_view bias, int64_t groups, double eps) {
  if (!is_floating(x.dtype)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  ChannelNormParameters p = describe(x, out, none, mean, rstd, weight);
  if (!fit(weight, bias, x.dtype, p.wide_weight)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  if (p.batch * p.channels * p.size == 0) return {};
  p.bias = bias.data;
  p.together = p.channels / groups;
  p.eps = eps;
  // Each sample's groups as the channels of one sample.
  ChannelNormParameters whole = p;
  whole.training = true;
  whole.batch = 1;
  whole.channels = p.batch * groups;
  whole.size = p.together * p.size;
  const int64_t width = vector_width(x.dtype);
  whole.vectors = whole.size % width == 0 && is_aligned(x.data, width * element_size(x.dtype));
  const st_status status = moments_to_statistics(device, x.dtype, whole);
  return status.code == ST_OK ? launch_each(device, scaling, x.dtype, accesses(p, x.dtype), p) : status;
}

st_status st_cuda_batch_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                      st_view bias_gradient, st_view gradient, st_view x, st_view mean, st_view rstd,
                                      st_view weight, bool training) {
  ChannelNormParameters p = describe(x, x_gradient, gradient, mean, rstd, weight);
  if (!is_floating(x.dtype) || !parameters_fit(p, weight, weight_gradient, bias_gradient, x.dtype)) {
    return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  if (p.batch * p.channels * p.size == 0) return fill_zeros(device, {weight_gradient, bias_gradient});
  p.training = training;
  p.weight_gradient = weight_gradient.data;
  p.bias_gradient = bias_gradient.data;
  const Grid grid = sums_grid(device, p, false);
  const Workspace space(device, size_t((p.part_count + 1) * p.channels * 2 * sum_size(x.dtype)));
  if (space.status.code != ST_OK) return space.status;
  p.levels = space.address;
  p.parts = static_cast<char *>(space.address) + p.channels * 2 * sum_size(x.dtype);
  st_status status = launch(device, gradient_sums, x.dtype, grid, p);
  if (status.code == ST_OK) status = launch_each(device, parameter_gradients, x.dtype, p.channels, p);
  if (status.code != ST_OK || x_gradient.data == nullptr) return status;
  return launch_each(device, differentiating, x.dtype, accesses(p, x.dtype), p);
}

st_status st_cuda_group_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                      st_view bias_gradient, st_view gradient, st_view x, st_view mean, st_view rstd,
                                      st_view weight, int64_t groups) {
  ChannelNormParameters p = describe(x, x_gradient, gradient, mean, rstd, weight);
  if (!is_floating(x.dtype) || !parameters_fit(p, weight, weight_gradient, bias_gradient, x.dtype)) {
    return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  if (p.batch * p.channels * p.size == 0) return fill_zeros(device, {weight_gradient, bias_gradient});
  p.together = p.channels / groups;
  p.weight_gradient = weight_gradient.data;
  p.bias_gradient = bias_gradient.data;
  // Each plane as a channel of one sample.
  ChannelNormParameters planes = p;
  planes.batch = 1;
  planes.channels = p.batch * p.channels;
  const Grid grid = sums_grid(device, planes, true);
  const int64_t all_groups = p.batch * groups;
  const Workspace space(device, size_t((planes.channels + all_groups) * 2 * sum_size(x.dtype)));
  if (space.status.code != ST_OK) return space.status;
  p.levels = space.address;
  p.parts = planes.parts = static_cast<char *>(space.address) + all_groups * 2 * sum_size(x.dtype);
  p.part_count = p.batch;
  st_status status = launch(device, gradient_sums, x.dtype, grid, planes);
  if (status.code == ST_OK) status = launch_each(device, parameter_gradients, x.dtype, p.channels, p);
  if (status.code == ST_OK) status = launch_each(device, levels, x.dtype, all_groups, p);
  if (status.code != ST_OK || x_gradient.data == nullptr) return status;
  return launch_each(device, differentiating, x.dtype, accesses(p, x.dtype), p);
}
