#include "elementwise.hpp"

#define ST_KERNELS "conversion_kernels.inl"
#include "each_instruction_set.hpp"

st::Conversion st::conversion(st_dtype to, st_dtype from) { return ST_CHOOSE(conversion)(to, from); }
