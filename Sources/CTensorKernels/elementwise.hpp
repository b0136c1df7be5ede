// What the elementwise kernels (one file for each family of types) offer their driver.
#ifndef CTENSORKERNELS_ELEMENTWISE_HPP
#define CTENSORKERNELS_ELEMENTWISE_HPP

#include <stdint.h>

#include "CTensorKernels.h"
#include "convert.hpp"

namespace st {

// Computes `count` contiguous elements; the output may be an input. A binary kernel takes an input whose bit (1, 2)
// is set in `single` as one number for all elements. Returns true when an integer divisor is zero.
using ElementwiseKernel = bool (*)(void *out, const void *const *inputs, intptr_t count, const double *parameters,
                                   int single);

struct Elementwise {
  ElementwiseKernel kernel;  // null: the operation refuses this type
  uint8_t cost;              // an element's time in quarter nanoseconds, roughly
  bool gives_bool;           // else the type computed in
};

#define ST_COUNT(CONSTANT, function) +1
inline constexpr int unary_count = 0 ST_UNARY_FORMULAS(ST_COUNT);
inline constexpr int binary_count = 0 ST_BINARY_FORMULAS(ST_COUNT);
inline constexpr int ternary_count = 0 ST_TERNARY_FORMULAS(ST_COUNT);
#undef ST_COUNT

struct ElementwiseTable {
  Elementwise unary[unary_count];
  Elementwise binary[binary_count];
  Elementwise ternary[ternary_count];
};

// The table of float32, float64, bool or an integer type, for this processor.
const ElementwiseTable &float_elementwise();
const ElementwiseTable &double_elementwise();
const ElementwiseTable &integer_elementwise(st_dtype dtype);

// The cheap functions of operands that are all float16, or all bfloat16; for the others, without a kernel, the driver
// converts blocks to float32.
struct HalfTable {
  Elementwise unary[unary_count];
  Elementwise binary[binary_count];
};
const HalfTable &half_elementwise(st_dtype dtype);

// Converts `count` contiguous elements.
using Conversion = void (*)(void *out, const void *in, intptr_t count);
Conversion conversion(st_dtype to, st_dtype from);

}  // namespace st

#endif
