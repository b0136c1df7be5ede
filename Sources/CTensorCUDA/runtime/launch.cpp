// Launching kernels: the hot path of every operation.
#include <stdio.h>

#include "state.hpp"

namespace st::cuda {

void note_launch(st_cuda_device *device, const Kernel *kernel) {
  const uint64_t number = device->launches.count.fetch_add(1, std::memory_order_relaxed);
  device->launches.last[number % Launches::remembered].store(kernel, std::memory_order_release);
}

namespace {

constexpr int max_dynamic_shared_size = 8;

st_status allow_shared(st_cuda_device *device, Kernel *kernel, unsigned bytes) {
  ST_TRY(ST_DRIVER(device, cuFuncSetAttribute, kernel->function, max_dynamic_shared_size, int(bytes)));
  // Another thread may have set more meanwhile: the attribute is the last one's, so it is set again when that was less.
  unsigned known = kernel->shared_limit.load();
  while (known < bytes && !kernel->shared_limit.compare_exchange_weak(known, bytes)) {
  }
  if (known > bytes) return allow_shared(device, kernel, known);
  return {};
}

st_status launch_failed(st_cuda_device *device, int code, const Kernel *kernel, const Grid &grid) {
  char text[512];
  snprintf(text, sizeof text, " for %.300s, %u x %u x %u blocks of %u x %u x %u threads with %u bytes of shared memory",
           kernel->name.c_str(), grid.blocks[0], grid.blocks[1], grid.blocks[2], grid.threads[0], grid.threads[1],
           grid.threads[2], grid.shared);
  return call_failed(device, code, "cuLaunchKernel", text);
}

}  // namespace

st_status launch(st_cuda_device *device, void *function, const Grid &grid, const void *parameters) {
  auto *kernel = static_cast<Kernel *>(function);
  ST_TRY(enter(device));
  if (__builtin_expect(grid.shared > kernel->shared_limit.load(std::memory_order_relaxed), 0)) {
    ST_TRY(allow_shared(device, kernel, grid.shared));
  }
  void *arguments[] = {const_cast<void *>(parameters)};
  note_launch(device, kernel);
  const int code = device->cu->cuLaunchKernel(kernel->function, grid.blocks[0], grid.blocks[1], grid.blocks[2],
                                              grid.threads[0], grid.threads[1], grid.threads[2], grid.shared,
                                              device->stream, arguments, nullptr);
  if (__builtin_expect(code != 0, 0)) return launch_failed(device, code, kernel, grid);
  if (__builtin_expect(device->synchronous, 0) && !st_cuda_is_recording(device)) {
    return ST_DRIVER(device, cuStreamSynchronize, device->stream);
  }
  return {};
}

}  // namespace st::cuda

using namespace st::cuda;

st_cuda_counts st_cuda_counts_of(st_cuda_device *device) {
  return {device->launches.count.load(), device->totals.compiled.load(), device->totals.loaded.load()};
}
