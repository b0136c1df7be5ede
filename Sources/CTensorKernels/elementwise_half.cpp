#include "elementwise_functions.hpp"

#define ST_KERNELS "elementwise_kernels.inl"
#include "each_instruction_set.hpp"

const st::HalfTable &st::half_elementwise(st_dtype dtype) {
  return dtype == ST_FLOAT16 ? ST_CHOOSE(half_table<float16>)() : ST_CHOOSE(half_table<bfloat16>)();
}
