// Positions: the indices of several dimensions as one number.
#include <numeric>

#include "indexing.hpp"

namespace st::cuda {

void Positions::measure() {
  int64_t divisor = 0;
  auto each = [&](auto body) {
    for (int32_t k = 0; k < dimension_count; k++) {
      if (dimensions[k].size > 1) body(dimensions[k].size, dimensions[k].stride);
    }
    for (int32_t d = 0; start != nullptr && d < rank; d++) {
      if (shape[d] > 1) body(shape[d], start[d]);
    }
  };
  each([&](int64_t, int64_t stride) { divisor = std::gcd(divisor, stride); });
  scale = divisor == 0 ? 1 : divisor;
  each([&](int64_t size, int64_t stride) { extent += (size - 1) * (stride / scale); });
}

st_status write_positions(st_cuda_device *device, const Positions &positions, int64_t *to) {
  static Slot slot;
  constexpr int32_t most = 4;
  for (int32_t begin = 0; begin < positions.dimension_count; begin += most) {
    const int32_t own = positions.dimension_count - begin < most ? positions.dimension_count - begin : most;
    Space<6> space;
    intptr_t number = positions.count;
    for (int32_t d = 0; d < positions.rank; d++) {
      number /= positions.shape[d];
      intptr_t steps[6] = {number, positions.start ? intptr_t(positions.start[d] / positions.scale) : 0};
      for (int32_t k = 0; k < own; k++) steps[2 + k] = positions.indices[begin + k].strides[d];
      space.add(positions.shape[d], steps);
    }
    const Collapsed<6> shape = space.collapsed(true);
    const st_status status = each_part(shape, [&](const Collapsed<6> &part, const int64_t (&offsets)[6]) {
      IndexPositionsParameters p = {};
      p.positions = to + offsets[0];
      p.start = offsets[1];
      p.refused = positions.refused;
      p.first = begin == 0;
      p.count = own;
      for (int32_t k = 0; k < own; k++) {
        p.dimensions[k] = positions.dimensions[begin + k];
        p.dimensions[k].index += offsets[2 + k];
        p.dimensions[k].stride /= positions.scale;
      }
      set_places(p.places, part, 1);
      return run(device, slot, grid_for(p.places.count, 1), p, [] {
        return Program{"indexing.cuh", "IndexPositionsParameters", 256, "index_positions"};
      });
    });
    if (status.code != ST_OK) return status;
  }
  return {};
}

st_status claim_positions(st_cuda_device *device, const Positions &positions, const int64_t *from, uint32_t *winners) {
  static Slot slots[2];
  IndexClaimParameters p = {};
  p.positions = from;
  p.winners = winners;
  p.count = uint32_t(positions.count);
  for (int step = 0; step < 2; step++) {
    const st_status status = run(device, slots[step], grid_for(p.count, 1), p, [&] {
      return Program{"indexing.cuh", "IndexClaimParameters", 256, step == 0 ? "index_claim" : "index_settle"};
    });
    if (status.code != ST_OK) return status;
  }
  return {};
}

}  // namespace st::cuda
