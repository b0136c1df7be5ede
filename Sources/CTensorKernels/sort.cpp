// Stable sorting along one dimension, with the indices that lead to it, and the first of what it gives.
#include "sort.hpp"

#include <atomic>

#include "threads.hpp"
#include "workspace.hpp"

namespace st {
namespace {

// Digit by digit, from the lowest; digits that all keys share are skipped. Returns the sorted one of both arrays.
template <int bits, class Key>
Entry<Key> *sort_by_digits(Entry<Key> *entries, Entry<Key> *spare, intptr_t count) {
  constexpr int digits = (8 * sizeof(Key) + bits - 1) / bits;
  constexpr Key mask = (Key(1) << bits) - 1;
  intptr_t counts[digits][size_t(1) << bits] = {};
  for (intptr_t i = 0; i < count; i++) {
    for (int digit = 0; digit < digits; digit++) counts[digit][entries[i].key >> bits * digit & mask]++;
  }
  for (int digit = 0; digit < digits; digit++) {
    intptr_t *const starts = counts[digit];
    if (starts[entries[0].key >> bits * digit & mask] == count) continue;
    intptr_t start = 0;
    for (size_t value = 0; value <= mask; value++) {
      const intptr_t own = starts[value];
      starts[value] = start;
      start += own;
    }
    for (intptr_t i = 0; i < count; i++) spare[starts[entries[i].key >> bits * digit & mask]++] = entries[i];
    std::swap(entries, spare);
  }
  return entries;
}

template <class Key>
Entry<Key> *sort_entries(Entry<Key> *entries, Entry<Key> *spare, intptr_t count) {
  if (count < 128) {
    std::sort(entries, entries + count, comes_before<Key>);
    return entries;
  }
  // Long digits pay when their counts do not outnumber the keys.
  if (sizeof(Key) == 4 && count > 8192) return sort_by_digits<11>(entries, spare, count);
  return sort_by_digits<8>(entries, spare, count);
}

// Returns false when there is no memory to work in.
template <class T, class Key>
bool sort_rows(bool descending, Rows<3> place, intptr_t begin, intptr_t end, const SortViews &views) {
  const intptr_t count = views.count;
  Entry<Key> *const memory = static_cast<Entry<Key> *>(workspace(2 * count * sizeof(Entry<Key>)));
  if (!memory) return false;
  place.seek(begin / place.length);
  for (intptr_t i = begin, column = begin % place.length; i < end; i++) {
    const SortRow<T> row(views, place, column);
    for (intptr_t j = 0; j < count; j++) {
      const Key key = Key(key_of(row.from[j * row.in_stride]));
      memory[j] = {descending ? Key(~key) : key, Key(j)};
    }
    const auto *const sorted = sort_entries(memory, memory + count, count);
    row.write(count, [&](intptr_t j) { return intptr_t(sorted[j].index); });
    if (++column == place.length) column = 0, place.next();
  }
  return true;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_sort(bool descending, st_view values, st_view indices, st_view in, int32_t dim) {
  const Rows<3> shared = positions<3>({values, indices, in}, dim);
  const SortViews views(values, indices, in, dim);
  const intptr_t rows = shared.rows * shared.length;
  if (views.count == 0) return {};
  std::atomic<bool> complete{true};
  with_type(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(rows, even_grain(rows, views.count * 64), [&](intptr_t begin, intptr_t end) {
      bool done = false;
      if constexpr (sizeof(T) <= 4) {
        if (views.count <= UINT32_MAX) {
          done = sort_rows<T, uint32_t>(descending, shared, begin, end, views);
          if (!done) complete.store(false, std::memory_order_relaxed);
          return;
        }
      }
      done = sort_rows<T, uint64_t>(descending, shared, begin, end, views);
      if (!done) complete.store(false, std::memory_order_relaxed);
    });
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}
