// The kernels' language on the host: kernels/dialect.cuh includes this in place of CUDA's own. A block's threads run
// one at a time, each until it waits for others (block.cpp); only one kernel runs at a time: shared memory is static.
#ifndef ST_EMULATED_DIALECT_HPP
#define ST_EMULATED_DIALECT_HPP

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <type_traits>

#define ST_DEVICE inline __attribute__((always_inline))
#define ST_INLINE inline __attribute__((always_inline))
#define ST_SPECIAL static __attribute__((noinline, unused))
#ifdef __ELF__
#define ST_SHARED static __attribute__((section("st_shared")))  // all in one place
#else
#define ST_SHARED static
#endif
#define ST_DYNAMIC_SHARED(name) unsigned char *const name = st::emulated::dynamic_shared

namespace st::emulated {

struct Index {
  unsigned x, y, z;
};

extern unsigned char *dynamic_shared;
extern unsigned lane;  // of the running thread in its warp

// What the lanes of a warp exchange.
enum class Exchange { nothing, value, ballot, equal };
// Waits until all lanes of `mask` have come with the same mask and exchange, and answers the bits of lane `source`, the
// lanes whose bits are not 0, or the lanes whose bits are equal to the caller's.
uint64_t exchange(Exchange what, unsigned mask, uint64_t bits, unsigned source);
// Waits until all threads of the block that are left have come; answers how many came with true.
unsigned synchronize_block(bool value);
[[noreturn]] void trap(const char *reason);

template <class T>
concept Exchangeable = std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);
template <class T>
concept Atomic = Exchangeable<T>;
template <class T>
concept AtomicInteger = Exchangeable<T> && std::is_integral_v<T>;

template <Exchangeable T>
T shuffle(unsigned mask, T value, unsigned source) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = exchange(Exchange::value, mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Replaces *address by change(*address); answers the old value.
template <class T, class Change>
ST_DEVICE T atomically(T *address, const Change &change) {
  T old, changed;
  __atomic_load(address, &old, __ATOMIC_RELAXED);
  do {
    changed = change(old);
  } while (!__atomic_compare_exchange(address, &old, &changed, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  return old;
}

template <class To, class From>
ST_DEVICE To bits_as(From from) {
  return __builtin_bit_cast(To, from);
}

}  // namespace st::emulated

extern st::emulated::Index threadIdx, blockIdx, blockDim, gridDim;
inline constexpr int warpSize = 32;

// ---- Barriers and fences.

ST_DEVICE void __syncthreads() { st::emulated::synchronize_block(false); }
ST_DEVICE int __syncthreads_count(int value) { return int(st::emulated::synchronize_block(value != 0)); }
ST_DEVICE int __syncthreads_or(int value) { return st::emulated::synchronize_block(value != 0) != 0; }
ST_DEVICE int __syncthreads_and(int value) { return st::emulated::synchronize_block(value == 0) == 0; }
ST_DEVICE void __syncwarp(unsigned mask = 0xffffffffu) {
  st::emulated::exchange(st::emulated::Exchange::nothing, mask, 0, 0);
}
ST_DEVICE void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
ST_DEVICE void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
ST_DEVICE void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
[[noreturn]] ST_DEVICE void __trap() { st::emulated::trap("__trap()"); }

// ---- Exchanges in a warp. Lanes outside of the width's section keep their own value.

template <st::emulated::Exchangeable T>
ST_DEVICE T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  const unsigned first = st::emulated::lane & ~unsigned(width - 1);
  return st::emulated::shuffle(mask, value, first + (unsigned(source) & unsigned(width - 1)));
}
template <st::emulated::Exchangeable T>
ST_DEVICE T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  const unsigned own = st::emulated::lane, source = own ^ unsigned(lanes);
  return st::emulated::shuffle(mask, value, source < (own & ~unsigned(width - 1)) + unsigned(width) ? source : own);
}
template <st::emulated::Exchangeable T>
ST_DEVICE T __shfl_up_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  const unsigned own = st::emulated::lane;
  return st::emulated::shuffle(mask, value, (own & unsigned(width - 1)) >= lanes ? own - lanes : own);
}
template <st::emulated::Exchangeable T>
ST_DEVICE T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  const unsigned own = st::emulated::lane;
  return st::emulated::shuffle(mask, value, (own & unsigned(width - 1)) + lanes < unsigned(width) ? own + lanes : own);
}
ST_DEVICE unsigned __ballot_sync(unsigned mask, int value) {
  return unsigned(st::emulated::exchange(st::emulated::Exchange::ballot, mask, value != 0, 0));
}
ST_DEVICE int __any_sync(unsigned mask, int value) { return __ballot_sync(mask, value) != 0; }
ST_DEVICE int __all_sync(unsigned mask, int value) { return __ballot_sync(mask, value == 0) == 0; }
template <st::emulated::Exchangeable T>
ST_DEVICE unsigned __match_any_sync(unsigned mask, T value) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  return unsigned(st::emulated::exchange(st::emulated::Exchange::equal, mask, bits, 0));
}

// ---- Atomics. CUDA has them for int, unsigned, unsigned long long and, in part, for long long, float and double.

template <st::emulated::Atomic T>
ST_DEVICE T atomicAdd(T *address, std::type_identity_t<T> value) {
  if constexpr (std::is_integral_v<T>) {
    return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
  } else {
    return st::emulated::atomically(address, [=](T old) { return old + value; });
  }
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicSub(T *address, std::type_identity_t<T> value) {
  return __atomic_fetch_sub(address, value, __ATOMIC_SEQ_CST);
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicMax(T *address, std::type_identity_t<T> value) {
  return st::emulated::atomically(address, [=](T old) { return old < value ? value : old; });
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicMin(T *address, std::type_identity_t<T> value) {
  return st::emulated::atomically(address, [=](T old) { return value < old ? value : old; });
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicAnd(T *address, std::type_identity_t<T> value) {
  return __atomic_fetch_and(address, value, __ATOMIC_SEQ_CST);
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicOr(T *address, std::type_identity_t<T> value) {
  return __atomic_fetch_or(address, value, __ATOMIC_SEQ_CST);
}
template <st::emulated::AtomicInteger T>
ST_DEVICE T atomicXor(T *address, std::type_identity_t<T> value) {
  return __atomic_fetch_xor(address, value, __ATOMIC_SEQ_CST);
}
ST_DEVICE unsigned atomicInc(unsigned *address, unsigned limit) {
  return st::emulated::atomically(address, [=](unsigned old) { return old >= limit ? 0u : old + 1u; });
}
template <st::emulated::Atomic T>
ST_DEVICE T atomicExch(T *address, std::type_identity_t<T> value) {
  T old;
  __atomic_exchange(address, &value, &old, __ATOMIC_SEQ_CST);
  return old;
}
template <class T>
  requires st::emulated::AtomicInteger<T> || std::is_same_v<T, unsigned short>
ST_DEVICE T atomicCAS(T *address, std::type_identity_t<T> compare, std::type_identity_t<T> value) {
  __atomic_compare_exchange(address, &compare, &value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return compare;
}

// ---- Intrinsic functions.

ST_DEVICE int __float_as_int(float x) { return st::emulated::bits_as<int>(x); }
ST_DEVICE unsigned __float_as_uint(float x) { return st::emulated::bits_as<unsigned>(x); }
ST_DEVICE float __int_as_float(int x) { return st::emulated::bits_as<float>(x); }
ST_DEVICE float __uint_as_float(unsigned x) { return st::emulated::bits_as<float>(x); }
ST_DEVICE long long __double_as_longlong(double x) { return st::emulated::bits_as<long long>(x); }
ST_DEVICE double __longlong_as_double(long long x) { return st::emulated::bits_as<double>(x); }
ST_DEVICE int __popc(unsigned x) { return __builtin_popcount(x); }
ST_DEVICE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
ST_DEVICE int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
ST_DEVICE int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x)); }
ST_DEVICE int __ffs(int x) { return __builtin_ffs(x); }
ST_DEVICE int __ffsll(long long x) { return __builtin_ffsll(x); }
ST_DEVICE unsigned __umulhi(unsigned x, unsigned y) { return unsigned(uint64_t(x) * y >> 32); }
ST_DEVICE unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(x) * y >> 64);
}
ST_DEVICE float rsqrtf(float x) { return 1.0f / sqrtf(x); }
ST_DEVICE double rsqrt(double x) { return 1.0 / sqrt(x); }
ST_DEVICE float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
ST_DEVICE float __fmul_rn(float x, float y) { return x * y; }
ST_DEVICE float __fadd_rn(float x, float y) { return x + y; }
ST_DEVICE double __dmul_rn(double x, double y) { return x * y; }
ST_DEVICE double __dadd_rn(double x, double y) { return x + y; }
ST_DEVICE float __expf(float x) { return expf(x); }
ST_DEVICE float __logf(float x) { return logf(x); }
ST_DEVICE float __fdividef(float x, float y) { return x / y; }
template <class T>
ST_DEVICE T __ldg(const T *address) {
  return *address;
}
template <class T>
ST_DEVICE T min(T x, T y) {
  return y < x ? y : x;
}
template <class T>
ST_DEVICE T max(T x, T y) {
  return x < y ? y : x;
}

#endif
