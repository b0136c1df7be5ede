// Compiles the file ST_KERNELS once for each instruction set: see dispatch.hpp. Included once for each such file.
#ifndef ST_KERNELS
#error "define ST_KERNELS as the file of kernels"
#endif

#define ST_VARIANT_BFLOAT16_DOT 0
#if defined(__aarch64__)
#define ST_VARIANT_F16C 1
#define ST_VARIANT_FMA 1
#else
#define ST_VARIANT_F16C 0
#define ST_VARIANT_FMA 0
#endif
#define ST_VARIANT_AVX512 0
#if defined(__x86_64__)
// For processors older than 2013: compiled to be small.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#define ST_UNROLL _Pragma("clang loop unroll(disable)")
#define ST_SHORT inline __attribute__((noinline))
#else
#define ST_UNROLL _Pragma("clang loop unroll(full)")
#define ST_SHORT ST_INLINE
#endif
namespace st::baseline {
#include ST_KERNELS
}
#if defined(__x86_64__)
#pragma clang attribute pop
#undef ST_UNROLL
#undef ST_SHORT
#define ST_UNROLL _Pragma("clang loop unroll(full)")
#define ST_SHORT ST_INLINE
#endif
#undef ST_VARIANT_F16C
#undef ST_VARIANT_FMA
#undef ST_VARIANT_AVX512

#if defined(__x86_64__)

#define ST_VARIANT_F16C 1
#define ST_VARIANT_FMA 1
#define ST_VARIANT_AVX512 0
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
namespace st::avx2 {
#include ST_KERNELS
}
#pragma clang attribute pop
#undef ST_VARIANT_AVX512

#define ST_VARIANT_AVX512 1
#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))),       \
    apply_to = function)
namespace st::avx512 {
#include ST_KERNELS
}
#pragma clang attribute pop
#undef ST_VARIANT_AVX512
#undef ST_VARIANT_F16C
#undef ST_VARIANT_FMA

#endif
#undef ST_VARIANT_BFLOAT16_DOT
#undef ST_UNROLL
#undef ST_SHORT
#undef ST_KERNELS
