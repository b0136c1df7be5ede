// Which processor the kernels run on. A file of kernels is compiled once for each instruction set:
//
//   #define ST_KERNELS "softmax_kernels.inl"   // defines functions, at namespace scope
//   #include "each_instruction_set.hpp"        // in st::baseline, st::avx2, st::avx512
//   ... ST_CHOOSE(softmax_rows)(arguments)     // the best of them on this processor
//
// Inside, ST_VARIANT_F16C and ST_VARIANT_FMA say (0 or 1) what the set has. ST_UNROLL stands before a loop over vectors
// that are to stay in registers, and ST_SHORT makes a function inlined that is short by the set's instructions; neither
// counts for the x86 baseline, which is compiled to be small. Functions from common headers are inlined
// into each variant and take on its instructions; those that must be should be ST_INLINE.
#ifndef CTENSORKERNELS_DISPATCH_HPP
#define CTENSORKERNELS_DISPATCH_HPP

#define ST_INLINE inline __attribute__((always_inline))
#define ST_SPECIAL static __attribute__((noinline, unused))
// Lambdas do not get a variant's instructions by themselves; inlined, they take on their caller's.
#define ST_LAMBDA_INLINE __attribute__((always_inline))

namespace st {

enum class InstructionSet { baseline, avx2, avx512 };

// The best set of this processor (and the operating system); cheap to call.
InstructionSet instruction_set();

// bfloat16 dot products (AVX512-BF16), beyond InstructionSet::avx512.
bool has_bfloat16_dot();

}  // namespace st

#if defined(__x86_64__)
#define ST_CHOOSE(...)                                                                                                \
  (::st::instruction_set() == ::st::InstructionSet::avx512   ? &::st::avx512::__VA_ARGS__                             \
   : ::st::instruction_set() == ::st::InstructionSet::avx2 ? &::st::avx2::__VA_ARGS__                                 \
                                                             : &::st::baseline::__VA_ARGS__)
// The same for kernels that gain nothing from AVX-512, which are not compiled for it.
#define ST_CHOOSE_TO_AVX2(...)                                                                                      \
  (::st::instruction_set() == ::st::InstructionSet::baseline ? &::st::baseline::__VA_ARGS__                           \
                                                             : &::st::avx2::__VA_ARGS__)
#else
#define ST_CHOOSE(...) (&::st::baseline::__VA_ARGS__)
#define ST_CHOOSE_TO_AVX2(...) ST_CHOOSE(__VA_ARGS__)
#endif

#endif
