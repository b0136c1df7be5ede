#include "elementwise_functions.hpp"

#define ST_KERNELS "elementwise_kernels.inl"
#include "each_instruction_set.hpp"

const st::ElementwiseTable &st::float_elementwise() { return ST_CHOOSE(elementwise_table<float>)(); }
