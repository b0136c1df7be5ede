// Attention without the matrix of scores: blocks of keys pass by a block of queries, which keeps up their softmax.
#ifndef ST_CUDA_ATTENTION_CUH
#define ST_CUDA_ATTENTION_CUH

#include "attention_plain.cuh"
#if defined(ST_EMULATED) || __CUDA_ARCH__ >= 800
#include "attention_tensor_backward.cuh"
#include "attention_tensor_forward.cuh"
#endif

namespace st {

// T of head sizes up to D. The same grid serves both ways to compute.
template <class T, int D>
ST_DEVICE void attention_forward(const AttentionParameters &p) {
#if defined(ST_EMULATED) || __CUDA_ARCH__ >= 800
  if constexpr (is_half<T>) {
    if (ST_TENSOR_CORES(p)) return attention_forward_tensor<T, D>(p);
  }
#endif
  attention_forward_plain<T, D>(p);
}

template <class T, int D, bool of_keys>
ST_DEVICE void attention_backward(const AttentionParameters &p) {
#if defined(ST_EMULATED) || __CUDA_ARCH__ >= 800
  if constexpr (is_half<T>) {
    if (ST_TENSOR_CORES(p)) return attention_backward_tensor<T, D, of_keys>(p);
  }
#endif
  attention_backward_plain<T, D, of_keys>(p);
}

// Per query the sum of gradient * out; a warp each.
template <class T>
ST_DEVICE void attention_delta(const AttentionParameters &p) {
  using A = Arithmetic<T>;
  const int64_t index = int64_t(blockIdx.x) * (attention_threads / 32) + threadIdx.x / 32;
  if (index >= int64_t(p.batches) * p.heads * p.queries) return;
  const int row = int(index % p.queries), head = int(index / p.queries % p.heads);
  const int batch = int(index / p.queries / p.heads);
  const T *gradient = attention_head<const T>(p.gradient, batch, head) + row * p.gradient.row;
  const T *out = attention_head<const T>(p.out, batch, head) + row * p.out.row;
  A sum = 0;
  for (int j = threadIdx.x % 32; j < p.size; j += 32) sum = m_fma(cast<A>(gradient[j]), cast<A>(out[j]), sum);
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (threadIdx.x % 32 == 0) static_cast<A *>(p.delta)[index] = sum;
}

}  // namespace st

#endif
