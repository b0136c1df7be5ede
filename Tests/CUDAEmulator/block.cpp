#include "block.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "fibers.hpp"
#include "memory.hpp"
#include "signals.hpp"

st::emulated::Index threadIdx, blockIdx, blockDim, gridDim;

namespace st::emulated {

unsigned char *dynamic_shared;
unsigned lane;

namespace {

enum class Waiting : uint8_t { for_nothing, for_block, for_warp };

struct Thread {
  Index index;
  uint16_t warp, lane;
  Waiting waiting;
  Fiber *fiber;
};

struct Warp {
  uint32_t alive, arrived;  // lanes
  uint32_t masks[32];
  Exchange exchanges[32];
  uint8_t sources[32];
  uint64_t bits[32], results[32];
};

// The running block. Threads start on an idle fiber, and keep it while they wait. Those that may go on stand in a ring;
// others start only when it is empty.
Launch launch;
Thread threads[most_threads];
Warp warps[most_threads / 32];
Thread *current;
unsigned count, started, alive;
unsigned waiting_for_block, came_with_true, last_came_with_true;
uint16_t order[most_threads];
uint16_t ready[most_threads];
unsigned ready_head, ready_tail;

// Never destroyed: threads may still run when the process ends.
auto &fibers = *new std::vector<std::unique_ptr<Fiber>>;
auto &idle = *new std::vector<Fiber *>;
Fiber *entered;
void *main_context;

st_emulator_schedule schedule;
uint32_t random_state = 1;
Index prepared_shape;
st_emulator_schedule prepared_schedule;

int fault_code;
auto &fault_text = *new std::string;

uint32_t random_number() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

void fiber_body();

Fiber *take_fiber() {
  if (idle.empty()) {
    fibers.push_back(std::make_unique<Fiber>());
    make_fiber(*fibers.back(), fiber_body);
    idle.push_back(fibers.back().get());
  }
  Fiber *fiber = idle.back();
  idle.pop_back();
  return fiber;
}

void enter(Fiber *fiber, void **from) {
  entered = fiber;
  st_emulated_switch(from, fiber->stack_pointer);
}

void make_current(Thread &thread) {
  current = &thread;
  threadIdx = thread.index;
  lane = thread.lane;
}

void make_ready(unsigned thread) {
  threads[thread].waiting = Waiting::for_nothing;
  ready[ready_tail++ % most_threads] = uint16_t(thread);
}

Thread &take_ready() { return threads[ready[ready_head++ % most_threads]]; }

std::string text_of(const Index &index) {
  char text[64];
  snprintf(text, sizeof text, "(%u, %u, %u)", index.x, index.y, index.z);
  return text;
}

[[noreturn]] void report_deadlock() {
  std::string text = "its threads wait for each other: " + std::to_string(waiting_for_block) + " of " +
                     std::to_string(alive) + " at __syncthreads";
  for (unsigned i = 0; i < count; i++) {
    if (threads[i].waiting != Waiting::for_warp) continue;
    const Warp &warp = warps[threads[i].warp];
    const unsigned mask = warp.masks[threads[i].lane];
    char detail[128];
    const unsigned missing = mask & warp.alive & ~warp.arrived;
    snprintf(detail, sizeof detail, ", mask %#x, which lanes %#x have not reached", mask, missing);
    text += "; thread " + text_of(threads[i].index) + " in an exchange of its warp" + detail;
    break;
  }
  abandon_kernel(719, text);
}

// Runs others until the current thread may go on.
void pause() {
  Thread &self = *current;
  if (ready_head != ready_tail) {
    Thread &next = take_ready();
    if (&next == &self) return;
    make_current(next);
    st_emulated_switch(&self.fiber->stack_pointer, next.fiber->stack_pointer);
  } else if (started < count) {
    enter(take_fiber(), &self.fiber->stack_pointer);
  } else {
    report_deadlock();
  }
}

void release_block() {
  last_came_with_true = came_with_true;
  came_with_true = waiting_for_block = 0;
  const unsigned first = schedule == ST_EMULATOR_SHUFFLED ? random_number() % count : 0;
  for (unsigned i = 0; i < count; i++) {
    const unsigned at = first + i;
    const unsigned thread = order[at < count ? at : at - count];
    if (threads[thread].waiting == Waiting::for_block) make_ready(thread);
  }
}

// Completes the exchange of the lanes in `mask` when all that are left have come.
void try_exchange(Warp &warp, unsigned first_thread, unsigned mask, Exchange what) {
  const unsigned lanes = mask & warp.alive;
  if ((warp.arrived & lanes) != lanes) return;
  for (unsigned rest = lanes; rest; rest &= rest - 1) {
    const int i = __builtin_ctz(rest);
    if (warp.masks[i] != mask) trap("lanes of a warp exchange with masks that differ");
    if (warp.exchanges[i] != what) trap("lanes of a warp meet in different exchanges");
  }
  unsigned ballot = 0;
  if (what == Exchange::ballot) {
    for (unsigned rest = lanes; rest; rest &= rest - 1) {
      const int i = __builtin_ctz(rest);
      if (warp.bits[i]) ballot |= 1u << i;
    }
  }
  for (unsigned rest = lanes; rest; rest &= rest - 1) {
    const int i = __builtin_ctz(rest);
    if (what == Exchange::value) {
      // What a lane that is not there would give is undefined.
      const unsigned source = warp.sources[i];
      warp.results[i] = lanes >> source & 1 ? warp.bits[source] : 0xcbcbcbcbcbcbcbcbu;
    } else if (what == Exchange::ballot) {
      warp.results[i] = ballot;
    } else if (what == Exchange::equal) {
      unsigned equal = 0;
      for (unsigned others = lanes; others; others &= others - 1) {
        const int other = __builtin_ctz(others);
        if (warp.bits[other] == warp.bits[i]) equal |= 1u << other;
      }
      warp.results[i] = equal;
    }
  }
  warp.arrived &= ~lanes;
  unsigned flip = 0;
  if (schedule == ST_EMULATOR_REVERSE) flip = 31;
  if (schedule == ST_EMULATOR_SHUFFLED) flip = random_number() & 31;
  for (unsigned i = 0; i < 32; i++) {
    if (lanes >> (i ^ flip) & 1) make_ready(first_thread + (i ^ flip));
  }
}

void end_thread() {
  alive--;
  Warp &warp = warps[current->warp];
  warp.alive &= ~(1u << current->lane);
  if (alive != 0 && waiting_for_block == alive) release_block();
  for (unsigned rest = warp.arrived; rest; rest &= rest - 1) {
    const int i = __builtin_ctz(rest);
    if (warp.arrived >> i & 1) try_exchange(warp, current->warp * 32u, warp.masks[i], warp.exchanges[i]);
  }
}

// A fiber that no thread waits on: starts one after the other, until one of them waits.
void fiber_body() {
  Fiber *self = entered;
  for (;;) {
    if (ready_head != ready_tail) {
      Thread &next = take_ready();
      make_current(next);
      idle.push_back(self);
      st_emulated_switch(&self->stack_pointer, next.fiber->stack_pointer);
    } else if (started < count) {
      Thread &next = threads[order[started++]];
      next.fiber = self;
      make_current(next);
      launch.kernel(launch.parameters);
      end_thread();
    } else if (alive == 0) {
      idle.push_back(self);
      st_emulated_switch(&self->stack_pointer, main_context);
    } else {
      report_deadlock();
    }
  }
}

// The threads of a block and their order, when they are other than the last launch's.
void prepare_threads() {
  const Index &shape = launch.threads;
  count = shape.x * shape.y * shape.z;
  if (memcmp(&shape, &prepared_shape, sizeof shape) == 0 && schedule == prepared_schedule) return;
  prepared_shape = shape;
  prepared_schedule = schedule;
  for (unsigned i = 0; i < count; i++) {
    threads[i] = Thread{{i % shape.x, i / shape.x % shape.y, i / (shape.x * shape.y)},
                        uint16_t(i / 32), uint16_t(i % 32), Waiting::for_nothing, nullptr};
    order[i] = uint16_t(schedule == ST_EMULATOR_REVERSE ? count - 1 - i : i);
  }
}

void run_block() {
  started = 0;
  alive = count;
  waiting_for_block = came_with_true = 0;
  ready_head = ready_tail = 0;
  for (unsigned i = 0; i < count; i += 32) {
    warps[i / 32].alive = count - i >= 32 ? 0xffffffffu : (1u << (count - i)) - 1;
    warps[i / 32].arrived = 0;
  }
  if (schedule == ST_EMULATOR_SHUFFLED) {
    for (unsigned i = count; i > 1; i--) std::swap(order[i - 1], order[random_number() % i]);
  }
  if (launch.shared_bytes) memset(dynamic_shared, 0xcb, launch.shared_bytes);
  enter(take_fiber(), &main_context);
}

#ifdef __ELF__
extern "C" char __start_st_shared[] __attribute__((weak)), __stop_st_shared[] __attribute__((weak));

// What shared arrays hold before they are written is undefined.
void fill_shared_arrays() {
  if (__start_st_shared) memset(__start_st_shared, 0xcb, size_t(__stop_st_shared - __start_st_shared));
}
#else
void fill_shared_arrays() {}
#endif

// Dynamic shared memory ends where a guard page begins.
void prepare_shared() {
  constexpr size_t page = 65536, bytes = (most_shared_bytes + page - 1) / page * page;
  static unsigned char *const memory = [] {
    void *memory = mmap(nullptr, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED || mprotect(static_cast<char *>(memory) + bytes, page, PROT_NONE) != 0) {
      perror("the emulated driver has no shared memory");
      abort();
    }
    return static_cast<unsigned char *>(memory);
  }();
  dynamic_shared = memory + bytes - (launch.shared_bytes + 15) / 16 * 16;
}

}  // namespace

uint64_t exchange(Exchange what, unsigned mask, uint64_t bits, unsigned source) {
  Thread &self = *current;
  Warp &warp = warps[self.warp];
  if (!(mask >> self.lane & 1)) trap("a thread exchanges with a mask that does not name it");
  warp.masks[self.lane] = mask;
  warp.exchanges[self.lane] = what;
  warp.bits[self.lane] = bits;
  warp.sources[self.lane] = uint8_t(source);
  warp.arrived |= 1u << self.lane;
  self.waiting = Waiting::for_warp;
  try_exchange(warp, self.warp * 32u, mask, what);
  pause();
  return warp.results[self.lane];
}

unsigned synchronize_block(bool value) {
  current->waiting = Waiting::for_block;
  came_with_true += value;
  if (++waiting_for_block == alive) release_block();
  pause();
  return last_came_with_true;
}

void trap(const char *reason) { abandon_kernel(719, reason); }

void abandon_kernel(int code, std::string text) {
  fault_code = code;
  fault_text = std::string(launch.name) + ": " + text + "; block " + text_of(blockIdx) + " of " + text_of(gridDim) +
               ", thread " + text_of(threadIdx) + " of " + text_of(blockDim);
  text.clear();
  text.shrink_to_fit();
  void *unused;
  st_emulated_switch(&unused, main_context);
  __builtin_unreachable();
}

bool open_for_kernel(uintptr_t address) { return open_hidden(address, launch.devices); }

std::string describe_stack_address(uintptr_t address) {
  for (const auto &fiber : fibers) {
    if (is_below_stack(*fiber, address)) return "the stack of a thread has overflowed";
  }
  return "";
}

int run_kernel(const Launch &new_launch, st_emulator_schedule new_schedule, std::string &fault) {
  launch = new_launch;
  schedule = new_schedule;
  prepare_threads();
  prepare_shared();
  blockDim = launch.threads;
  gridDim = launch.blocks;
  fault_code = 0;
  const uint64_t blocks = uint64_t(gridDim.x) * gridDim.y * gridDim.z;
  uint64_t step = 1, at = 0;
  if (schedule == ST_EMULATOR_REVERSE) step = blocks - 1, at = blocks - 1;
  if (schedule == ST_EMULATOR_SHUFFLED) {
    do step = 1 + random_number() % blocks; while (std::gcd(step, blocks) != 1);
    at = random_number() % blocks;
  }
  if (is_strict()) fill_shared_arrays();
  catch_signals(true);
  for (uint64_t i = 0; i < blocks && fault_code == 0; i++) {
    blockIdx = Index{unsigned(at % gridDim.x), unsigned(at / gridDim.x % gridDim.y),
                     unsigned(at / (uint64_t(gridDim.x) * gridDim.y))};
    run_block();
    at = (at + step) % blocks;
  }
  catch_signals(false);
  close_hidden();
  if (fault_code != 0) {
    idle.clear();
    for (const auto &fiber : fibers) {
      reset_fiber(*fiber, fiber_body);
      idle.push_back(fiber.get());
    }
    prepared_shape = Index{};
    fault = std::move(fault_text);
  }
  return fault_code;
}

}  // namespace st::emulated
