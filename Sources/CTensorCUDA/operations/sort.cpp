// Sorts: short rows within a block, long ones by radix.
#include "sort.hpp"

#include "../../CTensorKernels/convert.hpp"
#include "places.hpp"

namespace st::cuda {
namespace {

// Up to this many blocks of a row, each sums the counts of those before it by itself.
constexpr uint32_t few_blocks = 16;

SortOrder order_of(st_dtype dtype, bool descending) {
  SortOrder order = {};
  order.flip = descending ? ~uint64_t(0) : 0;
  if (dtype != ST_BOOL && dtype != ST_UINT8) order.sign = uint64_t(1) << (8 * element_size(dtype) - 1);
  switch (dtype) {
    case ST_FLOAT16: order.infinity = 0x7c00; break;
    case ST_BFLOAT16: order.infinity = 0x7f80; break;
    case ST_FLOAT32: order.infinity = 0x7f800000; break;
    case ST_FLOAT64: order.infinity = 0x7ff0000000000000; break;
    default: break;
  }
  return order;
}

uint32_t tile_of(int size) { return 256u * uint32_t(size == 8 ? sorted_items<8> : sorted_items<4>); }

st_status run_count(st_cuda_device *device, int size, const Grid &grid, const SortPassParameters &p) {
  static Slot slots[4];
  const int index = size_index(size);
  return run(device, slots[index], grid, p, [&] {
    return Program{"sort.cuh", "SortPassParameters", 256, std::string("sort_count<") + unsigned_types[index] + ">"};
  });
}

st_status run_scatter(st_cuda_device *device, int size, const Grid &grid, const SortPassParameters &p) {
  static Slot slots[4];
  const int index = size_index(size);
  return run(device, slots[index], grid, p, [&] {
    return Program{"sort.cuh", "SortPassParameters", 256, std::string("sort_scatter<") + unsigned_types[index] + ">"};
  });
}

// One pass over as many rows as a launch takes.
st_status run_pass(st_cuda_device *device, int size, int64_t rows, SortPassParameters p) {
  const int64_t most = INT32_MAX / p.blocks;
  const int64_t step = int64_t(p.length) * (rows < most ? rows : most);
  for (int64_t row = 0; row < rows; row += most) {
    Grid grid;
    const int64_t own = rows - row < most ? rows - row : most;
    grid.blocks[0] = unsigned(own * p.blocks);
    grid.threads[0] = 256;
    if (p.blocks > 1) {
      if (st_status status = run_count(device, size, grid, p); status.code != ST_OK) return status;
      if (p.totals != nullptr) {
        const st_status status = sum_counts(device, false, p.counts, p.totals, own * 256, p.blocks);
        if (status.code != ST_OK) return status;
      }
    }
    if (st_status status = run_scatter(device, size, grid, p); status.code != ST_OK) return status;
    p.in = static_cast<const char *>(p.in) + step * size;
    p.out = static_cast<char *>(p.out) + step * size;
    if (p.numbers != nullptr) p.numbers += step;
    if (p.numbers_out != nullptr) p.numbers_out += step;
    if (p.indices_out != nullptr) p.indices_out += step;
  }
  return {};
}

}  // namespace

st_status sum_counts(st_cuda_device *device, bool wide, void *counts, void *totals, int64_t sequences, int64_t length) {
  static Slot slots[2];
  CountsParameters p = {};
  p.counts = counts;
  p.totals = totals;
  p.length = uint32_t(length);
  Grid grid;
  grid.blocks[0] = unsigned(sequences);
  grid.threads[0] = length >= 4096 ? 1024 : round_up(unsigned(length + 3) / 4, 32);
  return run(device, slots[wide], grid, p, [&] {
    return Program{"sort.cuh", "CountsParameters", 1024, wide ? "sum_counts<uint64_t>" : "sum_counts<uint32_t>"};
  });
}

st_status sort_by_radix(st_cuda_device *device, const RadixSort &sort) {
  if (sort.length > UINT32_MAX) return failed("sort: a row of %lld elements is too long", (long long)sort.length);
  const int passes = sort.bits <= 8 ? 1 : (sort.bits + 7) / 8;
  const size_t count = size_t(sort.rows) * size_t(sort.length);
  SortPassParameters p = {};
  p.order = sort.order;
  p.length = uint32_t(sort.length);
  p.blocks = uint32_t((sort.length + tile_of(sort.size) - 1) / tile_of(sort.size));
  const size_t digits = p.blocks > 1 ? size_t(sort.rows) * 256 : 0, totals = p.blocks > few_blocks ? digits : 0;
  // Elements and their numbers, for passes that are not the last one, in turn.
  const size_t bytes = (count * size_t(sort.size) + 15) / 16 * 16 + count * 4;
  const Workspace counts(device, (digits * p.blocks + totals) * 4);
  if (counts.status.code != ST_OK) return counts.status;
  const Workspace even(device, passes > 1 ? bytes : 0), odd(device, passes > 2 ? bytes : 0);
  if (even.status.code != ST_OK) return even.status;
  if (odd.status.code != ST_OK) return odd.status;
  p.counts = static_cast<uint32_t *>(counts.address);
  if (totals > 0) p.totals = p.counts + digits * p.blocks;
  p.in = sort.in;
  for (int pass = 0; pass < passes; pass++) {
    p.shift = 8 * pass;
    if (pass == passes - 1) {
      p.out = sort.out;
      p.numbers_out = sort.numbers;
      p.indices_out = sort.indices;
    } else {
      p.out = pass % 2 == 0 ? even.address : odd.address;
      p.numbers_out = reinterpret_cast<uint32_t *>(static_cast<char *>(p.out) + bytes - count * 4);
    }
    if (st_status status = run_pass(device, sort.size, sort.rows, p); status.code != ST_OK) return status;
    p.in = p.out;
    p.numbers = p.numbers_out;
  }
  return {};
}

namespace {

// A view with one dimension the last.
struct Moved {
  intptr_t shape[64], strides[64];
  st_view view;

  Moved(const st_view &from, int32_t dim) : view(from) {
    for (int32_t d = 0; d < from.rank; d++) {
      const int32_t to = d == dim ? from.rank - 1 : d < dim ? d : d - 1;
      shape[to] = from.shape[d];
      strides[to] = from.strides[d];
    }
    view.shape = shape;
    view.strides = strides;
  }
  Moved(const Moved &) = delete;

  // Whether that is its row-major order; or makes it so.
  bool row_major(bool makes = false) {
    bool is = true;
    intptr_t expected = 1;
    for (int32_t d = view.rank - 1; d >= 0; d--) {
      is = is && (shape[d] == 1 || strides[d] == expected);
      if (makes) strides[d] = expected;
      expected *= shape[d];
    }
    return is;
  }
};

// An operand with its rows one after the other: as it is, or in work space.
struct SortOperand {
  Moved original, rows;
  const bool packed;
  const Workspace space;

  SortOperand(st_cuda_device *device, const st_view &view, int32_t dim)
      : original(view, dim),
        rows(view, dim),
        packed(!rows.row_major(true)),
        space(device, packed ? size_t(element_count(view) * element_size(view.dtype)) : 0) {
    if (packed) rows.view.data = space.address;
  }
  st_status pack(st_cuda_device *device) const {
    return packed ? st_cuda_copy(device, rows.view, original.view, 0) : st_status{};
  }
  st_status unpack(st_cuda_device *device) const {
    return packed ? st_cuda_copy(device, original.view, rows.view, 0) : st_status{};
  }
};

st_status sort_short_rows(st_cuda_device *device, const st_view &values, const st_view &indices, const st_view &in,
                          int32_t dim, SortOrder order, int64_t length) {
  static Slot slots[4];
  // The rows' space: dim does not move.
  intptr_t shape[64] = {};
  for (int32_t d = 0; d < in.rank; d++) shape[d] = d == dim ? 1 : in.shape[d];
  st_view views[] = {values, indices, in};
  for (st_view &view : views) view.shape = shape;
  const st_view *const all[] = {&views[0], &views[1], &views[2]};
  const int size = int(element_size(in.dtype)), index = size_index(size);
  return each_part(collapse(all, false), [&](const Collapsed<3> &part, const int64_t (&offsets)[3]) {
    SortRowsParameters p = {};
    p.values = static_cast<char *>(values.data) + offsets[0] * size;
    p.indices = static_cast<int64_t *>(indices.data) + offsets[1];
    p.in = static_cast<const char *>(in.data) + offsets[2] * size;
    p.order = order;
    for (int k = 0; k < 3; k++) p.steps[k] = in.rank > 0 ? views[k].strides[dim] : 0;
    p.length = uint32_t(length);
    p.padded = 1;
    while (p.padded < p.length) p.padded *= 2;
    set_places(p.rows, part, 1);
    const uint32_t elements = p.padded > 1024 ? p.padded : 1024, rows = elements / p.padded;
    Grid grid;
    grid.blocks[0] = (p.rows.count + rows - 1) / rows;
    grid.threads[0] = elements / 4;
    grid.shared = elements * (size == 8 ? 12 : 8);
    return run(device, slots[index], grid, p, [&] {
      return Program{"sort.cuh", "SortRowsParameters", 512, std::string("sort_rows<") + unsigned_types[index] + ">"};
    });
  });
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_sort(st_cuda_device *device, bool descending, st_view values, st_view indices, st_view in,
                       int32_t dim) {
  if (in.dtype < ST_BOOL || in.dtype > ST_FLOAT64 || values.dtype != in.dtype || indices.dtype != ST_INT64) {
    return {ST_UNSUPPORTED_DTYPE};
  }
  const int64_t count = element_count(in), length = in.rank > 0 ? in.shape[dim] : 1;
  if (count == 0) return {};
  const SortOrder order = order_of(in.dtype, descending);
  if (length <= sorted_row) return sort_short_rows(device, values, indices, in, dim, order, length);

  SortOperand source(device, in, dim), target(device, values, dim), places(device, indices, dim);
  for (const SortOperand *each : {&source, &target, &places}) {
    if (each->space.status.code != ST_OK) return each->space.status;
  }
  if (st_status status = source.pack(device); status.code != ST_OK) return status;
  RadixSort sort = {};
  sort.in = source.rows.view.data;
  sort.out = target.rows.view.data;
  sort.indices = static_cast<int64_t *>(places.rows.view.data);
  sort.rows = count / length;
  sort.length = length;
  sort.size = int(element_size(in.dtype));
  sort.bits = in.dtype == ST_BOOL ? 1 : 8 * sort.size;
  sort.order = order;
  if (st_status status = sort_by_radix(device, sort); status.code != ST_OK) return status;
  if (st_status status = target.unpack(device); status.code != ST_OK) return status;
  return places.unpack(device);
}
