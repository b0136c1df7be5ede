// Device memory. Freed blocks are kept by size for later requests: work runs in the order of one stream, so a block may
// be used again at once.
#include <stdio.h>

#include "graph.hpp"
#include "state.hpp"

namespace st::cuda {

namespace {

constexpr size_t smallest = 512;
constexpr size_t large = size_t(1) << 24;
constexpr size_t large_granularity = size_t(2) << 20;
constexpr size_t most = size_t(1) << 47;

struct SizeClass {
  size_t bytes;
  int index;
};

// Each power of two is divided into 8 steps, large ones into 32 of at least 2 MiB.
SizeClass class_of(size_t bytes) {
  if (bytes <= 8 * smallest) {
    const size_t steps = bytes == 0 ? 1 : (bytes + smallest - 1) / smallest;
    return {steps * smallest, int(steps)};
  }
  const int octave = 63 - __builtin_clzll(bytes - 1);
  const size_t base = size_t(1) << octave;
  const size_t step = base >= large ? base / 32 : base / 8;
  const size_t granularity = base >= large && step < large_granularity ? large_granularity : step;
  const size_t rounded = (bytes + granularity - 1) / granularity * granularity;
  return {rounded, octave * 32 + int((rounded - base) / step)};
}

constexpr size_t class_count = 47 * 32 + 1;

SizeClass class_of(const Memory &memory, size_t bytes) {
  if (memory.caching) return class_of(bytes);
  return {bytes == 0 ? 1 : bytes, 0};
}

std::string amount(size_t bytes) {
  const char *unit = bytes < size_t(1) << 20 ? "KiB" : bytes < size_t(1) << 30 ? "MiB" : "GiB";
  const double divisor = bytes < size_t(1) << 20 ? 1024. : bytes < size_t(1) << 30 ? 1048576. : 1073741824.;
  char text[32];
  if (bytes < 1024) {
    snprintf(text, sizeof text, "%zu bytes", bytes);
  } else {
    snprintf(text, sizeof text, "%.2f %s", double(bytes) / divisor, unit);
  }
  return text;
}

st_status exhausted(st_cuda_device *device, size_t bytes) {
  const Memory &memory = device->memory;
  size_t free = 0, total = 0;
  device->cu->cuMemGetInfo_v2(&free, &total);
  failed("out of memory: %s were asked for on .cuda(%d); %s are in use by tensors, %s are kept for reuse, %s of %s "
         "are free",
         amount(bytes).c_str(), device->facts.index, amount(memory.allocated).c_str(),
         amount(memory.kept_bytes).c_str(), amount(free).c_str(), amount(total).c_str());
  return {ST_OUT_OF_MEMORY, 0, 0, 0};
}

void count_allocated(Memory &memory, size_t bytes) {
  memory.allocated += bytes;
  if (memory.allocated > memory.max_allocated) memory.max_allocated = memory.allocated;
}

void count_reserved(Memory &memory, size_t bytes) {
  memory.reserved += bytes;
  if (memory.reserved > memory.max_reserved) memory.max_reserved = memory.reserved;
}

constexpr int out_of_memory = 2;

// A new block of the driver's.
st_status take(st_cuda_device *device, size_t asked, size_t bytes, void **address) {
  ST_TRY(enter(device));
  Memory &memory = device->memory;
  // A recorded allocation would be work of the graph's.
  const bool recording = device->recording.load() != nullptr, ordered = memory.pooled && !recording;
  uint64_t taken = 0;
  const auto attempt = [&] {
    return ordered ? device->cu->cuMemAllocAsync(&taken, bytes, device->stream)
                   : device->cu->cuMemAlloc_v2(&taken, bytes);
  };
  int code = attempt();
  if (code == out_of_memory && !recording) {
    ST_TRY(release_kept(device));
    code = attempt();
  }
  if (code == out_of_memory) return exhausted(device, asked);
  ST_TRY(check(device, code, ordered ? "cuMemAllocAsync" : "cuMemAlloc_v2"));
  count_reserved(memory, bytes);
  *address = reinterpret_cast<void *>(taken);
  if (recording && !memory.caching) memory.unordered.insert(*address);
  return {};
}

// Keeps a block that no tensor and no graph has, or gives it back.
void put(st_cuda_device *device, void *address, SizeClass size) {
  Memory &memory = device->memory;
  if (st_cuda_graph *graph = device->recording.load(std::memory_order_relaxed)) {
    // The recorded work may use it, so it stays with the graph, and is not for this recording to reuse.
    memory.owned[address] = {graph, size.bytes, true};
    return;
  }
  if (memory.caching) {
    memory.kept[size.index].bytes = size.bytes;
    memory.kept[size.index].addresses.push_back(address);
    memory.kept_bytes += size.bytes;
    return;
  }
  memory.reserved -= size.bytes;
  const bool unordered = memory.unordered.erase(address) > 0 || !memory.pooled;
  if (is_lost(device)) return;
  const auto released = reinterpret_cast<uint64_t>(address);
  st_status status = check(device, device->cu->cuCtxSetCurrent(device->context), "cuCtxSetCurrent");
  if (status.code == ST_OK && unordered) status = ST_DRIVER(device, cuStreamSynchronize, device->stream);
  if (status.code == ST_OK) {
    status = unordered ? ST_DRIVER(device, cuMemFree_v2, released)
                       : ST_DRIVER(device, cuMemFreeAsync, released, device->stream);
  }
  keep(device, status);
}

st_status allocate_recorded(st_cuda_device *device, st_cuda_graph *graph, SizeClass size, size_t asked,
                            void **address) {
  Memory &memory = device->memory;
  std::vector<void *> &idle = graph->idle[size.index];
  if (memory.caching && !idle.empty()) {
    *address = idle.back();
    idle.pop_back();
    memory.owned[*address].idle = false;
    return {};
  }
  ST_TRY(take(device, asked, size.bytes, address));
  memory.owned[*address] = {graph, size.bytes, false};
  return {};
}

// A block of no graph and no tensor.
st_status allocate_ordinary(st_cuda_device *device, SizeClass size, size_t asked, void **address) {
  Memory &memory = device->memory;
  if (!memory.caching || memory.kept[size.index].addresses.empty()) return take(device, asked, size.bytes, address);
  *address = memory.kept[size.index].addresses.back();
  memory.kept[size.index].addresses.pop_back();
  memory.kept_bytes -= size.bytes;
  return {};
}

st_status allocate(st_cuda_device *device, size_t bytes, void **address) {
  *address = nullptr;
  if (device->trouble.any.load(std::memory_order_relaxed)) ST_TRY(raise(device));
  Memory &memory = device->memory;
  const std::lock_guard guard(memory.lock);
  if (bytes > most) return exhausted(device, bytes);
  const SizeClass size = class_of(memory, bytes);
  if (st_cuda_graph *graph = device->recording.load(std::memory_order_relaxed)) {
    ST_TRY(allocate_recorded(device, graph, size, bytes, address));
  } else {
    ST_TRY(allocate_ordinary(device, size, bytes, address));
  }
  count_allocated(memory, size.bytes);
  return {};
}

}  // namespace

void open_free_blocks(Memory &memory) { memory.kept.resize(class_count); }

st_status release_kept(st_cuda_device *device) {
  Memory &memory = device->memory;
  ST_TRY(ST_DRIVER(device, cuStreamSynchronize, device->stream));
  for (Memory::FreeBlocks &blocks : memory.kept) {
    while (!blocks.addresses.empty()) {
      // Right for the pool's blocks too, since nothing uses them any more.
      ST_TRY(ST_DRIVER(device, cuMemFree_v2, reinterpret_cast<uint64_t>(blocks.addresses.back())));
      blocks.addresses.pop_back();
      memory.kept_bytes -= blocks.bytes;
      memory.reserved -= blocks.bytes;
    }
  }
  if (memory.pooled) ST_TRY(ST_DRIVER(device, cuMemPoolTrimTo, memory.pool, 0));
  return {};
}

void disown(st_cuda_device *device, st_cuda_graph *graph) {
  Memory &memory = device->memory;
  for (auto i = memory.owned.begin(); i != memory.owned.end();) {
    const auto [address, block] = *i;
    if (block.graph != graph) {
      ++i;
      continue;
    }
    i = memory.owned.erase(i);
    if (block.idle) put(device, address, class_of(memory, block.bytes));
  }
}

Workspace::Workspace(st_cuda_device *device, size_t bytes, Need need) : device(device), bytes(bytes) {
  status = need == optional ? allocate(device, bytes, &address) : st_cuda_allocate(device, bytes, &address);
}

Workspace::~Workspace() {
  if (status.code == ST_OK) st_cuda_free(device, address, bytes);
}

}  // namespace st::cuda

using namespace st::cuda;

st_status st_cuda_allocate(st_cuda_device *device, size_t bytes, void **address) {
  const st_status status = allocate(device, bytes, address);
  if (status.code == ST_OUT_OF_MEMORY) {
    if (st_cuda_graph *graph = device->recording.load()) note_failure(graph, error_text());
  }
  return status;
}

void st_cuda_free(st_cuda_device *device, void *address, size_t bytes) {
  if (!address) return;
  Memory &memory = device->memory;
  const std::lock_guard guard(memory.lock);
  const SizeClass size = class_of(memory, bytes);
  memory.allocated -= size.bytes;
  if (!memory.owned.empty()) {
    const auto found = memory.owned.find(address);
    if (found != memory.owned.end()) {
      found->second.idle = true;
      found->second.graph->idle[size.index].push_back(address);
      return;
    }
  }
  put(device, address, size);
}

st_cuda_memory st_cuda_memory_of(st_cuda_device *device) {
  Memory &memory = device->memory;
  st_cuda_memory result = {};
  if (enter(device).code == ST_OK) device->cu->cuMemGetInfo_v2(&result.free, &result.total);
  const std::lock_guard guard(memory.lock);
  result.allocated = memory.allocated;
  result.max_allocated = memory.max_allocated;
  result.reserved = memory.reserved;
  result.max_reserved = memory.max_reserved;
  return result;
}

void st_cuda_reset_peaks(st_cuda_device *device) {
  const std::lock_guard guard(device->memory.lock);
  device->memory.max_allocated = device->memory.allocated;
  device->memory.max_reserved = device->memory.reserved;
}

st_status st_cuda_empty_cache(st_cuda_device *device) {
  ST_TRY(enter(device));
  ST_TRY(refuse_recording(device, "giving memory back"));
  const std::lock_guard guard(device->memory.lock);
  return release_kept(device);
}
