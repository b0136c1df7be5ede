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
// The same without centring: x / sqrt(mean(x^2) + eps) * weight.
st_status st_rms_norm(st_view out, st_view rstd, st_view x, st_view weight, double eps);
st_status st_rms_norm_backward(st_view x_gradient, st_view weight_gradient, st_view gradient, st_view x, st_view rstd,
                               st_view weight);
// ---- Norms over channels of x [N, C, S], row-major. weight, bias [C] of any float dtype, or null data.
// Batch norm: (x - mean) rstd weight + bias with a channel's statistics [C], float32 (float64 for float64), which are kept.
// Where training they are x's, with the variance that divides by the count, and those running [C] (null data for none, any
// float dtype) take their share `momentum` of them, of the variance that divides by the count less 1. Else they are those
// running.
st_status st_batch_norm(st_view out, st_view mean, st_view rstd, st_view running_mean, st_view running_var, st_view x,
                        st_view weight, st_view bias, bool training, double momentum, double eps);
// Outputs with null data are not computed.
st_status st_batch_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight, bool training);
// Group norm: the same with the statistics [N, groups] of C / groups neighbouring channels of a sample.
st_status st_group_norm(st_view out, st_view mean, st_view rstd, st_view x, st_view weight, st_view bias, int64_t groups,
                        double eps);
st_status st_group_norm_backward(st_view x_gradient, st_view weight_gradient, st_view bias_gradient, st_view gradient,
                                 st_view x, st_view mean, st_view rstd, st_view weight, int64_t groups);

// ---- The cross entropy of logits, or of log probabilities, x [N, C, S] and classes, target [N, S] int64; any strides.
enum { ST_LOSS_NONE, ST_LOSS_MEAN, ST_LOSS_SUM };  // the mean divides by the sum of the targets' weights
typedef struct st_cross_entropy_options {
  int64_t ignore_index;    // targets that count for nothing
  double label_smoothing;  // the share of a target that is spread over all classes
  int32_t reduction;       // ST_LOSS_NONE ...
  bool log_probabilities;  // x is the logarithm of a softmax already; without label smoothing
} st_cross_entropy_options;
// The operand of ST_INDEX_OUT_OF_RANGE for a target that is no class.
enum { ST_CLASS_OPERAND = -2 };
// `out` has x's dtype: [N, S] row-major, or one element where reduced. `weight` [C] of any float dtype, or null data. The sum
// of the targets' weights goes to `total_weight`, one element, and each row's largest logit and the logarithm of the sum of
// exponentials less it to `statistics` [N, S, 2], row-major; both float32 (float64 for float64), or null data.
st_status st_cross_entropy(st_view out, st_view total_weight, st_view statistics, st_view x, st_view target,
                           st_view weight, st_cross_entropy_options options);
// `gradient`, of x's dtype, is [N, S] or one element, as `out` was. Targets that are no classes count for nothing.
st_status st_cross_entropy_backward(st_view x_gradient, st_view gradient, st_view total_weight, st_view statistics,
                                    st_view x, st_view target, st_view weight, st_cross_entropy_options options);

// ---- Running sums or products along a dimension, of any dtype but bool, the same for both views. Accumulated in float for
// 16-bit floats, in double for float32.
typedef enum st_scan_op { ST_CUMSUM, ST_CUMPROD } st_scan_op;
st_status st_scan(st_scan_op op, st_view out, st_view in, int32_t dim);
// Stable; NaN counts as the largest. `indices` int64; all views of one shape.
st_status st_sort(bool descending, st_view values, st_view indices, st_view in, int32_t dim);
// The first elements of the same, as many as `values` and `indices` have along `dim`.
st_status st_topk(bool largest, st_view values, st_view indices, st_view in, int32_t dim);

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

// ---- Convolution over one to three dimensions of space: x [N, C, space], weight [O, C / groups, kernel], bias [O] (null
// data for none), out [N, O, places], all row-major and of one dtype: int64 or a float. No size of a kernel is 0.
typedef struct st_convolution {
  int32_t stride[3], padding[3], dilation[3];  // of the dimensions that there are
  int32_t groups;
} st_convolution;
st_status st_convolution_forward(st_view out, st_view x, st_view weight, st_view bias, st_convolution options);
// Of a convolution's gradient x [N, O, places], its input's gradient out [N, C, space], plus a bias [C].
st_status st_convolution_transposed(st_view out, st_view x, st_view weight, st_view bias, st_convolution options);
// Of a convolution's gradient [N, O, places] and its input x, its weight's gradient out.
st_status st_convolution_weight(st_view out, st_view gradient, st_view x, st_convolution options);

// ---- Pooling over one to three dimensions of space: x [planes, space], out [planes, places], row-major, int64 or a float.
// Windows lie inside of x in part at least.
typedef struct st_pool {
  int32_t kernel[3], stride[3], padding[3], dilation[3];  // of the dimensions that there are
  bool adaptive;           // windows of almost equal sizes instead, as many as places
  bool count_include_pad;  // a mean divides by the elements of the margin too
  int32_t divisor;         // what a mean divides by, or 0 for the window's elements
} st_pool;
// indices: int64, out's shape, where in a plane the elements lie; null data for none.
st_status st_max_pool(st_view out, st_view indices, st_view x, st_pool options);
st_status st_average_pool(st_view out, st_view x, st_pool options);
st_status st_average_pool_backward(st_view out, st_view gradient, st_pool options);

// ---- Indexing. Index views are int64; negative values count from the end.
st_status st_gather(st_view out, st_view in, st_view index, int32_t dim);
enum { ST_SCATTER_SET, ST_SCATTER_ADD };
st_status st_scatter(st_view out, st_view index, st_view source, int32_t dim, int32_t mode);
// The first `count` dimensions of `in` are indexed by `count` views of one shape I; out has shape I + the rest of in.
st_status st_index(st_view out, st_view in, const st_view *indices, int32_t count);
st_status st_index_put(st_view out, st_view values, const st_view *indices, int32_t count, bool accumulate);
intptr_t st_count_nonzero(st_view in);
void st_nonzero(st_view out, st_view in);  // out: int64 [count, rank], row-major order of the elements

// ---- Linear algebra: stacks of row-major float64 matrices, changed in place. `info`, one for each matrix: 0, or which step
// failed, counted from 1.
typedef struct st_matrices {
  double *data;
  intptr_t count, rows, columns;
} st_matrices;
// Partial pivoting: L below the diagonal of ones, U on and above it; pivots[k] (from 1) is the row that k was exchanged with.
st_status st_lu(st_matrices a, int32_t *pivots, int32_t *info);
// Reads the lower triangle; the upper one becomes 0.
st_status st_cholesky(st_matrices a, int32_t *info);
// b becomes the solution x of a x = b, of which one triangle is read.
void st_triangular_solve(st_matrices a, st_matrices b, bool upper, bool unit);
// b becomes the solution x of a x = b, or of a' x = b, given what st_lu made of a square a.
st_status st_lu_solve(st_matrices lu, const int32_t *pivots, st_matrices b, bool transposed);
// R on and above the diagonal, below it the reflectors I - tau v v', v being 1 on the diagonal, as LAPACK's geqrf.
st_status st_qr(st_matrices a, double *tau, int32_t *info);
// q, whose first columns hold `reflectors` of st_qr, becomes the first columns of their product.
st_status st_householder_product(st_matrices q, const double *tau, intptr_t reflectors, int32_t *info);
// a, of which the lower triangle is read, becomes the eigenvectors, as columns; the values rise.
st_status st_eigh(st_matrices a, double *values, int32_t *info);
// With k = min(rows, columns): u [rows, k], values [k] falling, vt [k, columns].
st_status st_svd(st_matrices a, double *u, double *values, double *vt, int32_t *info);

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

// ---- Memory: blocks aligned to 64 bytes, those of up to 1000 bytes to 16, those of 2 MB or more to huge pages; null
// when exhausted.
void *st_allocate(size_t bytes);
void st_free(void *block);
// Freed blocks are kept for later ones, up to a limit in bytes: a quarter of the memory. With a limit of 0 (from the
// start under SWIFT_TENSOR_NO_MEMORY_CACHING=1 and AddressSanitizer) each goes back at once.
size_t st_cached_memory(void);
void st_empty_cache(void);
size_t st_memory_cache_limit(void);
void st_set_memory_cache_limit(size_t bytes);

// One pointer of the calling thread, initially null, for the owner's per-thread state.
void **st_thread_slot(void);

#ifdef __cplusplus
}
#endif
#endif
