// PyTorch's CUDA numbers. A fill's launch has PyTorch's geometry, since that settles which number an element gets and
// how far the generator moves on.
#include <algorithm>
#include <cmath>

#include "../runtime/device.hpp"
#include "../kernels/random_parameters.h"

namespace st::cuda {
namespace {

constexpr int block = 256;

const char *const type_names[] = {"bool",    "uint8_t", "int8_t",   "int16_t", "int32_t",
                                  "int64_t", "float16", "bfloat16", "float",   "double"};
constexpr size_t type_sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};

bool is_floating(st_dtype dtype) { return dtype >= ST_FLOAT16 && dtype <= ST_FLOAT64; }
bool is_dtype(st_dtype dtype) { return dtype >= ST_BOOL && dtype <= ST_FLOAT64; }
constexpr st_status unsupported = {ST_UNSUPPORTED_DTYPE, 0, 0, 0};

// The generator's state; moves it on.
PhiloxState take(st_cuda_device *device, st_cuda_generator *generator, uint64_t increment) {
  const PhiloxState state = {generator->seed, generator->offset, graph_offset(device)};
  increment = (increment + 3) / 4 * 4;
  generator->offset += increment;
  note_draw(device, generator, increment);
  return state;
}

// As many blocks as the device holds at once, or fewer.
unsigned blocks_for(st_cuda_device *device, int64_t count) {
  const DeviceFacts &device_facts = facts(device);
  const int64_t most = int64_t(device_facts.multiprocessors) * (device_facts.threads_per_multiprocessor / block);
  return unsigned(std::min(most, (count + block - 1) / block));
}

// What a fill of `count` elements, `values` of a group, moves the generator on by.
uint64_t increment_of(unsigned blocks, int64_t count, int values) {
  return (uint64_t(count - 1) / (uint64_t(blocks) * block * values) + 1) * 4;
}

// ---- Fills.

struct Kernel {
  Slot *slot;
  const char *distribution;
  const char *type;
  int values;  // of a group
};

st_status launch_fill(st_cuda_device *device, st_cuda_generator *generator, const Kernel &kernel, FillParameters &p) {
  Grid grid;
  grid.blocks[0] = blocks_for(device, p.count);
  grid.threads[0] = block;
  p.state = take(device, generator, increment_of(grid.blocks[0], p.count, kernel.values));
  return run(device, *kernel.slot, grid, p, [&] {
    return Program{"random.cuh", "FillParameters", block,
                   std::string("random_fill<") + kernel.distribution + "<" + kernel.type + ">>"};
  });
}

// A box of memory that one launch fills: the elements' numbers follow memory.
st_status fill_box(st_cuda_device *device, st_cuda_generator *generator, const Kernel &kernel, FillParameters &p,
                   const Collapsed<1> &box, char *data) {
  p.count = uint32_t(box.count);
  if (box.rank <= 1) {
    p.out = data;
    p.stride = box.rank == 0 ? 1 : box.strides[0][0];
    return launch_fill(device, generator, kernel, p);
  }
  // In order of the numbers first, from there to where they belong.
  Workspace dense(device, size_t(box.count) * type_sizes[p.dtype]);
  if (dense.status.code != ST_OK) return dense.status;
  p.out = dense.address;
  p.stride = 1;
  const st_status status = launch_fill(device, generator, kernel, p);
  if (status.code != ST_OK) return status;
  intptr_t shape[64], strides[64], dense_strides[64];
  intptr_t step = 1;
  for (int i = 0; i < box.rank; i++) {
    const int d = box.rank - 1 - i;
    shape[d] = box.shape[i];
    strides[d] = box.strides[0][i];
    dense_strides[d] = step;
    step *= box.shape[i];
  }
  return st_cuda_copy(device, {data, shape, strides, box.rank, p.dtype},
                      {dense.address, shape, dense_strides, box.rank, p.dtype}, 0);
}

// Whether 32-bit offsets in bytes reach all of a box; and its dimension that reaches furthest.
bool is_small(const Collapsed<1> &box, int64_t size, int &longest) {
  int64_t end = 1, furthest = -1;
  for (int i = box.rank - 1; i >= 0; i--) {
    const int64_t extent = (box.shape[i] - 1) * std::abs(box.strides[0][i]) * size;
    end += extent;
    if (extent <= furthest) continue;
    furthest = extent;
    longest = i;
  }
  return box.count <= INT32_MAX && end <= INT32_MAX;
}

// PyTorch fills large boxes by halves.
st_status fill_halves(st_cuda_device *device, st_cuda_generator *generator, const Kernel &kernel, FillParameters &p,
                      const Collapsed<1> &box, char *data) {
  const int64_t size = int64_t(type_sizes[p.dtype]);
  int longest = 0;
  if (is_small(box, size, longest)) return fill_box(device, generator, kernel, p, box, data);
  const int64_t whole = box.shape[longest], lower = whole / 2;
  Collapsed<1> half = box;
  half.shape[longest] = lower;
  half.count = box.count / whole * lower;
  const st_status status = fill_halves(device, generator, kernel, p, half, data);
  if (status.code != ST_OK) return status;
  half.shape[longest] = whole - lower;
  half.count = box.count - half.count;
  return fill_halves(device, generator, kernel, p, half, data + lower * box.strides[0][longest] * size);
}

st_status fill(st_cuda_device *device, st_cuda_generator *generator, const st_view &out, const Kernel &kernel,
               FillParameters &p) {
  const st_view *const views[] = {&out};
  const Collapsed<1> box = collapse(views, false);
  if (box.count == 0) return {};
  p.dtype = out.dtype;
  int longest = 0;
  if (!is_small(box, int64_t(type_sizes[out.dtype]), longest)) {
    // It draws for the whole, too, and leaves that unused.
    take(device, generator, increment_of(blocks_for(device, box.count), box.count, kernel.values));
  }
  return fill_halves(device, generator, kernel, p, box, static_cast<char *>(out.data));
}

// ---- Kernels by dtype.

st_status fill_floats(st_cuda_device *device, st_cuda_generator *generator, const st_view &out,
                      const char *distribution, Slot (&slots)[4], double first, double second) {
  if (!is_floating(out.dtype)) return unsupported;
  const Kernel kernel = {&slots[out.dtype - ST_FLOAT16], distribution, type_names[out.dtype],
                         out.dtype == ST_FLOAT64 ? 2 : 4};
  FillParameters p = {};
  p.first = first;
  p.second = second;
  return fill(device, generator, out, kernel, p);
}

// from ... from + range - 1 (a range of 0 means 2^64), of which the mask's bits are kept.
st_status fill_whole(st_cuda_device *device, st_cuda_generator *generator, const st_view &out, bool wide, int64_t from,
                     uint64_t range, uint64_t mask) {
  if (!is_dtype(out.dtype)) return unsupported;
  static Slot slots[2];
  const Kernel kernel = {&slots[wide], "Whole", wide ? "uint64_t" : "uint32_t", wide ? 2 : 4};
  FillParameters p = {};
  p.from = from;
  p.range = range;
  p.mask = mask;
  return fill(device, generator, out, kernel, p);
}

constexpr uint64_t all_bits = ~uint64_t{0};

// ---- Layouts.

template <int N>
Layout<N> layout_of(const Collapsed<N> &box) {
  Layout<N> layout = {};
  layout.rank = std::max(box.rank, 1);
  layout.shape[0] = 1;
  for (int i = 0; i < box.rank; i++) {
    layout.shape[i] = box.shape[i];
    for (int n = 0; n < N; n++) layout.strides[n][i] = box.strides[n][i];
  }
  return layout;
}

bool is_aligned(const void *address, size_t bytes) { return reinterpret_cast<uintptr_t>(address) % bytes == 0; }

// ---- Permutations.

// Keys of so many bits have no equals with a probability of 9 in 10.
int key_bits(int64_t count) {
  const double n = double(count);
  return std::min(64, int(std::ceil(std::log2(n - (6 * n * n + 1) / (12 * std::log(0.9))))));
}

st_status shuffle_equal(st_cuda_device *device, st_cuda_generator *generator, const st_view &out, const void *keys,
                        bool wide) {
  static Slot slots[2];
  const int64_t count = out.shape[0];
  ShuffleParameters p = {keys, static_cast<int64_t *>(out.data), take(device, generator, uint64_t(count)), count,
                         out.strides[0]};
  Grid grid;
  grid.blocks[0] = unsigned((count + block - 1) / block);
  grid.threads[0] = block;
  return run(device, slots[wide], grid, p, [&] {
    return Program{"random.cuh", "ShuffleParameters", block,
                   wide ? "shuffle_equal<int64_t>" : "shuffle_equal<int32_t>"};
  });
}

// ---- Dropout.

// How many elements a thread of PyTorch's kernel takes in a row.
int dropout_width(const st_view &x, int64_t count) {
  const st_view *const views[] = {&x};
  const Collapsed<1> box = collapse(views, false);
  const bool is_dense = box.rank == 0 || (box.rank == 1 && box.strides[0][0] == 1);
  if (!is_dense) return 1;
  const size_t size = type_sizes[x.dtype];
  int width = int(16 / size);
  while (width > 1 && (!is_aligned(x.data, width * size) || count % width != 0)) width /= 2;
  return width;
}

// Whether 16 bytes at a time can be read and written: consecutive and aligned everywhere.
bool is_plain(const Collapsed<3> &box, int width, const DropoutParameters &p, st_dtype dtype) {
  const bool is_dense =
      box.rank == 0 || (box.rank == 1 && box.strides[0][0] == 1 && box.strides[1][0] == 1 && box.strides[2][0] == 1);
  return is_dense && width == int(16 / type_sizes[dtype]) && is_aligned(p.out, 16) && is_aligned(p.mask, size_t(width));
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_random_uniform(st_cuda_device *device, st_cuda_generator *generator, st_view out, double from,
                                 double to) {
  static Slot slots[4];
  return fill_floats(device, generator, out, "Uniform", slots, from, to);
}

st_status st_cuda_random_normal(st_cuda_device *device, st_cuda_generator *generator, st_view out, double mean,
                                double std) {
  static Slot slots[4];
  return fill_floats(device, generator, out, "Normal", slots, mean, std);
}

st_status st_cuda_random_exponential(st_cuda_device *device, st_cuda_generator *generator, st_view out, double rate) {
  static Slot slots[4];
  return fill_floats(device, generator, out, "Exponential", slots, rate, 0);
}

st_status st_cuda_random_integers(st_cuda_device *device, st_cuda_generator *generator, st_view out, int64_t from,
                                  uint64_t range) {
  const bool wide = range == 0 || range >= uint64_t{1} << 28;
  return fill_whole(device, generator, out, wide, from, range, all_bits);
}

// Integers get their positive half, floats the integers that their significand holds.
st_status st_cuda_random_raw(st_cuda_device *device, st_cuda_generator *generator, st_view out) {
  constexpr int bits[] = {1, 8, 7, 15, 31, 63, 11, 8, 24, 53};
  if (!is_dtype(out.dtype)) return unsupported;
  const bool wide = out.dtype == ST_INT64 || out.dtype == ST_FLOAT64;
  const uint64_t range = (uint64_t{1} << bits[out.dtype]) + (is_floating(out.dtype) ? 1 : 0);
  return fill_whole(device, generator, out, wide, 0, range, all_bits);
}

st_status st_cuda_random_bernoulli(st_cuda_device *device, st_cuda_generator *generator, st_view out,
                                   double probability) {
  if (!is_dtype(out.dtype)) return unsupported;
  static Slot slots[2];
  const bool is_double = out.dtype == ST_FLOAT64;
  const Kernel kernel = {&slots[is_double], "Bernoulli", is_double ? "double" : "float", is_double ? 2 : 4};
  FillParameters p = {};
  p.first = probability;
  return fill(device, generator, out, kernel, p);
}

st_status st_cuda_random_bernoulli_each(st_cuda_device *device, st_cuda_generator *generator, st_view out,
                                        st_view probabilities) {
  if (!is_dtype(out.dtype)) return unsupported;
  if (!is_floating(probabilities.dtype)) return {ST_UNSUPPORTED_DTYPE, 1, 0, 0};
  // The three arrays' dimensions that have several elements; `numbers` counts the probabilities in row-major order.
  intptr_t shape[64], strides[64], sources[64], numbers[64];
  int32_t rank = 0;
  for (int32_t d = 0; d < out.rank; d++) {
    if (out.shape[d] == 1) continue;
    const int32_t own = d - (out.rank - probabilities.rank);
    shape[rank] = out.shape[d];
    strides[rank] = out.strides[d];
    sources[rank] = own < 0 || probabilities.shape[own] == 1 ? 0 : probabilities.strides[own];
    intptr_t step = own < 0 || probabilities.shape[own] == 1 ? 0 : 1;
    for (int32_t inner = own + 1; step != 0 && inner < probabilities.rank; inner++) step *= probabilities.shape[inner];
    numbers[rank++] = step;
  }
  // PyTorch's order: two dimensions change places when both arrays step further in the inner one.
  for (int32_t i = 0; i < rank; i++) {
    for (int32_t j = i + 1; j < rank; j++) {
      const bool rises = strides[i] < strides[j] || sources[i] < sources[j];
      const bool falls = strides[i] > strides[j] || sources[i] > sources[j];
      if (!rises || falls) continue;
      for (intptr_t *values : {shape, strides, sources, numbers}) std::swap(values[i], values[j]);
    }
  }
  const st_view target = {out.data, shape, strides, rank, out.dtype};
  const st_view source = {probabilities.data, shape, sources, rank, probabilities.dtype};
  const st_view number = {nullptr, shape, numbers, rank, ST_INT64};
  const st_view *const views[] = {&target, &source, &number};
  const Collapsed<3> box = collapse(views, true);
  if (box.count == 0) return {};
  BernoulliParameters p = {};
  p.out = out.data;
  p.probabilities = probabilities.data;
  p.state = take(device, generator, 10);
  p.fault = faults(device);
  p.count = box.count;
  p.tag = fault_tag(device);
  p.dtype = out.dtype;
  p.probability_dtype = probabilities.dtype;
  p.layout = layout_of(box);
  constexpr int threads = 512;
  static Slot slot;
  Grid grid;
  grid.blocks[0] = unsigned((box.count + 4 * threads - 1) / (4 * threads));
  grid.threads[0] = threads;
  return run(device, slot, grid, p, [] {
    return Program{"random.cuh", "BernoulliParameters", threads, "bernoulli_each"};
  });
}

st_status st_cuda_random_permutation(st_cuda_device *device, st_cuda_generator *generator, st_view out) {
  if (out.dtype != ST_INT64) return unsupported;
  const intptr_t count = out.shape[0], one = 1;
  if (count == 0) return {};
  const int bits = key_bits(count);
  const bool wide = bits > 32;
  const st_dtype dtype = wide ? ST_INT64 : ST_INT32;
  const size_t bytes = size_t(count) * type_sizes[dtype];
  Workspace keys(device, bytes), sorted(device, bytes);
  if (keys.status.code != ST_OK) return keys.status;
  if (sorted.status.code != ST_OK) return sorted.status;
  const st_view key_view = {keys.address, &count, &one, 1, dtype};
  const st_view sorted_view = {sorted.address, &count, &one, 1, dtype};
  const uint64_t mask = bits < 64 ? (uint64_t{1} << bits) - 1 : all_bits;
  const int64_t from = wide ? INT64_MIN : INT32_MIN;
  const uint64_t range = wide ? UINT64_MAX : UINT32_MAX;
  st_status status = fill_whole(device, generator, key_view, true, from, range, mask);
  if (status.code == ST_OK) status = st_cuda_sort(device, false, sorted_view, out, key_view, 0);
  if (status.code == ST_OK) status = shuffle_equal(device, generator, out, sorted.address, wide);
  return status;
}

st_status st_cuda_dropout(st_cuda_device *device, st_cuda_generator *generator, st_view out, st_view mask, st_view x,
                          double p) {
  if (!is_floating(x.dtype) || out.dtype != x.dtype || mask.dtype != ST_BOOL) return unsupported;
  int64_t count = 1;
  for (int32_t d = 0; d < x.rank; d++) count *= x.shape[d];
  if (count == 0) return {};
  const int width = dropout_width(x, count);
  const st_view *const views[] = {&x, &out, &mask};
  const Collapsed<3> box = collapse(views, width == 1);  // numbers follow x's memory, or else its row-major order

  DropoutParameters parameters = {};
  Grid grid;
  grid.blocks[0] = blocks_for(device, count);
  grid.threads[0] = block;
  parameters.out = out.data;
  parameters.mask = mask.data;
  parameters.x = x.data;
  parameters.count = count;
  // The probability of keeping is rounded to the arithmetic's type before its inverse is.
  const double keep = x.dtype == ST_FLOAT64 ? 1 - p : double(float(1 - p));
  const bool draws = p > 0 && p < 1;
  parameters.keep = draws ? keep : p > 0 ? 0 : 2;  // numbers lie in (0, 1]
  parameters.scale = p < 1 ? 1 / keep : 0;
  if (draws) parameters.state = take(device, generator, increment_of(grid.blocks[0], count, 4));

  static Slot dense_slots[4], strided_slots[4];
  const int slot = x.dtype - ST_FLOAT16;
  if (is_plain(box, width, parameters, x.dtype)) {
    return run(device, dense_slots[slot], grid, parameters, [&] {
      return Program{"random.cuh", "DropoutParameters", block,
                     std::string("dropout_dense<") + type_names[x.dtype] + ">"};
    });
  }
  const StridedDropoutParameters strided = {parameters, width, 0, layout_of(box)};
  return run(device, strided_slots[slot], grid, strided, [&] {
    return Program{"random.cuh", "StridedDropoutParameters", block,
                   std::string("dropout_strided<") + type_names[x.dtype] + ">"};
  });
}
