// What the emulated driver keeps, all of it behind one lock.
#ifndef ST_EMULATED_STATE_HPP
#define ST_EMULATED_STATE_HPP

#include <stdint.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "include/CUDAEmulator.h"
#include "memory.hpp"
#include "registry.hpp"

namespace st::emulated {

// CUresult.
enum Result : int {
  success = 0,
  invalid_value = 1,
  out_of_memory = 2,
  not_initialized = 3,
  no_device = 100,
  invalid_device = 101,
  invalid_image = 200,
  invalid_context = 201,
  no_binary_for_gpu = 209,
  invalid_handle = 400,
  not_found = 500,
  not_ready = 600,
  illegal_address = 700,
  peer_access_already_enabled = 704,
  launch_failed = 719,
  not_permitted = 800,
  capture_unsupported = 900,
  capture_invalidated = 901,
  capture_unmatched = 903,
  capture_unjoined = 904,
  capture_implicit = 906,
  captured_event = 907,
  capture_wrong_thread = 908,
  graph_update_failed = 910
};
// Whether later calls on the device fail too.
bool is_sticky(int code);

inline constexpr int most_devices = 16;

struct Device;
struct Stream;

// What handles point to. They are never freed, so that a handle that was destroyed is known as such.
struct Object {
  enum Kind : uint32_t { none, stream, event, module, function, graph, graph_launcher, pool, destroyed };
  Kind kind;
  Device *device;
};

// What a stream is given.
struct Work {
  enum Kind { launch, copy, fill, allocation, free, product, host, record, wait, graph };
  Kind kind;
  const void *identity;  // the kernel's function: what a graph's update must keep
  std::function<void()> run;
};

struct Stream : Object {
  std::deque<Work> queue;
  uint64_t issued = 0, completed = 0;
  bool busy = false;         // a callback of the host runs, without the lock
  Graph *capture = nullptr;  // what its work is recorded in, instead of being run
};

struct Event : Object {
  bool has_timing = true;
  Stream *stream = nullptr;  // where it was recorded last
  uint64_t sequence = 0;     // done when the stream has completed so much
  double milliseconds = 0;
  Graph *capture = nullptr;
};

struct Function : Object {
  std::string name;
  const Instance *instance;
  int shared_limit = 48 * 1024;
};

struct Module : Object {
  std::vector<Function *> functions;
};

// Memory that a capture allocated: it lives as long as the graph or what was made of it.
struct GraphMemory {
  std::vector<uintptr_t> addresses;
  ~GraphMemory();
};

struct Graph : Object {
  std::vector<Work> works;
  std::shared_ptr<GraphMemory> memory = std::make_shared<GraphMemory>();
  std::vector<Stream *> streams;  // that record into it, the first began it
  int mode = 0;
  const void *thread = nullptr;  // that began it
  bool invalid = false;
};

// A graph that can be launched.
struct GraphLauncher : Object {
  std::vector<Work> works;
  std::shared_ptr<GraphMemory> memory;
};

struct Pool : Object {
  uint64_t attributes[16] = {};
};

struct Device {
  int index;
  int failed = 0;  // the error that stays
  int retained = 0;
  size_t live_bytes = 0, pooled_bytes = 0;
  uint32_t peers = 0;
  Stream default_stream;
  Pool pool;
};

struct State {
  std::mutex mutex;
  bool initialized = false;
  bool lazy = false;
  st_emulator_schedule schedule = ST_EMULATOR_FORWARD;
  int device_count = 2;
  Device devices[most_devices];
  size_t capacity = size_t(143771) << 20;
  int failing_allocations_after = 0, failing_allocations = 0;
  int injected_error = 0;
  std::string last_fault;
  st_emulator_counters counters = {};
  std::vector<Stream *> streams;
  std::vector<Graph *> captures;
};
State &state();

// A call: holds the lock, knows the current device, and has failed when there is none, or it has an error that stays.
struct Call {
  enum Needs { nothing, initialization, context };
  explicit Call(Needs needs = context);
  std::unique_lock<std::mutex> lock;
  Device *device = nullptr;
  int error = success;
};
extern thread_local Device *current_device;
extern thread_local int capture_mode;  // how the thread looks at captures of others

template <class T>
T *as(void *handle, Object::Kind kind) {
  Object *object = static_cast<Object *>(handle);
  return object && object->kind == kind ? static_cast<T *>(object) : nullptr;
}

// The stream of a handle; null when it is none, or not of the call's device.
Stream *stream_of(const Call &call, void *handle);

// Runs the stream's work until it has completed `sequence`.
void complete(Stream &stream, uint64_t sequence);
inline void complete(Stream &stream) { complete(stream, stream.issued); }
void complete_all(const Device &device);
// Lets the device fail from now on.
void fail(Device &device, int code, const std::string &fault);
// Refuses what is not safe while a stream is captured; 0 when no capture forbids it.
int refuse_in_capture();
void invalidate(Graph &graph);
// The error that the next launch is to fail with, once; or 0.
int take_injected_error();
double now_in_milliseconds();

// `now` does the work; `later()` makes a function that does it at any time, with all that it needs.
template <class Now, class Later>
int submit(Stream &stream, Work::Kind kind, const void *identity, const Now &now, const Later &later) {
  if (stream.capture) {
    if (stream.capture->invalid) return capture_invalidated;
    stream.capture->works.push_back(Work{kind, identity, later()});
    return success;
  }
  constexpr size_t most_waiting = 4096;
  stream.issued++;
  const bool lazy = state().lazy;
  if (!lazy && stream.queue.empty() && !stream.busy) {
    now();
    stream.completed++;
    return success;
  }
  stream.queue.push_back(Work{kind, identity, later()});
  if (!stream.busy && (!lazy || stream.queue.size() > most_waiting)) complete(stream);
  return success;
}

// One entry point, by the name that libraries export.
struct Symbol {
  const char *name;
  void *address;
};
#define ST_SYMBOL(function) \
  Symbol { #function, reinterpret_cast<void *>(function) }
using Symbols = std::vector<Symbol>;
Symbols device_symbols(), memory_symbols(), copy_symbols(), stream_symbols(), module_symbols(), graph_symbols(),
    nvrtc_symbols(), cublaslt_symbols(), cudnn_symbols();

}  // namespace st::emulated

#endif
