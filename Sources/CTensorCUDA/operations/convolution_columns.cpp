// Convolutions whose operands are written out as matrices, which cuBLASLt multiplies: on tensor cores for 16-bit
// floats, and in float32 where that is allowed.
#include <algorithm>

#include "convolution.hpp"
#include "cublaslt.hpp"
// After the convolution's parameters.
#include "../kernels/convolution_columns_parameters.h"

namespace st::cuda {
namespace {

constexpr const char *type_names[] = {"float16", "bfloat16", "float", "double"};

// Of the matrices that are written out: they mostly stay in the GPU's cache until they are read.
constexpr int64_t most_bytes = 32 << 20;

// The kernels that write nothing out need little memory.
st_status unless_exhausted(st_status status) { return status.code == ST_OUT_OF_MEMORY ? st_status{} : status; }

// Products so thin that the library has no use for its tiles are left to the other kernels.
bool suits(st_dtype dtype, const ConvolutionParameters &p, int64_t depth) {
  constexpr uint32_t least = 8, most_groups = 8;
  return is_floating(dtype) && p.rows >= least && p.columns >= least && depth >= least &&
         uint32_t(p.shape.groups) <= most_groups;
}

template <class Kernel>
st_status write_out(st_cuda_device *device, Slot &slot, const ConvolutionColumnsParameters &p, int64_t threads,
                    int64_t others, const Kernel &kernel) {
  Grid grid;
  grid.threads[0] = 256;
  grid.blocks[0] = unsigned((threads + 255) / 256);
  grid.blocks[1] = unsigned((others + convolution_columns_of_block - 1) / convolution_columns_of_block);
  return run(device, slot, grid, p, [&] {
    return Program{"convolution_columns.cuh", "ConvolutionColumnsParameters", 256, kernel()};
  });
}
bool has_grid(int64_t others) { return others <= 65535ll * convolution_columns_of_block; }

Gemm gemm_of(st_dtype dtype, int64_t m, int64_t n, int64_t k) {
  Gemm gemm = {};
  gemm.m = m;
  gemm.n = gemm.out_ld = gemm.b_ld = n;
  gemm.k = gemm.a_ld = k;
  gemm.batch = 1;
  gemm.dtype = uint8_t(dtype);
  gemm.tf32 = dtype == ST_FLOAT32 && st_cuda_allow_tf32();
  return gemm;
}

char *at(const void *data, int64_t index, st_dtype dtype) {
  return static_cast<char *>(const_cast<void *>(data)) + index * element_size(dtype);
}

// The bias in every pixel, for products to be added to.
st_status fill_with_bias(st_cuda_device *device, st_dtype dtype, void *out, const void *bias, int64_t images,
                         int64_t channels, int64_t plane) {
  const intptr_t shape[] = {images, channels, plane};
  const intptr_t strides[] = {channels * plane, plane, 1}, repeated[] = {0, 1, 0};
  return st_cuda_copy(device, {out, shape, strides, 3, dtype},
                      {const_cast<void *>(bias), shape, repeated, 3, dtype}, 0);
}

// A weight [filters, channels, kernel] with its first two dimensions exchanged, group by group.
st_status exchange(st_cuda_device *device, st_dtype dtype, void *out, const void *weight, const ConvolutionShape &s) {
  const int64_t kernel = s.kernel_plane.size, filters = s.group_filters, channels = s.group_channels;
  const intptr_t shape[] = {s.groups, channels, filters, kernel};
  const intptr_t to[] = {channels * filters * kernel, filters * kernel, kernel, 1};
  const intptr_t from[] = {channels * filters * kernel, kernel, channels * kernel, 1};
  return st_cuda_copy(device, {out, shape, to, 4, dtype}, {const_cast<void *>(weight), shape, from, 4, dtype}, 0);
}

// A result or an image's gradient.
st_status convolve(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                   bool &done) {
  static Slot slots[2][4];
  const ConvolutionShape &s = p.shape;
  if (!suits(dtype, p, p.terms) || !has_grid(p.terms)) return {};
  const bool is_result = product == forward;
  const ConvolutionDivider plane = is_result ? s.plane : s.image_plane;
  const int64_t pixels = plane.size, images = p.rows / pixels, matrix = p.terms * pixels;
  // Of an image, in what is read and what is written.
  const int64_t read = is_result ? int64_t(s.channels) * s.image_plane.size : int64_t(s.filters) * s.plane.size;
  const int64_t written = int64_t(is_result ? s.filters : s.channels) * pixels, weights = p.columns * int64_t(p.terms);
  const int64_t read_group = read / s.groups, written_group = written / s.groups;
  const bool pointwise = is_pointwise(s);
  const int64_t fitting = std::max<int64_t>(1, most_bytes / (matrix * element_size(dtype)));
  const int64_t step = pointwise ? images : std::min(images, fitting);
  const size_t columns_bytes = pointwise ? 0 : size_t(step * matrix * element_size(dtype));
  const Workspace columns(device, columns_bytes, Workspace::optional);
  const Workspace exchanged(device, is_result ? 0 : size_t(weights * s.groups * element_size(dtype)),
                            Workspace::optional);
  for (const Workspace *space : {&columns, &exchanged}) {
    if (space->status.code != ST_OK) return unless_exhausted(space->status);
  }
  const void *weight = p.b;
  st_status status = {};
  if (!is_result) {
    weight = exchanged.address;
    status = exchange(device, dtype, exchanged.address, p.b, s);
  }
  if (status.code == ST_OK && p.bias != nullptr) {
    status = fill_with_bias(device, dtype, p.out, p.bias, images, is_result ? s.filters : s.channels, pixels);
  }
  Gemm gemm = gemm_of(dtype, p.columns, pixels, p.terms);
  gemm.out_stride = written;
  gemm.b_stride = pointwise ? read : matrix;
  gemm.accumulates = p.bias != nullptr;
  for (int64_t first = 0; first < images; first += step) {
    gemm.batch = std::min(step, images - first);
    for (int32_t group = 0; group < s.groups && status.code == ST_OK; group++) {
      const void *operand = at(p.a, first * read + group * read_group, dtype);
      if (!pointwise) {
        ConvolutionColumnsParameters c = {columns.address, p, plane, uint32_t(group)};
        c.product.a = at(p.a, first * read, dtype);
        c.product.rows = uint32_t(gemm.batch * pixels);
        status = write_out(device, slots[product][dtype - ST_FLOAT16], c, c.product.rows, p.terms, [&] {
          const std::string type = type_names[dtype - ST_FLOAT16];
          const char *read_as = is_result ? "ConvolutionPatch" : "ConvolutionSource";
          return "convolution_columns<" + type + ", " + read_as + "<" + type + ">>";
        });
        operand = columns.address;
      }
      if (status.code != ST_OK) return status;
      status = multiply_by_cublaslt(device, gemm, at(p.out, first * written + group * written_group, dtype),
                                    at(weight, group * weights, dtype), operand, nullptr, done);
      if (!done) return status;
    }
  }
  return status;
}

st_status sum_weight_gradient(st_cuda_device *device, st_dtype dtype, const ConvolutionParameters &p, bool &done) {
  static Slot slots[4];
  const ConvolutionShape &s = p.shape;
  if (!suits(dtype, p, p.terms) || !has_grid(p.columns)) return {};
  const int64_t pixels = s.plane.size, images = p.terms / pixels, size = element_size(dtype);
  const int64_t fitting = std::max<int64_t>(1, most_bytes / (p.columns * pixels * size));
  const int64_t step = std::min(images, fitting), most_terms = step * pixels;
  const Workspace columns(device, size_t(p.columns * most_terms * size), Workspace::optional);
  const Workspace gradients(device, size_t(s.filters * most_terms * size), Workspace::optional);
  // 16-bit floats are rounded once, when the groups of images are added up.
  const st_dtype sum = dtype == ST_FLOAT64 ? ST_FLOAT64 : ST_FLOAT32;
  const intptr_t elements = intptr_t(s.groups) * p.rows * p.columns, one = 1;
  const Workspace sums(device, sum == dtype ? 0 : size_t(elements * element_size(sum)), Workspace::optional);
  for (const Workspace *space : {&columns, &gradients, &sums}) {
    if (space->status.code != ST_OK) return unless_exhausted(space->status);
  }
  void *const out = sum == dtype ? p.out : sums.address;
  for (int64_t first = 0; first < images; first += step) {
    const int64_t count = std::min(step, images - first), terms = count * pixels;
    // [filters, images, pixels] of [images, filters, pixels].
    const intptr_t shape[] = {s.filters, count, pixels}, to[] = {terms, pixels, 1};
    const intptr_t from[] = {pixels, s.filters * pixels, 1};
    st_status status = st_cuda_copy(device, {gradients.address, shape, to, 3, dtype},
                                    {at(p.a, first * s.filters * pixels, dtype), shape, from, 3, dtype}, 0);
    Gemm gemm = gemm_of(dtype, p.rows, p.columns, terms);
    gemm.b_transposed = true;
    gemm.b_ld = terms;
    gemm.accumulates = first > 0;
    gemm.wide_out = true;
    for (int32_t group = 0; group < s.groups && status.code == ST_OK; group++) {
      ConvolutionColumnsParameters c = {columns.address, p, s.plane, uint32_t(group)};
      c.product.b = at(p.b, first * s.channels * s.image_plane.size, dtype);
      c.product.terms = uint32_t(terms);
      status = write_out(device, slots[dtype - ST_FLOAT16], c, terms, p.columns, [&] {
        return std::string("convolution_shifts<") + type_names[dtype - ST_FLOAT16] + ">";
      });
      if (status.code != ST_OK) return status;
      status = multiply_by_cublaslt(device, gemm, at(out, group * int64_t(p.rows) * p.columns, sum),
                                    at(gradients.address, group * p.rows * terms, dtype), columns.address, nullptr,
                                    done);
      if (!done) return status;
    }
    if (status.code != ST_OK) return status;
  }
  if (sum == dtype) return {};
  return st_cuda_copy(device, {p.out, &elements, &one, 1, dtype}, {out, &elements, &one, 1, sum}, 0);
}

}  // namespace

st_status convolve_by_cublaslt(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                               bool &done) {
  done = false;
  return product == weight_gradient ? sum_weight_gradient(device, dtype, p, done)
                                    : convolve(device, product, dtype, p, done);
}

}  // namespace st::cuda
