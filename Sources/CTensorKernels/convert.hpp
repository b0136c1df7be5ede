// Element types and conversions between them: see cast.hpp; and from a dtype to its type.
#ifndef CTENSORKERNELS_CONVERT_HPP
#define CTENSORKERNELS_CONVERT_HPP

#include <stdint.h>

#include "CTensorKernels.h"
#include "dispatch.hpp"
// After what it leaves to its surroundings.
#include "cast.hpp"

namespace st {

// ---- From a dtype to a type: with_type(dtype, [&](auto tag) { using T = typename decltype(tag)::type; ... }).

template <class T> struct Tag {
  using type = T;
};

template <class Function>
inline auto with_type(st_dtype dtype, const Function &function) {
  switch (dtype) {
    case ST_BOOL: return function(Tag<bool>());
    case ST_UINT8: return function(Tag<uint8_t>());
    case ST_INT8: return function(Tag<int8_t>());
    case ST_INT16: return function(Tag<int16_t>());
    case ST_INT32: return function(Tag<int32_t>());
    case ST_INT64: return function(Tag<int64_t>());
    case ST_FLOAT16: return function(Tag<float16>());
    case ST_BFLOAT16: return function(Tag<bfloat16>());
    case ST_FLOAT32: return function(Tag<float>());
    default: return function(Tag<double>());
  }
}

inline intptr_t element_size(st_dtype dtype) {
  constexpr uint8_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  return sizes[dtype];
}

inline bool is_floating(st_dtype dtype) { return dtype >= ST_FLOAT16; }

inline intptr_t element_count(const st_view &view) {
  intptr_t count = 1;
  for (int32_t i = 0; i < view.rank; i++) count *= view.shape[i];
  return count;
}

}  // namespace st

#endif
