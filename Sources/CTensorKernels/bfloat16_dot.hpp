// Compiles the file ST_KERNELS once more, in st::avx512_bfloat16, for processors that multiply pairs of bfloat16: see
// has_bfloat16_dot(). Included after each_instruction_set.hpp.
#ifndef ST_KERNELS
#error "define ST_KERNELS as the file of kernels"
#endif

#if defined(__x86_64__)
#define ST_VARIANT_BFLOAT16_DOT 1
#define ST_VARIANT_F16C 1
#define ST_VARIANT_FMA 1
#define ST_VARIANT_AVX512 1
#define ST_UNROLL _Pragma("clang loop unroll(full)")
#define ST_SHORT ST_INLINE
#pragma clang attribute push(                                                                                         \
    __attribute__((                                                                                                   \
        target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))),       \
    apply_to = function)
namespace st::avx512_bfloat16 {
#include ST_KERNELS
}
#pragma clang attribute pop
#undef ST_VARIANT_BFLOAT16_DOT
#undef ST_VARIANT_F16C
#undef ST_VARIANT_FMA
#undef ST_VARIANT_AVX512
#undef ST_UNROLL
#undef ST_SHORT
#endif
#undef ST_KERNELS
