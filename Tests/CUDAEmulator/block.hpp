// Runs kernels, block after block.
#ifndef ST_EMULATED_BLOCK_HPP
#define ST_EMULATED_BLOCK_HPP

#include <string>

#include "emulated_dialect.hpp"
#include "include/CUDAEmulator.h"
#include "registry.hpp"

namespace st::emulated {

inline constexpr unsigned most_threads = 1024;
inline constexpr size_t most_shared_bytes = 227 * 1024;

struct Launch {
  Kernel kernel;
  const char *name;
  const void *parameters;
  Index blocks, threads;
  size_t shared_bytes;
  uint32_t devices;  // whose memory it may access, as bits
};

// Runs a kernel to its end; answers 0, or what it failed with, and then says in `fault` what it met. One at a time: the
// caller holds the emulator's lock.
int run_kernel(const Launch &launch, st_emulator_schedule schedule, std::string &fault);

// Where a kernel goes on after a signal: on a stack of its own, to end the kernel with this code and text.
[[noreturn]] void abandon_kernel(int code, std::string text);
// Lets the running kernel access what is hidden at the address; false when nothing is.
bool open_for_kernel(uintptr_t address);
// "the stack of a thread has overflowed", or nothing
std::string describe_stack_address(uintptr_t address);

}  // namespace st::emulated

#endif
