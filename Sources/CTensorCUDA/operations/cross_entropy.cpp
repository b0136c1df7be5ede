// The cross entropy and its derivative: which kernel takes which views.
#include <algorithm>

#include "rows.hpp"
// After the integer types.
#include "../kernels/cross_entropy_parameters.h"

namespace st::cuda {
namespace {

// Threads that share a row of `units` accesses: a power of two up to a warp, or whole warps.
int64_t team_of(int64_t units) {
  return units <= 32 ? power_of_two(units) : std::min<int64_t>(512, divided_up(divided_up(units, 4), 32) * 32);
}

// The grid of rows that are contiguous, or of neighbouring rows side by side.
Grid grid_of(CrossEntropyParameters &p, st_dtype dtype, bool along) {
  Grid grid;
  if (along) {
    p.team = int32_t(team_of(p.vectors ? divided_up(p.classes, vector_width(dtype)) : p.classes));
    const int64_t teams = std::max<int64_t>(1, 256 / p.team);
    grid.threads[0] = unsigned(teams * p.team);
    grid.blocks[0] = unsigned(divided_up(p.rows, teams));
  } else {
    int64_t across = std::min<int64_t>(32, power_of_two(p.rows));
    const bool loops = !p.log_probabilities || p.part_losses == nullptr;
    while (across < 256 && across < p.rows && (!loops || 256 / across * 4 > p.classes)) across *= 2;
    p.team = int32_t(across);
    grid.threads[0] = 256;
    grid.blocks[0] = unsigned(divided_up(p.rows, across));
  }
  return grid;
}

// What both directions are told; `space` receives the sum of the classes' weights where it is needed.
st_status describe(st_cuda_device *device, CrossEntropyParameters &p, st_view x, st_view target, st_view weight,
                   const st_cross_entropy_options &options, void *space) {
  const st_dtype sum_dtype = x.dtype == ST_FLOAT64 ? ST_FLOAT64 : ST_FLOAT32;
  if (!is_floating(x.dtype) || (weight.data != nullptr && weight.dtype != sum_dtype)) {
    return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  p.x = x.data;
  p.target = static_cast<const int64_t *>(target.data);
  p.weight = weight.data;
  p.classes = x.shape[1];
  p.places = x.shape[2];
  p.rows = x.shape[0] * p.places;
  for (int d = 0; d < 3; d++) p.x_strides[d] = x.strides[d];
  for (int d = 0; d < 2; d++) p.target_strides[d] = target.strides[d];
  p.ignore_index = options.ignore_index;
  p.label_smoothing = options.label_smoothing;
  p.log_probabilities = options.log_probabilities;
  if (weight.data == nullptr || options.label_smoothing == 0) return {};
  p.weight_sum = space;
  const intptr_t one[] = {1}, step[] = {1};
  return st_cuda_reduce(device, ST_SUM, {space, one, step, 1, sum_dtype}, weight, 0);
}

bool takes_vectors(const CrossEntropyParameters &p, st_dtype dtype) {
  const int64_t width = vector_width(dtype), bytes = width * element_size(dtype);
  return p.places == 1 && is_aligned(p.x, bytes) && p.x_strides[0] % width == 0;
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_cross_entropy(st_cuda_device *device, st_view out, st_view total_weight, st_view statistics,
                                st_view x, st_view target, st_view weight, st_cross_entropy_options options) {
  const int64_t size = x.dtype == ST_FLOAT64 ? 8 : 4, rows = x.shape[0] * x.shape[2];
  const bool each = options.reduction == ST_LOSS_NONE;
  CrossEntropyParameters p = {};
  // At most a part for each row, and the sum of the classes' weights.
  const Workspace space(device, size_t((2 * rows + 1) * size));
  if (space.status.code != ST_OK) return space.status;
  char *const parts = static_cast<char *>(space.address);
  st_status status = describe(device, p, x, target, weight, options, parts + 2 * rows * size);
  if (status.code != ST_OK) return status;
  p.out = each ? out.data : nullptr;
  p.statistics = statistics.data;
  if (!each || total_weight.data != nullptr) {
    p.part_losses = parts;
    p.part_weights = parts + rows * size;
  }
  Grid grid;
  grid.blocks[0] = 0;
  if (rows > 0) {
    p.fault = faults(device);
    p.tag = fault_tag(device);
    const bool along = !options.log_probabilities && (x.strides[1] == 1 || p.classes == 1);
    p.vectors = along && takes_vectors(p, x.dtype);
    grid = grid_of(p, x.dtype, along);
    static Slot slots[2][10];
    status = run(device, slots[along][x.dtype], grid, p, [&] {
      return Program{"cross_entropy.cuh", "CrossEntropyParameters", along ? 512 : 256,
                     std::string(along ? "cross_entropy_rows<" : "cross_entropy_columns<") + element_names[x.dtype] +
                         ">"};
    });
  }
  if (status.code != ST_OK || p.part_losses == nullptr) return status;
  LossTotalParameters total = {};
  total.out = each ? nullptr : out.data;
  total.total_weight = total_weight.data;
  total.part_losses = p.part_losses;
  total.part_weights = p.part_weights;
  total.parts = grid.blocks[0];
  total.mean = options.reduction == ST_LOSS_MEAN;
  Grid one;
  one.threads[0] = 512;
  static Slot slots[10];
  return run(device, slots[x.dtype], one, total, [&] {
    return Program{"cross_entropy.cuh", "LossTotalParameters", 512,
                   std::string("loss_total<") + element_names[x.dtype] + ">"};
  });
}

st_status st_cuda_cross_entropy_backward(st_cuda_device *device, st_view x_gradient, st_view gradient,
                                         st_view total_weight, st_view statistics, st_view x, st_view target,
                                         st_view weight, st_cross_entropy_options options) {
  const Workspace space(device, 8);
  if (space.status.code != ST_OK) return space.status;
  CrossEntropyParameters p = {};
  st_status status = describe(device, p, x, target, weight, options, space.address);
  if (status.code != ST_OK || p.rows == 0 || p.classes == 0) return status;
  p.out = x_gradient.data;
  p.statistics = statistics.data;
  p.gradient = gradient.data;
  if (options.reduction == ST_LOSS_MEAN) p.total_weight = total_weight.data;
  for (int d = 0; d < 2 && options.reduction == ST_LOSS_NONE; d++) p.gradient_strides[d] = gradient.strides[d];
  const bool along = p.places == 1 && (x.strides[1] == 1 || p.classes == 1);
  const int64_t width = vector_width(x.dtype);
  p.vectors = along && takes_vectors(p, x.dtype) && p.classes % width == 0 &&
              is_aligned(p.out, width * element_size(x.dtype));
  const Grid grid = grid_of(p, x.dtype, along);
  static Slot slots[2][10];
  return run(device, slots[along][x.dtype], grid, p, [&] {
    return Program{"cross_entropy_backward.cuh", "CrossEntropyParameters", along ? 512 : 256,
                   std::string(along ? "cross_entropy_gradient_rows<" : "cross_entropy_gradient_columns<") +
                       element_names[x.dtype] + ">"};
  });
}
