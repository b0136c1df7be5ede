#include "sources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char dialect_cuh[] = {
#embed "../kernels/dialect.cuh" suffix(, 0)
};
static const char device_math_cuh[] = {
#embed "../kernels/device_math.cuh" suffix(, 0)
};
static const char elementwise_cuh[] = {
#embed "../kernels/elementwise.cuh" suffix(, 0)
};
static const char copy_cuh[] = {
#embed "../kernels/copy.cuh" suffix(, 0)
};
static const char reduce_cuh[] = {
#embed "../kernels/reduce.cuh" suffix(, 0)
};
static const char softmax_cuh[] = {
#embed "../kernels/softmax.cuh" suffix(, 0)
};
static const char norm_cuh[] = {
#embed "../kernels/norm.cuh" suffix(, 0)
};
static const char scan_cuh[] = {
#embed "../kernels/scan.cuh" suffix(, 0)
};
static const char sort_cuh[] = {
#embed "../kernels/sort.cuh" suffix(, 0)
};
static const char matmul_cuh[] = {
#embed "../kernels/matmul.cuh" suffix(, 0)
};
static const char indexing_cuh[] = {
#embed "../kernels/indexing.cuh" suffix(, 0)
};
static const char random_cuh[] = {
#embed "../kernels/random.cuh" suffix(, 0)
};
static const char optimizers_cuh[] = {
#embed "../kernels/optimizers.cuh" suffix(, 0)
};
static const char attention_cuh[] = {
#embed "../kernels/attention.cuh" suffix(, 0)
};
static const char convolution_cuh[] = {
#embed "../kernels/convolution.cuh" suffix(, 0)
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
static const char st_dtypes_h[] = {
#embed "../../CTensorKernels/include/st_dtypes.h" suffix(, 0)
};
static const char st_formulas_h[] = {
#embed "../../CTensorKernels/include/st_formulas.h" suffix(, 0)
};

const st_cuda_source st_cuda_sources[] = {
    {"dialect.cuh", dialect_cuh},
    {"device_math.cuh", device_math_cuh},
    {"elementwise.cuh", elementwise_cuh},
    {"copy.cuh", copy_cuh},
    {"reduce.cuh", reduce_cuh},
    {"softmax.cuh", softmax_cuh},
    {"norm.cuh", norm_cuh},
    {"scan.cuh", scan_cuh},
    {"sort.cuh", sort_cuh},
    {"matmul.cuh", matmul_cuh},
    {"indexing.cuh", indexing_cuh},
    {"random.cuh", random_cuh},
    {"optimizers.cuh", optimizers_cuh},
    {"attention.cuh", attention_cuh},
    {"convolution.cuh", convolution_cuh},
    {"cast.hpp", cast_hpp},
    {"formulas.hpp", formulas_hpp},
    {"functions.hpp", functions_hpp},
    {"st_dtypes.h", st_dtypes_h},
    {"st_formulas.h", st_formulas_h},
};
const int st_cuda_source_count = sizeof st_cuda_sources / sizeof *st_cuda_sources;
