// The driver's streams and events.
#include <algorithm>

#include "state.hpp"

namespace st::emulated {
namespace {

int cuStreamCreate(void **handle, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  if (!handle || flags > 1) return invalid_value;
  Stream *stream = new Stream;
  stream->kind = Object::stream;
  stream->device = call.device;
  state().streams.push_back(stream);
  *handle = static_cast<Object *>(stream);
  return success;
}

int cuStreamDestroy_v2(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = as<Stream>(handle, Object::stream);
  if (!stream) return invalid_handle;
  complete(*stream);
  if (stream->capture) invalidate(*stream->capture);
  stream->kind = Object::destroyed;
  std::erase(state().streams, stream);
  return success;
}

// Waiting for a stream that is captured ends the capture.
int refuse_waiting(Stream &stream) {
  if (!stream.capture) return success;
  invalidate(*stream.capture);
  return capture_unsupported;
}

int cuStreamSynchronize(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream) return invalid_handle;
  if (int refused = refuse_waiting(*stream)) return refused;
  state().counters.synchronizations++;
  complete(*stream);
  return call.device->failed;
}

// Each question that is answered with "not yet" lets one piece of work run, so that who asks again sees an end.
int ask(Call &call, Stream &stream, uint64_t sequence) {
  if (stream.completed >= sequence) return success;
  if (!stream.busy) complete(stream, stream.completed + 1);
  return call.device && call.device->failed ? call.device->failed : not_ready;
}

int cuStreamQuery(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream) return invalid_handle;
  if (int refused = refuse_waiting(*stream)) return refused;
  return ask(call, *stream, stream->issued);
}

int cuStreamWaitEvent(void *handle, void *event_handle, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  Event *event = as<Event>(event_handle, Object::event);
  if (!stream || !event) return invalid_handle;
  if (flags > 1) return invalid_value;
  if (event->capture) {
    // The stream joins the capture; the order of the calls is an order of the graph.
    if (stream->capture == event->capture) return success;
    if (stream->capture) return capture_invalidated;
    stream->capture = event->capture;
    stream->capture->streams.push_back(stream);
    return success;
  }
  if (stream->capture) {
    // The graph cannot wait for what came before it.
    invalidate(*stream->capture);
    return capture_unjoined;
  }
  if (!event->stream || event->stream == stream) return success;
  const auto run = [other = event->stream, sequence = event->sequence] { complete(*other, sequence); };
  return submit(*stream, Work::wait, nullptr, run, [&] { return run; });
}

int cuLaunchHostFunc(void *handle, void (*function)(void *), void *data) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream) return invalid_handle;
  if (!function) return invalid_value;
  const auto run = [function, data] { function(data); };
  if (stream->capture) return submit(*stream, Work::host, nullptr, run, [&] { return run; });
  // By way of the queue, which is run without the lock.
  stream->issued++;
  stream->queue.push_back(Work{Work::host, nullptr, run});
  if (!state().lazy && !stream->busy) complete(*stream);
  return success;
}

// ---- Events.

int cuEventCreate(void **handle, unsigned flags) {
  Call call;
  if (call.error) return call.error;
  if (!handle || flags > 7) return invalid_value;
  Event *event = new Event;
  event->kind = Object::event;
  event->device = call.device;
  event->has_timing = !(flags & 2);
  *handle = static_cast<Object *>(event);
  return success;
}

int cuEventDestroy_v2(void *handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = as<Event>(handle, Object::event);
  if (!event) return invalid_handle;
  event->kind = Object::destroyed;
  return success;
}

int cuEventRecord(void *handle, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = as<Event>(handle, Object::event);
  Stream *stream = stream_of(call, stream_handle);
  if (!event || !stream || event->device != stream->device) return invalid_handle;
  event->capture = stream->capture;
  if (stream->capture) return stream->capture->invalid ? capture_invalidated : success;
  event->stream = stream;
  event->sequence = stream->issued + 1;
  const auto run = [event, sequence = event->sequence] {
    if (event->sequence == sequence) event->milliseconds = now_in_milliseconds();
  };
  return submit(*stream, Work::record, nullptr, run, [&] { return run; });
}

int cuEventQuery(void *handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = as<Event>(handle, Object::event);
  if (!event) return invalid_handle;
  if (event->capture) return captured_event;
  if (int refused = refuse_in_capture()) return refused;
  return event->stream ? ask(call, *event->stream, event->sequence) : success;
}

int cuEventSynchronize(void *handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = as<Event>(handle, Object::event);
  if (!event) return invalid_handle;
  if (event->capture) return captured_event;
  if (int refused = refuse_in_capture()) return refused;
  state().counters.synchronizations++;
  if (event->stream) complete(*event->stream, event->sequence);
  return call.device->failed;
}

int cuEventElapsedTime(float *milliseconds, void *start_handle, void *end_handle) {
  Call call;
  if (call.error) return call.error;
  Event *start = as<Event>(start_handle, Object::event), *end = as<Event>(end_handle, Object::event);
  if (!start || !end || start->device != end->device) return invalid_handle;
  if (!start->has_timing || !end->has_timing || !start->stream || !end->stream) return invalid_handle;
  for (const Event *event : {start, end}) {
    if (event->stream->completed < event->sequence) return not_ready;
  }
  *milliseconds = float(end->milliseconds - start->milliseconds);
  return success;
}

}  // namespace

Symbols stream_symbols() {
  return {ST_SYMBOL(cuStreamCreate), ST_SYMBOL(cuStreamDestroy_v2), ST_SYMBOL(cuStreamSynchronize),
          ST_SYMBOL(cuStreamQuery), ST_SYMBOL(cuStreamWaitEvent), ST_SYMBOL(cuLaunchHostFunc),
          ST_SYMBOL(cuEventCreate), ST_SYMBOL(cuEventDestroy_v2), ST_SYMBOL(cuEventRecord), ST_SYMBOL(cuEventQuery),
          ST_SYMBOL(cuEventSynchronize), ST_SYMBOL(cuEventElapsedTime)};
}

}  // namespace st::emulated
