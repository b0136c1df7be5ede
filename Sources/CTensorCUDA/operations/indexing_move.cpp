// Launches of the kernels that move elements by one index.
#include "indexing.hpp"
#include "sort.hpp"

namespace st::cuda {
namespace {

// Neighbours that go the same way move together, up to 16 bytes of them. Answers how many bytes.
int widen(Moving &moving) {
  int size = int(element_size(moving.dtype));
  if (moving.move != Move::read && moving.move != Move::write) return size;
  Collapsed<3> &shape = moving.shape;
  const uintptr_t addresses = reinterpret_cast<uintptr_t>(moving.out) | reinterpret_cast<uintptr_t>(moving.in);
  while (size < 16 && shape.rank > 0 && shape.shape[0] % 2 == 0 && shape.strides[0][0] == 1 &&
         shape.strides[1][0] == 1 && shape.strides[2][0] == 0 && moving.dimension.stride % 2 == 0 &&
         addresses % uintptr_t(2 * size) == 0) {
    for (int d = 1; d < shape.rank; d++) {
      if (shape.strides[0][d] % 2 != 0 || shape.strides[1][d] % 2 != 0) return size;
    }
    for (int d = 1; d < shape.rank; d++) {
      shape.strides[0][d] /= 2;
      shape.strides[1][d] /= 2;
    }
    shape.shape[0] /= 2;
    shape.count /= 2;
    moving.dimension.stride /= 2;
    size *= 2;
  }
  return size;
}

int sized_index(int size) { return size == 16 ? 4 : size_index(size); }

std::string instantiation(const Moving &moving, int size) {
  const std::string sized = size == 16 ? "Vector<uint32_t, 4>>" : std::string(unsigned_types[size_index(size)]) + ">";
  const std::string added = std::string("index_add<") + added_types[moving.dtype];
  switch (moving.move) {
    case Move::read: return "index_read<" + sized;
    case Move::write: return "index_write<" + sized;
    case Move::add: return added + ", false>";
    default: return added + ", true>";
  }
}

Slot &slot_of(const Moving &moving, int size) {
  static Slot reads[5], writes[5], adds[10], atomic[10];
  const int dtype = moving.dtype == ST_INT8 ? ST_UINT8 : moving.dtype;
  switch (moving.move) {
    case Move::read: return reads[sized_index(size)];
    case Move::write: return writes[sized_index(size)];
    case Move::add: return adds[dtype];
    default: return atomic[dtype];
  }
}

}  // namespace

st_status move_by_index(st_cuda_device *device, Moving moving) {
  if (moving.shape.count == 0) return {};
  const int size = widen(moving);
  Slot &slot = slot_of(moving, size);
  return each_part(moving.shape, [&](const Collapsed<3> &part, const int64_t (&offsets)[3]) {
    IndexMoveParameters p = {};
    p.out = static_cast<char *>(moving.out) + offsets[0] * size;
    p.in = static_cast<const char *>(moving.in) + offsets[1] * size;
    p.winners = moving.winners;
    p.number = uint32_t(offsets[2]);
    p.dimension = moving.dimension;
    p.dimension.index += offsets[2];
    set_places(p.places, part, 1);
    return run(device, slot, grid_for(p.places.count, moved_items), p, [&] {
      return Program{"indexing.cuh", "IndexMoveParameters", 256, instantiation(moving, size)};
    });
  });
}

}  // namespace st::cuda
