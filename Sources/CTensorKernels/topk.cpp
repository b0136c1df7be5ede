// The first elements of sorted rows, without sorting them: a row is read once, and what comes before the last of the
// best so far is collected until there is too much of it.
#include <atomic>

#include "dispatch.hpp"
#include "sort.hpp"
#include "threads.hpp"
#include "workspace.hpp"

#define ST_KERNELS "topk_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

constexpr intptr_t block = 64;

// The best elements so far. An entry is an element's key above its index, so that entries order as elements do and of
// equal ones the earlier comes first.
template <class T, class Entry>
struct Best {
  using Key = decltype(key_of(T()));
  using Number = std::conditional_t<is_half<T>, float, T>;
  static constexpr int index_bits = 4 * sizeof(Entry);

  Entry *entries;
  intptr_t k, count = 0;
  bool largest, full = false;
  Entry limit = 0;
  Number limit_value{};

  static intptr_t index(Entry entry) { return intptr_t(entry & ((Entry(1) << index_bits) - 1)); }

  // Keeps the first k of what was collected.
  void shrink(const SortRow<T> &row) {
    if (count < k) return;
    // Of exactly k too: the last of them becomes the limit.
    std::nth_element(entries, entries + k - 1, entries + count);
    count = k;
    full = true;
    limit = entries[k - 1];
    limit_value = cast<Number>(row.from[index(limit) * row.in_stride]);
  }

  // Looks through a block; the limit follows soon, so that few of the later elements pass it.
  void look(const SortRow<T> &row, intptr_t begin, intptr_t end) {
    for (intptr_t j = begin; j < end; j++) {
      const Key own = key_of(row.from[j * row.in_stride]);
      entries[count] = Entry(largest ? Key(~own) : own) << index_bits | Entry(j);
      count += !full || entries[count] < limit;
    }
    if (full ? count >= k + std::max(k, intptr_t(16)) : count >= k) shrink(row);
  }

  void look(const SortRow<T> &row, intptr_t length) {
    for (intptr_t j = 0; j < length; j += block) {
      if constexpr (!is_same<T, bool>) {
        if (full && row.in_stride == 1) {
          j = ST_CHOOSE(next_block<block, T, Number>)(row.from, j, length, limit_value, largest);
        }
      }
      if (j < length) look(row, j, std::min(j + block, length));
    }
  }
};

}  // namespace
}  // namespace st

using namespace st;

st_status st_topk(bool largest, st_view values, st_view indices, st_view in, int32_t dim) {
  const Rows<3> shared = positions<3>({values, indices, in}, dim);
  const SortViews views(values, indices, in, dim);
  const intptr_t rows = shared.rows * shared.length, k = values.rank == 0 ? 1 : values.shape[dim];
  if (k == 0 || views.count < k) return {};
  const intptr_t capacity = 2 * k + 2 * block;
  std::atomic<bool> complete{true};
  const auto search = [&](auto tag, auto entry) {
    using T = typename decltype(tag)::type;
    using Entry = typename decltype(entry)::type;
    parallel_for(rows, even_grain(rows, views.count * 2), [&](intptr_t begin, intptr_t end) {
      auto *const entries = static_cast<Entry *>(workspace(size_t(capacity) * sizeof(Entry)));
      if (!entries) {
        complete.store(false, std::memory_order_relaxed);
        return;
      }
      Rows<3> place = shared;
      place.seek(begin / place.length);
      for (intptr_t i = begin, column = begin % place.length; i < end; i++) {
        const SortRow<T> row(views, place, column);
        Best<T, Entry> best{entries, k, 0, largest};
        best.look(row, views.count);
        best.shrink(row);
        std::sort(entries, entries + best.count);
        row.write(best.count, [&](intptr_t j) { return best.index(entries[j]); });
        if (++column == place.length) column = 0, place.next();
      }
    });
  };
  with_type(in.dtype, [&](auto tag) {
    // 32 bits of the key and as many of the index, where they are enough.
    if constexpr (sizeof(key_of(typename decltype(tag)::type())) == 4) {
      if (views.count <= UINT32_MAX) return search(tag, Tag<uint64_t>());
    }
    search(tag, Tag<unsigned __int128>());
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}
