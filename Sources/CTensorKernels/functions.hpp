// Each formula as a type, which kernels are generic over. It includes nothing, as formulas.hpp, which goes before it, and
// st_formulas.h: other backends embed this file's text.
#ifndef CTENSORKERNELS_FUNCTIONS_HPP
#define CTENSORKERNELS_FUNCTIONS_HPP

namespace st {

// call(parameters, operands...) takes as many parameters as the formula; it gives void where the formula does not
// exist.
#define ST_FUNCTION(CONSTANT, name)                                                                                   \
  struct Function_##name {                                                                                            \
    template <class T, class... Operands>                                                                             \
    static ST_INLINE auto call(const T *p, Operands... operands) {                                                    \
      if constexpr (requires { formulas::name(operands...); }) {                                                      \
        return formulas::name(operands...);                                                                           \
      } else if constexpr (requires { formulas::name(operands..., p[0]); }) {                                         \
        return formulas::name(operands..., p[0]);                                                                     \
      } else if constexpr (requires { formulas::name(operands..., p[0], p[1]); }) {                                   \
        return formulas::name(operands..., p[0], p[1]);                                                               \
      }                                                                                                               \
    }                                                                                                                 \
  };
ST_UNARY_FORMULAS(ST_FUNCTION)
ST_BINARY_FORMULAS(ST_FUNCTION)
ST_TERNARY_FORMULAS(ST_FUNCTION)
#undef ST_FUNCTION

// Division of whole numbers by zero is an error.
template <class Function, class T>
inline constexpr bool divides = formulas::Integer<T> &&
                                (is_same<Function, Function_divide> || is_same<Function, Function_fmod> ||
                                 is_same<Function, Function_remainder> || is_same<Function, Function_floor_divide> ||
                                 is_same<Function, Function_trunc_divide>);

// The type of a ternary operation's first operand, computing in T.
template <class Function, class T> struct FirstOperand {
  using type = T;
};
template <class T> struct FirstOperand<Function_where, T> {
  using type = bool;
};
template <class Function, class T> using First = typename FirstOperand<Function, T>::type;

template <class Function>
inline constexpr bool takes_two_parameters = is_same<Function, Function_clamp_numbers> ||
                                             is_same<Function, Function_softplus> ||
                                             is_same<Function, Function_softplus_backward> ||
                                             is_same<Function, Function_elu> ||
                                             is_same<Function, Function_elu_backward> ||
                                             is_same<Function, Function_threshold> ||
                                             is_same<Function, Function_round_decimals>;

}  // namespace st

#endif
