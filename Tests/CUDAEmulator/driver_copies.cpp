// The driver's copies and fills. Their ends must lie in live allocations.
#include <string.h>

#include <vector>

#include "state.hpp"

namespace st::emulated {
namespace {

bool is_on_device(uint64_t address, size_t bytes) { return find_allocation(address, bytes) != nullptr; }

// Host memory of a copy: page-locked, pageable, or none that a copy may touch.
enum class Host { page_locked, pageable, wrong };
Host kind_of(const void *memory, size_t bytes) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  const Allocation *allocation = find_allocation(address, 1);
  if (!allocation) return Host::pageable;
  const bool inside = find_allocation(address, bytes) != nullptr;
  return inside && allocation->kind == MemoryKind::page_locked ? Host::page_locked : Host::wrong;
}

// When a deferred copy runs, its ends must still be there.
void copy_now(Device &device, uint64_t target, uint64_t source, size_t bytes, bool checks_target, bool checks_source) {
  if ((checks_target && !is_on_device(target, bytes)) || (checks_source && !is_on_device(source, bytes))) {
    const uint64_t wrong = checks_target && !is_on_device(target, bytes) ? target : source;
    fail(device, illegal_address, "a copy of " + std::to_string(bytes) + " bytes touches " + describe_address(wrong));
    return;
  }
  state().counters.copies++;
  const DeviceAccess access{target, source};
  memmove(reinterpret_cast<void *>(target), reinterpret_cast<const void *>(source), bytes);
}

int cuMemcpyHtoDAsync_v2(uint64_t target, const void *memory, size_t bytes, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  if (bytes == 0) return success;
  const Host host = kind_of(memory, bytes);
  if (!is_on_device(target, bytes) || host == Host::wrong) return invalid_value;
  Device &device = *call.device;
  const uint64_t source = reinterpret_cast<uint64_t>(memory);
  if (host == Host::pageable) {
    if (stream->capture) {
      invalidate(*stream->capture);
      return capture_unsupported;
    }
    return submit(*stream, Work::copy, nullptr, [&] { copy_now(device, target, source, bytes, true, false); }, [&] {
      const char *start = static_cast<const char *>(memory);
      return [&device, target, bytes, kept = std::vector<char>(start, start + bytes)] {
        copy_now(device, target, reinterpret_cast<uint64_t>(kept.data()), bytes, true, false);
      };
    });
  }
  const auto run = [&device, target, source, bytes] { copy_now(device, target, source, bytes, true, true); };
  return submit(*stream, Work::copy, nullptr, run, [&] { return run; });
}

int cuMemcpyDtoHAsync_v2(void *memory, uint64_t source, size_t bytes, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  if (bytes == 0) return success;
  const Host host = kind_of(memory, bytes);
  if (!is_on_device(source, bytes) || host == Host::wrong) return invalid_value;
  Device &device = *call.device;
  const uint64_t target = reinterpret_cast<uint64_t>(memory);
  const bool page_locked = host == Host::page_locked;
  if (!page_locked && stream->capture) {
    invalidate(*stream->capture);
    return capture_unsupported;
  }
  const auto run = [&device, target, source, bytes, page_locked] {
    copy_now(device, target, source, bytes, page_locked, true);
  };
  const int error = submit(*stream, Work::copy, nullptr, run, [&] { return run; });
  if (page_locked || error) return error;
  // Returns when the memory has been written.
  state().counters.synchronizations++;
  complete(*stream);
  return device.failed;
}

int copy_on_devices(uint64_t target, uint64_t source, size_t bytes, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  if (bytes == 0) return success;
  if (!is_on_device(target, bytes) || !is_on_device(source, bytes)) return invalid_value;
  Device &device = *call.device;
  const auto run = [&device, target, source, bytes] { copy_now(device, target, source, bytes, true, true); };
  return submit(*stream, Work::copy, nullptr, run, [&] { return run; });
}

int cuMemcpyDtoDAsync_v2(uint64_t target, uint64_t source, size_t bytes, void *stream) {
  return copy_on_devices(target, source, bytes, stream);
}

int cuMemcpyPeerAsync(uint64_t target, void *target_context, uint64_t source, void *source_context, size_t bytes,
                      void *stream) {
  {
    Call call;
    if (call.error) return call.error;
    const auto lies_on = [](uint64_t address, void *context) {
      const Allocation *allocation = find_allocation(address, 1);
      return allocation && context == &state().devices[allocation->device];
    };
    if (bytes != 0 && (!lies_on(target, target_context) || !lies_on(source, source_context))) return invalid_value;
  }
  return copy_on_devices(target, source, bytes, stream);
}

template <class T>
int fill(uint64_t target, T value, size_t count, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  if (count == 0) return success;
  if (target % sizeof(T) != 0 || !is_on_device(target, count * sizeof(T))) return invalid_value;
  Device &device = *call.device;
  const auto run = [&device, target, value, count] {
    if (!is_on_device(target, count * sizeof(T))) {
      fail(device, illegal_address, "a fill touches " + describe_address(target));
      return;
    }
    state().counters.fills++;
    const DeviceAccess access{target};
    T *values = reinterpret_cast<T *>(target);
    if constexpr (sizeof(T) == 1) {
      memset(values, value, count);
    } else {
      for (size_t i = 0; i < count; i++) values[i] = value;
    }
  };
  return submit(*stream, Work::fill, nullptr, run, [&] { return run; });
}

int cuMemsetD8Async(uint64_t target, unsigned char value, size_t count, void *stream) {
  return fill(target, value, count, stream);
}

int cuMemsetD32Async(uint64_t target, unsigned value, size_t count, void *stream) {
  return fill(target, value, count, stream);
}

}  // namespace

Symbols copy_symbols() {
  return {ST_SYMBOL(cuMemcpyHtoDAsync_v2), ST_SYMBOL(cuMemcpyDtoHAsync_v2), ST_SYMBOL(cuMemcpyDtoDAsync_v2),
          ST_SYMBOL(cuMemcpyPeerAsync), ST_SYMBOL(cuMemsetD8Async), ST_SYMBOL(cuMemsetD32Async)};
}

}  // namespace st::emulated
