// Work on the bytes of device memory: filling, and copies within a device and between two.
#include "state.hpp"

namespace st::cuda {

st_status set_bytes(st_cuda_device *device, void *address, unsigned char value, size_t bytes) {
  ST_TRY(enter(device));
  if (bytes == 0) return {};
  return ST_DRIVER(device, cuMemsetD8Async, reinterpret_cast<uint64_t>(address), value, bytes, device->stream);
}

namespace {

std::mutex pairs_lock;
bool pair_known[max_devices][max_devices];

// Lets `device` read and write the memory of `peer` over the bus, where they can; copies go through the host otherwise.
st_status enable_peer(st_cuda_device *device, st_cuda_device *peer) {
  const std::lock_guard guard(pairs_lock);
  bool &known = pair_known[device->facts.index][peer->facts.index];
  if (known) return {};
  known = true;
  int can = 0;
  if (device->cu->cuDeviceCanAccessPeer(&can, device->number, peer->number) != 0 || !can) return {};
  constexpr int already_enabled = 704;
  const int code = device->cu->cuCtxEnablePeerAccess(peer->context, 0);
  if (code != already_enabled) ST_TRY(check(device, code, "cuCtxEnablePeerAccess"));
  if (peer->memory.pooled) {
    // The layout of CUmemAccessDesc. Without the access the driver still copies.
    const struct {
      int location_type, location, flags;
    } access = {1, device->number, 3};
    device->cu->cuMemPoolSetAccess(peer->memory.pool, &access, 1);
  }
  return {};
}

// Work that `later` is given from now on waits for what `earlier` was given before. Another thread may record the event
// again meanwhile, which only makes `later` wait for more.
st_status order(st_cuda_device *earlier, st_cuda_device *later) {
  ST_TRY(enter(earlier));
  ST_TRY(ST_DRIVER(earlier, cuEventRecord, earlier->order, earlier->stream));
  ST_TRY(enter(later));
  return ST_DRIVER(later, cuStreamWaitEvent, later->stream, earlier->order, 0);
}

}  // namespace

}  // namespace st::cuda

using namespace st::cuda;

st_status st_cuda_copy_between(st_cuda_device *to, void *target, st_cuda_device *from, const void *source,
                               size_t bytes) {
  ST_TRY(enter(to));
  if (bytes == 0) return {};
  const auto target_at = reinterpret_cast<uint64_t>(target), source_at = reinterpret_cast<uint64_t>(source);
  if (to == from) return ST_DRIVER(to, cuMemcpyDtoDAsync_v2, target_at, source_at, bytes, to->stream);
  ST_TRY(refuse_recording(to, "a copy between devices"));
  ST_TRY(refuse_recording(from, "a copy between devices"));
  ST_TRY(enable_peer(to, from));
  ST_TRY(order(from, to));
  ST_TRY(ST_DRIVER(to, cuMemcpyPeerAsync, target_at, to->context, source_at, from->context, bytes, to->stream));
  // The source's memory may be freed, and used again, in the order of its own stream.
  return order(to, from);
}
