#include "threads.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "CTensorKernels.h"

namespace st {
namespace {

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One job at a time. `ticket` holds the job's number in its high half and how many parts were claimed in its low half:
// by the caller, from the first on, and by helpers, from the last on, so that each finds in its own cache what it wrote
// an operation ago. A helper claims by compare-and-swap, so one that wakes late can never take part in a job that has
// ended. The other fields change only between jobs; a successful claim proves that those read before it belong to the
// claimed job.
// Nothing here is destroyed at exit: helpers are detached and end with the process.
struct Pool {
  std::atomic<uint64_t> ticket{0};
  std::atomic<uint32_t> parts{0};
  std::atomic<uint32_t> finished{0};
  std::atomic<intptr_t> count{0};
  std::atomic<intptr_t> grain{1};
  std::atomic<intptr_t> together{1};  // chunks of a part
  std::atomic<ChunkBody> body{nullptr};
  std::atomic<void *> context{nullptr};
  std::atomic<bool> busy{false};
  std::atomic<int32_t> limit{0};    // threads that may work, the caller included; 0: not decided yet
  std::atomic<int32_t> helpers{0};  // started
  std::atomic<int32_t> sleeping{0};
  std::atomic<int32_t> wake{0};
};

Pool pool;
thread_local bool inside = false;
constexpr int waits = 1500;    // some 30 microseconds, after which a helper may have lost its processor
constexpr int spins = 10000;  // some 200 microseconds: operations often follow one another, and to be woken takes long

void run_serially(intptr_t begin, intptr_t end, intptr_t grain, ChunkBody body, void *context) {
  for (; begin < end; begin += grain) body(context, begin, std::min(begin + grain, end));
}

// How many parts are claimed, from the first on and from the last on.
struct Claims {
  uint32_t first, last;
  explicit Claims(uint64_t ticket) : first(ticket & 0xffff), last(ticket >> 16 & 0xffff) {}
  uint32_t count() const { return first + last; }
};
constexpr uint64_t by_caller = 1, by_helper = 1 << 16;
constexpr intptr_t most_parts = 0xffff;

// Claims and runs parts of the current job until none is left; returns whether it ran any.
bool work(uint64_t claim) {
  bool worked = false;
  uint64_t ticket = pool.ticket.load(std::memory_order_acquire);
  for (;;) {
    const Claims claims(ticket);
    const uint32_t parts = pool.parts.load(std::memory_order_relaxed);
    if (claims.count() >= parts) return worked;
    const intptr_t part = claim == by_caller ? claims.first : parts - 1 - claims.last;
    const intptr_t count = pool.count.load(std::memory_order_relaxed);
    const intptr_t grain = pool.grain.load(std::memory_order_relaxed);
    const intptr_t together = pool.together.load(std::memory_order_relaxed);
    const ChunkBody body = pool.body.load(std::memory_order_relaxed);
    void *const context = pool.context.load(std::memory_order_relaxed);
    if (!pool.ticket.compare_exchange_weak(ticket, ticket + claim, std::memory_order_acq_rel)) continue;
    run_serially(part * together * grain, std::min(count, (part + 1) * together * grain), grain, body, context);
    pool.finished.fetch_add(1, std::memory_order_release);
    worked = true;
    ticket = pool.ticket.load(std::memory_order_acquire);
  }
}

bool has_work() {
  uint64_t ticket = pool.ticket.load(std::memory_order_seq_cst);
  return Claims(ticket).count() < pool.parts.load(std::memory_order_relaxed);
}

void *helper(void *argument) {
  inside = true;
  intptr_t index = reinterpret_cast<intptr_t>(argument);
  for (;;) {
    bool allowed = index < pool.limit.load(std::memory_order_relaxed);
    for (int i = 0; allowed && i < spins; i++) {
      if (work(by_helper)) i = 0;
      pause();
    }
    int32_t seen = pool.wake.load(std::memory_order_seq_cst);
    pool.sleeping.fetch_add(1, std::memory_order_seq_cst);
    if (!allowed || !has_work()) pool.wake.wait(seen, std::memory_order_seq_cst);
    pool.sleeping.fetch_sub(1, std::memory_order_seq_cst);
  }
  return nullptr;
}

// A forked child has the caller's thread only.
void after_fork() {
  pool.busy.store(false);
  pool.helpers.store(0);
  pool.sleeping.store(0);
  pool.parts.store(0);
}

int32_t thread_limit() {
  int32_t limit = pool.limit.load(std::memory_order_relaxed);
  if (limit != 0) return limit;
  int32_t hardware = int32_t(std::thread::hardware_concurrency());
  int32_t undecided = 0;
  pool.limit.compare_exchange_strong(undecided, hardware > 0 ? hardware : 1);
  return pool.limit.load();
}

// Called with `busy` held.
void start_helpers(int32_t wanted) {
  int32_t started = pool.helpers.load(std::memory_order_relaxed);
  if (started >= wanted) return;
  static bool registered = (pthread_atfork(nullptr, nullptr, after_fork), true);
  (void)registered;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, size_t(2) << 20);
  while (started < wanted) {
    pthread_t thread;
    void *index = reinterpret_cast<void *>(intptr_t(started + 1));
    if (pthread_create(&thread, &attributes, helper, index) != 0) break;
    started++;
  }
  pthread_attr_destroy(&attributes);
  pool.helpers.store(started, std::memory_order_relaxed);
}

}  // namespace

void run_chunks(intptr_t count, intptr_t grain, ChunkBody body, void *context) {
  const intptr_t chunks = count / grain + (count % grain != 0), together = (chunks - 1) / most_parts + 1;
  const auto parts = static_cast<uint32_t>((chunks - 1) / together + 1);
  int32_t limit = inside || chunks < 2 ? 1 : thread_limit();
  if (limit < 2 || pool.busy.exchange(true, std::memory_order_acquire)) {
    run_serially(0, count, grain, body, context);
    return;
  }
  start_helpers(limit - 1);
  // Every earlier job has ended, but a late helper may still look at its fields: it must not see the new number of
  // parts with the old ticket, so the ticket moves to an exhausted one first.
  uint64_t number = (pool.ticket.load(std::memory_order_relaxed) >> 32) + 1;
  pool.ticket.store(number << 32 | UINT32_MAX, std::memory_order_seq_cst);
  pool.parts.store(parts, std::memory_order_relaxed);
  pool.finished.store(0, std::memory_order_relaxed);
  pool.count.store(count, std::memory_order_relaxed);
  pool.grain.store(grain, std::memory_order_relaxed);
  pool.together.store(together, std::memory_order_relaxed);
  pool.body.store(body, std::memory_order_relaxed);
  pool.context.store(context, std::memory_order_relaxed);
  pool.ticket.store((number + 1) << 32, std::memory_order_seq_cst);
  if (pool.sleeping.load(std::memory_order_seq_cst) > 0) {
    pool.wake.fetch_add(1, std::memory_order_seq_cst);
    pool.wake.notify_all();
  }
  inside = true;
  work(by_caller);
  inside = false;
  // Only helpers that have claimed a part are waited for.
  for (int i = 0; pool.finished.load(std::memory_order_acquire) != parts; i++) {
    if (i < waits) {
      pause();
    } else {
      sched_yield();
    }
  }
  pool.busy.store(false, std::memory_order_release);
}

}  // namespace st

void st_set_threads(int32_t count) { st::pool.limit.store(count < 1 ? 1 : count); }

int32_t st_threads(void) { return st::thread_limit(); }

void **st_thread_slot(void) {
  static thread_local void *slot = nullptr;
  return &slot;
}
