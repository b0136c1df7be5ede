// What the host knows of the formulas, found by the compiler from the formulas themselves.
#ifndef ST_CUDA_OPERATIONS_FORMULAS_HPP
#define ST_CUDA_OPERATIONS_FORMULAS_HPP

#include "../../CTensorKernels/arithmetic.hpp"
#include "../../CTensorKernels/elementwise_functions.hpp"
#include "../runtime/device.hpp"
// After the functions.
#include "../kernels/elementwise_parameters.h"

namespace st::cuda {

// Bit i of a set stands for dtype i, to compute in.
struct Formula {
  const char *name;
  uint16_t dtypes;      // for which it exists
  uint16_t gives_bool;
  uint16_t divides;     // whole numbers, by one that may not be zero
  bool takes_two_parameters;
  uint8_t vectors[10];  // of a thread, by dtype
};

template <class Function, class T, int inputs>
constexpr auto result_of() {
  using Number = Arithmetic<T>;
  using FirstNumber = First<Function, Number>;
  constexpr const Number *p = nullptr;
  if constexpr (inputs == 1) {
    return Tag<decltype(Function::template call<Number>(p, FirstNumber()))>();
  } else if constexpr (inputs == 2) {
    return Tag<decltype(Function::template call<Number>(p, FirstNumber(), Number()))>();
  } else {
    return Tag<decltype(Function::template call<Number>(p, FirstNumber(), Number(), Number()))>();
  }
}

// The types in the order of their dtypes.
template <class Function, int inputs, class... Types>
constexpr Formula describe(const char *name) {
  Formula formula = {name, 0, 0, 0, takes_two_parameters<Function>, {}};
  int dtype = 0;
  auto add = [&]<class T>(Tag<T>) {
    using Result = typename decltype(result_of<Function, T, inputs>())::type;
    formula.vectors[dtype] = vectors_of_thread<Function, sizeof(T), inputs>;
    const uint16_t bit = uint16_t(1 << dtype++);
    if constexpr (!is_same<Result, void>) {
      formula.dtypes |= bit;
      if (is_same<Result, bool>) formula.gives_bool |= bit;
      if (divides<Function, Arithmetic<T>>) formula.divides |= bit;
    }
  };
  (add(Tag<Types>()), ...);
  return formula;
}

#define ST_DESCRIBE(inputs, name)                                                                                     \
  describe<Function_##name, inputs, bool, uint8_t, int8_t, int16_t, int32_t, int64_t, float16, bfloat16, float,       \
           double>("Function_" #name),
#define ST_UNARY(CONSTANT, name) ST_DESCRIBE(1, name)
#define ST_BINARY(CONSTANT, name) ST_DESCRIBE(2, name)
#define ST_TERNARY(CONSTANT, name) ST_DESCRIBE(3, name)
inline constexpr Formula unary_formulas[] = {ST_UNARY_FORMULAS(ST_UNARY)};
inline constexpr Formula binary_formulas[] = {ST_BINARY_FORMULAS(ST_BINARY)};
inline constexpr Formula ternary_formulas[] = {ST_TERNARY_FORMULAS(ST_TERNARY)};
#undef ST_DESCRIBE
#undef ST_UNARY
#undef ST_BINARY
#undef ST_TERNARY

// The types' names in kernel sources.
inline constexpr const char *type_names[] = {"bool",    "uint8_t", "int8_t",   "int16_t", "int32_t",
                                             "int64_t", "float16", "bfloat16", "float",   "double"};

// A number in host memory, or of one, as the bits that kernels take.
template <class T>
uint64_t bits_of(T value) {
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  return bits;
}

}  // namespace st::cuda

#endif
