// Recording the work of a device as a graph, and launching it.
#include "graph.hpp"

namespace st::cuda {

void note_failure(st_cuda_graph *graph, const std::string &text) {
  const std::lock_guard guard(graph->lock);
  if (graph->failure.empty()) graph->failure = text;
}

const uint64_t *graph_offset(st_cuda_device *device) {
  st_cuda_graph *graph = device->recording.load(std::memory_order_acquire);
  return graph ? static_cast<const uint64_t *>(graph->offset) : nullptr;
}

void note_draw(st_cuda_device *device, st_cuda_generator *generator, uint64_t increment) {
  st_cuda_graph *graph = device->recording.load(std::memory_order_acquire);
  if (!graph) return;
  const std::lock_guard guard(graph->lock);
  if (!graph->generator) {
    graph->generator = generator;
    graph->seed = generator->seed;
    graph->start = generator->offset - increment;
  } else if (graph->generator != generator && graph->failure.empty()) {
    graph->failure = "a graph can draw random numbers from one generator, and this one drew from two";
  }
  if (graph->generator == generator) graph->drawn += increment;
}

namespace {

// Stands for a graph among the last kernels launched.
const Kernel &graph_kernel() {
  static const Kernel *kernel = [] {
    auto *made = new Kernel;
    made->name = "a graph";
    return made;
  }();
  return *kernel;
}

st_status instantiate(st_cuda_graph *graph, void *captured) {
  return ST_DRIVER(graph->device, cuGraphInstantiateWithFlags, &graph->executable, captured, 0);
}

}  // namespace

}  // namespace st::cuda

using namespace st::cuda;

bool st_cuda_is_recording(st_cuda_device *device) {
  return device->recording.load(std::memory_order_acquire) != nullptr;
}

st_status st_cuda_graph_begin(st_cuda_device *device) {
  ST_TRY(st_cuda_synchronize(device));
  // The graph's memory does not come from the kept blocks, so they make room for it.
  ST_TRY(st_cuda_empty_cache(device));
  auto *graph = new st_cuda_graph{device};
  st_status status = st_cuda_allocate(device, sizeof(uint64_t), &graph->offset);
  constexpr int relaxed = 2;
  if (status.code == ST_OK) {
    const std::lock_guard guard(device->memory.lock);
    status = ST_DRIVER(device, cuStreamBeginCapture_v2, device->stream, relaxed);
    if (status.code == ST_OK) device->recording.store(graph, std::memory_order_release);
  }
  if (status.code != ST_OK) st_cuda_graph_destroy(graph);
  return status;
}

st_status st_cuda_graph_end(st_cuda_device *device, st_cuda_graph **result) {
  *result = nullptr;
  st_cuda_graph *graph = device->recording.load(std::memory_order_acquire);
  if (!graph) return failed("no graph is being recorded on .cuda(%d)", device->facts.index);
  void *captured = nullptr;
  st_status status = enter(device);
  {
    const std::lock_guard guard(device->memory.lock);
    const int code = device->cu->cuStreamEndCapture(device->stream, &captured);
    device->recording.store(nullptr, std::memory_order_release);
    if (status.code == ST_OK) status = check(device, code, "cuStreamEndCapture");
  }
  // Recording draws nothing.
  if (graph->generator) graph->generator->offset = graph->start;
  // What failed first says more than that the recording is void.
  if (!graph->failure.empty()) status = failed("%s", graph->failure.c_str());
  if (status.code == ST_OK) status = instantiate(graph, captured);
  if (captured && !is_lost(device)) device->cu->cuGraphDestroy(captured);
  if (status.code == ST_OK) {
    *result = graph;
  } else {
    st_cuda_graph_destroy(graph);
  }
  return status;
}

st_status st_cuda_graph_launch(st_cuda_graph *graph) {
  st_cuda_device *device = graph->device;
  ST_TRY(enter(device));
  ST_TRY(refuse_recording(device, "launching a graph"));
  if (st_cuda_generator *generator = graph->generator) {
    if (generator->seed != graph->seed) return failed("the generator was seeded anew after the graph was recorded");
    const uint64_t since = generator->offset - graph->start;
    ST_TRY(upload(device, graph->offset, &since, sizeof since));
    generator->offset += graph->drawn;
  }
  note_launch(device, &graph_kernel());
  ST_TRY(ST_DRIVER(device, cuGraphLaunch, graph->executable, device->stream));
  if (device->synchronous) return ST_DRIVER(device, cuStreamSynchronize, device->stream);
  return {};
}

void st_cuda_graph_destroy(st_cuda_graph *graph) {
  if (!graph) return;
  st_cuda_device *device = graph->device;
  if (graph->executable && !is_lost(device)) {
    st_status status = check(device, device->cu->cuCtxSetCurrent(device->context), "cuCtxSetCurrent");
    if (status.code == ST_OK) status = ST_DRIVER(device, cuGraphExecDestroy, graph->executable);
    keep(device, status);
  }
  st_cuda_free(device, graph->offset, sizeof(uint64_t));
  {
    const std::lock_guard guard(device->memory.lock);
    disown(device, graph);
  }
  delete graph;
}
