#include "elementwise_functions.hpp"

#define ST_KERNELS "elementwise_kernels.inl"
#include "each_instruction_set.hpp"

const st::ElementwiseTable &st::double_elementwise() { return ST_CHOOSE(elementwise_table<double>)(); }
