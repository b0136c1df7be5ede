// Copies, casts and fills: which kernel takes which views.
#include <string.h>

#include "formulas.hpp"
#include "places.hpp"
// After the integer types.
#include "../kernels/copy_parameters.h"

namespace st::cuda {
namespace {

// Elements of two operands, the output first, as the kernels see them: perhaps wider than the views' own.
struct Copy {
  Collapsed<2> shape;
  char *out;
  const char *in;  // null: the number
  st_dtype to, from;
  int size;  // bytes of an element where the dtypes agree
  uint64_t number;

  bool casts() const { return to != from; }

  // Joins neighbours to elements of up to 8 bytes: a copy does not care.
  void widen() {
    if (shape.rank == 0 || shape.strides[0][0] != 1 || shape.strides[1][0] != 1) return;
    const uintptr_t addresses = reinterpret_cast<uintptr_t>(out) | reinterpret_cast<uintptr_t>(in);
    while (size < 8 && shape.shape[0] % 2 == 0 && addresses % uintptr_t(2 * size) == 0) {
      for (int d = 1; d < shape.rank; d++) {
        if (shape.strides[0][d] % 2 != 0 || shape.strides[1][d] % 2 != 0) return;
      }
      for (int d = 1; d < shape.rank; d++) {
        shape.strides[0][d] /= 2;
        shape.strides[1][d] /= 2;
      }
      shape.shape[0] /= 2;
      shape.count /= 2;
      size *= 2;
    }
  }

  bool contiguous() const {
    return shape.rank == 0 || (shape.rank == 1 && shape.strides[0][0] == 1 && shape.strides[1][0] == 1);
  }

  // Whether vectors of `width` elements do; sets whether the input is dense along dimension 0.
  bool takes_vectors(int width, uint32_t &dense) const {
    if (shape.rank > 1 && shape.shape[0] % width != 0) return false;
    const int64_t out_stride = shape.rank == 0 ? 1 : shape.strides[0][0];
    const int64_t in_stride = in == nullptr || shape.rank == 0 ? 0 : shape.strides[1][0];
    dense = in_stride == 1;
    if (out_stride != 1 || (in_stride != 0 && in_stride != 1)) return false;
    const int64_t out_size = casts() ? element_size(to) : size, in_size = casts() ? element_size(from) : size;
    if (reinterpret_cast<uintptr_t>(out) % uintptr_t(width * out_size) != 0) return false;
    if (dense && reinterpret_cast<uintptr_t>(in) % uintptr_t(width * in_size) != 0) return false;
    for (int d = 1; d < shape.rank; d++) {
      if (shape.strides[0][d] % width != 0 || (dense && shape.strides[1][d] % width != 0)) return false;
    }
    return true;
  }

  // The dimension along which the input is contiguous, where the output is along dimension 0: a transposition worth its
  // tiles. 0 for none.
  int transposed() const {
    constexpr int64_t least = 16;
    if (casts() || in == nullptr || shape.rank < 2 || shape.strides[0][0] != 1 || shape.shape[0] < least) return 0;
    if (shape.strides[1][0] == 0 || shape.strides[1][0] == 1) return 0;
    for (int d = 1; d < shape.rank; d++) {
      if (shape.strides[1][d] == 1 && shape.shape[d] >= least) return d;
    }
    return 0;
  }
};

int size_index(int size) { return size == 8 ? 3 : size / 2; }

constexpr const char *unsigned_names[] = {"uint8_t", "uint16_t", "uint32_t", "uint64_t"};

// Between floats and from any dtype to float32.
bool casts_vectors(st_dtype to, st_dtype from) { return to == ST_FLOAT32 || (is_floating(to) && is_floating(from)); }

CopyParameters parameters_of(const Copy &copy, int width) {
  CopyParameters p = {};
  p.out = copy.out;
  p.in = copy.in;
  p.number = copy.number;
  p.from = copy.from;
  set_places(p.places, copy.shape, width);
  return p;
}

st_status run_vectors(st_cuda_device *device, const Copy &copy, int width, uint32_t dense) {
  static Slot same[4], cast[10][10];
  CopyParameters p = parameters_of(copy, width);
  p.dense = dense;
  if (copy.shape.rank < 2) p.tail = uint32_t(copy.shape.count % width);
  const int index = size_index(copy.size);
  Slot &slot = copy.casts() ? cast[copy.to][copy.from] : same[index];
  return run(device, slot, grid_for(p.places.count, copied_items), p, [&] {
    const std::string to = copy.casts() ? type_names[copy.to] : unsigned_names[index];
    const std::string from = copy.casts() ? type_names[copy.from] : unsigned_names[index];
    return Program{"copy.cuh", "CopyParameters", step_threads, "copy_vectors<" + to + ", " + from + ">"};
  });
}

st_status run_strided(st_cuda_device *device, const Copy &copy) {
  static Slot same[4], cast[10];
  const CopyParameters p = parameters_of(copy, 1);
  const int index = size_index(copy.size);
  return run(device, copy.casts() ? cast[copy.to] : same[index], grid_for(p.places.count, copied_items), p, [&] {
    const std::string type = copy.casts() ? type_names[copy.to] : unsigned_names[index];
    return Program{"copy.cuh", "CopyParameters", step_threads,
                   "copy_strided<" + type + (copy.casts() ? ", true>" : ", false>")};
  });
}

// Whether accesses of 16 bytes go along both sides.
bool transposes_vectors(const TransposeParameters &p, int size) {
  if (size != 2 && size != 4) return false;
  const int64_t width = 16 / size;
  const uintptr_t addresses = reinterpret_cast<uintptr_t>(p.out) | reinterpret_cast<uintptr_t>(p.in);
  if (addresses % 16 != 0 || p.rows % width != 0 || p.columns % width != 0) return false;
  if (p.out_row % width != 0 || p.in_column % width != 0) return false;
  for (int d = 0; d < p.planes.rank; d++) {
    if (p.planes.strides[0][d] % width != 0 || p.planes.strides[1][d] % width != 0) return false;
  }
  return true;
}

st_status run_transpose(st_cuda_device *device, const Copy &copy, int other) {
  static Slot slots[2][4];
  const Collapsed<2> &shape = copy.shape;
  TransposeParameters p = {};
  p.out = copy.out;
  p.in = copy.in;
  p.out_row = shape.strides[0][other];
  p.in_column = shape.strides[1][0];
  p.columns = uint32_t(shape.shape[0]);
  p.rows = uint32_t(shape.shape[other]);
  Collapsed<2> planes;
  for (int d = 1; d < shape.rank; d++) {
    if (d == other) continue;
    const int i = planes.rank++;
    planes.shape[i] = shape.shape[d];
    planes.count *= shape.shape[d];
    for (int k = 0; k < 2; k++) planes.strides[k][i] = shape.strides[k][d];
  }
  set_places(p.planes, planes, 1);
  const bool vectors = transposes_vectors(p, copy.size);
  const uint32_t side = copy.size <= 2 ? transposed_side<2> : transposed_side<4>;
  const uint32_t wide = copy.size == 2 ? transposed_across<2> : transposed_across<4>;
  const uint32_t down = vectors ? transposed_down : side, across = vectors ? wide : side;
  p.tiles_down = (p.rows + down - 1) / down;
  p.tiles = p.tiles_down * ((p.columns + across - 1) / across);
  Grid grid;
  grid.blocks[0] = p.tiles * p.planes.count;
  grid.threads[0] = 256;
  const int index = size_index(copy.size);
  return run(device, slots[vectors][index], grid, p, [&] {
    const std::string kernel = vectors ? "transpose_vectors<" : "transpose<";
    return Program{"copy.cuh", "TransposeParameters", 256, kernel + unsigned_names[index] + ">"};
  });
}

st_status run_copy(st_cuda_device *device, Copy &copy) {
  uint32_t dense;
  if (!copy.casts()) {
    if (copy.in != nullptr) copy.widen();
    if (copy.in != nullptr && copy.contiguous()) {
      return st_cuda_copy_between(device, copy.out, device, copy.in, size_t(copy.shape.count) * size_t(copy.size));
    }
    if (copy.takes_vectors(16 / copy.size, dense)) return run_vectors(device, copy, 16 / copy.size, dense);
    if (const int other = copy.transposed()) return run_transpose(device, copy, other);
  } else if (casts_vectors(copy.to, copy.from)) {
    const int to_size = int(element_size(copy.to)), from_size = int(element_size(copy.from));
    const int width = 16 / (to_size > from_size ? to_size : from_size);
    if (copy.takes_vectors(width, dense)) return run_vectors(device, copy, width, dense);
  }
  return run_strided(device, copy);
}

st_status copy_parts(st_cuda_device *device, const Collapsed<2> &shape, const st_view &out, const void *in,
                     st_dtype from, uint64_t number) {
  const intptr_t out_size = element_size(out.dtype), in_size = element_size(from);
  return each_part(shape, [&](const Collapsed<2> &part, const int64_t (&offsets)[2]) {
    char *target = static_cast<char *>(out.data) + offsets[0] * out_size;
    Copy copy = {part, target, nullptr, out.dtype, from, int(out_size), number};
    if (in != nullptr) copy.in = static_cast<const char *>(in) + offsets[1] * in_size;
    return run_copy(device, copy);
  });
}

st_status fill(st_cuda_device *device, const st_view &out, uint64_t number) {
  const st_view element = {nullptr, nullptr, nullptr, 0, out.dtype};
  const st_view *const views[] = {&out, &element};
  const Collapsed<2> shape = collapse(views, false);
  if (shape.count == 0) return {};
  const intptr_t size = element_size(out.dtype);
  if (shape.rank == 0 || (shape.rank == 1 && shape.strides[0][0] == 1)) {
    const unsigned char byte = static_cast<unsigned char>(number);
    bool bytes = true;
    for (intptr_t i = 1; i < size; i++) bytes = bytes && (number >> 8 * i & 255) == byte;
    if (bytes) return set_bytes(device, out.data, byte, size_t(shape.count * size));
  }
  return copy_parts(device, shape, out, nullptr, out.dtype, number);
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_copy(st_cuda_device *device, st_view out, st_view in, uint32_t host) {
  if (host & 1) {
    const uint64_t number = with_type(out.dtype, [&](auto to) {
      return with_type(in.dtype, [&](auto from) {
        typename decltype(from)::type value;
        memcpy(&value, in.data, sizeof value);
        return bits_of(cast<typename decltype(to)::type>(value));
      });
    });
    return fill(device, out, number);
  }
  const st_view *const views[] = {&out, &in};
  const Collapsed<2> shape = collapse(views, false);
  if (shape.count == 0) return {};
  return copy_parts(device, shape, out, in.data, in.dtype, 0);
}

st_status st_cuda_fill(st_cuda_device *device, st_view out, st_number value) {
  const uint64_t number = with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return bits_of(value.kind == st_number::ST_NUMBER_FLOAT ? cast<T>(value.real) : cast<T>(value.integer));
  });
  return fill(device, out, number);
}
