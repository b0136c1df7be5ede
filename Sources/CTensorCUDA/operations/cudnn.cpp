// Descriptors and algorithms of cuDNN are kept per shape, so that a repeated convolution costs a look-up and a call.
// Algorithms are chosen by cuDNN's heuristics, never by timing, among those that add up products in a fixed order.
#include "cudnn.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>
#include <unordered_map>

#include "../runtime/functions.hpp"

namespace st::cuda {

namespace {

// cuDNN's constants, by their names there; versions 8 and 9 have the same.
enum { DATA_FLOAT = 0, DATA_DOUBLE = 1, DATA_HALF = 2, DATA_BFLOAT16 = 9 };
enum { TENSOR_NCHW = 0, CROSS_CORRELATION = 1 };
// The default lets float32 use TF32.
enum { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, FMA_MATH = 3 };
enum { STATUS_SUCCESS = 0, DETERMINISTIC = 1 };

// Version 8 has one number for it, version 9 a thousand. Other failures come before anything was started.
bool has_failed_on_device(int status) { return status == 8 || status / 1000 == 5; }

struct Performance {  // cudnnConvolutionFwdAlgoPerf_t, and those of the two gradients
  int32_t algorithm, status;
  float time;
  size_t workspace;
  int32_t determinism, math;
  int32_t reserved[3];
};
static_assert(sizeof(Performance) == 48);

constexpr size_t most_workspace = size_t(1) << 30;

// Whether an algorithm adds up products as they are, without a transform (Fourier's, Winograd's).
bool is_direct(int product, int algorithm) {
  constexpr uint32_t direct[] = {0b1111, 0b11, 0b1011};
  return algorithm >= 0 && algorithm < 32 && (direct[product] >> algorithm & 1) != 0;
}

// All that the choice goes by. Triples are (depth, height, width).
struct Convolution {
  int32_t images, channels, filters, groups;
  int32_t size[3], kernel[3], result[3];
  int32_t stride[3], padding[3], dilation[3];
  uint8_t product, dtype, tf32, unused;

  bool operator==(const Convolution &) const = default;
};

struct Hash {
  size_t operator()(const Convolution &convolution) const {
    static_assert(sizeof(Convolution) % 4 == 0);
    uint32_t words[sizeof(Convolution) / 4];
    uint64_t hash = 0;
    __builtin_memcpy(words, &convolution, sizeof convolution);
    for (uint32_t word : words) hash = (hash ^ word ^ hash >> 29) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
  }
};

struct Plan {
  void *image = nullptr, *filter = nullptr, *result = nullptr, *convolution = nullptr;
  int algorithm = 0;
  size_t workspace = 0;
  bool usable = false;
};

struct Library {
  std::mutex mutex;
  const Functions *cu = nullptr;  // that this was opened with
  void *handle = nullptr;
  std::unordered_map<Convolution, Plan, Hash> plans;

  void open(st_cuda_device *device, const Functions &functions) {
    cu = &functions;
    plans.clear();
    handle = nullptr;
    if (!cu->has_cudnn) return;
    if (!make_with_room(device, [&] { return cu->cudnnCreate(&handle) == STATUS_SUCCESS; })) {
      handle = nullptr;
      if (st_cuda_is_recording(device)) cu = nullptr;  // to be tried again
    } else if (cu->cudnnSetStream(handle, stream(device)) != STATUS_SUCCESS) {
      cu->cudnnDestroy(handle);
      handle = nullptr;
    }
  }

  // A dense tensor: images or results.
  bool describe_tensor(void *&tensor, int type, int rank, int32_t images, int32_t channels,
                       const int32_t (&size)[3]) const {
    int sizes[5] = {images, channels}, strides[5];
    std::copy(size + 5 - rank, size + 3, sizes + 2);
    strides[rank - 1] = 1;
    for (int d = rank - 1; d > 0; d--) strides[d - 1] = strides[d] * sizes[d];
    return cu->cudnnCreateTensorDescriptor(&tensor) == STATUS_SUCCESS &&
           cu->cudnnSetTensorNdDescriptor(tensor, type, rank, sizes, strides) == STATUS_SUCCESS;
  }

  bool describe(Plan &plan, const Convolution &c) const {
    // One dimension goes as two, of which the first has one pixel.
    const bool is_deep = c.size[0] != 1 || c.kernel[0] != 1 || c.padding[0] != 0;
    const int rank = is_deep ? 5 : 4, first = 5 - rank;
    int type = DATA_FLOAT, compute = DATA_FLOAT, math = c.tf32 ? DEFAULT_MATH : FMA_MATH;
    if (c.dtype == ST_FLOAT16 || c.dtype == ST_BFLOAT16) {
      type = c.dtype == ST_FLOAT16 ? DATA_HALF : DATA_BFLOAT16;
      math = TENSOR_OP_MATH;
    } else if (c.dtype == ST_FLOAT64) {
      type = compute = DATA_DOUBLE;
      math = DEFAULT_MATH;
    }
    int filter[5] = {c.filters, c.channels / c.groups};
    std::copy(c.kernel + first, c.kernel + 3, filter + 2);
    return describe_tensor(plan.image, type, rank, c.images, c.channels, c.size) &&
           describe_tensor(plan.result, type, rank, c.images, c.filters, c.result) &&
           cu->cudnnCreateFilterDescriptor(&plan.filter) == STATUS_SUCCESS &&
           cu->cudnnSetFilterNdDescriptor(plan.filter, type, TENSOR_NCHW, rank, filter) == STATUS_SUCCESS &&
           cu->cudnnCreateConvolutionDescriptor(&plan.convolution) == STATUS_SUCCESS &&
           cu->cudnnSetConvolutionNdDescriptor(plan.convolution, rank - 2, c.padding + first, c.stride + first,
                                               c.dilation + first, CROSS_CORRELATION, compute) == STATUS_SUCCESS &&
           cu->cudnnSetConvolutionGroupCount(plan.convolution, c.groups) == STATUS_SUCCESS &&
           cu->cudnnSetConvolutionMathType(plan.convolution, math) == STATUS_SUCCESS;
  }

  int ask(const Plan &p, int product, int most, int &count, Performance *results) const {
    switch (product) {
      case forward:
        return cu->cudnnGetConvolutionForwardAlgorithm_v7(handle, p.image, p.filter, p.convolution, p.result, most,
                                                          &count, results);
      case image_gradient:
        return cu->cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, p.filter, p.result, p.convolution, p.image,
                                                               most, &count, results);
      default:
        return cu->cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, p.image, p.result, p.convolution, p.filter,
                                                                 most, &count, results);
    }
  }

  int ask_workspace(const Plan &p, int product, int algorithm, size_t *bytes) const {
    switch (product) {
      case forward:
        return cu->cudnnGetConvolutionForwardWorkspaceSize(handle, p.image, p.filter, p.convolution, p.result,
                                                           algorithm, bytes);
      case image_gradient:
        return cu->cudnnGetConvolutionBackwardDataWorkspaceSize(handle, p.filter, p.result, p.convolution, p.image,
                                                                algorithm, bytes);
      default:
        return cu->cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, p.image, p.result, p.convolution, p.filter,
                                                                  algorithm, bytes);
    }
  }

  // Takes the algorithm that should be the fastest of those that may be taken and need so much memory at most.
  bool choose(Plan &plan, const Convolution &c, size_t most_bytes) const {
    constexpr int most = 16;
    Performance results[most] = {};
    int count = 0;
    if (ask(plan, c.product, most, count, results) != STATUS_SUCCESS) return false;
    for (const Performance *result = results; result < results + std::min(count, most); result++) {
      if (result->status != STATUS_SUCCESS || result->determinism != DETERMINISTIC) continue;
      // Transforms spread an infinity, as scaled gradients of 16 bits have them, and are less exact.
      if (c.dtype != ST_FLOAT32 && !is_direct(c.product, result->algorithm)) continue;
      size_t bytes = 0;
      if (ask_workspace(plan, c.product, result->algorithm, &bytes) != STATUS_SUCCESS || bytes > most_bytes) continue;
      plan.algorithm = result->algorithm;
      plan.workspace = bytes;
      return true;
    }
    return false;
  }

  int run(const Plan &p, const Convolution &c, void *out, const void *a, const void *b, void *workspace) const {
    static const float float_scales[2] = {0, 1};
    static const double double_scales[2] = {0, 1};
    const bool is_double = c.dtype == ST_FLOAT64;
    const void *zero = is_double ? static_cast<const void *>(double_scales) : float_scales;
    const void *one = is_double ? static_cast<const void *>(double_scales + 1) : float_scales + 1;
    switch (c.product) {
      case forward:
        return cu->cudnnConvolutionForward(handle, one, p.image, a, p.filter, b, p.convolution, p.algorithm, workspace,
                                           p.workspace, zero, p.result, out);
      case image_gradient:
        return cu->cudnnConvolutionBackwardData(handle, one, p.filter, b, p.result, a, p.convolution, p.algorithm,
                                                workspace, p.workspace, zero, p.image, out);
      default:
        return cu->cudnnConvolutionBackwardFilter(handle, one, p.image, b, p.result, a, p.convolution, p.algorithm,
                                                  workspace, p.workspace, zero, p.filter, out);
    }
  }

  void clear() {
    for (auto &[convolution, plan] : plans) {
      if (plan.image) cu->cudnnDestroyTensorDescriptor(plan.image);
      if (plan.result) cu->cudnnDestroyTensorDescriptor(plan.result);
      if (plan.filter) cu->cudnnDestroyFilterDescriptor(plan.filter);
      if (plan.convolution) cu->cudnnDestroyConvolutionDescriptor(plan.convolution);
    }
    plans.clear();
  }

  Plan &plan(const Convolution &convolution) {
    constexpr size_t most = 4096;  // programs whose shapes never repeat stay small
    if (auto found = plans.find(convolution); found != plans.end()) return found->second;
    if (plans.size() >= most) clear();
    Plan &plan = plans[convolution];
    plan.usable = describe(plan, convolution) && choose(plan, convolution, most_workspace);
    return plan;
  }
};

std::atomic<bool> &allows() {
  static std::atomic<bool> allowed{!is_set("SWIFT_TENSOR_CUDA_NO_CUDNN")};
  return allowed;
}

// What cuDNN can be asked for: floats, no empty operands and none of 2^31 elements, addresses that any kernel can read.
bool suits(const Convolution &c, std::initializer_list<const void *> operands) {
  const auto elements = [](int64_t count, int64_t channels, const int32_t (&size)[3]) {
    return count * channels * (int64_t(size[0]) * size[1] * size[2]);
  };
  for (const int64_t count : {elements(c.images, c.channels, c.size), elements(c.images, c.filters, c.result),
                              elements(c.filters, c.channels / c.groups, c.kernel)}) {
    if (count < 1 || count > INT32_MAX) return false;
  }
  for (const void *operand : operands) {
    if (reinterpret_cast<uintptr_t>(operand) % 16 != 0) return false;
  }
  return is_floating(st_dtype(c.dtype));
}

Convolution convolution_of(Product product, st_dtype dtype, const ConvolutionParameters &p) {
  const ConvolutionShape &s = p.shape;
  Convolution c = {};
  const uint32_t pixels = (product == image_gradient ? s.image_plane : s.plane).size;
  c.images = int32_t((product == weight_gradient ? p.terms : p.rows) / pixels);
  c.channels = s.channels;
  c.filters = s.filters;
  c.groups = s.groups;
  const auto keep = [](int32_t (&to)[3], const int32_t (&from)[3]) { std::copy(from, from + 3, to); };
  keep(c.size, s.size);
  keep(c.kernel, s.kernel);
  keep(c.result, s.result);
  keep(c.stride, s.stride);
  keep(c.padding, s.padding);
  keep(c.dilation, s.dilation);
  c.product = uint8_t(product);
  c.dtype = uint8_t(dtype);
  c.tf32 = dtype == ST_FLOAT32 && st_cuda_allow_tf32();
  return c;
}

st_status convolve(st_cuda_device *device, const Convolution &convolution, const ConvolutionParameters &p,
                   bool &done) {
  static Library libraries[max_devices];
  Library &library = libraries[facts(device).index];
  if (st_status status = bind(device); status.code != ST_OK) return status;
  const std::lock_guard lock(library.mutex);
  if (library.cu != &functions(device)) library.open(device, functions(device));
  if (!library.handle) return {};
  Plan &plan = library.plan(convolution);
  while (plan.usable) {
    // A power of two, so that shapes share their blocks.
    const Workspace workspace(device, std::bit_ceil(plan.workspace), Workspace::optional);
    if (workspace.status.code == ST_OUT_OF_MEMORY) {
      // For good an algorithm that needs less, where there is one; else this time the other ways, which need little.
      if (plan.workspace > 0 && library.choose(plan, convolution, plan.workspace - 1)) continue;
      return {};
    }
    if (workspace.status.code != ST_OK) return workspace.status;
    const int result = library.run(plan, convolution, p.out, p.a, p.b, workspace.address);
    done = plan.usable = result == STATUS_SUCCESS;
    return has_failed_on_device(result) ? failed("convolution: cuDNN failed with %d", result) : st_status{};
  }
  return {};
}

// Adds the bias in every pixel.
st_status add_bias(st_cuda_device *device, const Convolution &c, void *out, const void *bias) {
  const bool is_result = c.product == forward;
  const auto &size = is_result ? c.result : c.size;
  const intptr_t channels = is_result ? c.filters : c.channels, plane = intptr_t(size[0]) * size[1] * size[2];
  const intptr_t shape[] = {c.images, channels, plane}, strides[] = {channels * plane, plane, 1};
  const intptr_t repeated[] = {0, 1, 0};
  const st_dtype dtype = c.dtype;
  const st_view view = {out, shape, strides, 3, dtype};
  return st_cuda_binary(device, ST_ADD, view, view, {const_cast<void *>(bias), shape, repeated, 3, dtype}, dtype,
                        nullptr, 0);
}

}  // namespace

st_status convolve_by_cudnn(st_cuda_device *device, Product product, st_dtype dtype, const ConvolutionParameters &p,
                            bool &done) {
  done = false;
  if (!st_cuda_allow_cudnn() || !functions(device).has_cudnn) return {};
  const Convolution convolution = convolution_of(product, dtype, p);
  if (!suits(convolution, {p.out, p.a, p.b})) return {};
  const st_status status = convolve(device, convolution, p, done);
  return done && p.bias != nullptr ? add_bias(device, convolution, p.out, p.bias) : status;
}

}  // namespace st::cuda

void st_cuda_set_allow_cudnn(bool allow) { st::cuda::allows().store(allow, std::memory_order_relaxed); }

bool st_cuda_allow_cudnn(void) { return st::cuda::allows().load(std::memory_order_relaxed); }
