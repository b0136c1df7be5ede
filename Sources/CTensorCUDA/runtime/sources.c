#include "../include/st_cuda_sources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char dialect_cuh[] = {
#embed "../kernels/dialect.cuh" suffix(, 0)
};
static const char device_math_cuh[] = {
#embed "../kernels/device_math.cuh" suffix(, 0)
};
static const char fault_h[] = {
#embed "../kernels/fault.h" suffix(, 0)
};
static const char attention_cuh[] = {
#embed "../kernels/attention.cuh" suffix(, 0)
};
static const char attention_common_cuh[] = {
#embed "../kernels/attention_common.cuh" suffix(, 0)
};
static const char attention_instructions_cuh[] = {
#embed "../kernels/attention_instructions.cuh" suffix(, 0)
};
static const char attention_parameters_h[] = {
#embed "../kernels/attention_parameters.h" suffix(, 0)
};
static const char attention_plain_cuh[] = {
#embed "../kernels/attention_plain.cuh" suffix(, 0)
};
static const char attention_tensor_backward_cuh[] = {
#embed "../kernels/attention_tensor_backward.cuh" suffix(, 0)
};
static const char attention_tensor_core_cuh[] = {
#embed "../kernels/attention_tensor_core.cuh" suffix(, 0)
};
static const char attention_tensor_forward_cuh[] = {
#embed "../kernels/attention_tensor_forward.cuh" suffix(, 0)
};
static const char batch_norm_cuh[] = {
#embed "../kernels/batch_norm.cuh" suffix(, 0)
};
static const char batch_norm_backward_cuh[] = {
#embed "../kernels/batch_norm_backward.cuh" suffix(, 0)
};
static const char batch_norm_parameters_h[] = {
#embed "../kernels/batch_norm_parameters.h" suffix(, 0)
};
static const char coarse_cuh[] = {
#embed "../kernels/coarse.cuh" suffix(, 0)
};
static const char convolution_cuh[] = {
#embed "../kernels/convolution.cuh" suffix(, 0)
};
static const char convolution_columns_cuh[] = {
#embed "../kernels/convolution_columns.cuh" suffix(, 0)
};
static const char convolution_columns_parameters_h[] = {
#embed "../kernels/convolution_columns_parameters.h" suffix(, 0)
};
static const char convolution_parameters_h[] = {
#embed "../kernels/convolution_parameters.h" suffix(, 0)
};
static const char copy_cuh[] = {
#embed "../kernels/copy.cuh" suffix(, 0)
};
static const char copy_parameters_h[] = {
#embed "../kernels/copy_parameters.h" suffix(, 0)
};
static const char counts_cuh[] = {
#embed "../kernels/counts.cuh" suffix(, 0)
};
static const char cross_entropy_cuh[] = {
#embed "../kernels/cross_entropy.cuh" suffix(, 0)
};
static const char cross_entropy_backward_cuh[] = {
#embed "../kernels/cross_entropy_backward.cuh" suffix(, 0)
};
static const char cross_entropy_parameters_h[] = {
#embed "../kernels/cross_entropy_parameters.h" suffix(, 0)
};
static const char elementwise_cuh[] = {
#embed "../kernels/elementwise.cuh" suffix(, 0)
};
static const char elementwise_parameters_h[] = {
#embed "../kernels/elementwise_parameters.h" suffix(, 0)
};
static const char extremum_cuh[] = {
#embed "../kernels/extremum.cuh" suffix(, 0)
};
static const char held_row_cuh[] = {
#embed "../kernels/held_row.cuh" suffix(, 0)
};
static const char indexing_cuh[] = {
#embed "../kernels/indexing.cuh" suffix(, 0)
};
static const char indexing_parameters_h[] = {
#embed "../kernels/indexing_parameters.h" suffix(, 0)
};
static const char matmul_cuh[] = {
#embed "../kernels/matmul.cuh" suffix(, 0)
};
static const char matmul_parameters_h[] = {
#embed "../kernels/matmul_parameters.h" suffix(, 0)
};
static const char moments_cuh[] = {
#embed "../kernels/moments.cuh" suffix(, 0)
};
static const char nonzero_cuh[] = {
#embed "../kernels/nonzero.cuh" suffix(, 0)
};
static const char norm_cuh[] = {
#embed "../kernels/norm.cuh" suffix(, 0)
};
static const char norm_backward_cuh[] = {
#embed "../kernels/norm_backward.cuh" suffix(, 0)
};
static const char norm_parameters_h[] = {
#embed "../kernels/norm_parameters.h" suffix(, 0)
};
static const char optimizers_cuh[] = {
#embed "../kernels/optimizers.cuh" suffix(, 0)
};
static const char optimizers_parameters_h[] = {
#embed "../kernels/optimizers_parameters.h" suffix(, 0)
};
static const char places_cuh[] = {
#embed "../kernels/places.cuh" suffix(, 0)
};
static const char places_parameters_h[] = {
#embed "../kernels/places_parameters.h" suffix(, 0)
};
static const char pooling_cuh[] = {
#embed "../kernels/pooling.cuh" suffix(, 0)
};
static const char pooling_parameters_h[] = {
#embed "../kernels/pooling_parameters.h" suffix(, 0)
};
static const char random_cuh[] = {
#embed "../kernels/random.cuh" suffix(, 0)
};
static const char random_parameters_h[] = {
#embed "../kernels/random_parameters.h" suffix(, 0)
};
static const char range_cuh[] = {
#embed "../kernels/range.cuh" suffix(, 0)
};
static const char reduce_cuh[] = {
#embed "../kernels/reduce.cuh" suffix(, 0)
};
static const char reduce_folds_cuh[] = {
#embed "../kernels/reduce_folds.cuh" suffix(, 0)
};
static const char reduce_parameters_h[] = {
#embed "../kernels/reduce_parameters.h" suffix(, 0)
};
static const char rms_norm_cuh[] = {
#embed "../kernels/rms_norm.cuh" suffix(, 0)
};
static const char rms_norm_parameters_h[] = {
#embed "../kernels/rms_norm_parameters.h" suffix(, 0)
};
static const char rows_cuh[] = {
#embed "../kernels/rows.cuh" suffix(, 0)
};
static const char rows_parameters_h[] = {
#embed "../kernels/rows_parameters.h" suffix(, 0)
};
static const char scan_cuh[] = {
#embed "../kernels/scan.cuh" suffix(, 0)
};
static const char scan_parameters_h[] = {
#embed "../kernels/scan_parameters.h" suffix(, 0)
};
static const char softmax_cuh[] = {
#embed "../kernels/softmax.cuh" suffix(, 0)
};
static const char softmax_backward_cuh[] = {
#embed "../kernels/softmax_backward.cuh" suffix(, 0)
};
static const char softmax_parameters_h[] = {
#embed "../kernels/softmax_parameters.h" suffix(, 0)
};
static const char sort_cuh[] = {
#embed "../kernels/sort.cuh" suffix(, 0)
};
static const char sort_parameters_h[] = {
#embed "../kernels/sort_parameters.h" suffix(, 0)
};
static const char values_cuh[] = {
#embed "../kernels/values.cuh" suffix(, 0)
};
static const char vectors_cuh[] = {
#embed "../kernels/vectors.cuh" suffix(, 0)
};
static const char cast_hpp[] = {
#embed "../../CTensorKernels/cast.hpp" suffix(, 0)
};
static const char formulas_hpp[] = {
#embed "../../CTensorKernels/formulas.hpp" suffix(, 0)
};
static const char functions_hpp[] = {
#embed "../../CTensorKernels/functions.hpp" suffix(, 0)
};
static const char special_hpp[] = {
#embed "../../CTensorKernels/special.hpp" suffix(, 0)
};
static const char st_dtypes_h[] = {
#embed "../../CTensorKernels/include/st_dtypes.h" suffix(, 0)
};
static const char st_formulas_h[] = {
#embed "../../CTensorKernels/include/st_formulas.h" suffix(, 0)
};

static const st_cuda_source sources[] = {
    {"dialect.cuh", dialect_cuh},
    {"device_math.cuh", device_math_cuh},
    {"fault.h", fault_h},
    {"attention.cuh", attention_cuh},
    {"attention_common.cuh", attention_common_cuh},
    {"attention_instructions.cuh", attention_instructions_cuh},
    {"attention_parameters.h", attention_parameters_h},
    {"attention_plain.cuh", attention_plain_cuh},
    {"attention_tensor_backward.cuh", attention_tensor_backward_cuh},
    {"attention_tensor_core.cuh", attention_tensor_core_cuh},
    {"attention_tensor_forward.cuh", attention_tensor_forward_cuh},
    {"batch_norm.cuh", batch_norm_cuh},
    {"batch_norm_backward.cuh", batch_norm_backward_cuh},
    {"batch_norm_parameters.h", batch_norm_parameters_h},
    {"coarse.cuh", coarse_cuh},
    {"convolution.cuh", convolution_cuh},
    {"convolution_columns.cuh", convolution_columns_cuh},
    {"convolution_columns_parameters.h", convolution_columns_parameters_h},
    {"convolution_parameters.h", convolution_parameters_h},
    {"copy.cuh", copy_cuh},
    {"copy_parameters.h", copy_parameters_h},
    {"counts.cuh", counts_cuh},
    {"cross_entropy.cuh", cross_entropy_cuh},
    {"cross_entropy_backward.cuh", cross_entropy_backward_cuh},
    {"cross_entropy_parameters.h", cross_entropy_parameters_h},
    {"elementwise.cuh", elementwise_cuh},
    {"elementwise_parameters.h", elementwise_parameters_h},
    {"extremum.cuh", extremum_cuh},
    {"held_row.cuh", held_row_cuh},
    {"indexing.cuh", indexing_cuh},
    {"indexing_parameters.h", indexing_parameters_h},
    {"matmul.cuh", matmul_cuh},
    {"matmul_parameters.h", matmul_parameters_h},
    {"moments.cuh", moments_cuh},
    {"nonzero.cuh", nonzero_cuh},
    {"norm.cuh", norm_cuh},
    {"norm_backward.cuh", norm_backward_cuh},
    {"norm_parameters.h", norm_parameters_h},
    {"optimizers.cuh", optimizers_cuh},
    {"optimizers_parameters.h", optimizers_parameters_h},
    {"places.cuh", places_cuh},
    {"places_parameters.h", places_parameters_h},
    {"pooling.cuh", pooling_cuh},
    {"pooling_parameters.h", pooling_parameters_h},
    {"random.cuh", random_cuh},
    {"random_parameters.h", random_parameters_h},
    {"range.cuh", range_cuh},
    {"reduce.cuh", reduce_cuh},
    {"reduce_folds.cuh", reduce_folds_cuh},
    {"reduce_parameters.h", reduce_parameters_h},
    {"rms_norm.cuh", rms_norm_cuh},
    {"rms_norm_parameters.h", rms_norm_parameters_h},
    {"rows.cuh", rows_cuh},
    {"rows_parameters.h", rows_parameters_h},
    {"scan.cuh", scan_cuh},
    {"scan_parameters.h", scan_parameters_h},
    {"softmax.cuh", softmax_cuh},
    {"softmax_backward.cuh", softmax_backward_cuh},
    {"softmax_parameters.h", softmax_parameters_h},
    {"sort.cuh", sort_cuh},
    {"sort_parameters.h", sort_parameters_h},
    {"values.cuh", values_cuh},
    {"vectors.cuh", vectors_cuh},
    {"cast.hpp", cast_hpp},
    {"formulas.hpp", formulas_hpp},
    {"functions.hpp", functions_hpp},
    {"special.hpp", special_hpp},
    {"st_dtypes.h", st_dtypes_h},
    {"st_formulas.h", st_formulas_h},
};

int st_cuda_source_count(void) { return sizeof sources / sizeof *sources; }

st_cuda_source st_cuda_source_at(int index) { return sources[index]; }
