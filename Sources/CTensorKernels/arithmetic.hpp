#ifndef CTENSORKERNELS_ARITHMETIC_HPP
#define CTENSORKERNELS_ARITHMETIC_HPP

#include <type_traits>

#include "convert.hpp"

namespace st {

// What a floating dtype computes in.
template <class T>
using Arithmetic = std::conditional_t<is_half<T>, float, T>;

// The dtype of float or double.
template <class A>
inline constexpr st_dtype dtype_of = is_same<A, double> ? ST_FLOAT64 : ST_FLOAT32;

// Calls `body(Tag<T>())` for a floating dtype.
template <class Body>
st_status with_float(st_dtype dtype, const Body &body) {
  switch (dtype) {
    case ST_FLOAT16: body(Tag<float16>()); break;
    case ST_BFLOAT16: body(Tag<bfloat16>()); break;
    case ST_FLOAT32: body(Tag<float>()); break;
    case ST_FLOAT64: body(Tag<double>()); break;
    default: return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  return {};
}

}  // namespace st

#endif
