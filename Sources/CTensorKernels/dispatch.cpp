#include "dispatch.hpp"

#include <atomic>

#include "CTensorKernels.h"

namespace st {
namespace {

InstructionSet detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512cd");
  if (avx2 && avx512) return InstructionSet::avx512;
  if (avx2) return InstructionSet::avx2;
#endif
  return InstructionSet::baseline;
}

std::atomic<int> detected{-1};

}  // namespace

InstructionSet instruction_set() {
  int known = detected.load(std::memory_order_relaxed);
  if (known < 0) {
    known = int(detect());
    detected.store(known, std::memory_order_relaxed);
  }
  return InstructionSet(known);
}

bool has_bfloat16_dot() {
#if defined(__x86_64__)
  return instruction_set() == InstructionSet::avx512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace st

const char *st_instruction_set(void) {
  switch (st::instruction_set()) {
    case st::InstructionSet::avx512: return "avx512";
    case st::InstructionSet::avx2: return "avx2";
    case st::InstructionSet::baseline: break;
  }
#if defined(__aarch64__)
  return "neon";
#else
  return "baseline";
#endif
}
