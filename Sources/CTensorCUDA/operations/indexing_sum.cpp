// Sums of rows that go to the same place: sorted by place, added in that order.
#include "indexing.hpp"
#include "sort.hpp"

namespace st::cuda {
namespace {

// Elements of a vector of 16 bytes, where all of them can be accessed so; else 1.
int width_of(const IndexSum &sum) {
  const int64_t width = 16 / element_size(sum.dtype);
  if (!is_floating(sum.dtype) || sum.row.rank == 0 || sum.row.shape[0] % width != 0) return 1;
  if (sum.row.strides[0][0] != 1 || sum.row.strides[1][0] != 1 || sum.scale % width != 0) return 1;
  if ((reinterpret_cast<uintptr_t>(sum.out) | reinterpret_cast<uintptr_t>(sum.values)) % 16 != 0) return 1;
  for (int d = 1; d < sum.row.rank; d++) {
    if (sum.row.strides[0][d] % width != 0 || sum.row.strides[1][d] % width != 0) return 1;
  }
  for (int d = 0; d < sum.rows.rank; d++) {
    if (sum.rows.strides[0][d] % width != 0) return 1;
  }
  return int(width);
}

st_status run_sum(st_cuda_device *device, bool joins, st_dtype dtype, int width, const IndexSumParameters &p) {
  static Slot slots[2][10][2];
  const Grid grid = grid_for(p.windows * p.columns, 1);
  return run(device, slots[joins][dtype == ST_INT8 ? ST_UINT8 : dtype][width > 1], grid, p, [&] {
    const std::string kernel = joins ? "index_join<" : "index_sum<";
    return Program{"indexing.cuh", "IndexSumParameters", 256,
                   kernel + added_types[dtype] + ", " + std::to_string(width) + ">"};
  });
}

// Rows to a window: long windows share less, many keep the device busy.
uint32_t window_of(st_cuda_device *device, int64_t rows, int64_t columns) {
  constexpr int64_t shortest = 16, longest = 128;
  const int64_t busy = rows * columns / (int64_t(facts(device).multiprocessors) * 2048);
  const int64_t fitting = rows * columns / (INT32_MAX / 2) + 1;
  const int64_t window = busy < shortest ? shortest : busy > longest ? longest : busy;
  return uint32_t(window > fitting ? window : fitting);
}

}  // namespace

st_status sum_by_index(st_cuda_device *device, const IndexSum &sum) {
  const int64_t count = sum.rows.count;
  const Workspace keys(device, size_t(count) * 8), numbers(device, size_t(count) * 4);
  if (keys.status.code != ST_OK) return keys.status;
  if (numbers.status.code != ST_OK) return numbers.status;
  RadixSort sort = {};
  sort.in = sum.positions;
  sort.out = keys.address;
  sort.numbers = static_cast<uint32_t *>(numbers.address);
  sort.rows = 1;
  sort.length = count;
  sort.size = 8;
  sort.bits = 64 - __builtin_clzll(static_cast<unsigned long long>(sum.extent) | 1);
  if (st_status status = sort_by_radix(device, sort); status.code != ST_OK) return status;

  const int width = width_of(sum);
  const intptr_t size = element_size(sum.dtype);
  return each_part(sum.row, [&](const Collapsed<2> &part, const int64_t (&offsets)[2]) -> st_status {
    // Halves of a part may not be whole vectors.
    const int own = part.rank > 0 && part.shape[0] % width == 0 ? width : 1;
    IndexSumParameters p = {};
    p.out = static_cast<char *>(sum.out) + offsets[0] * size;
    p.values = static_cast<const char *>(sum.values) + offsets[1] * size;
    p.keys = static_cast<const uint64_t *>(keys.address);
    p.numbers = sort.numbers;
    p.scale = sum.scale;
    p.refused = uint64_t(sum.extent);
    p.count = uint32_t(count);
    set_places(p.rows, sum.rows, 1);
    set_places(p.places, part, own);
    p.columns = p.places.count;
    p.window = window_of(device, count, p.columns);
    p.windows = uint32_t((count + p.window - 1) / p.window);
    // What one window shares with the next, in the type that sums have: at most a double.
    const size_t shared = p.windows > 1 ? size_t(p.windows) * p.columns * size_t(own) * (size == 8 ? 8 : 4) : 0;
    const Workspace space(device, 2 * shared);
    if (space.status.code != ST_OK) return space.status;
    p.heads = space.address;
    p.tails = static_cast<char *>(space.address) + shared;
    const st_status status = run_sum(device, false, sum.dtype, own, p);
    if (status.code != ST_OK || p.windows == 1) return status;
    return run_sum(device, true, sum.dtype, own, p);
  });
}

}  // namespace st::cuda
