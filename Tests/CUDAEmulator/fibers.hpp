// Contexts of execution that switch by hand.
#ifndef ST_EMULATED_FIBERS_HPP
#define ST_EMULATED_FIBERS_HPP

#include <stddef.h>
#include <stdint.h>

namespace st::emulated {

struct Fiber {
  void *stack_pointer;
  char *stack;  // the lowest address that it may use
  char *top;
};

// A fiber that runs `body`, which never returns, when it is switched to; its stack has a guard page below.
void make_fiber(Fiber &fiber, void (*body)());
// Makes it as it was after make_fiber, whatever it did.
void reset_fiber(Fiber &fiber, void (*body)());
// The fiber whose guard page holds the address: its stack has overflowed.
bool is_below_stack(const Fiber &fiber, uintptr_t address);

// Saves the context of the caller in *from, and goes on at `to`.
extern "C" void st_emulated_switch(void **from, void *to);

}  // namespace st::emulated

#endif
