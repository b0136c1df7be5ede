#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // the names of registers
#endif
#include "signals.hpp"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ucontext.h>

#include "block.hpp"
#include "memory.hpp"
#include "state.hpp"

namespace st::emulated {
namespace {

constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction previous[32];
thread_local volatile bool catching = false;

// What the signal was, until the kernel has been abandoned.
int caught_signal;
uintptr_t caught_address;
bool has_address;
alignas(64) char landing_stack[262144];

[[noreturn]] void land() {
  if (caught_signal == SIGFPE) abandon_kernel(719, "a division of integers by zero, or one that overflows");
  if (caught_signal == SIGILL) abandon_kernel(715, "an illegal instruction");
  if (!has_address) abandon_kernel(716, "an access that is not aligned, or to an address that no memory can have");
  std::string text = describe_stack_address(caught_address);
  if (!text.empty()) abandon_kernel(714, text);
  abandon_kernel(700, "an access to " + describe_address(caught_address));
}

// Lets the kernel go on at `land` when the handler returns, which restores the signal mask.
void redirect(void *context) {
  const uintptr_t top = reinterpret_cast<uintptr_t>(landing_stack + sizeof landing_stack);
  const uintptr_t target = reinterpret_cast<uintptr_t>(land);
  ucontext_t *interrupted = static_cast<ucontext_t *>(context);
#if defined(__linux__) && defined(__x86_64__)
  interrupted->uc_mcontext.gregs[REG_RIP] = greg_t(target);
  interrupted->uc_mcontext.gregs[REG_RSP] = greg_t(top - 8);
#elif defined(__linux__)
  interrupted->uc_mcontext.pc = target;
  interrupted->uc_mcontext.sp = top;
#elif defined(__x86_64__)
  interrupted->uc_mcontext->__ss.__rip = target;
  interrupted->uc_mcontext->__ss.__rsp = top - 8;
#else
  interrupted->uc_mcontext->__ss.__pc = target;
  interrupted->uc_mcontext->__ss.__sp = top;
#endif
}

// The process is about to end: by the host's own access, if it was one to device memory.
void tell_of_host_access(uintptr_t address) {
  if (!state().mutex.try_lock()) return;
  if (find_allocation(address, 1)) {
    fprintf(stderr, "the host touches device memory: %s\n", describe_address(address).c_str());
  }
  state().mutex.unlock();
}

void handle(int signal, siginfo_t *info, void *context) {
  if (catching && open_for_kernel(reinterpret_cast<uintptr_t>(info->si_addr))) return;
  if (!catching && is_strict()) tell_of_host_access(reinterpret_cast<uintptr_t>(info->si_addr));
  if (catching) {
    catching = false;
    caught_signal = signal;
    caught_address = reinterpret_cast<uintptr_t>(info->si_addr);
#ifdef SI_KERNEL
    has_address = info->si_code != SI_KERNEL && signal != SIGBUS;
#else
    has_address = true;
#endif
    redirect(context);
    return;
  }
  const struct sigaction &other = previous[signal];
  if (other.sa_flags & SA_SIGINFO) {
    other.sa_sigaction(signal, info, context);
  } else if (other.sa_handler != SIG_DFL && other.sa_handler != SIG_IGN) {
    other.sa_handler(signal);
  } else {
    // Comes again, to the default action.
    sigaction(signal, &other, nullptr);
  }
}

// A fiber's stack may be what has overflowed.
struct SignalStack {
  void *memory = nullptr;
  SignalStack() {
    stack_t known;
    if (sigaltstack(nullptr, &known) == 0 && !(known.ss_flags & SS_DISABLE)) return;
    constexpr size_t bytes = 65536;
    memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED) {
      memory = nullptr;
      return;
    }
    stack_t stack = {};
    stack.ss_sp = memory;
    stack.ss_size = bytes;
    sigaltstack(&stack, nullptr);
  }
  ~SignalStack() {
    if (!memory) return;
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    munmap(memory, 65536);
  }
};

}  // namespace

void install_signal_handlers() {
  static const bool installed = [] {
    for (int signal : signals) {
      struct sigaction action = {};
      action.sa_sigaction = handle;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
      sigaction(signal, &action, &previous[signal]);
    }
    return true;
  }();
  (void)installed;
}

void catch_signals(bool on) {
  if (on) {
    install_signal_handlers();
    thread_local SignalStack stack;
    (void)stack;
  }
  catching = on;
}

}  // namespace st::emulated
