// Optimizer steps: many arrays a launch, cut into chunks of a block each.
#include <cmath>

#include "../runtime/device.hpp"
#include "../kernels/optimizers_parameters.h"

namespace st::cuda {
namespace {

const char *const type_names[] = {"float16", "bfloat16", "float", "double"};
bool is_floating(st_dtype dtype) { return dtype >= ST_FLOAT16 && dtype <= ST_FLOAT64; }
constexpr st_status unsupported = {ST_UNSUPPORTED_DTYPE, 0, 0, 0};

// A kernel over lists of arrays: its formula, and its functions by dtype.
struct Kernel {
  const char *parameters, *formula;
  Slot slots[4];
};

template <class Parameters>
st_status launch_chunks(st_cuda_device *device, Kernel &kernel, st_dtype dtype, const Parameters &p, uint32_t blocks) {
  Grid grid;
  grid.blocks[0] = blocks;
  grid.threads[0] = optimizer_threads;
  return run(device, kernel.slots[dtype - ST_FLOAT16], grid, p, [&] {
    return Program{"optimizers.cuh", kernel.parameters, optimizer_threads,
                   std::string(kernel.formula) + "<" + type_names[dtype - ST_FLOAT16] + ">"};
  });
}

// Launches the kernel for the arrays whose columns `columns(i, place)` fills in; it leaves others out by answering
// false. `p` has all but its list.
template <class Parameters, class Columns>
st_status each_array(st_cuda_device *device, Kernel &kernel, st_dtype dtype, Parameters &p, int32_t count,
                     const intptr_t *elements, const Columns &columns) {
  auto &arrays = p.arrays;
  constexpr int capacity = sizeof arrays.elements / sizeof *arrays.elements;
  uint32_t blocks = 0;
  arrays.count = 0;
  for (int32_t i = 0; i < count; i++) {
    if (elements[i] == 0 || !columns(i, arrays.count)) continue;
    arrays.elements[arrays.count] = elements[i];
    arrays.first_block[arrays.count++] = blocks;
    blocks += uint32_t((elements[i] + optimizer_chunk - 1) / optimizer_chunk);
    if (arrays.count < capacity) continue;
    const st_status status = launch_chunks(device, kernel, dtype, p, blocks);
    if (status.code != ST_OK) return status;
    blocks = 0;
    arrays.count = 0;
  }
  return blocks == 0 ? st_status{} : launch_chunks(device, kernel, dtype, p, blocks);
}

st_status raise_steps(st_cuda_device *device, int32_t count, void *const *steps, const void *found_inf) {
  static Slot slot;
  StepParameters p;
  constexpr int32_t capacity = sizeof p.steps / sizeof *p.steps;
  if (steps == nullptr) return {};
  p.found_inf = static_cast<const float *>(found_inf);
  for (int32_t first = 0; first < count; first += capacity) {
    p.count = count - first < capacity ? count - first : capacity;
    for (int32_t i = 0; i < p.count; i++) p.steps[i] = static_cast<float *>(steps[first + i]);
    Grid grid;
    grid.threads[0] = optimizer_threads;
    grid.blocks[0] = unsigned(p.count + optimizer_threads - 1) / optimizer_threads;
    const st_status status = run(device, slot, grid, p, [] {
      return Program{"optimizers.cuh", "StepParameters", optimizer_threads, "raise_steps"};
    });
    if (status.code != ST_OK) return status;
  }
  return {};
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_sgd(st_cuda_device *device, int32_t count, void *const *parameters, const void *const *gradients,
                      void *const *momenta, void *const *steps, const intptr_t *elements, st_dtype dtype,
                      st_sgd_options options, const void *found_inf) {
  if (!is_floating(dtype)) return unsupported;
  const st_status status = st::cuda::raise_steps(device, count, steps, found_inf);
  if (status.code != ST_OK) return status;
  SGDParameters p;
  p.found_inf = static_cast<const float *>(found_inf);
  p.lr = options.lr;
  p.momentum = options.momentum;
  p.dampening = options.dampening;
  p.weight_decay = options.weight_decay;
  p.nesterov = options.nesterov;
  p.maximize = options.maximize;
  static Kernel kernel = {"SGDParameters", "sgd"};
  return each_array(device, kernel, dtype, p, count, elements, [&](int32_t i, int place) {
    auto &data = p.arrays.data;
    data[0][place] = parameters[i];
    data[1][place] = const_cast<void *>(gradients[i]);
    data[2][place] = options.momentum != 0 ? momenta[i] : nullptr;
    data[3][place] = steps != nullptr ? steps[i] : nullptr;
    return true;
  });
}

st_status st_cuda_adam(st_cuda_device *device, int32_t count, void *const *parameters, const void *const *gradients,
                       void *const *averages, void *const *squares, void *const *max_squares, void *const *steps,
                       const intptr_t *elements, st_dtype dtype, st_adam_options options, const void *found_inf) {
  if (!is_floating(dtype)) return unsupported;
  const st_status status = st::cuda::raise_steps(device, count, steps, found_inf);
  if (status.code != ST_OK) return status;
  AdamParameters p;
  p.found_inf = static_cast<const float *>(found_inf);
  p.lr = options.lr;
  p.beta1 = options.beta1;
  p.beta2 = options.beta2;
  p.eps = options.eps;
  p.weight_decay = options.weight_decay;
  p.log_beta1 = std::log(options.beta1);
  p.log_beta2 = std::log(options.beta2);
  p.decoupled = options.decoupled;
  p.amsgrad = options.amsgrad;
  p.maximize = options.maximize;
  static Kernel kernel = {"AdamParameters", "adam"};
  return each_array(device, kernel, dtype, p, count, elements, [&](int32_t i, int place) {
    auto &data = p.arrays.data;
    data[0][place] = parameters[i];
    data[1][place] = const_cast<void *>(gradients[i]);
    data[2][place] = averages[i];
    data[3][place] = squares[i];
    data[4][place] = options.amsgrad ? max_squares[i] : nullptr;
    data[5][place] = steps[i];
    return true;
  });
}

st_status st_cuda_unscale(st_cuda_device *device, int32_t count, void *const *gradients, const intptr_t *elements,
                          const st_dtype *dtypes, const void *scale, void *found_inf) {
  bool present[4] = {};
  for (int32_t i = 0; i < count; i++) {
    if (!is_floating(dtypes[i])) return unsupported;
    present[dtypes[i] - ST_FLOAT16] = true;
  }
  UnscaleParameters p;
  p.scale = static_cast<const float *>(scale);
  p.found_inf = static_cast<float *>(found_inf);
  static Kernel kernel = {"UnscaleParameters", "unscale"};
  for (st_dtype dtype = ST_FLOAT16; dtype <= ST_FLOAT64; dtype++) {
    if (!present[dtype - ST_FLOAT16]) continue;
    const st_status status = each_array(device, kernel, dtype, p, count, elements, [&](int32_t i, int place) {
      p.arrays.data[0][place] = gradients[i];
      return dtypes[i] == dtype;
    });
    if (status.code != ST_OK) return status;
  }
  return {};
}

st_status st_cuda_update_scale(st_cuda_device *device, void *scale, void *growth_tracker, const void *found_inf,
                               double growth_factor, double backoff_factor, int32_t growth_interval) {
  static Slot slot;
  const ScaleParameters p = {static_cast<float *>(scale), static_cast<int32_t *>(growth_tracker),
                             static_cast<const float *>(found_inf), growth_factor, backoff_factor, growth_interval, 0};
  return run(device, slot, Grid{}, p, [] {
    return Program{"optimizers.cuh", "ScaleParameters", 1, "update_scale"};
  });
}
