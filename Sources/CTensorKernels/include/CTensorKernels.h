// The CPU kernels' plain C interface.
//
// It knows nothing of tensors: operands are strided views over host memory. Strides count elements and may be zero
// (broadcasting) or belong to any permutation. Every function accepts empty and zero-dim views. Inputs of elementwise
// functions are aligned to the right and broadcast to the output's shape; the caller has checked that they can be.
#ifndef CTENSORKERNELS_H
#define CTENSORKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "st_dtypes.h"
#include "st_formulas.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t st_dtype;  // ST_BOOL ...

// A strided view. `data` is the address of the element at index 0 of every dimension.
typedef struct st_view {
  void *data;
  const intptr_t *shape;
  const intptr_t *strides;
  int32_t rank;
  st_dtype dtype;
} st_view;

// A number of one of three kinds, as a user wrote it.
typedef struct st_number {
  enum { ST_NUMBER_BOOL, ST_NUMBER_INT, ST_NUMBER_FLOAT } kind;
  int64_t integer;  // also 0 or 1 for a bool
  double real;
} st_number;

// What a kernel met in the data. `value` and `limit` describe the first offender.
enum {
  ST_OK, ST_INDEX_OUT_OF_RANGE, ST_DIVISION_BY_ZERO, ST_UNSUPPORTED_DTYPE, ST_OUT_OF_MEMORY,
  ST_DEVICE_FAILED  // not of the CPU's kernels
};
typedef struct st_status {
  int32_t code;
  int32_t operand;   // which index operand or dimension
  intptr_t value;
  intptr_t limit;
} st_status;

// A formula's name, for people: "log1p".
const char *st_unary_name(st_unary_op op);
const char *st_binary_name(st_binary_op op);
const char *st_ternary_name(st_ternary_op op);

// ---- Elementwise. Inputs are converted to `compute` as they are loaded, results from the formula's type to the output's
// dtype as they are stored; the output may be one of the inputs (same layout). `parameters` as the formula defines, may be null.
st_status st_unary(st_unary_op op, st_view out, st_view in, st_dtype compute, const double *parameters);
st_status st_binary(st_binary_op op, st_view out, st_view a, st_view b, st_dtype compute, const double *parameters);
// ST_WHERE: `a` is the bool condition, b and c the values.
st_status st_ternary(st_ternary_op op, st_view out, st_view a, st_view b, st_view c, st_dtype compute, const double *parameters);

void st_copy(st_view out, st_view in);  // casts with PyTorch's conversions
void st_fill(st_view out, st_number value);  // wraps integers, rounds floats
void st_arange(st_view out, st_number start, st_number step);  // out is 1-D; start + i * step, in int64 or double
void st_linspace(st_view out, double start, double end);  // out is 1-D; PyTorch's two-sided formula

// ---- Reductions. `out` has the input's rank, with size 1 in the reduced dimensions. Accumulation is at least float for
// 16-bit floats and pairwise or wider for floats; independent of the number of threads.
typedef enum st_reduce_op {
  ST_SUM, ST_MEAN, ST_PROD, ST_AMAX, ST_AMIN, ST_ANY, ST_ALL,
  ST_NORM,  // parameter: p (0, 1, 2, inf, -inf, any other)
  ST_VAR,   // parameter: correction; two-pass or Welford
  ST_STD
} st_reduce_op;
st_status st_reduce(st_reduce_op op, st_view out, st_view in, double parameter);
// The largest (or smallest) element along `dim` and its first index (NaN counts as the extreme). `out` views have the
// input's rank with size 1 at dim; values.data may be null. dim == -1: over all elements in row-major order, outputs hold one element.
st_status st_extremum(bool largest, st_view values, st_view indices, st_view in, int32_t dim);

// ---- Rows along one dimension.
st_status st_softmax(bool logarithm, st_view out, st_view in, int32_t dim);
st_status st_softmax_backward(bool logarithm, st_view out, st_view gradient, st_view result, int32_t dim);
// The layer norm of rows: x and out [rows, columns]; weight, bias [columns], of any float dtype, or null data; mean, rstd
// [rows], float32 (float64 for float64), not kept with null data. All but weight and bias are row-major.
st_status st_layer_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias, double eps);
// Outputs with null data are not computed.
st_status st_layer_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight);
// Running sums or products along a dimension, of any dtype but bool, the same for both views. Accumulated in float for
// 16-bit floats, in double for float32.
typedef enum st_scan_op { ST_CUMSUM, ST_CUMPROD } st_scan_op;
st_status st_scan(st_scan_op op, st_view out, st_view in, int32_t dim);
// Stable; NaN counts as the largest. `indices` int64; all views of one shape.
st_status st_sort(bool descending, st_view values, st_view indices, st_view in, int32_t dim);

// ---- Matrix products. All of one dtype (any but bool), rank >= 2, leading dimensions broadcast to out's.
// out = a @ b + bias; bias.data may be null, else it broadcasts to out and is added before the one rounding.
// 16-bit floats accumulate in float32. Work is cut on a grid by shape, so results do not depend on the threads.
st_status st_matmul(st_view out, st_view a, st_view b, st_view bias);

// ---- Attention: out = weights @ v, where a query's weights are the softmax of scale * (q @ k.T) + mask. q [B, H, T, D],
// k and v [B, G, S, D] (G divides H), out [B, H, T, D], of one float dtype and any strides; lse [B, H, T], the logarithms
// of the weights' sums, float32 (float64 for float64). Never forms the scores' matrix. Processors that multiply pairs of
// bfloat16 round weights to it before they meet v, as PyTorch does.
// `mask` (null data for none): bool, whether a key counts, or the operands' dtype, added; broadcast to [B, H, T, S] by
// strides of 0. `causal`: key j counts for query i when j <= i. Where no key counts, the result is 0 and lse is -inf.
st_status st_attention(st_view out, st_view lse, st_view q, st_view k, st_view v, st_view mask, bool causal,
                       double scale);
st_status st_attention_backward(st_view q_gradient, st_view k_gradient, st_view v_gradient, st_view gradient,
                                st_view out, st_view lse, st_view q, st_view k, st_view v, st_view mask, bool causal,
                                double scale);

// ---- Convolution over two dimensions: x [N, C, H, W], weight [O, C / groups, KH, KW], bias [O] (null data for none),
// out [N, O, OH, OW], of one float dtype, all row-major. Pairs are (height, width).
typedef struct st_convolution {
  int32_t stride[2], padding[2], dilation[2];
  int32_t groups;
} st_convolution;
st_status st_convolution_forward(st_view out, st_view x, st_view weight, st_view bias, st_convolution options);
// Outputs with null data are not computed; only their shapes are read of x where the weight's gradient is not asked for, and
// of weight where the input's is not.
st_status st_convolution_backward(st_view x_gradient, st_view weight_gradient, st_view gradient, st_view x,
                                  st_view weight, st_convolution options);

// ---- Indexing. Index views are int64; negative values count from the end.
st_status st_gather(st_view out, st_view in, st_view index, int32_t dim);
enum { ST_SCATTER_SET, ST_SCATTER_ADD };
st_status st_scatter(st_view out, st_view index, st_view source, int32_t dim, int32_t mode);
// The first `count` dimensions of `in` are indexed by `count` views of one shape I; out has shape I + the rest of in.
st_status st_index(st_view out, st_view in, const st_view *indices, int32_t count);
st_status st_index_put(st_view out, st_view values, const st_view *indices, int32_t count, bool accumulate);
intptr_t st_count_nonzero(st_view in);
void st_nonzero(st_view out, st_view in);  // out: int64 [count, rank], row-major order of the elements

// ---- Random numbers: mt19937 and PyTorch's transforms of its stream. Fills walk the memory in storage order.
typedef struct st_generator {
  uint64_t seed;
  uint32_t state[624];
  int32_t left;
  uint32_t next;
  double cached_normal;
  bool has_cached_normal;
} st_generator;
void st_generator_seed(st_generator *generator, uint64_t seed);
uint32_t st_generator_next32(st_generator *generator);
uint64_t st_generator_next64(st_generator *generator);
void st_random_uniform(st_generator *generator, st_view out, double from, double to);
void st_random_normal(st_generator *generator, st_view out, double mean, double std);
void st_random_integers(st_generator *generator, st_view out, int64_t from, uint64_t range);  // from ... from + range - 1
void st_random_raw(st_generator *generator, st_view out);  // PyTorch's random_() without bounds
void st_random_bernoulli(st_generator *generator, st_view out, double probability);
st_status st_random_bernoulli_each(st_generator *generator, st_view out, st_view probabilities);
void st_random_exponential(st_generator *generator, st_view out, double rate);
void st_random_permutation(st_generator *generator, st_view out);  // int64, 1-D

// ---- Optimizer steps: one call over many parameters, each dense, of `elements[i]` elements of one float dtype.
// Roundings are PyTorch's CPU kernels'. Scalars are rounded to the arithmetic type inside.
typedef struct st_sgd_options {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first_step;  // first_step: the momentum buffers are set, not read
} st_sgd_options;
st_status st_sgd(int32_t count, void *const *parameters, const void *const *gradients, void *const *momenta,
                 const intptr_t *elements, st_dtype dtype, st_sgd_options options);
typedef struct st_adam_options {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, amsgrad, maximize;  // decoupled: AdamW
  double step;  // counts from 1
} st_adam_options;
st_status st_adam(int32_t count, void *const *parameters, const void *const *gradients, void *const *averages,
                  void *const *squares, void *const *max_squares, const intptr_t *elements, st_dtype dtype,
                  st_adam_options options);
// Multiplies by `factor` (rounded to float) in place; returns whether any element was not finite before.
bool st_unscale(st_view gradient, double factor);

// ---- Threads and processor.
void st_set_threads(int32_t count);  // at least 1
int32_t st_threads(void);
const char *st_instruction_set(void);  // "avx512", "avx2", "neon" or "baseline"

// ---- Memory: blocks aligned to 64 bytes, those of up to 1024 bytes to 16; null when exhausted.
void *st_allocate(size_t bytes);
void st_free(void *block);

// One pointer of the calling thread, initially null, for the owner's per-thread state.
void **st_thread_slot(void);

#ifdef __cplusplus
}
#endif
#endif
