// The emulated cuDNN: descriptors, what it accepts and recommends, and convolutions in the order of their stream. Where
// the real one refuses how a convolution is called, this one fails, so that tests see it.
#include "cudnn.hpp"

#include <string.h>

#include <algorithm>

#include "state.hpp"

namespace st::emulated {
namespace {

// cudnnStatus_t of version 9.
enum { ok = 0, uninitialized = 1001, bad_parameter = 2000, not_supported = 3000, execution_failed = 5000 };
// cudnnMathType_t.
enum { default_math = 0, tensor_math = 1, converting_math = 2, fma_math = 3 };

constexpr int most_rank = 5;

struct Descriptor {
  enum Kind : uint32_t { tensor = 0x4e4e0001, filter, convolution, destroyed };
  Kind kind;
  bool is_set = false;
  int type = 0, rank = 0;  // a convolution's: what it computes in, and its dimensions
  int sizes[most_rank] = {}, strides[most_rank] = {};
  int padding[3] = {}, steps[3] = {}, dilation[3] = {};
  int mode = 0, groups = 1, math = default_math;
};

int make(void **handle, Descriptor::Kind kind) {
  if (!handle) return bad_parameter;
  *handle = new Descriptor{kind};
  return ok;
}

Descriptor *as_descriptor(const void *handle, Descriptor::Kind kind) {
  Descriptor *descriptor = static_cast<Descriptor *>(const_cast<void *>(handle));
  return descriptor && descriptor->kind == kind ? descriptor : nullptr;
}

int destroy(void *handle, Descriptor::Kind kind) {
  Descriptor *descriptor = as_descriptor(handle, kind);
  if (!descriptor) return bad_parameter;
  descriptor->kind = Descriptor::destroyed;
  delete descriptor;
  return ok;
}

bool is_type(int type) { return type == 0 || type == 1 || type == 2 || type == 9; }

bool are_at_least(const int *numbers, int count, int least) {
  return numbers && std::all_of(numbers, numbers + count, [=](int number) { return number >= least; });
}

struct Handle {
  Device *device;
  void *stream;
};

size_t cudnnGetVersion() { return 90100; }

int cudnnCreate(void **handle) {
  Call call;
  if (call.error || refuse_in_capture()) return uninitialized;
  if (!handle) return bad_parameter;
  *handle = new Handle{call.device, nullptr};
  return ok;
}

int cudnnDestroy(void *handle) {
  delete static_cast<Handle *>(handle);
  return ok;
}

int cudnnSetStream(void *handle, void *stream) {
  Call call;
  if (call.error) return uninitialized;
  if (!handle || static_cast<Handle *>(handle)->device != call.device || !stream_of(call, stream)) return bad_parameter;
  static_cast<Handle *>(handle)->stream = stream;
  return ok;
}

int cudnnCreateTensorDescriptor(void **tensor) { return make(tensor, Descriptor::tensor); }
int cudnnDestroyTensorDescriptor(void *tensor) { return destroy(tensor, Descriptor::tensor); }
int cudnnCreateFilterDescriptor(void **filter) { return make(filter, Descriptor::filter); }
int cudnnDestroyFilterDescriptor(void *filter) { return destroy(filter, Descriptor::filter); }
int cudnnCreateConvolutionDescriptor(void **convolution) { return make(convolution, Descriptor::convolution); }
int cudnnDestroyConvolutionDescriptor(void *convolution) { return destroy(convolution, Descriptor::convolution); }

// Version 9 takes fewer dimensions too, version 8 does not.
int set_sizes(Descriptor *d, int type, int rank, const int *sizes) {
  if (!d || !is_type(type) || rank < 4 || rank > most_rank || !are_at_least(sizes, rank, 1)) return bad_parameter;
  d->type = type;
  d->rank = rank;
  std::copy(sizes, sizes + rank, d->sizes);
  return ok;
}

int cudnnSetTensorNdDescriptor(void *tensor, int type, int rank, const int *sizes, const int *strides) {
  Descriptor *d = as_descriptor(tensor, Descriptor::tensor);
  if (int error = set_sizes(d, type, rank, sizes)) return error;
  if (!are_at_least(strides, rank, 1)) return bad_parameter;
  std::copy(strides, strides + rank, d->strides);
  int64_t span = 1;
  for (int i = 0; i < rank; i++) span += int64_t(sizes[i] - 1) * strides[i];
  if (span > INT32_MAX) return not_supported;
  d->is_set = true;
  return ok;
}

int cudnnSetFilterNdDescriptor(void *filter, int type, int format, int rank, const int *sizes) {
  Descriptor *d = as_descriptor(filter, Descriptor::filter);
  if (int error = set_sizes(d, type, rank, sizes)) return error;
  if (format != 0) return not_supported;
  d->is_set = true;
  return ok;
}

int cudnnSetConvolutionNdDescriptor(void *convolution, int rank, const int *padding, const int *stride,
                                    const int *dilation, int mode, int compute) {
  Descriptor *d = as_descriptor(convolution, Descriptor::convolution);
  if (!d || rank < 2 || rank > 3 || mode < 0 || mode > 1 || compute < 0 || compute > 2) return bad_parameter;
  if (!are_at_least(padding, rank, 0) || !are_at_least(stride, rank, 1) || !are_at_least(dilation, rank, 1)) {
    return bad_parameter;
  }
  d->rank = rank;
  std::copy(padding, padding + rank, d->padding);
  std::copy(stride, stride + rank, d->steps);
  std::copy(dilation, dilation + rank, d->dilation);
  d->mode = mode;
  d->type = compute;
  d->is_set = true;
  return ok;
}

int cudnnSetConvolutionGroupCount(void *convolution, int groups) {
  Descriptor *d = as_descriptor(convolution, Descriptor::convolution);
  if (!d || groups < 1) return bad_parameter;
  d->groups = groups;
  return ok;
}

int cudnnSetConvolutionMathType(void *convolution, int math) {
  Descriptor *d = as_descriptor(convolution, Descriptor::convolution);
  if (!d || math < default_math || math > fma_math) return bad_parameter;
  d->math = math;
  return ok;
}

// ---- What the descriptors say.

bool is_dense(const Descriptor &tensor) {
  int64_t stride = 1;
  for (int d = tensor.rank - 1; d >= 0; stride *= tensor.sizes[d--]) {
    if (tensor.strides[d] != stride) return false;
  }
  return true;
}

// Without data; a status.
int read(Convolution::Wanted wanted, const void *image_handle, const void *filter_handle, const void *result_handle,
         const void *convolution_handle, Convolution &c) {
  const Descriptor *image = as_descriptor(image_handle, Descriptor::tensor);
  const Descriptor *result = as_descriptor(result_handle, Descriptor::tensor);
  const Descriptor *filter = as_descriptor(filter_handle, Descriptor::filter);
  const Descriptor *options = as_descriptor(convolution_handle, Descriptor::convolution);
  for (const Descriptor *d : {image, result, filter, options}) {
    if (!d || !d->is_set) return bad_parameter;
  }
  const int rank = options->rank, type = image->type;
  for (const Descriptor *d : {image, result, filter}) {
    if (d->rank != rank + 2 || d->type != type) return bad_parameter;
  }
  if (!is_dense(*image) || !is_dense(*result) || options->mode != 1) return not_supported;
  if (options->type != (type == int(ConvolutionType::float64) ? 1 : 0)) return not_supported;
  c = {};
  c.wanted = wanted;
  c.type = ConvolutionType(type);
  c.rounds_to_tf32 = c.type == ConvolutionType::float32 && options->math != fma_math;
  c.images = image->sizes[0];
  c.channels = image->sizes[1];
  c.filters = filter->sizes[0];
  c.groups = options->groups;
  if (c.channels % c.groups || c.filters % c.groups || filter->sizes[1] != c.channels / c.groups) return bad_parameter;
  if (result->sizes[0] != c.images || result->sizes[1] != c.filters) return bad_parameter;
  for (int i = 0; i < 3; i++) {
    const int own = i - (3 - rank);
    c.size[i] = own < 0 ? 1 : image->sizes[2 + own];
    c.kernel[i] = own < 0 ? 1 : filter->sizes[2 + own];
    c.results[i] = own < 0 ? 1 : result->sizes[2 + own];
    c.stride[i] = own < 0 ? 1 : options->steps[own];
    c.padding[i] = own < 0 ? 0 : options->padding[own];
    c.dilation[i] = own < 0 ? 1 : options->dilation[own];
    const int room = c.size[i] + 2 * c.padding[i] - c.dilation[i] * (c.kernel[i] - 1) - 1;
    if (room < 0 || c.results[i] != room / c.stride[i] + 1) return bad_parameter;
  }
  return ok;
}

// ---- Algorithms.

struct Performance {
  int algorithm, status;
  float time;
  size_t memory;
  int deterministic, math;
  int reserved[3];
};
static_assert(sizeof(Performance) == 48);

size_t workspace_of(const Convolution &c) { return size_t(64 + 4 * c.filter_count()); }

// As the heuristics order them: the best are not what the library may take, which is algorithm 1 or, in float32, a
// transform that needs more memory.
constexpr size_t huge = size_t(1) << 40;
constexpr int transform = 4;
std::vector<Performance> algorithms_for(const Convolution &c, int math) {
  const size_t bytes = workspace_of(c);
  const Performance transformed = {transform, ok, -1, 4096 + bytes, 1, math, {}};
  const Performance direct = {1, ok, -1, bytes, 1, math, {}};
  switch (c.wanted) {
    case Convolution::result:
      return {{6, not_supported, -1, 0, 1, math, {}}, {5, ok, -1, bytes, 0, math, {}}, {2, ok, -1, huge, 1, math, {}},
              transformed, direct};
    case Convolution::image:
      return {{0, ok, -1, 0, 0, math, {}}, {5, ok, -1, huge, 1, math, {}}, transformed, direct};
    default:
      return {{3, ok, -1, bytes, 0, math, {}}, {5, not_supported, -1, bytes, 1, math, {}}, transformed, direct};
  }
}

int recommend(Convolution::Wanted wanted, void *handle, void *image, void *filter, void *result, void *convolution,
              int asked, int *count, void *results) {
  if (!handle || !count || !results || asked < 1) return bad_parameter;
  Convolution c;
  if (int error = read(wanted, image, filter, result, convolution, c)) return error;
  const std::vector<Performance> all = algorithms_for(c, static_cast<Descriptor *>(convolution)->math);
  *count = std::min(asked, int(all.size()));
  memcpy(results, all.data(), size_t(*count) * sizeof(Performance));
  return ok;
}

int cudnnGetConvolutionForwardAlgorithm_v7(void *handle, void *x, void *weight, void *convolution, void *y, int asked,
                                           int *count, void *results) {
  return recommend(Convolution::result, handle, x, weight, y, convolution, asked, count, results);
}

int cudnnGetConvolutionBackwardDataAlgorithm_v7(void *handle, void *weight, void *dy, void *convolution, void *dx,
                                                int asked, int *count, void *results) {
  return recommend(Convolution::image, handle, dx, weight, dy, convolution, asked, count, results);
}

int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void *handle, void *x, void *dy, void *convolution, void *dw,
                                                  int asked, int *count, void *results) {
  return recommend(Convolution::filter, handle, x, dw, dy, convolution, asked, count, results);
}

int measure(Convolution::Wanted wanted, void *handle, void *image, void *filter, void *result, void *convolution,
            int algorithm, size_t *bytes) {
  if (!handle || !bytes) return bad_parameter;
  Convolution c;
  if (int error = read(wanted, image, filter, result, convolution, c)) return error;
  for (const Performance &known : algorithms_for(c, default_math)) {
    if (known.algorithm != algorithm || known.status != ok) continue;
    *bytes = known.memory;
    return ok;
  }
  return not_supported;
}

int cudnnGetConvolutionForwardWorkspaceSize(void *handle, void *x, void *weight, void *convolution, void *y,
                                            int algorithm, size_t *bytes) {
  return measure(Convolution::result, handle, x, weight, y, convolution, algorithm, bytes);
}

int cudnnGetConvolutionBackwardDataWorkspaceSize(void *handle, void *weight, void *dy, void *convolution, void *dx,
                                                 int algorithm, size_t *bytes) {
  return measure(Convolution::image, handle, dx, weight, dy, convolution, algorithm, bytes);
}

int cudnnGetConvolutionBackwardFilterWorkspaceSize(void *handle, void *x, void *dy, void *convolution, void *dw,
                                                   int algorithm, size_t *bytes) {
  return measure(Convolution::filter, handle, x, dw, dy, convolution, algorithm, bytes);
}

// ---- Convolutions.

struct Space {
  void *data;
  size_t bytes;
};

void convolve_now(Device &device, const Convolution &c, const Space &workspace, int injected) {
  if (device.failed) return;
  state().counters.convolutions++;
  if (injected) return fail(device, injected, "a convolution: error " + std::to_string(injected) + " was injected");
  const auto address = [](const void *data) { return reinterpret_cast<uintptr_t>(data); };
  const struct {
    const char *name;
    const void *data;
    size_t bytes;
  } operands[] = {{"the image", c.image_data, size_t(c.image_count() * c.bytes_of_element())},
                  {"the filter", c.filter_data, size_t(c.filter_count() * c.bytes_of_element())},
                  {"the result", c.result_data, size_t(c.result_count() * c.bytes_of_element())},
                  {"the workspace", workspace.data, workspace.bytes}};
  for (const auto &operand : operands) {
    if (find_allocation(address(operand.data), operand.bytes)) continue;
    return fail(device, illegal_address, std::string("a convolution: ") + operand.name + ", which begins at " +
                                             describe_address(address(operand.data)) +
                                             ", does not lie inside of one allocation");
  }
  const DeviceAccess access{address(c.image_data), address(c.filter_data), address(c.result_data),
                            address(workspace.data)};
  memset(workspace.data, 0xcb, workspace.bytes);
  compute(c);
}

int refuse(const char *why) {
  state().last_fault = std::string("a convolution: ") + why;
  return execution_failed;
}

int convolve(Convolution::Wanted wanted, void *handle, const void *alpha, void *image, const void *image_data,
             void *filter, const void *filter_data, void *result, const void *result_data, void *convolution,
             int algorithm, void *workspace, size_t workspace_bytes, const void *beta) {
  Call call;
  if (call.error) return execution_failed;
  if (!handle || !alpha || !beta || !image_data || !filter_data || !result_data) return refuse("a null pointer");
  Convolution c;
  if (read(wanted, image, filter, result, convolution, c)) return refuse("the descriptors do not go together");
  const bool is_double = c.type == ConvolutionType::float64;
  c.alpha = is_double ? *static_cast<const double *>(alpha) : double(*static_cast<const float *>(alpha));
  c.beta = is_double ? *static_cast<const double *>(beta) : double(*static_cast<const float *>(beta));
  c.image_data = const_cast<void *>(image_data);
  c.filter_data = const_cast<void *>(filter_data);
  c.result_data = const_cast<void *>(result_data);
  // What the library's promises ask for: the same sums in the same order at all times.
  const bool is_transform = algorithm == transform && c.type == ConvolutionType::float32;
  if (algorithm != 1 && !is_transform) return refuse("the algorithm is a transform, or adds in no fixed order");
  const size_t needed = workspace_of(c) + (is_transform ? 4096 : 0);
  if (!workspace || workspace_bytes < needed) return refuse("the workspace is too small");
  for (const void *data : {image_data, filter_data, result_data}) {
    if (reinterpret_cast<uintptr_t>(data) % 16 != 0) return refuse("an operand's address is no multiple of 16");
  }
  const Handle &own = *static_cast<Handle *>(handle);
  if (own.device != call.device) return refuse("the handle is another device's");
  Stream *stream = stream_of(call, own.stream);
  if (!stream) return refuse("the stream is none");
  const int injected = stream->capture ? 0 : take_injected_error();
  if (injected && !is_sticky(injected)) return execution_failed;
  Device &device = *call.device;
  const Space space{workspace, workspace_bytes};
  const auto run = [&device, c, space, injected] { convolve_now(device, c, space, injected); };
  return submit(*stream, Work::product, nullptr, run, [&] { return run; }) ? execution_failed : ok;
}

int cudnnConvolutionForward(void *handle, const void *alpha, void *x_tensor, const void *x, void *weight_filter,
                            const void *weight, void *convolution, int algorithm, void *workspace,
                            size_t workspace_bytes, const void *beta, void *y_tensor, void *y) {
  return convolve(Convolution::result, handle, alpha, x_tensor, x, weight_filter, weight, y_tensor, y, convolution,
                  algorithm, workspace, workspace_bytes, beta);
}

int cudnnConvolutionBackwardData(void *handle, const void *alpha, void *weight_filter, const void *weight,
                                 void *dy_tensor, const void *dy, void *convolution, int algorithm, void *workspace,
                                 size_t workspace_bytes, const void *beta, void *dx_tensor, void *dx) {
  return convolve(Convolution::image, handle, alpha, dx_tensor, dx, weight_filter, weight, dy_tensor, dy, convolution,
                  algorithm, workspace, workspace_bytes, beta);
}

int cudnnConvolutionBackwardFilter(void *handle, const void *alpha, void *x_tensor, const void *x, void *dy_tensor,
                                   const void *dy, void *convolution, int algorithm, void *workspace,
                                   size_t workspace_bytes, const void *beta, void *dw_filter, void *dw) {
  return convolve(Convolution::filter, handle, alpha, x_tensor, x, dw_filter, dw, dy_tensor, dy, convolution,
                  algorithm, workspace, workspace_bytes, beta);
}

}  // namespace

Symbols cudnn_symbols() {
  return {ST_SYMBOL(cudnnGetVersion), ST_SYMBOL(cudnnCreate), ST_SYMBOL(cudnnDestroy), ST_SYMBOL(cudnnSetStream),
          ST_SYMBOL(cudnnCreateTensorDescriptor), ST_SYMBOL(cudnnDestroyTensorDescriptor),
          ST_SYMBOL(cudnnSetTensorNdDescriptor), ST_SYMBOL(cudnnCreateFilterDescriptor),
          ST_SYMBOL(cudnnDestroyFilterDescriptor), ST_SYMBOL(cudnnSetFilterNdDescriptor),
          ST_SYMBOL(cudnnCreateConvolutionDescriptor), ST_SYMBOL(cudnnDestroyConvolutionDescriptor),
          ST_SYMBOL(cudnnSetConvolutionNdDescriptor), ST_SYMBOL(cudnnSetConvolutionGroupCount),
          ST_SYMBOL(cudnnSetConvolutionMathType), ST_SYMBOL(cudnnGetConvolutionForwardAlgorithm_v7),
          ST_SYMBOL(cudnnGetConvolutionBackwardDataAlgorithm_v7),
          ST_SYMBOL(cudnnGetConvolutionBackwardFilterAlgorithm_v7),
          ST_SYMBOL(cudnnGetConvolutionForwardWorkspaceSize), ST_SYMBOL(cudnnGetConvolutionBackwardDataWorkspaceSize),
          ST_SYMBOL(cudnnGetConvolutionBackwardFilterWorkspaceSize), ST_SYMBOL(cudnnConvolutionForward),
          ST_SYMBOL(cudnnConvolutionBackwardData), ST_SYMBOL(cudnnConvolutionBackwardFilter)};
}

}  // namespace st::emulated
