// The positions of elements that are not zero: counts of blocks, their sums, and then the positions.
#include "indexing.hpp"
#include "sort.hpp"

namespace st::cuda {
namespace {

constexpr int64_t tile = 256 * nonzero_items;

// A view as the kernels take it: contiguous, or few enough dimensions and elements; else copied.
class NonzeroInput {
 public:
  NonzeroParameters parameters = {};
  st_status status = {};

  NonzeroInput(st_cuda_device *device, const st_view &in)
      : shape(shape_of(in)), copied(!contiguous() && dimension_to_cut(shape) >= 0),
        copy(device, copied ? size_t(shape.count * element_size(in.dtype)) : 0) {
    const int size = int(element_size(in.dtype));
    parameters.in = in.data;
    parameters.mask = ~uint64_t(0) >> (64 - 8 * size + is_floating(in.dtype));
    parameters.count = shape.count;
    parameters.contiguous = copied || contiguous();
    if (copied) {
      status = copy.status.code == ST_OK ? pack(device, in) : copy.status;
      parameters.in = copy.address;
    } else if (!contiguous()) {
      set_places(parameters.places, shape, 1);
    }
  }
  int64_t blocks() const { return (shape.count + tile - 1) / tile; }

 private:
  Collapsed<1> shape;
  bool copied;
  Workspace copy;

  static Collapsed<1> shape_of(const st_view &in) {
    const st_view *const views[] = {&in};
    return collapse(views, true);
  }
  bool contiguous() const { return shape.rank == 0 || (shape.rank == 1 && shape.strides[0][0] == 1); }
  st_status pack(st_cuda_device *device, const st_view &in) const {
    intptr_t strides[largest_rank], step = 1;
    for (int32_t d = in.rank - 1; d >= 0; d--) {
      strides[d] = step;
      step *= in.shape[d];
    }
    return st_cuda_copy(device, {copy.address, in.shape, strides, in.rank, in.dtype}, in, 0);
  }
};

st_status run_nonzero(st_cuda_device *device, bool writes, st_dtype dtype, int64_t blocks, const NonzeroParameters &p) {
  static Slot slots[2][4];
  const int index = size_index(int(element_size(dtype)));
  Grid grid;
  grid.blocks[0] = unsigned(blocks);
  grid.threads[0] = 256;
  return run(device, slots[writes][index], grid, p, [&] {
    return Program{"nonzero.cuh", "NonzeroParameters", 256,
                   std::string(writes ? "write_nonzero<" : "count_nonzero<") + unsigned_types[index] + ">"};
  });
}

// How many stand before each block, and in all.
st_status count_blocks(st_cuda_device *device, st_dtype dtype, int64_t blocks, const NonzeroParameters &p) {
  if (st_status status = run_nonzero(device, false, dtype, blocks, p); status.code != ST_OK) return status;
  return sum_counts(device, true, p.counts, p.counts + blocks, 1, blocks);
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_count_nonzero(st_cuda_device *device, st_view in, intptr_t *count) {
  *count = 0;
  if (!is_dtype(in.dtype)) return {ST_UNSUPPORTED_DTYPE};
  NonzeroInput input(device, in);
  const int64_t blocks = input.blocks();
  if (input.status.code != ST_OK || blocks == 0) return input.status;
  const Workspace counts(device, size_t(blocks + 1) * 8);
  if (counts.status.code != ST_OK) return counts.status;
  input.parameters.counts = static_cast<uint64_t *>(counts.address);
  if (st_status status = count_blocks(device, in.dtype, blocks, input.parameters); status.code != ST_OK) return status;
  uint64_t total = 0;
  const st_status status = st_cuda_download(device, &total, input.parameters.counts + blocks, sizeof total);
  *count = intptr_t(total);
  return status;
}

st_status st_cuda_nonzero(st_cuda_device *device, st_view out, st_view in) {
  if (!is_dtype(in.dtype) || out.dtype != ST_INT64) return {ST_UNSUPPORTED_DTYPE};
  if (out.shape[0] == 0 || in.rank == 0) return {};
  NonzeroInput input(device, in);
  const int64_t blocks = input.blocks();
  if (input.status.code != ST_OK || blocks == 0) return input.status;
  const Workspace counts(device, size_t(blocks + 1) * 8);
  if (counts.status.code != ST_OK) return counts.status;
  NonzeroParameters &p = input.parameters;
  p.counts = static_cast<uint64_t *>(counts.address);
  p.out = static_cast<int64_t *>(out.data);
  p.limit = out.shape[0];
  p.row_stride = out.strides[0];
  p.column_stride = out.strides[1];
  p.rank = in.rank;
  for (int32_t d = 0; d < in.rank; d++) p.shape[d] = in.shape[d];
  if (st_status status = count_blocks(device, in.dtype, blocks, p); status.code != ST_OK) return status;
  return run_nonzero(device, true, in.dtype, blocks, p);
}
