// Reading and writing by index tensors.
//
// Where several elements may go to one place, writes cost three more passes over the indices (claims: the last wins);
// sums of int32 and int64, and scatter's of float32 and float64, are atomic, and all other sums sort the indices first.
#include "indexing.hpp"

namespace st::cuda {
namespace {

// What scatter and index_put write: at each place of the index shape, where the indices lead, a block of elements.
struct Put {
  const char *name;
  st_dtype dtype;
  void *out;
  const void *values;
  int32_t rank;                     // of the index shape
  const intptr_t *shape;
  const intptr_t *out_strides;      // along it, beside the indexed dimensions; null for 0
  const intptr_t *values_strides;
  const st_view *indices;
  const IndexedDimension *dimensions;
  int32_t dimension_count;
  Space<2> block;                   // out, values
  bool adds;
  bool adds_in_order;               // sums of floats are the same each time
  bool repeats;                     // several elements may go to one place

  int64_t count() const { return element_count({nullptr, shape, nullptr, rank, ST_INT64}); }
  bool sorts() const {
    return adds && repeats && dtype != ST_INT32 && dtype != ST_INT64 &&
           (adds_in_order || (dtype != ST_FLOAT32 && dtype != ST_FLOAT64));
  }
  Move move() const { return !adds ? Move::write : repeats ? Move::add_atomically : Move::add; }
};

// By one index, or by positions: an index whose strides are those of row-major order.
st_status move_block(st_cuda_device *device, const Put &put, const IndexedDimension &dimension, bool by_position,
                     const uint32_t *winners) {
  Space<3> space;
  intptr_t number = put.count();
  for (int32_t d = 0; d < put.rank; d++) {
    number /= put.shape[d];
    const intptr_t index = by_position ? number : put.indices[0].strides[d];
    space.add(put.shape[d], {by_position || !put.out_strides ? 0 : put.out_strides[d], put.values_strides[d], index});
  }
  for (int32_t d = 0; d < put.block.rank; d++) {
    space.add(put.block.shape[d], {put.block.strides[0][d], put.block.strides[1][d], 0});
  }
  return move_by_index(device, {put.move(), put.dtype, put.out, put.values, dimension, winners, space.collapsed(true)});
}

st_status sum_blocks(st_cuda_device *device, const Put &put, const Positions &positions, const int64_t *places) {
  Space<1> rows;
  for (int32_t d = 0; d < put.rank; d++) rows.add(put.shape[d], {put.values_strides[d]});
  IndexSum sum = {put.dtype,        put.out,         put.values,           places,
                  positions.extent, positions.scale, rows.collapsed(true), put.block.collapsed(false)};
  if (dimension_to_cut(sum.rows) < 0) return sum_by_index(device, sum);
  // The rows are cut too often for a kernel: one after the other in work space.
  Space<2> from;  // packed, values
  Space<2> block;
  intptr_t step = positions.count * sum.row.count;
  for (int32_t d = 0; d < put.rank + put.block.rank; d++) {
    const bool own = d >= put.rank;
    const intptr_t size = own ? put.block.shape[d - put.rank] : put.shape[d];
    step /= size;
    from.add(size, {step, own ? put.block.strides[1][d - put.rank] : put.values_strides[d]});
    if (own) block.add(size, {put.block.strides[0][d - put.rank], step});
  }
  const Workspace packed(device, size_t(positions.count * sum.row.count * element_size(put.dtype)));
  if (packed.status.code != ST_OK) return packed.status;
  st_view target = from.view(0), source = from.view(1);
  target.dtype = source.dtype = put.dtype;
  target.data = packed.address;
  source.data = const_cast<void *>(put.values);
  if (st_status status = st_cuda_copy(device, target, source, 0); status.code != ST_OK) return status;
  sum.values = packed.address;
  sum.rows = {1, {positions.count}, {{sum.row.count}}, positions.count};
  sum.row = block.collapsed(false);
  return sum_by_index(device, sum);
}

st_status put_blocks(st_cuda_device *device, const Put &put) {
  Positions positions;
  positions.count = put.count();
  if (positions.count == 0) return {};
  const bool empty = put.block.collapsed(true).count == 0;
  const bool sorts = put.sorts() && !empty, claims = !put.adds && put.repeats && !empty;
  if (put.dimension_count == 1 && !sorts && !claims && !empty) {
    return move_block(device, put, put.dimensions[0], false, nullptr);
  }
  if (positions.count > INT32_MAX) {
    return failed("%s: %lld indices are too many", put.name, static_cast<long long>(positions.count));
  }
  positions.rank = put.rank;
  positions.shape = put.shape;
  positions.start = put.out_strides;
  positions.indices = put.indices;
  positions.dimensions = put.dimensions;
  positions.dimension_count = put.dimension_count;
  positions.measure();
  if (sorts) positions.refused = positions.extent;
  const Workspace places(device, size_t(positions.count) * 8);
  if (places.status.code != ST_OK) return places.status;
  auto *const own = static_cast<int64_t *>(places.address);
  // Blocks without elements too: this looks at the indices.
  if (st_status status = write_positions(device, positions, own); status.code != ST_OK || empty) return status;
  if (sorts) return sum_blocks(device, put, positions, own);
  const Workspace winners(device, claims ? size_t(positions.extent) * 4 : 0);
  if (winners.status.code != ST_OK) return winners.status;
  auto *const claimed = claims ? static_cast<uint32_t *>(winners.address) : nullptr;
  if (claims) {
    if (st_status status = claim_positions(device, positions, own, claimed); status.code != ST_OK) return status;
  }
  return move_block(device, put, positions.prepared(own), true, claimed);
}

// Dimension `dim` of a view, or the only element of one without dimensions.
IndexedDimension dimension_of(st_cuda_device *device, const st_view &view, int32_t dim, const st_view &index,
                              int32_t operand, int32_t tag, bool wraps) {
  const bool scalar = view.rank == 0;
  return {static_cast<const int64_t *>(index.data), scalar ? 1 : view.shape[dim], scalar ? 0 : view.strides[dim],
          faults(device), tag, operand, wraps, 0};
}

bool are_int64(const st_view *indices, int32_t count) {
  for (int32_t k = 0; k < count; k++) {
    if (indices[k].dtype != ST_INT64) return false;
  }
  return true;
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_gather(st_cuda_device *device, st_view out, st_view in, st_view index, int32_t dim) {
  if (!is_dtype(out.dtype) || in.dtype != out.dtype || index.dtype != ST_INT64) return {ST_UNSUPPORTED_DTYPE};
  Space<3> space;
  for (int32_t d = 0; d < index.rank; d++) {
    space.add(index.shape[d], {out.strides[d], d == dim ? 0 : in.strides[d], index.strides[d]});
  }
  const IndexedDimension dimension = dimension_of(device, in, dim, index, 0, fault_tag(device), false);
  return move_by_index(device, {Move::read, out.dtype, out.data, in.data, dimension, nullptr, space.collapsed(false)});
}

st_status st_cuda_scatter(st_cuda_device *device, st_view out, st_view index, st_view source, int32_t dim,
                          int32_t mode) {
  if (!is_dtype(out.dtype) || source.dtype != out.dtype || index.dtype != ST_INT64) return {ST_UNSUPPORTED_DTYPE};
  const IndexedDimension dimension = dimension_of(device, out, dim, index, 0, fault_tag(device), false);
  intptr_t beside[largest_rank];
  for (int32_t d = 0; d < index.rank; d++) beside[d] = d == dim ? 0 : out.strides[d];
  Put put = {};
  put.adds = mode == ST_SCATTER_ADD;
  put.name = put.adds ? "scatterAdd" : "scatter";
  put.dtype = out.dtype;
  put.out = out.data;
  put.values = source.data;
  put.rank = index.rank;
  put.shape = index.shape;
  put.out_strides = beside;
  put.values_strides = source.strides;
  put.indices = &index;
  put.dimensions = &dimension;
  put.dimension_count = 1;
  put.repeats = index.rank > 0 && index.shape[dim] > 1;
  return put_blocks(device, put);
}

st_status st_cuda_index(st_cuda_device *device, st_view out, st_view in, const st_view *indices, int32_t count) {
  if (!is_dtype(out.dtype) || in.dtype != out.dtype || !are_int64(indices, count)) return {ST_UNSUPPORTED_DTYPE};
  const int32_t leading = indices[0].rank, tag = fault_tag(device);
  IndexedDimension dimensions[largest_rank];
  for (int32_t k = 0; k < count; k++) dimensions[k] = dimension_of(device, in, k, indices[k], k, tag, true);
  Positions positions;
  positions.count = element_count(indices[0]);
  const bool empty = element_count(out) == 0;
  if (positions.count == 0) return {};
  const bool direct = count == 1 && !empty;
  const Workspace places(device, direct ? 0 : size_t(positions.count) * 8);
  if (places.status.code != ST_OK) return places.status;
  if (!direct) {
    positions.rank = leading;
    positions.shape = indices[0].shape;
    positions.start = nullptr;
    positions.indices = indices;
    positions.dimensions = dimensions;
    positions.dimension_count = count;
    positions.measure();
    auto *const own = static_cast<int64_t *>(places.address);
    if (st_status status = write_positions(device, positions, own); status.code != ST_OK || empty) return status;
    dimensions[0] = positions.prepared(own);
  }
  Space<3> space;
  intptr_t number = positions.count;
  for (int32_t d = 0; d < out.rank; d++) {
    if (d < leading) {
      number /= out.shape[d];
      space.add(out.shape[d], {out.strides[d], 0, direct ? indices[0].strides[d] : number});
    } else {
      space.add(out.shape[d], {out.strides[d], in.strides[d - leading + count], 0});
    }
  }
  const Collapsed<3> shape = space.collapsed(false);
  return move_by_index(device, {Move::read, out.dtype, out.data, in.data, dimensions[0], nullptr, shape});
}

st_status st_cuda_index_put(st_cuda_device *device, st_view out, st_view values, const st_view *indices, int32_t count,
                            bool accumulate) {
  if (!is_dtype(out.dtype) || values.dtype != out.dtype || !are_int64(indices, count)) return {ST_UNSUPPORTED_DTYPE};
  const int32_t leading = indices[0].rank, rank = leading + out.rank - count, tag = fault_tag(device);
  if (rank > largest_rank) return failed("indexPut: the values would have %d dimensions", rank);
  auto values_stride = [&](int32_t d) {
    const int32_t own = d - (rank - values.rank);
    return own < 0 || values.shape[own] == 1 ? 0 : values.strides[own];
  };
  IndexedDimension dimensions[largest_rank];
  for (int32_t k = 0; k < count; k++) dimensions[k] = dimension_of(device, out, k, indices[k], k, tag, true);
  intptr_t along[largest_rank];
  bool same = true;  // one block goes everywhere
  for (int32_t d = 0; d < leading; d++) {
    along[d] = values_stride(d);
    same = same && along[d] == 0;
  }
  Put put = {};
  put.adds = accumulate;
  put.adds_in_order = true;
  put.name = "indexPut";
  put.dtype = out.dtype;
  put.out = out.data;
  put.values = values.data;
  put.rank = leading;
  put.shape = indices[0].shape;
  put.values_strides = along;
  put.indices = indices;
  put.dimensions = dimensions;
  put.dimension_count = count;
  for (int32_t d = leading; d < rank; d++) {
    const int32_t own = d - leading + count;
    put.block.add(out.shape[own], {out.strides[own], values_stride(d)});
  }
  put.repeats = put.count() > 1 && (accumulate || !same);
  return put_blocks(device, put);
}
