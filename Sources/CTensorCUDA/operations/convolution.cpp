// Convolutions in one to three dimensions and their gradients: by cuDNN, by cuBLASLt, or by kernels of our own.
#include "convolution.hpp"

#include <algorithm>

#include "cudnn.hpp"

namespace st::cuda {
namespace {

constexpr int64_t most = INT32_MAX;

constexpr const char *types[] = {"int64_t", "float16", "bfloat16", "float", "double"};

ConvolutionDivider divider(int64_t size) {
  const uint32_t own = size < 1 ? 1 : uint32_t(size);
  const uint32_t shift = own == 1 ? 0 : 32 - uint32_t(__builtin_clz(own - 1));
  return {own, uint32_t(((uint64_t(1) << 32) * ((uint64_t(1) << shift) - own)) / own + 1), shift};
}

// The shape as kernels take it; says when it has no numbers for them.
st_status shape_of(const st_view &x, const st_view &weight, const st_view &out, const st_convolution &options,
                   ConvolutionShape &shape) {
  shape = {};
  for (const st_view *view : {&x, &weight, &out}) {
    int64_t pixels = 1;
    for (int d = 1; d < view->rank; d++) {
      if (view->shape[d] > most) return failed("convolution: a size of %lld is too large", (long long)view->shape[d]);
    }
    for (int d = 2; d < view->rank; d++) {
      pixels *= view->shape[d];
      if (pixels > most) return failed("convolution: an image is too large");
    }
    if (view == &weight && (weight.shape[0] > most || weight.shape[1] * pixels > most)) {
      return failed("convolution: the weight is too large");
    }
  }
  shape.channels = int32_t(x.shape[1]);
  shape.filters = int32_t(weight.shape[0]);
  shape.groups = options.groups;
  shape.group_channels = shape.channels / options.groups;
  shape.group_filters = shape.filters / options.groups;
  for (int i = 0; i < 3; i++) {
    const int own = i - (5 - x.rank);  // of the dimensions that there are
    shape.size[i] = own < 0 ? 1 : int32_t(x.shape[2 + own]);
    shape.kernel[i] = own < 0 ? 1 : int32_t(weight.shape[2 + own]);
    shape.result[i] = own < 0 ? 1 : int32_t(out.shape[2 + own]);
    shape.stride[i] = own < 0 ? 1 : options.stride[own];
    shape.padding[i] = own < 0 ? 0 : options.padding[own];
    shape.dilation[i] = own < 0 ? 1 : options.dilation[own];
    shape.steps[i] = divider(shape.stride[i]);
  }
  const auto dividers = [](const int32_t (&sizes)[3], ConvolutionDivider &row, ConvolutionDivider &slice,
                           ConvolutionDivider &plane) {
    row = divider(sizes[2]);
    slice = divider(int64_t(sizes[1]) * sizes[2]);
    plane = divider(int64_t(sizes[0]) * sizes[1] * sizes[2]);
  };
  dividers(shape.result, shape.row, shape.slice, shape.plane);
  dividers(shape.size, shape.image_row, shape.image_slice, shape.image_plane);
  dividers(shape.kernel, shape.kernel_row, shape.kernel_slice, shape.kernel_plane);
  return {};
}

int64_t tiles(int64_t count) { return (count + convolution_tile - 1) / convolution_tile; }

// The libraries in the order in which they are asked; what none of them takes is left to the kernels of this file.
st_status convolve_by_libraries(st_cuda_device *device, Product product, st_dtype dtype,
                                const ConvolutionParameters &p, bool &done) {
  done = false;
  st_status status = {};
  // Where the images are matrices already, and wide ones of aligned rows, cuDNN adds nothing but the processor's time.
  const uint32_t pixels = p.shape.plane.size;
  const bool is_product = product != weight_gradient && is_pointwise(p.shape) && pixels >= 64 &&
                          pixels * element_size(dtype) % 16 == 0;
  const auto first = is_product ? convolve_by_cublaslt : convolve_by_cudnn;
  const auto second = is_product ? convolve_by_cudnn : convolve_by_cublaslt;
  for (const auto convolve : {first, second}) {
    if (!done && status.code == ST_OK) status = convolve(device, product, dtype, p, done);
  }
  return status;
}

st_status run_product(st_cuda_device *device, Product product, st_dtype dtype, ConvolutionParameters &p) {
  static Slot slots[3][5];
  if (p.rows == 0 || p.columns == 0) return {};
  if (product != weight_gradient) {
    bool done;
    const st_status status = convolve_by_libraries(device, product, dtype, p, done);
    if (done || status.code != ST_OK) return status;
  }
  p.row_tiles = uint32_t(tiles(p.rows));
  const int64_t blocks = int64_t(p.row_tiles) * p.shape.groups * (product == weight_gradient ? p.slices : 1);
  const int64_t column_tiles = tiles(p.columns);
  if (blocks > most || column_tiles > 65535) return failed("convolution: the weight is too large");
  Grid grid;
  grid.blocks[0] = unsigned(blocks);
  grid.blocks[1] = unsigned(column_tiles);
  grid.threads[0] = 256;
  const int type = dtype - ST_INT64;
  return run(device, slots[product][type], grid, p, [&] {
    constexpr const char *names[] = {"convolution<", "convolution_image<", "convolution_weight<"};
    return Program{"convolution.cuh", "ConvolutionParameters", 256,
                   std::string(names[product]) + types[type] + ">"};
  });
}

int64_t per_image(const st_view &view) {
  int64_t count = 1;
  for (int d = 1; d < view.rank; d++) count *= view.shape[d];
  return count;
}

// Calls body(first, count) for groups of images that together have fewer than 2^31 elements in either view.
template <class Body>
st_status each_images(const st_view &x, const st_view &y, const Body &body) {
  const int64_t images = x.shape[0], elements = std::max(per_image(x), per_image(y));
  const int64_t step = elements < 1 ? most : std::max<int64_t>(most / elements, 1);
  for (int64_t first = 0; first < images; first += step) {
    const int64_t count = images - first < step ? images - first : step;
    if (st_status status = body(first, count); status.code != ST_OK) return status;
  }
  return {};
}

const char *element(const st_view &view, int64_t index) {
  return static_cast<const char *>(view.data) + index * element_size(view.dtype);
}
char *target(const st_view &view, int64_t index) { return const_cast<char *>(element(view, index)); }

st_status image_gradients(st_cuda_device *device, const st_view &x_gradient, const st_view &gradient,
                          const st_view &weight, const st_view &bias, const ConvolutionShape &shape) {
  const int64_t pixels = shape.image_plane.size;
  return each_images(x_gradient, gradient, [&](int64_t first, int64_t count) {
    ConvolutionParameters p = {};
    p.shape = shape;
    p.out = target(x_gradient, first * per_image(x_gradient));
    p.a = element(gradient, first * per_image(gradient));
    p.b = weight.data;
    p.bias = bias.data;
    p.rows = uint32_t(count * pixels);
    p.columns = uint32_t(shape.group_channels);
    p.terms = uint32_t(shape.group_filters) * shape.kernel_plane.size;
    return run_product(device, image_gradient, x_gradient.dtype, p);
  });
}

// Slices for one launch: enough blocks for the device, and terms enough for each.
int64_t slices_for(st_cuda_device *device, const ConvolutionParameters &p) {
  constexpr int64_t fewest_terms = 512;
  const int64_t blocks = tiles(p.rows) * tiles(p.columns) * p.shape.groups;
  const int64_t wanted = (int64_t(facts(device).multiprocessors) * 4 + blocks - 1) / blocks;
  const int64_t possible = (int64_t(p.terms) + fewest_terms - 1) / fewest_terms;
  return wanted < possible ? wanted : possible < 1 ? 1 : possible;
}

st_status weight_gradients(st_cuda_device *device, const st_view &weight_gradients, const st_view &gradient,
                           const st_view &x, const ConvolutionShape &shape) {
  static Slot joins[5];
  const st_dtype dtype = x.dtype;
  const int64_t pixels = shape.plane.size, elements = element_count(weight_gradients);
  if (elements == 0) return {};
  ConvolutionParameters p = {};
  p.shape = shape;
  p.rows = uint32_t(shape.group_filters);
  p.columns = uint32_t(shape.group_channels) * shape.kernel_plane.size;
  // The first launch is the largest.
  const int64_t step = pixels < 1 ? most : most / pixels, images = x.shape[0];
  p.terms = uint32_t((images < step ? images : step) * pixels);
  const int64_t launches = images <= step ? 1 : (images + step - 1) / step;
  if (launches == 1) {
    p.out = weight_gradients.data;
    p.a = gradient.data;
    p.b = x.data;
    bool done;
    const st_status status = convolve_by_libraries(device, weight_gradient, dtype, p, done);
    if (done || status.code != ST_OK) return status;
  }
  p.slices = uint32_t(slices_for(device, p));
  const int64_t all = launches * p.slices;
  const Workspace parts(device, size_t(all * elements) * (dtype == ST_FLOAT64 || dtype == ST_INT64 ? 8 : 4));
  if (parts.status.code != ST_OK) return parts.status;
  p.out = parts.address;
  for (int64_t launch = 0; launch < launches; launch++) {
    const int64_t first = launch * step, count = images - first < step ? images - first : step;
    p.a = element(gradient, first * per_image(gradient));
    p.b = element(x, first * per_image(x));
    p.terms = uint32_t(count * pixels);
    p.slice_terms = (p.terms + p.slices - 1) / p.slices;
    p.first_slice = uint32_t(launch * p.slices);
    if (st_status status = run_product(device, weight_gradient, dtype, p); status.code != ST_OK) return status;
  }
  ConvolutionJoinParameters join = {};
  join.out = weight_gradients.data;
  join.parts = parts.address;
  join.count = elements;
  join.slices = uint32_t(all);
  Grid grid;
  grid.blocks[0] = unsigned((elements + 255) / 256);
  grid.threads[0] = 256;
  const int type = dtype - ST_INT64;
  return run(device, joins[type], grid, join, [&] {
    return Program{"convolution.cuh", "ConvolutionJoinParameters", 256,
                   std::string("convolution_join<") + types[type] + ">"};
  });
}

bool are_of_one_dtype(st_dtype dtype, const st_view *const *views, int count) {
  for (int i = 0; i < count; i++) {
    if (views[i]->data != nullptr && views[i]->dtype != dtype) return false;
  }
  return dtype >= ST_INT64 && dtype <= ST_FLOAT64;
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_convolution(st_cuda_device *device, st_view out, st_view x, st_view weight, st_view bias,
                              st_convolution options) {
  const st_view *const views[] = {&out, &weight, &bias};
  if (!are_of_one_dtype(x.dtype, views, 3)) return {ST_UNSUPPORTED_DTYPE};
  if (element_count(out) == 0) return {};
  ConvolutionShape shape;
  if (st_status status = shape_of(x, weight, out, options, shape); status.code != ST_OK) return status;
  const int64_t pixels = shape.plane.size;
  return each_images(out, x, [&](int64_t first, int64_t count) {
    ConvolutionParameters p = {};
    p.shape = shape;
    p.out = target(out, first * per_image(out));
    p.a = element(x, first * per_image(x));
    p.b = weight.data;
    p.bias = bias.data;
    p.rows = uint32_t(count * pixels);
    p.columns = uint32_t(shape.group_filters);
    p.terms = uint32_t(shape.group_channels) * shape.kernel_plane.size;
    return run_product(device, forward, out.dtype, p);
  });
}

st_status st_cuda_convolution_transposed(st_cuda_device *device, st_view out, st_view x, st_view weight, st_view bias,
                                         st_convolution options) {
  const st_view *const views[] = {&out, &weight, &bias};
  if (!are_of_one_dtype(x.dtype, views, 3)) return {ST_UNSUPPORTED_DTYPE};
  if (element_count(out) == 0) return {};
  ConvolutionShape shape;
  if (st_status status = shape_of(out, weight, x, options, shape); status.code != ST_OK) return status;
  return image_gradients(device, out, x, weight, bias, shape);
}

st_status st_cuda_convolution_weight(st_cuda_device *device, st_view out, st_view gradient, st_view x,
                                     st_convolution options) {
  const st_view *const views[] = {&out, &gradient};
  if (!are_of_one_dtype(x.dtype, views, 2)) return {ST_UNSUPPORTED_DTYPE};
  ConvolutionShape shape;
  if (st_status status = shape_of(x, out, gradient, options, shape); status.code != ST_OK) return status;
  return weight_gradients(device, out, gradient, x, shape);
}
