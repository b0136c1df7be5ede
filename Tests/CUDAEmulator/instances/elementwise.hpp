// Registers the formulas' kernels for an element type; those that exist.
#ifndef ST_EMULATED_INSTANCES_ELEMENTWISE_HPP
#define ST_EMULATED_INSTANCES_ELEMENTWISE_HPP

#include <string>

#include "../instances.hpp"
#include "elementwise.cuh"

namespace st::emulated {

template <class Function, class T, int inputs>
void register_formula(const std::string &arguments) {
  if constexpr (!is_same<typename Computation<Function, T, inputs>::Result, void>) {
    auto add = [&](const char *kernel, Kernel function) {
      Registration(__FILE__, "elementwise.cuh", "ElementwiseParameters", (kernel + arguments).c_str(), 128,
                   int(sizeof(ElementwiseParameters)), function);
    };
    add("elementwise_vectors<", [](const void *p) {
      elementwise_vectors<Function, T, inputs>(*static_cast<const ElementwiseParameters *>(p));
    });
    add("elementwise_strided<", [](const void *p) {
      elementwise_strided<Function, T, inputs>(*static_cast<const ElementwiseParameters *>(p));
    });
  }
}

template <class T>
bool register_formulas(const std::string &type) {
#define ST_REGISTER(inputs, name)                                                                                     \
  register_formula<Function_##name, T, inputs>("Function_" #name "," + type + "," #inputs ">");
#define ST_UNARY(CONSTANT, name) ST_REGISTER(1, name)
#define ST_BINARY(CONSTANT, name) ST_REGISTER(2, name)
#define ST_TERNARY(CONSTANT, name) ST_REGISTER(3, name)
  ST_UNARY_FORMULAS(ST_UNARY)
  ST_BINARY_FORMULAS(ST_BINARY)
  ST_TERNARY_FORMULAS(ST_TERNARY)
#undef ST_REGISTER
#undef ST_UNARY
#undef ST_BINARY
#undef ST_TERNARY
  return true;
}

}  // namespace st::emulated

#define ST_FORMULA_INSTANCES(T) static const bool registered_##T = st::emulated::register_formulas<T>(#T);

#endif
