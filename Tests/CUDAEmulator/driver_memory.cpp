// The driver's memory: of devices, of their pools, and page-locked.
#include "state.hpp"

namespace st::emulated {
namespace {

bool fails_by_injection() {
  State &all = state();
  if (all.failing_allocations <= 0) return false;
  if (all.failing_allocations_after > 0) {
    all.failing_allocations_after--;
    return false;
  }
  all.failing_allocations--;
  return true;
}

int allocate_on(Device &device, uint64_t *address, size_t bytes, MemoryKind kind, Graph *owner) {
  if (!address || bytes == 0) return invalid_value;
  State &all = state();
  if (fails_by_injection() || bytes > all.capacity || device.live_bytes > all.capacity - bytes) return out_of_memory;
  Allocation *allocation = allocate(bytes, device.index, kind);
  if (!allocation) return out_of_memory;
  allocation->owner = owner;
  if (owner) owner->memory->addresses.push_back(allocation->start);
  device.live_bytes += bytes;
  if (kind == MemoryKind::pooled) device.pooled_bytes += bytes;
  all.counters.allocations++;
  all.counters.live_allocations++;
  all.counters.live_bytes += bytes;
  *address = allocation->start;
  return success;
}

void release_now(uintptr_t address) {
  Allocation &allocation = *find_start(address);
  State &all = state();
  Device &device = all.devices[allocation.device];
  if (allocation.kind != MemoryKind::page_locked) {
    device.live_bytes -= allocation.bytes;
    if (allocation.kind == MemoryKind::pooled) device.pooled_bytes -= allocation.bytes;
    all.counters.frees++;
    all.counters.live_allocations--;
    all.counters.live_bytes -= allocation.bytes;
  }
  std::string fault;
  if (!release(allocation, fault)) fail(device, launch_failed, fault);
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  Call call;
  if (call.error) return call.error;
  if (int refused = refuse_in_capture()) return refused;
  return allocate_on(*call.device, address, bytes, MemoryKind::device, nullptr);
}

int cuMemFree_v2(uint64_t address) {
  Call call;
  if (call.error) return call.error;
  if (address == 0) return success;
  if (int refused = refuse_in_capture()) return refused;
  Allocation *allocation = find_start(address);
  if (!allocation || allocation->kind == MemoryKind::page_locked || allocation->is_being_freed) return invalid_value;
  if (allocation->owner) return invalid_value;
  complete_all(state().devices[allocation->device]);
  release_now(address);
  return success;
}

int cuMemAllocAsync(uint64_t *address, size_t bytes, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  Graph *graph = stream->capture;
  if (graph && graph->invalid) return capture_invalidated;
  return allocate_on(*call.device, address, bytes, MemoryKind::pooled, graph);
}

int cuMemFreeAsync(uint64_t address, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid_handle;
  if (address == 0) return success;
  Allocation *allocation = find_start(address);
  if (!allocation || allocation->kind == MemoryKind::page_locked || allocation->is_being_freed) return invalid_value;
  if (allocation->owner != stream->capture) return invalid_value;
  allocation->is_being_freed = true;
  if (stream->capture) {
    // A launch of the graph leaves it undefined; it is released with the graph.
    return submit(*stream, Work::free, nullptr, [] {}, [=] {
      return [=] {
        const DeviceAccess access{address};
        fill_with_poison(*find_start(address));
      };
    });
  }
  const auto run = [=] { release_now(address); };
  return submit(*stream, Work::free, nullptr, run, [=] { return run; });
}

int cuMemGetInfo_v2(size_t *available, size_t *total) {
  Call call;
  if (call.error) return call.error;
  *total = state().capacity;
  *available = state().capacity > call.device->live_bytes ? state().capacity - call.device->live_bytes : 0;
  return success;
}

int cuMemHostAlloc(void **address, size_t bytes, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  if (int refused = refuse_in_capture()) return refused;
  if (!address || bytes == 0 || flags > 7) return invalid_value;
  Allocation *allocation = allocate(bytes, call.device->index, MemoryKind::page_locked);
  if (!allocation) return out_of_memory;
  *address = reinterpret_cast<void *>(allocation->start);
  return success;
}

int cuMemHostGetDevicePointer_v2(uint64_t *address, void *memory, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  Allocation *allocation = find_allocation(reinterpret_cast<uintptr_t>(memory), 1);
  if (!allocation || allocation->kind != MemoryKind::page_locked || flags != 0) return invalid_value;
  *address = reinterpret_cast<uintptr_t>(memory);
  return success;
}

int cuMemFreeHost(void *memory) {
  Call call;
  if (call.error) return call.error;
  if (int refused = refuse_in_capture()) return refused;
  Allocation *allocation = find_start(reinterpret_cast<uintptr_t>(memory));
  if (!allocation || allocation->kind != MemoryKind::page_locked) return invalid_value;
  for (int i = 0; i < state().device_count; i++) complete_all(state().devices[i]);
  release_now(allocation->start);
  return success;
}

int cuPointerGetAttribute(void *value, int attribute, uint64_t address) {
  Call call;
  if (call.error) return call.error;
  const Allocation *allocation = find_allocation(address, 1);
  if (!allocation) return invalid_value;
  const bool on_host = allocation->kind == MemoryKind::page_locked;
  switch (attribute) {
    case 1: *static_cast<void **>(value) = &state().devices[allocation->device]; break;  // CONTEXT
    case 2: *static_cast<unsigned *>(value) = on_host ? 1 : 2; break;                    // MEMORY_TYPE
    case 3: *static_cast<uint64_t *>(value) = address; break;                            // DEVICE_POINTER
    case 9: *static_cast<int *>(value) = allocation->device; break;                      // DEVICE_ORDINAL
    case 11: *static_cast<uint64_t *>(value) = allocation->start; break;                 // RANGE_START_ADDR
    case 12: *static_cast<size_t *>(value) = allocation->bytes; break;                   // RANGE_SIZE
    default: return invalid_value;
  }
  return success;
}

// ---- Pools. A device has its own only.

int cuDeviceGetDefaultMemPool(void **pool, int device) {
  Call call(Call::initialization);
  if (call.error) return call.error;
  if (device < 0 || device >= state().device_count) return invalid_device;
  *pool = &state().devices[device].pool;
  return success;
}

int cuMemPoolSetAttribute(void *handle, int attribute, void *value) {
  Call call(Call::initialization);
  Pool *pool = as<Pool>(handle, Object::pool);
  if (!pool || !value || attribute < 1 || attribute > 8) return invalid_value;
  pool->attributes[attribute] = attribute <= 3 ? uint64_t(*static_cast<int *>(value)) : *static_cast<uint64_t *>(value);
  return success;
}

int cuMemPoolGetAttribute(void *handle, int attribute, void *value) {
  Call call(Call::initialization);
  Pool *pool = as<Pool>(handle, Object::pool);
  if (!pool || !value || attribute < 1 || attribute > 8) return invalid_value;
  if (attribute <= 3) {
    *static_cast<int *>(value) = int(pool->attributes[attribute]);
  } else {
    const bool is_threshold = attribute == 4;
    *static_cast<uint64_t *>(value) = is_threshold ? pool->attributes[attribute] : pool->device->pooled_bytes;
  }
  return success;
}

// Peers may always access memory here.
int cuMemPoolSetAccess(void *handle, const void *access, size_t count) {
  Call call(Call::initialization);
  return as<Pool>(handle, Object::pool) && (access || count == 0) ? success : invalid_value;
}

int cuMemPoolTrimTo(void *handle, size_t) {
  Call call(Call::initialization);
  return as<Pool>(handle, Object::pool) ? success : invalid_value;
}

}  // namespace

GraphMemory::~GraphMemory() {
  for (uintptr_t address : addresses) release_now(address);
}

Symbols memory_symbols() {
  return {ST_SYMBOL(cuMemAlloc_v2), ST_SYMBOL(cuMemFree_v2), ST_SYMBOL(cuMemAllocAsync), ST_SYMBOL(cuMemFreeAsync),
          ST_SYMBOL(cuMemGetInfo_v2), ST_SYMBOL(cuMemHostAlloc), ST_SYMBOL(cuMemHostGetDevicePointer_v2),
          ST_SYMBOL(cuMemFreeHost), ST_SYMBOL(cuPointerGetAttribute), ST_SYMBOL(cuDeviceGetDefaultMemPool),
          ST_SYMBOL(cuMemPoolSetAttribute), ST_SYMBOL(cuMemPoolGetAttribute), ST_SYMBOL(cuMemPoolSetAccess),
          ST_SYMBOL(cuMemPoolTrimTo)};
}

}  // namespace st::emulated
