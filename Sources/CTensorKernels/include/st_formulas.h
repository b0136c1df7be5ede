// The scalar formulas' names: one row an operation. The function of each row stands in formulas.hpp, which the CPU
// kernels compile and other backends embed. X(CONSTANT, function).
#ifndef ST_FORMULAS_H
#define ST_FORMULAS_H

// Of one value. Rows marked (bool) give a bool. p: the parameters.
#define ST_UNARY_FORMULAS(X)                                                                                          \
  X(NEGATIVE, negative) X(ABS, abs) X(SIGN, sign) X(SQUARE, square) X(RECIPROCAL, reciprocal)                         \
  X(EXP, exp) X(EXP2, exp2) X(EXPM1, expm1) X(LOG, log) X(LOG2, log2) X(LOG10, log10) X(LOG1P, log1p)                 \
  X(SQRT, sqrt) X(RSQRT, rsqrt) X(SIN, sin) X(COS, cos) X(TAN, tan) X(ASIN, asin) X(ACOS, acos) X(ATAN, atan)         \
  X(SINH, sinh) X(COSH, cosh) X(TANH, tanh) X(ERF, erf) X(SIGMOID, sigmoid) X(RELU, relu)                             \
  X(GELU, gelu) X(GELU_TANH, gelu_tanh) X(SILU, silu)                                                                 \
  X(SOFTPLUS, softplus) /* p: beta, threshold */                                                                      \
  X(LEAKY_RELU, leaky_relu) /* p: slope */                                                                            \
  X(CLAMP_NUMBERS, clamp_numbers) /* p: lower, upper; NaN kept */                                                     \
  X(FLOOR, floor) X(CEIL, ceil) X(ROUND, round) X(TRUNC, trunc)                                                       \
  X(FRAC, frac) X(ROUND_DECIMALS, round_decimals) /* p: power of ten, whether to divide by it */                      \
  X(MANTISSA, mantissa) X(EXPONENT, exponent) /* x = mantissa 2^exponent, 1/2 <= |mantissa| < 1 */                    \
  X(ASINH, asinh) X(ACOSH, acosh) X(ATANH, atanh) X(ERFC, erfc) X(ERFINV, erfinv) X(ERFCX, erfcx) X(SINC, sinc)       \
  X(LGAMMA, lgamma) X(DIGAMMA, digamma) X(POLYGAMMA, polygamma) /* p: the order */                                    \
  X(NDTR, ndtr) X(LOG_NDTR, log_ndtr) X(NDTRI, ndtri) X(ENTR, entr)                                                   \
  X(LOGIT, logit) /* p: distance from 0 and 1 that is kept, negative: none */                                         \
  X(I0, i0) X(I0E, i0e) X(I1, i1) X(I1E, i1e)                                                                         \
  X(ELU, elu) /* p: alpha, factor of the input */ X(SELU, selu) X(MISH, mish) X(LOG_SIGMOID, log_sigmoid)             \
  X(HARDSIGMOID, hardsigmoid) X(HARDSWISH, hardswish) X(HARDSHRINK, hardshrink) X(SOFTSHRINK, softshrink) /* p */     \
  X(THRESHOLD, threshold) /* p: threshold, value */                                                                   \
  X(BITWISE_NOT, bitwise_not)                                                                                         \
  X(IS_NAN, is_nan) X(IS_INF, is_inf) X(IS_FINITE, is_finite) X(LOGICAL_NOT, logical_not) /* (bool) */ \
  X(SIGNBIT, signbit) /* (bool) */

// Of two values. The first BACKWARD operand is the gradient, the second the value that the derivative reads.
#define ST_BINARY_FORMULAS(X)                                                                                         \
  X(ADD, add) X(SUBTRACT, subtract) X(MULTIPLY, multiply) X(DIVIDE, divide) X(POWER, power)                           \
  X(REMAINDER, remainder) X(FLOOR_DIVIDE, floor_divide) X(FMOD, fmod) /* floored: the divisor's sign; fmod: the dividend's */ \
  X(MINIMUM, minimum) X(MAXIMUM, maximum) X(ATAN2, atan2)                                                             \
  X(BITWISE_AND, bitwise_and) X(BITWISE_OR, bitwise_or) X(BITWISE_XOR, bitwise_xor)                                   \
  X(EQUAL, equal) X(NOT_EQUAL, not_equal) X(LESS, less) X(LESS_EQUAL, less_equal) X(GREATER, greater)                 \
  X(GREATER_EQUAL, greater_equal) X(LOGICAL_AND, logical_and) X(LOGICAL_OR, logical_or) X(LOGICAL_XOR, logical_xor) /* (bool) */ \
  X(TANH_BACKWARD, tanh_backward) X(SIGMOID_BACKWARD, sigmoid_backward) /* of the result */                           \
  X(RELU_BACKWARD, relu_backward) /* of the result; NaN passes */                                                     \
  X(GELU_BACKWARD, gelu_backward) X(GELU_TANH_BACKWARD, gelu_tanh_backward) X(SILU_BACKWARD, silu_backward)           \
  X(SOFTPLUS_BACKWARD, softplus_backward) /* p: beta, threshold */                                                    \
  X(LEAKY_RELU_BACKWARD, leaky_relu_backward) /* p: slope; of the input */                                            \
  X(ELU_BACKWARD, elu_backward) X(SELU_BACKWARD, selu_backward) X(MISH_BACKWARD, mish_backward)                       \
  X(TRUNC_DIVIDE, trunc_divide) X(FMIN, fmin) X(FMAX, fmax) X(COPYSIGN, copysign) X(HYPOT, hypot)                     \
  X(NEXTAFTER, nextafter) /* p: low bits of the float that the dtype lacks */                                         \
  X(XLOGY, xlogy) X(XLOG1PY, xlog1py) X(LOG_ADD_EXP, log_add_exp) X(LOG_ADD_EXP2, log_add_exp2)                       \
  X(ZETA, zeta) X(IGAMMA, igamma) X(IGAMMAC, igammac)                                                                 \
  X(GCD, gcd) X(LCM, lcm) X(SHIFT_LEFT, shift_left) X(SHIFT_RIGHT, shift_right)

// Of three values.
#define ST_TERNARY_FORMULAS(X)                                                                                        \
  X(WHERE, where)                                                                                                     \
  X(CLAMP, clamp) /* value, lower, upper; NaN of any kept */                                                          \
  X(LERP, lerp) X(ADDCMUL, addcmul) X(ADDCDIV, addcdiv) /* p: the factor of the product or quotient */

#define ST_ENUMERATOR(CONSTANT, function) ST_##CONSTANT,
typedef enum st_unary_op { ST_UNARY_FORMULAS(ST_ENUMERATOR) } st_unary_op;
typedef enum st_binary_op { ST_BINARY_FORMULAS(ST_ENUMERATOR) } st_binary_op;
typedef enum st_ternary_op { ST_TERNARY_FORMULAS(ST_ENUMERATOR) } st_ternary_op;
#undef ST_ENUMERATOR

#endif
