// Stable sorting along one dimension, with the indices that lead to it.
#include <algorithm>
#include <atomic>
#include <type_traits>
#include <utility>

#include "convert.hpp"
#include "rows.hpp"
#include "threads.hpp"
#include "workspace.hpp"

namespace st {
namespace {

// An element by a whole number that orders as it does, and where it came from.
struct Entry {
  uint64_t key;
  int64_t index;
};

// NaN is the largest; zeros of both signs are equal.
template <class T>
uint64_t key_of(T value) {
  if constexpr (is_half<T>) {
    return key_of(to_float(value));
  } else if constexpr (is_float<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits sign = Bits(1) << (8 * sizeof(T) - 1);
    if (value != value) return Bits(-1);
    const Bits bits = value == 0 ? 0 : bits_as<Bits>(value);
    return Bits(bits & sign ? ~bits : bits | sign);
  } else if constexpr (std::is_signed_v<T>) {
    return uint64_t(int64_t(value)) ^ uint64_t(1) << 63;
  } else {
    return uint64_t(value);
  }
}

// Byte by byte, from the lowest; bytes that all keys share are skipped. Returns the sorted one of both arrays.
Entry *sort_entries(Entry *entries, Entry *spare, intptr_t count) {
  if (count < 256) {
    std::sort(entries, entries + count, [](const Entry &a, const Entry &b) {
      return a.key != b.key ? a.key < b.key : a.index < b.index;
    });
    return entries;
  }
  intptr_t counts[8][256] = {};
  for (intptr_t i = 0; i < count; i++) {
    for (int byte = 0; byte < 8; byte++) counts[byte][entries[i].key >> 8 * byte & 255]++;
  }
  for (int byte = 0; byte < 8; byte++) {
    if (counts[byte][entries[0].key >> 8 * byte & 255] == count) continue;
    intptr_t starts[256], start = 0;
    for (int value = 0; value < 256; value++) {
      starts[value] = start;
      start += counts[byte][value];
    }
    for (intptr_t i = 0; i < count; i++) spare[starts[entries[i].key >> 8 * byte & 255]++] = entries[i];
    std::swap(entries, spare);
  }
  return entries;
}

// Returns false when there is no memory to work in.
template <class T>
bool sort_rows(bool descending, Rows<3> place, intptr_t begin, intptr_t end, st_view values, st_view indices,
               st_view in, int32_t dim) {
  const intptr_t count = in.rank == 0 ? 1 : in.shape[dim];
  const intptr_t value_stride = row_stride(values, dim), index_stride = row_stride(indices, dim);
  const intptr_t in_stride = row_stride(in, dim);
  Entry *const memory = static_cast<Entry *>(workspace(2 * count * sizeof(Entry)));
  if (!memory) return false;
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end; i++) {
    T *const to = static_cast<T *>(values.data) + place.offset[0] + column * place.step[0];
    int64_t *const index = static_cast<int64_t *>(indices.data) + place.offset[1] + column * place.step[1];
    const T *const from = static_cast<const T *>(in.data) + place.offset[2] + column * place.step[2];
    for (intptr_t j = 0; j < count; j++) {
      const uint64_t key = key_of(from[j * in_stride]);
      memory[j] = {descending ? ~key : key, j};
    }
    const Entry *const sorted = sort_entries(memory, memory + count, count);
    for (intptr_t j = 0; j < count; j++) {
      to[j * value_stride] = from[sorted[j].index * in_stride];
      index[j * index_stride] = sorted[j].index;
    }
    if (++column == place.length) column = 0, place.next();
  }
  return true;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_sort(bool descending, st_view values, st_view indices, st_view in, int32_t dim) {
  const Rows<3> shared = positions<3>({values, indices, in}, dim);
  const intptr_t count = in.rank == 0 ? 1 : in.shape[dim], rows = shared.rows * shared.length;
  if (count == 0) return {};
  std::atomic<bool> complete{true};
  with_type(in.dtype, [&](auto tag) {
    parallel_for(rows, even_grain(rows, count * 64), [&](intptr_t begin, intptr_t end) {
      if (!sort_rows<typename decltype(tag)::type>(descending, shared, begin, end, values, indices, in, dim)) {
        complete.store(false, std::memory_order_relaxed);
      }
    });
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}
