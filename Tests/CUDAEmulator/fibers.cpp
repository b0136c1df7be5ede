#include "fibers.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __APPLE__
#define ST_SYMBOL(name) "_" name
#else
#define ST_SYMBOL(name) name
#endif

// The registers that a call must keep go onto the stack, and the stack pointer is what a context is.
#if defined(__x86_64__)
asm(".text\n"
    ".balign 16\n"
    ".globl " ST_SYMBOL("st_emulated_switch") "\n" ST_SYMBOL("st_emulated_switch") ":\n"
    "  pushq %rbp\n"
    "  pushq %rbx\n"
    "  pushq %r12\n"
    "  pushq %r13\n"
    "  pushq %r14\n"
    "  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n"
    "  popq %r14\n"
    "  popq %r13\n"
    "  popq %r12\n"
    "  popq %rbx\n"
    "  popq %rbp\n"
    "  retq\n");
#elif defined(__aarch64__)
asm(".text\n"
    ".balign 16\n"
    ".globl " ST_SYMBOL("st_emulated_switch") "\n" ST_SYMBOL("st_emulated_switch") ":\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp, #0]\n"
    "  stp x21, x22, [sp, #16]\n"
    "  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n"
    "  stp x27, x28, [sp, #64]\n"
    "  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n"
    "  stp d10, d11, [sp, #112]\n"
    "  stp d12, d13, [sp, #128]\n"
    "  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n"
    "  str x9, [x0]\n"
    "  mov sp, x1\n"
    "  ldp x19, x20, [sp, #0]\n"
    "  ldp x21, x22, [sp, #16]\n"
    "  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n"
    "  ldp x27, x28, [sp, #64]\n"
    "  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n"
    "  ldp d10, d11, [sp, #112]\n"
    "  ldp d12, d13, [sp, #128]\n"
    "  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n");
#else
#error "the emulated driver has no context switch for this processor"
#endif

namespace st::emulated {
namespace {

constexpr size_t guard_bytes = 65536;  // whole pages, on every system
constexpr size_t stack_bytes = 262144;
// Stacks that begin at the same offset would share few sets of the caches.
constexpr size_t stagger = 64 * 7, staggers = 73;

}  // namespace

void make_fiber(Fiber &fiber, void (*body)()) {
  static size_t made = 0;
  const size_t bytes = guard_bytes + stack_bytes;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, guard_bytes, PROT_NONE) != 0) {
    perror("the emulated driver has no memory for a stack");
    abort();
  }
  fiber.stack = static_cast<char *>(memory) + guard_bytes;
  fiber.top = fiber.stack + stack_bytes - made++ % staggers * stagger;
  reset_fiber(fiber, body);
}

void reset_fiber(Fiber &fiber, void (*body)()) {
  uintptr_t *top = reinterpret_cast<uintptr_t *>(reinterpret_cast<uintptr_t>(fiber.top) & ~uintptr_t(63));
#if defined(__x86_64__)
  // As if `body` had been called: above its return address the stack is a multiple of 16.
  uintptr_t *pointer = top - 2 - 6;
  for (int i = 0; i < 6; i++) pointer[i] = 0;
  pointer[6] = reinterpret_cast<uintptr_t>(body);
  pointer[7] = 0;
#else
  uintptr_t *pointer = top - 20;
  for (int i = 0; i < 20; i++) pointer[i] = 0;
  pointer[11] = reinterpret_cast<uintptr_t>(body);
#endif
  fiber.stack_pointer = pointer;
}

bool is_below_stack(const Fiber &fiber, uintptr_t address) {
  const uintptr_t lowest = reinterpret_cast<uintptr_t>(fiber.stack);
  return address < lowest && address >= lowest - guard_bytes;
}

}  // namespace st::emulated
