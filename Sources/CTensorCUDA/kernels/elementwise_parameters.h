// What the elementwise kernels take, and how they share the work. After the functions (CTensorKernels/functions.hpp).
#ifndef ST_CUDA_ELEMENTWISE_PARAMETERS_H
#define ST_CUDA_ELEMENTWISE_PARAMETERS_H

#include "places_parameters.h"

namespace st {

// Operand 0 is the output, the inputs are 1 ... 3; unused ones have strides of 0.
struct ElementwiseParameters {
  void *operands[4];
  uint64_t numbers[4];     // inputs that are numbers, as bits of the arithmetic type
  uint64_t parameters[2];  // the formula's, likewise
  Fault *fault;
  int32_t tag;
  uint32_t given;   // bit k: input k is a number
  uint32_t dense;   // vectors: bit k: operand k is contiguous along dimension 0, else it repeats one element
  uint32_t tail;    // vectors: elements after the last whole one
  uint32_t rounds;  // strided: bit k: input k is first rounded to the 16-bit type that the operation computes in
  int32_t dtypes[4];
  Places<4> places;
};

// The copies of a formula that a kernel should hold: of long ones fewer, else registers spill.
template <class Function> inline constexpr int most_copies = 16;
template <> inline constexpr int most_copies<Function_sin> = 8;
template <> inline constexpr int most_copies<Function_cos> = 8;
template <> inline constexpr int most_copies<Function_tan> = 8;
template <> inline constexpr int most_copies<Function_power> = 2;
#define ST_FEW(name) template <> inline constexpr int most_copies<Function_##name> = 2;
ST_FEW(lgamma) ST_FEW(digamma) ST_FEW(polygamma) ST_FEW(erfinv) ST_FEW(erfcx) ST_FEW(ndtr) ST_FEW(log_ndtr)
ST_FEW(ndtri) ST_FEW(i0) ST_FEW(i0e) ST_FEW(i1) ST_FEW(i1e) ST_FEW(zeta) ST_FEW(igamma) ST_FEW(igammac) ST_FEW(gcd)
ST_FEW(lcm) ST_FEW(sinc) ST_FEW(xlogy) ST_FEW(xlog1py) ST_FEW(log_add_exp) ST_FEW(log_add_exp2) ST_FEW(logit)
ST_FEW(trunc_divide) ST_FEW(hypot) ST_FEW(nextafter) ST_FEW(erfc)
#undef ST_FEW
template <> inline constexpr int most_copies<Function_fmod> = 2;
template <> inline constexpr int most_copies<Function_remainder> = 2;
template <> inline constexpr int most_copies<Function_floor_divide> = 2;

// Vectors of a thread, by an element's size: enough bytes under way.
template <class Function, int size, int inputs>
inline constexpr int vectors_of_thread = most_copies<Function> * size < 32                      ? 1
                                         : inputs > 1 || most_copies<Function> * size < 64 ? 2
                                                                                           : 4;

// Elements of a thread, of any strides.
inline constexpr int strided_elements = 4;

}  // namespace st

#endif
