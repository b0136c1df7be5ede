// Timing: marks in the stream.
#include "state.hpp"

struct st_cuda_event {
  st_cuda_device *device;
  void *event;
};

using namespace st::cuda;

st_cuda_event *st_cuda_event_create(st_cuda_device *device) {
  void *event = nullptr;
  if (enter(device).code != ST_OK || ST_DRIVER(device, cuEventCreate, &event, 0).code != ST_OK) return nullptr;
  return new st_cuda_event{device, event};
}

st_status st_cuda_event_record(st_cuda_event *event) {
  ST_TRY(enter(event->device));
  ST_TRY(refuse_recording(event->device, "an event for timing"));
  return ST_DRIVER(event->device, cuEventRecord, event->event, event->device->stream);
}

st_status st_cuda_event_elapsed(st_cuda_event *start, st_cuda_event *end, float *milliseconds) {
  *milliseconds = 0;
  ST_TRY(enter(end->device));
  ST_TRY(ST_DRIVER(end->device, cuEventSynchronize, end->event));
  return ST_DRIVER(end->device, cuEventElapsedTime, milliseconds, start->event, end->event);
}

void st_cuda_event_destroy(st_cuda_event *event) {
  if (!event) return;
  st_cuda_device *device = event->device;
  if (!is_lost(device)) {
    st_status status = check(device, device->cu->cuCtxSetCurrent(device->context), "cuCtxSetCurrent");
    if (status.code == ST_OK) status = ST_DRIVER(device, cuEventDestroy_v2, event->event);
    keep(device, status);
  }
  delete event;
}
