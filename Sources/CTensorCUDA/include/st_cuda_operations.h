// The operations of a GPU, by the same rules as the CPU kernels' (CTensorKernels.h): strided views, here over the device's
// memory, of any rank up to 64, empty and zero-dim ones too. Nothing here waits unless it says so.
//
// What a kernel meets in the data (an index out of range, whole numbers divided by zero) is raised by a later call: see
// st_cuda_synchronize. `host` has bit i set when input i is one element in host memory; it is read during the call.
#ifndef ST_CUDA_OPERATIONS_H
#define ST_CUDA_OPERATIONS_H

#include "st_cuda_device.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Elementwise: operations/elementwise.cpp, operations/copy.cpp
st_status st_cuda_unary(st_cuda_device *device, st_unary_op op, st_view out, st_view in, st_dtype compute,
                        const double *parameters, uint32_t host);
st_status st_cuda_binary(st_cuda_device *device, st_binary_op op, st_view out, st_view a, st_view b, st_dtype compute,
                         const double *parameters, uint32_t host);
st_status st_cuda_ternary(st_cuda_device *device, st_ternary_op op, st_view out, st_view a, st_view b, st_view c,
                          st_dtype compute, const double *parameters, uint32_t host);
st_status st_cuda_copy(st_cuda_device *device, st_view out, st_view in, uint32_t host);  // on one device; casts
st_status st_cuda_fill(st_cuda_device *device, st_view out, st_number value);
st_status st_cuda_arange(st_cuda_device *device, st_view out, st_number start, st_number step);
st_status st_cuda_linspace(st_cuda_device *device, st_view out, double start, double end);

// ---- Reductions and rows: operations/reduce.cpp, operations/softmax.cpp, operations/norm.cpp, operations/scan.cpp
st_status st_cuda_reduce(st_cuda_device *device, st_reduce_op op, st_view out, st_view in, double parameter);
st_status st_cuda_extremum(st_cuda_device *device, bool largest, st_view values, st_view indices, st_view in, int32_t dim);
st_status st_cuda_softmax(st_cuda_device *device, bool logarithm, st_view out, st_view in, int32_t dim);
st_status st_cuda_softmax_backward(st_cuda_device *device, bool logarithm, st_view out, st_view gradient, st_view result,
                                   int32_t dim);
// The layer norm of rows: x [rows, columns]; weight, bias [columns] or null data; mean, rstd [rows], float32 (float64 for
// float64). All row-major. Without mean and rstd (null data) they are not kept.
st_status st_cuda_layer_norm(st_cuda_device *device, st_view out, st_view mean, st_view rstd, st_view x, st_view weight,
                             st_view bias, double eps);
// Outputs with null data are not computed.
st_status st_cuda_layer_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                      st_view bias_gradient, st_view gradient, st_view x, st_view mean, st_view rstd,
                                      st_view weight);
// The same without centring and bias: operations/rms_norm.cpp.
st_status st_cuda_rms_norm(st_cuda_device *device, st_view out, st_view rstd, st_view x, st_view weight, double eps);
st_status st_cuda_rms_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                    st_view gradient, st_view x, st_view rstd, st_view weight);
// Norms over channels, as on the CPU: operations/batch_norm.cpp. weight and bias are of one dtype, x's or float32.
st_status st_cuda_batch_norm(st_cuda_device *device, st_view out, st_view mean, st_view rstd, st_view running_mean,
                             st_view running_var, st_view x, st_view weight, st_view bias, bool training,
                             double momentum, double eps);
st_status st_cuda_batch_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                      st_view bias_gradient, st_view gradient, st_view x, st_view mean, st_view rstd,
                                      st_view weight, bool training);
st_status st_cuda_group_norm(st_cuda_device *device, st_view out, st_view mean, st_view rstd, st_view x, st_view weight,
                             st_view bias, int64_t groups, double eps);
st_status st_cuda_group_norm_backward(st_cuda_device *device, st_view x_gradient, st_view weight_gradient,
                                      st_view bias_gradient, st_view gradient, st_view x, st_view mean, st_view rstd,
                                      st_view weight, int64_t groups);
// The cross entropy, as on the CPU: operations/cross_entropy.cpp. `weight` is of the dtype that is computed in. A target that
// is no class is raised later (ST_INDEX_OUT_OF_RANGE with operand ST_CLASS_OPERAND).
st_status st_cuda_cross_entropy(st_cuda_device *device, st_view out, st_view total_weight, st_view statistics, st_view x,
                                st_view target, st_view weight, st_cross_entropy_options options);
st_status st_cuda_cross_entropy_backward(st_cuda_device *device, st_view x_gradient, st_view gradient,
                                         st_view total_weight, st_view statistics, st_view x, st_view target,
                                         st_view weight, st_cross_entropy_options options);
// Running sums or products along a dimension.
st_status st_cuda_scan(st_cuda_device *device, st_scan_op op, st_view out, st_view in, int32_t dim);
// Stable; NaN counts as the largest. `indices` int64; all views of one shape.
st_status st_cuda_sort(st_cuda_device *device, bool descending, st_view values, st_view indices, st_view in, int32_t dim);

// ---- Matrix products: operations/matmul.cpp. TF32 only where allowed.
st_status st_cuda_matmul(st_cuda_device *device, st_view out, st_view a, st_view b, st_view bias);
void st_cuda_set_allow_tf32(bool allow);
bool st_cuda_allow_tf32(void);

// ---- Indexing: operations/indexing.cpp
st_status st_cuda_gather(st_cuda_device *device, st_view out, st_view in, st_view index, int32_t dim);
st_status st_cuda_scatter(st_cuda_device *device, st_view out, st_view index, st_view source, int32_t dim, int32_t mode);
st_status st_cuda_index(st_cuda_device *device, st_view out, st_view in, const st_view *indices, int32_t count);
st_status st_cuda_index_put(st_cuda_device *device, st_view out, st_view values, const st_view *indices, int32_t count,
                            bool accumulate);
// Waits: counts the elements that are not zero and keeps what is needed to write them.
st_status st_cuda_count_nonzero(st_cuda_device *device, st_view in, intptr_t *count);
st_status st_cuda_nonzero(st_cuda_device *device, st_view out, st_view in);

// ---- Random numbers: operations/random.cpp. PyTorch's CUDA stream: Philox, by the launch geometry of its fills.
typedef struct st_cuda_generator {
  uint64_t seed;
  uint64_t offset;  // counts 32-bit numbers of a thread; a multiple of 4
} st_cuda_generator;
st_status st_cuda_random_uniform(st_cuda_device *device, st_cuda_generator *generator, st_view out, double from, double to);
st_status st_cuda_random_normal(st_cuda_device *device, st_cuda_generator *generator, st_view out, double mean, double std);
st_status st_cuda_random_integers(st_cuda_device *device, st_cuda_generator *generator, st_view out, int64_t from,
                                  uint64_t range);
st_status st_cuda_random_raw(st_cuda_device *device, st_cuda_generator *generator, st_view out);
st_status st_cuda_random_bernoulli(st_cuda_device *device, st_cuda_generator *generator, st_view out, double probability);
// A probability outside 0 ... 1 is raised later (ST_INDEX_OUT_OF_RANGE with operand -1 and the element's number as value).
st_status st_cuda_random_bernoulli_each(st_cuda_device *device, st_cuda_generator *generator, st_view out,
                                        st_view probabilities);
st_status st_cuda_random_exponential(st_cuda_device *device, st_cuda_generator *generator, st_view out, double rate);
st_status st_cuda_random_permutation(st_cuda_device *device, st_cuda_generator *generator, st_view out);
// out = x * mask / (1 - p), mask (bool, row-major) = whether an element is kept.
st_status st_cuda_dropout(st_cuda_device *device, st_cuda_generator *generator, st_view out, st_view mask, st_view x,
                          double p);

// ---- Optimizer steps: operations/optimizers.cpp. As on the CPU, over many parameters; a step is left out when
// `found_inf` (float32, on the device; may be null) is not 0. `steps` (on the device, float32, one per parameter)
// counts the steps made: it is raised here, and tells the first one; null for SGD without momentum. Options' step and first_step are not read.
st_status st_cuda_sgd(st_cuda_device *device, int32_t count, void *const *parameters, const void *const *gradients,
                      void *const *momenta, void *const *steps, const intptr_t *elements, st_dtype dtype,
                      st_sgd_options options, const void *found_inf);
st_status st_cuda_adam(st_cuda_device *device, int32_t count, void *const *parameters, const void *const *gradients,
                       void *const *averages, void *const *squares, void *const *max_squares, void *const *steps,
                       const intptr_t *elements, st_dtype dtype, st_adam_options options, const void *found_inf);
// Multiplies gradients (of any float dtypes, dense, as `elements` long stretches) by the inverse of the float32 at `scale`, and
// sets the float32 at `found_inf` to 1 when one was not finite before.
st_status st_cuda_unscale(st_cuda_device *device, int32_t count, void *const *gradients, const intptr_t *elements,
                          const st_dtype *dtypes, const void *scale, void *found_inf);
// GradScaler's update: float32 `scale`, int32 `growth_tracker`, both on the device.
st_status st_cuda_update_scale(st_cuda_device *device, void *scale, void *growth_tracker, const void *found_inf,
                               double growth_factor, double backoff_factor, int32_t growth_interval);

// ---- Attention: operations/attention.cpp. q [B, H, T, D], k and v [B, G, S, D] (G divides H), out [B, H, T, D], D at most
// 256; strides as they come, but a last one that is not 1 costs a copy. lse [B, H, T] float32, or float64 for float64
// operands. Never forms the scores' matrix. A query whose keys are all masked gives zeros and an lse of -infinity.
// `mask` (null data for none): bool or the operands' dtype, broadcast to [B, H, T, S] by strides of 0. `causal`: key j counts
// for query i when j <= i.
st_status st_cuda_attention(st_cuda_device *device, st_view out, st_view lse, st_view q, st_view k, st_view v, st_view mask,
                            bool causal, double scale);
st_status st_cuda_attention_backward(st_cuda_device *device, st_view q_gradient, st_view k_gradient, st_view v_gradient,
                                     st_view gradient, st_view out, st_view lse, st_view q, st_view k, st_view v,
                                     st_view mask, bool causal, double scale);

// ---- Convolution: operations/convolution.cpp. One to three dimensions, as CTensorKernels.h says; int64 and floats.
// cuDNN computes those of floats where it was found and is allowed, which it is from the start unless the environment
// has SWIFT_TENSOR_CUDA_NO_CUDNN=1.
st_status st_cuda_convolution(st_cuda_device *device, st_view out, st_view x, st_view weight, st_view bias,
                              st_convolution options);
st_status st_cuda_convolution_transposed(st_cuda_device *device, st_view out, st_view x, st_view weight, st_view bias,
                                         st_convolution options);
st_status st_cuda_convolution_weight(st_cuda_device *device, st_view out, st_view gradient, st_view x,
                                     st_convolution options);
void st_cuda_set_allow_cudnn(bool allow);
bool st_cuda_allow_cudnn(void);

// ---- Pooling: operations/pooling.cpp. As CTensorKernels.h says.
st_status st_cuda_max_pool(st_cuda_device *device, st_view out, st_view indices, st_view x, st_pool options);
st_status st_cuda_average_pool(st_cuda_device *device, st_view out, st_view x, st_pool options);
st_status st_cuda_average_pool_backward(st_cuda_device *device, st_view out, st_view gradient, st_pool options);

#ifdef __cplusplus
}
#endif
#endif
