// Texts of failures, and what becomes of a device whose context has ended.
#include <stdarg.h>
#include <stdio.h>

#include "state.hpp"

namespace st::cuda {

namespace {

thread_local std::string text;

std::string formatted(const char *format, va_list arguments) {
  va_list measure;
  va_copy(measure, arguments);
  const int length = vsnprintf(nullptr, 0, format, measure);
  va_end(measure);
  std::string result(length > 0 ? size_t(length) : 0, '\0');
  if (length > 0) vsnprintf(result.data(), result.size() + 1, format, arguments);
  return result;
}

// After one of these the driver fails every call of the process's on the device.
bool ends_context(int code) {
  switch (code) {
    case 4:    // deinitialized
    case 214:  // uncorrectable memory error
    case 220:  // uncorrectable NVLINK error
    case 700:  // illegal address
    case 702:  // launch timeout
    case 709:  // context is destroyed
    case 710:  // assert
    case 714:  // hardware stack error
    case 715:  // illegal instruction
    case 716:  // misaligned address
    case 717:  // invalid address space
    case 718:  // invalid program counter
    case 719:  // launch failed
      return true;
  }
  return false;
}

// The last kernels launched, the newest first.
std::string last_kernels(st_cuda_device *device) {
  std::string names;
  const uint64_t count = device->launches.count.load(std::memory_order_relaxed);
  for (unsigned i = 1; i <= Launches::remembered && i <= count; i++) {
    const Kernel *kernel = device->launches.last[(count - i) % Launches::remembered].load(std::memory_order_acquire);
    if (kernel) names += (names.empty() ? "" : ", ") + kernel->name;
  }
  return names;
}

void lose(st_cuda_device *device) {
  const std::lock_guard guard(device->trouble.lock);
  if (device->trouble.fatal.empty()) {
    const std::string names = last_kernels(device);
    if (!names.empty()) text += "; the last kernels launched, the newest first: " + names;
    if (!names.empty() && !device->synchronous) {
      text += ". Any of them may be the cause; with SWIFT_TENSOR_CUDA_SYNC=1 in the environment it is the first named";
    }
    text += ". The device cannot be used any more in this process";
    device->trouble.fatal = text;
    device->trouble.any.store(true, std::memory_order_release);
  }
  text = device->trouble.fatal;
}

}  // namespace

const std::string &error_text() { return text; }

st_status failed(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text = formatted(format, arguments);
  va_end(arguments);
  return {ST_DEVICE_FAILED, 0, 0, 0};
}

st_status call_failed(st_cuda_device *device, int code, const char *call, const char *detail) {
  const char *name = nullptr, *meaning = nullptr;
  device->cu->cuGetErrorName(code, &name);
  device->cu->cuGetErrorString(code, &meaning);
  failed("%s failed with %d (%s: %s) on .cuda(%d)%s", call, code, name ? name : "unknown",
         meaning ? meaning : "no text", device->facts.index, detail);
  if (ends_context(code)) lose(device);
  if (st_cuda_graph *graph = device->recording.load()) note_failure(graph, text);
  constexpr int out_of_memory = 2;
  return {code == out_of_memory ? ST_OUT_OF_MEMORY : ST_DEVICE_FAILED, 0, 0, 0};
}

st_status raise(st_cuda_device *device) {
  Trouble &trouble = device->trouble;
  const std::lock_guard guard(trouble.lock);
  if (!trouble.fatal.empty()) {
    text = trouble.fatal;
  } else if (!trouble.kept.empty()) {
    text = std::move(trouble.kept);
    trouble.kept.clear();
    trouble.any.store(false, std::memory_order_release);
  } else {
    return {};
  }
  return {ST_DEVICE_FAILED, 0, 0, 0};
}

bool is_lost(st_cuda_device *device) {
  if (!device->trouble.any.load(std::memory_order_acquire)) return false;
  const std::lock_guard guard(device->trouble.lock);
  return !device->trouble.fatal.empty();
}

void keep(st_cuda_device *device, st_status status) {
  if (status.code == ST_OK) return;
  const std::lock_guard guard(device->trouble.lock);
  if (device->trouble.kept.empty()) device->trouble.kept = text;
  device->trouble.any.store(true, std::memory_order_release);
}

st_status refuse_recording(st_cuda_device *device, const char *what) {
  st_cuda_graph *graph = device->recording.load(std::memory_order_acquire);
  if (!graph) return {};
  const st_status status =
      failed("%s cannot be part of a graph, and one is being recorded on .cuda(%d)", what, device->facts.index);
  note_failure(graph, text);
  return status;
}

}  // namespace st::cuda

const char *st_cuda_error(void) { return st::cuda::error_text().c_str(); }
