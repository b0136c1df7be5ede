// The driver's captures and graphs.
#include <algorithm>
#include <memory>

#include "state.hpp"

namespace st::emulated {
namespace {

void forget_capture(Graph &graph) {
  std::erase(state().captures, &graph);
  for (Stream *stream : graph.streams) stream->capture = nullptr;
}

int cuStreamBeginCapture_v2(void *handle, int mode) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream) return invalid_handle;
  if (mode < 0 || mode > 2) return invalid_value;
  if (stream == &call.device->default_stream) return capture_unsupported;
  if (stream->capture) {
    invalidate(*stream->capture);
    return invalid_value;
  }
  Graph *graph = new Graph;
  graph->kind = Object::graph;
  graph->device = call.device;
  graph->mode = mode;
  graph->thread = &capture_mode;
  graph->streams.push_back(stream);
  stream->capture = graph;
  state().captures.push_back(graph);
  return success;
}

int cuStreamEndCapture(void *handle, void **graph_handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream || !graph_handle) return invalid_value;
  *graph_handle = nullptr;
  Graph *graph = stream->capture;
  if (!graph) return invalid_value;
  constexpr int relaxed = 2;
  if (graph->mode != relaxed && graph->thread != &capture_mode) return capture_wrong_thread;
  if (stream != graph->streams[0]) {
    invalidate(*graph);
    return capture_unmatched;
  }
  forget_capture(*graph);
  if (graph->invalid) {
    graph->kind = Object::destroyed;
    graph->works.clear();
    graph->memory.reset();
    return capture_invalidated;
  }
  *graph_handle = static_cast<Object *>(graph);
  return success;
}

int cuStreamIsCapturing(void *handle, int *status) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = stream_of(call, handle);
  if (!stream) return invalid_handle;
  *status = !stream->capture ? 0 : stream->capture->invalid ? 2 : 1;
  return success;
}

int cuThreadExchangeStreamCaptureMode(int *mode) {
  if (!mode || *mode < 0 || *mode > 2) return invalid_value;
  std::swap(*mode, capture_mode);
  return success;
}

int cuGraphInstantiateWithFlags(void **handle, void *graph_handle, uint64_t) {
  Call call;
  if (call.error) return call.error;
  Graph *graph = as<Graph>(graph_handle, Object::graph);
  if (!graph || !handle) return invalid_value;
  GraphLauncher *launcher = new GraphLauncher;
  launcher->kind = Object::graph_launcher;
  launcher->device = graph->device;
  launcher->works = graph->works;
  launcher->memory = graph->memory;
  *handle = static_cast<Object *>(launcher);
  return success;
}

int cuGraphExecUpdate_v2(void *handle, void *graph_handle, void *result) {
  Call call;
  if (call.error) return call.error;
  GraphLauncher *launcher = as<GraphLauncher>(handle, Object::graph_launcher);
  Graph *graph = as<Graph>(graph_handle, Object::graph);
  if (!launcher || !graph) return invalid_value;
  // CUgraphExecUpdateResult.
  int answer = 0;
  if (launcher->works.size() != graph->works.size()) answer = 2;  // the topology changed
  for (size_t i = 0; answer == 0 && i < graph->works.size(); i++) {
    const Work &old = launcher->works[i], &own = graph->works[i];
    if (old.kind != own.kind) answer = 3;                       // a node's type changed
    if (answer == 0 && old.identity != own.identity) answer = 4;  // a function changed
  }
  if (result) *static_cast<int *>(result) = answer;
  if (answer) return graph_update_failed;
  launcher->works = graph->works;
  launcher->memory = graph->memory;
  return success;
}

int cuGraphLaunch(void *handle, void *stream_handle) {
  Call call;
  if (call.error) return call.error;
  GraphLauncher *launcher = as<GraphLauncher>(handle, Object::graph_launcher);
  Stream *stream = stream_of(call, stream_handle);
  if (!launcher || !stream || launcher->device != call.device) return invalid_value;
  if (stream->capture) {
    // The works become a part of the other graph.
    for (const Work &work : launcher->works) stream->capture->works.push_back(work);
    return success;
  }
  state().counters.graph_launches++;
  for (const Work &work : launcher->works) {
    stream->issued++;
    stream->queue.push_back(work);
  }
  if (!state().lazy && !stream->busy) complete(*stream);
  return success;
}

int cuGraphExecDestroy(void *handle) {
  Call call;
  if (call.error) return call.error;
  GraphLauncher *launcher = as<GraphLauncher>(handle, Object::graph_launcher);
  if (!launcher) return invalid_value;
  complete_all(*launcher->device);
  launcher->kind = Object::destroyed;
  launcher->works.clear();
  launcher->memory.reset();
  return success;
}

int cuGraphDestroy(void *handle) {
  Call call;
  if (call.error) return call.error;
  Graph *graph = as<Graph>(handle, Object::graph);
  if (!graph) return invalid_value;
  graph->kind = Object::destroyed;
  graph->works.clear();
  graph->memory.reset();
  return success;
}

}  // namespace

Symbols graph_symbols() {
  return {ST_SYMBOL(cuStreamBeginCapture_v2), ST_SYMBOL(cuStreamEndCapture), ST_SYMBOL(cuStreamIsCapturing),
          ST_SYMBOL(cuThreadExchangeStreamCaptureMode), ST_SYMBOL(cuGraphInstantiateWithFlags),
          ST_SYMBOL(cuGraphExecUpdate_v2), ST_SYMBOL(cuGraphLaunch), ST_SYMBOL(cuGraphExecDestroy),
          ST_SYMBOL(cuGraphDestroy)};
}

}  // namespace st::emulated
