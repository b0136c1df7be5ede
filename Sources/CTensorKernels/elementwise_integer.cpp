#include "elementwise_functions.hpp"

#define ST_KERNELS "elementwise_kernels.inl"
#include "each_instruction_set.hpp"

const st::ElementwiseTable &st::integer_elementwise(st_dtype dtype) {
  // Memory limits all but the products and comparisons of int64.
  switch (dtype) {
    case ST_BOOL: return ST_CHOOSE_TO_AVX2(elementwise_table<bool>)();
    case ST_UINT8: return ST_CHOOSE_TO_AVX2(elementwise_table<uint8_t>)();
    case ST_INT8: return ST_CHOOSE_TO_AVX2(elementwise_table<int8_t>)();
    case ST_INT16: return ST_CHOOSE_TO_AVX2(elementwise_table<int16_t>)();
    case ST_INT32: return ST_CHOOSE_TO_AVX2(elementwise_table<int32_t>)();
    default: return ST_CHOOSE(elementwise_table<int64_t>)();
  }
}
