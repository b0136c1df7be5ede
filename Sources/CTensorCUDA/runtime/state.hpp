// A device's insides, for the files of this folder.
#ifndef ST_CUDA_RUNTIME_STATE_HPP
#define ST_CUDA_RUNTIME_STATE_HPP

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "device.hpp"
#include "functions.hpp"

namespace st::cuda {

// A compiled kernel on one device; what Slot::functions points to. It lives as long as the process.
struct Kernel {
  void *function = nullptr;
  std::string name;                             // its instantiation, for texts
  std::atomic<unsigned> shared_limit{48 << 10};  // the dynamic shared memory that it may use
};

// What went wrong and was not said yet.
struct Trouble {
  std::atomic<bool> any{false};
  std::mutex lock;
  std::string fatal;  // the device is lost: every later call answers this
  std::string kept;   // raised once, by the next call that can fail
};

// The last kernels launched, for the text of a failure that the driver reports later.
struct Launches {
  static constexpr unsigned remembered = 4;
  std::atomic<uint64_t> count{0};
  std::atomic<const Kernel *> last[remembered] = {};
};

struct Memory {
  std::mutex lock;
  bool caching = true;
  bool pooled = false;  // the driver allocates in the order of a stream
  void *pool = nullptr;
  struct FreeBlocks {
    size_t bytes = 0;  // of each
    std::vector<void *> addresses;
  };
  std::vector<FreeBlocks> kept;  // by size class
  size_t kept_bytes = 0;
  std::unordered_set<void *> unordered;  // without caching: blocks of recordings, which are not the pool's
  size_t allocated = 0, max_allocated = 0, reserved = 0, max_reserved = 0;
  // The blocks that belong to graphs. `idle` ones are used by no tensor.
  struct Owned {
    st_cuda_graph *graph;
    size_t bytes;
    bool idle;
  };
  std::unordered_map<void *, Owned> owned;
};

// Page-locked memory, used round and round in segments; an event tells when the copies of a segment are done.
struct Ring {
  static constexpr int segments = 4;
  static constexpr size_t segment_bytes = size_t(4) << 20;
  std::mutex lock;
  unsigned char *memory = nullptr;
  void *events[segments] = {};
  bool pending[segments] = {};
  int current = 0;
  size_t used = 0;
};

struct Faults {
  static constexpr uint32_t remembered = 4096;
  // An operation whose kernels may report; `tag` is its number.
  struct Operation {
    std::atomic<const char *> name{nullptr};
    std::atomic<uint64_t> dims{0};  // 8 signed bytes
    std::atomic<int32_t> count{0};
    std::atomic<uint64_t> scope{0};
    std::atomic<int32_t> tag{-1};
  };
  std::mutex lock;
  Fault *host = nullptr, *device = nullptr;
  std::atomic<uint32_t> next{0};
  std::atomic<int32_t> undelivered{0};  // taken, but not yet with whom they belong to
  Operation operations[remembered];
};

// Kernels that were compiled, and read from the disk's cache.
struct Totals {
  std::atomic<uint64_t> compiled{0}, loaded{0};
};

}  // namespace st::cuda

struct st_cuda_device {
  st::cuda::DeviceFacts facts = {};
  const st::cuda::Functions *cu = nullptr;
  void *context = nullptr;
  void *stream = nullptr;
  void *order = nullptr;  // an event, for the order between devices
  int number = 0;         // the driver's
  bool synchronous = false;
  std::atomic<st_cuda_graph *> recording{nullptr};
  st_cuda_properties properties = {};
  st::cuda::Trouble trouble;
  st::cuda::Launches launches;
  st::cuda::Memory memory;
  st::cuda::Ring uploads, downloads;
  st::cuda::Faults faults;
  st::cuda::Totals totals;
};

namespace st::cuda {

// ---- errors.cpp

// Answers the failure of a driver's or NVRTC's call, with a text; codes that end the context lose the device.
st_status call_failed(st_cuda_device *device, int code, const char *call, const char *detail = "");
inline st_status check(st_cuda_device *device, int code, const char *call) {
  return __builtin_expect(code == 0, 1) ? st_status{} : call_failed(device, code, call);
}
#define ST_DRIVER(device, name, ...) ::st::cuda::check(device, (device)->cu->name(__VA_ARGS__), #name)
#define ST_TRY(...)                                                 \
  do {                                                              \
    const st_status status_ = (__VA_ARGS__);                        \
    if (__builtin_expect(status_.code != ST_OK, 0)) return status_; \
  } while (0)

// Raises what is waiting to be raised; a lost device fails each time.
st_status raise(st_cuda_device *device);
bool is_lost(st_cuda_device *device);
// Keeps the calling thread's failure for the next call that can fail.
void keep(st_cuda_device *device, st_status status);
// Fails while a graph is recorded, naming the function that cannot be.
st_status refuse_recording(st_cuda_device *device, const char *what);
const std::string &error_text();

// What every function begins with that calls the driver: raises troubles and makes the context current.
inline st_status enter(st_cuda_device *device) {
  if (__builtin_expect(device->trouble.any.load(std::memory_order_relaxed), 0)) ST_TRY(raise(device));
  return ST_DRIVER(device, cuCtxSetCurrent, device->context);
}

// ---- memory.cpp

void open_free_blocks(Memory &memory);
// Gives the kept blocks back to the driver. The caller holds the memory's lock; waits.
st_status release_kept(st_cuda_device *device);
// The graph's blocks become ordinary ones; the lock is held.
void disown(st_cuda_device *device, st_cuda_graph *graph);

// ---- faults.cpp

st_status open_faults(st_cuda_device *device);
// Answers, once, what a kernel reported.
st_status take_fault(st_cuda_device *device);

// ---- staging.cpp

// Copies from the host in the order of the stream; `source` may change afterwards. The context is current.
st_status upload(st_cuda_device *device, void *target, const void *source, size_t bytes);

// ---- launch.cpp

void note_launch(st_cuda_device *device, const Kernel *kernel);

// ---- graph.cpp

// Remembers the first failure of a recording.
void note_failure(st_cuda_graph *graph, const std::string &text);

}  // namespace st::cuda

#endif
