// Pooling over one to three dimensions.
#include "../../CTensorKernels/convert.hpp"
#include "../runtime/device.hpp"
// After the integer types.
#include "../kernels/pooling_parameters.h"

namespace st::cuda {
namespace {

enum Kind { largest, mean, mean_backward };

st_status run_pool(st_cuda_device *device, Kind pool, const st_view &out, const st_view &in, void *indices,
                   const st_pool &options) {
  static Slot slots[3][5];
  if (in.dtype < ST_INT64 || out.dtype != in.dtype) return {ST_UNSUPPORTED_DTYPE};
  // The planes, and what stands for their windows.
  const st_view &planes = pool == mean_backward ? out : in, &windows = pool == mean_backward ? in : out;
  PoolParameters p = {};
  p.out = out.data;
  p.in = in.data;
  p.indices = static_cast<int64_t *>(indices);
  p.count = element_count(out);
  if (p.count == 0) return {};
  const int32_t rank = planes.rank - 1;
  for (int32_t d = 0; d < 3; d++) {
    const int32_t own = d - (3 - rank);
    p.axes[d] = own < 0 ? PoolDimension{1, 1, 1, 1, 0, 1}
                        : PoolDimension{planes.shape[1 + own], windows.shape[1 + own], options.kernel[own],
                                   options.stride[own], options.padding[own], options.dilation[own]};
  }
  p.divisor = options.divisor;
  p.adaptive = options.adaptive;
  p.counts_padding = options.count_include_pad;
  Grid grid;
  const int64_t blocks = (p.count + 255) / 256, most = int64_t(facts(device).multiprocessors) * 32;
  grid.blocks[0] = unsigned(blocks < most ? blocks : most);
  grid.threads[0] = 256;
  const int type = in.dtype - ST_INT64;
  return run(device, slots[pool][type], grid, p, [&] {
    constexpr const char *names[] = {"max_pool<", "average_pool<", "average_pool_backward<"};
    constexpr const char *types[] = {"int64_t", "float16", "bfloat16", "float", "double"};
    return Program{"pooling.cuh", "PoolParameters", 256, std::string(names[pool]) + types[type] + ">"};
  });
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_max_pool(st_cuda_device *device, st_view out, st_view indices, st_view x, st_pool options) {
  return run_pool(device, largest, out, x, indices.data, options);
}

st_status st_cuda_average_pool(st_cuda_device *device, st_view out, st_view x, st_pool options) {
  return run_pool(device, mean, out, x, nullptr, options);
}

st_status st_cuda_average_pool_backward(st_cuda_device *device, st_view out, st_view gradient, st_pool options) {
  return run_pool(device, mean_backward, out, gradient, nullptr, options);
}
