#include "state.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>

namespace st::emulated {

thread_local Device *current_device = nullptr;
thread_local int capture_mode = 0;

namespace {

thread_local bool in_host_function = false;
auto &became_idle = *new std::condition_variable_any;

// Runs the oldest work of a stream.
void run_next(Stream &stream) {
  Work work = std::move(stream.queue.front());
  stream.queue.pop_front();
  if (work.kind == Work::host) {
    // Without the lock: the function may wait for threads that call the driver.
    stream.busy = in_host_function = true;
    state().mutex.unlock();
    work.run();
    state().mutex.lock();
    stream.busy = in_host_function = false;
    stream.completed++;
    became_idle.notify_all();
    return;
  }
  work.run();
  stream.completed++;
}

}  // namespace

State &state() {
  static State *const state = [] {
    State *made = new State;
    for (int i = 0; i < most_devices; i++) {
      Device &device = made->devices[i];
      device.index = i;
      device.default_stream.kind = Object::stream;
      device.default_stream.device = &device;
      device.pool.kind = Object::pool;
      device.pool.device = &device;
      made->streams.push_back(&device.default_stream);
    }
    return made;
  }();
  return *state;
}

bool is_sticky(int code) { return code == 700 || code == 702 || code == 710 || (code >= 714 && code <= 719); }

Call::Call(Needs needs) : lock(state().mutex) {
  if (in_host_function) {
    error = not_permitted;
  } else if (needs != nothing && !state().initialized) {
    error = not_initialized;
  } else if (needs == context) {
    device = current_device;
    error = !device ? invalid_context : device->failed;
  }
}

Stream *stream_of(const Call &call, void *handle) {
  // Null and the two special handles are the device's default stream.
  if (reinterpret_cast<uintptr_t>(handle) <= 2) return &call.device->default_stream;
  Stream *stream = as<Stream>(handle, Object::stream);
  return stream && stream->device == call.device ? stream : nullptr;
}

void complete(Stream &stream, uint64_t sequence) {
  while (stream.completed < sequence) {
    if (stream.busy) {
      became_idle.wait(state().mutex);
    } else {
      run_next(stream);
    }
  }
}

void complete_all(const Device &device) {
  const std::vector<Stream *> streams = state().streams;
  for (Stream *stream : streams) {
    if (stream->device == &device) complete(*stream);
  }
}

void fail(Device &device, int code, const std::string &fault) {
  if (device.failed == 0) device.failed = code;
  state().last_fault = fault;
}

void invalidate(Graph &graph) { graph.invalid = true; }

int refuse_in_capture() {
  constexpr int global = 0, relaxed = 2;
  if (capture_mode == relaxed) return success;
  int result = success;
  for (Graph *graph : state().captures) {
    const bool own = graph->thread == &capture_mode && graph->mode != relaxed;
    const bool other = graph->mode == global && capture_mode == global;
    if (!own && !other) continue;
    invalidate(*graph);
    result = capture_unsupported;
  }
  return result;
}

double now_in_milliseconds() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace st::emulated
