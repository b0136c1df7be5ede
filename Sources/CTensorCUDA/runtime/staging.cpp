// Copies between host and device, through page-locked memory: the driver never reads or writes memory of the caller.
#include <string.h>

#include <algorithm>

#include "state.hpp"

namespace st::cuda {

namespace {

constexpr size_t segment_bytes = Ring::segment_bytes;

st_status open(st_cuda_device *device, Ring &ring) {
  if (ring.memory) return {};
  constexpr unsigned portable = 1, disable_timing = 2;
  for (void *&event : ring.events) {
    if (!event) ST_TRY(ST_DRIVER(device, cuEventCreate, &event, disable_timing));
  }
  void *memory = nullptr;
  ST_TRY(ST_DRIVER(device, cuMemHostAlloc, &memory, Ring::segments * segment_bytes, portable));
  ring.memory = static_cast<unsigned char *>(memory);
  return {};
}

// Goes on to the next segment, which may be written once the copies from it are done.
st_status advance(st_cuda_device *device, Ring &ring) {
  ST_TRY(ST_DRIVER(device, cuEventRecord, ring.events[ring.current], device->stream));
  ring.pending[ring.current] = true;
  ring.current = (ring.current + 1) % Ring::segments;
  ring.used = 0;
  if (!ring.pending[ring.current]) return {};
  ST_TRY(ST_DRIVER(device, cuEventSynchronize, ring.events[ring.current]));
  ring.pending[ring.current] = false;
  return {};
}

}  // namespace

st_status upload(st_cuda_device *device, void *target, const void *source, size_t bytes) {
  constexpr size_t alignment = 256, least = size_t(256) << 10;
  Ring &ring = device->uploads;
  const std::lock_guard guard(ring.lock);
  ST_TRY(open(device, ring));
  auto from = static_cast<const unsigned char *>(source);
  auto to = reinterpret_cast<uint64_t>(target);
  while (bytes > 0) {
    const size_t room = segment_bytes - ring.used;
    if (room < std::min(bytes, least)) {
      ST_TRY(advance(device, ring));
      continue;
    }
    const size_t part = std::min(bytes, room);
    unsigned char *staged = ring.memory + ring.current * segment_bytes + ring.used;
    memcpy(staged, from, part);
    ST_TRY(ST_DRIVER(device, cuMemcpyHtoDAsync_v2, to, staged, part, device->stream));
    ring.used = std::min(segment_bytes, (ring.used + part + alignment - 1) / alignment * alignment);
    from += part;
    to += part;
    bytes -= part;
  }
  return {};
}

// The copy into one segment runs while another is read.
static st_status download(st_cuda_device *device, void *target, const void *source, size_t bytes) {
  Ring &ring = device->downloads;
  const std::lock_guard guard(ring.lock);
  ST_TRY(open(device, ring));
  const size_t count = (bytes + segment_bytes - 1) / segment_bytes;
  const auto part = [&](size_t i) { return std::min(segment_bytes, bytes - i * segment_bytes); };
  const auto segment = [&](size_t i) { return ring.memory + i % Ring::segments * segment_bytes; };
  const auto start = [&](size_t i) {
    ST_TRY(ST_DRIVER(device, cuMemcpyDtoHAsync_v2, segment(i), reinterpret_cast<uint64_t>(source) + i * segment_bytes,
                     part(i), device->stream));
    return ST_DRIVER(device, cuEventRecord, ring.events[i % Ring::segments], device->stream);
  };
  for (size_t i = 0; i < count && i < Ring::segments - 1; i++) ST_TRY(start(i));
  for (size_t i = 0; i < count; i++) {
    if (i + Ring::segments - 1 < count) ST_TRY(start(i + Ring::segments - 1));
    ST_TRY(ST_DRIVER(device, cuEventSynchronize, ring.events[i % Ring::segments]));
    memcpy(static_cast<unsigned char *>(target) + i * segment_bytes, segment(i), part(i));
  }
  return {};
}

}  // namespace st::cuda

using namespace st::cuda;

st_status st_cuda_upload(st_cuda_device *device, void *target, const void *source, size_t bytes) {
  ST_TRY(enter(device));
  if (bytes == 0) return {};
  ST_TRY(refuse_recording(device, "copying from the host"));
  return upload(device, target, source, bytes);
}

st_status st_cuda_download(st_cuda_device *device, void *target, const void *source, size_t bytes) {
  if (bytes == 0) return st_cuda_synchronize(device);
  ST_TRY(enter(device));
  ST_TRY(refuse_recording(device, "copying to the host"));
  ST_TRY(st::cuda::download(device, target, source, bytes));
  return take_fault(device);
}
