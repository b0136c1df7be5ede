// What sorting and the search for the first elements share.
#ifndef CTENSORKERNELS_SORT_HPP
#define CTENSORKERNELS_SORT_HPP

#include <algorithm>
#include <type_traits>
#include <utility>

#include "convert.hpp"
#include "rows.hpp"

namespace st {

// An element by a whole number that orders as it does, and where it came from.
template <class Key>
struct Entry {
  Key key, index;
};

template <class Key>
bool comes_before(const Entry<Key> &a, const Entry<Key> &b) {
  return a.key != b.key ? a.key < b.key : a.index < b.index;
}

// Of 32 bits for dtypes that have no more. NaN is the largest; zeros of both signs are equal.
template <class T>
ST_INLINE auto key_of(T value) {
  if constexpr (is_half<T>) {
    return key_of(to_float(value));
  } else if constexpr (is_float<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits sign = Bits(1) << (8 * sizeof(T) - 1);
    if (value != value) return Bits(-1);
    const Bits bits = value == 0 ? 0 : bits_as<Bits>(value);
    return Bits(bits & sign ? ~bits : bits | sign);
  } else if constexpr (sizeof(T) == 8) {
    return uint64_t(value) ^ uint64_t(1) << 63;
  } else if constexpr (std::is_signed_v<T>) {
    return uint32_t(int32_t(value)) ^ uint32_t(1) << 31;
  } else {
    return uint32_t(value);
  }
}

struct SortViews {
  st_view values, indices, in;
  intptr_t value_stride, index_stride, in_stride;
  intptr_t count;  // of a row of the input

  SortViews(st_view values, st_view indices, st_view in, int32_t dim)
      : values(values), indices(indices), in(in), value_stride(row_stride(values, dim)),
        index_stride(row_stride(indices, dim)), in_stride(row_stride(in, dim)),
        count(in.rank == 0 ? 1 : in.shape[dim]) {}
};

// One row of the input and of both results.
template <class T>
struct SortRow {
  T *to;
  int64_t *index;
  const T *from;
  intptr_t value_stride, index_stride, in_stride;

  SortRow(const SortViews &views, const Rows<3> &place, intptr_t column)
      : to(static_cast<T *>(views.values.data) + place.offset[0] + column * place.step[0]),
        index(static_cast<int64_t *>(views.indices.data) + place.offset[1] + column * place.step[1]),
        from(static_cast<const T *>(views.in.data) + place.offset[2] + column * place.step[2]),
        value_stride(views.value_stride), index_stride(views.index_stride), in_stride(views.in_stride) {}

  // Writes `count` elements, of which number j lies at index_of(j).
  template <class Index>
  void write(intptr_t count, const Index &index_of) const {
    for (intptr_t j = 0; j < count; j++) {
      const intptr_t at = index_of(j);
      to[j * value_stride] = from[at * in_stride];
      index[j * index_stride] = int64_t(at);
    }
  }
};

}  // namespace st

#endif
