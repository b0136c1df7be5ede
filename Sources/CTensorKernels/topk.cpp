// The first elements of sorted rows, without sorting them: a row is read once, and what comes before the last of the best
// so far is collected until there is too much of it.
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

template <class T>
struct Best {
  using Key = decltype(key_of(T()));
  // Indices of rows beyond 2^32 would need wider entries.
  using Wide = uint64_t;

  Entry<Wide> *entries;
  intptr_t k, capacity, count = 0;
  bool largest, full = false;
  Wide limit = 0;
  T limit_value{};

  // Keeps the first k of what was collected.
  void shrink(const SortRow<T> &row) {
    if (count > k) std::nth_element(entries, entries + k - 1, entries + count, comes_before<Wide>);
    count = std::min(count, k);
    if (count < k) return;
    full = true;
    limit = entries[k - 1].key;
    limit_value = row.from[intptr_t(entries[k - 1].index) * row.in_stride];
  }

  void look(const SortRow<T> &row, intptr_t begin, intptr_t end) {
    if constexpr (!is_half<T> && !is_same<T, bool>) {
      if (full && row.in_stride == 1 &&
          !ST_CHOOSE(any_before<T>)(row.from + begin, end - begin, limit_value, largest)) {
        return;
      }
    }
    for (intptr_t j = begin; j < end; j++) {
      const Key own = key_of(row.from[j * row.in_stride]);
      const Wide key = largest ? Key(~own) : own;
      // Of equal ones the earlier stays.
      if (full && key >= limit) continue;
      entries[count++] = {key, Wide(j)};
    }
    if (count + block > capacity) shrink(row);
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
  const intptr_t capacity = 2 * k + 4 * block;
  std::atomic<bool> complete{true};
  with_type(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(rows, even_grain(rows, views.count * 2), [&](intptr_t begin, intptr_t end) {
      using Wide = typename Best<T>::Wide;
      auto *const entries = static_cast<Entry<Wide> *>(workspace(size_t(capacity) * sizeof(Entry<Wide>)));
      if (!entries) {
        complete.store(false, std::memory_order_relaxed);
        return;
      }
      Rows<3> place = shared;
      place.seek(begin / place.length);
      for (intptr_t i = begin, column = begin % place.length; i < end; i++) {
        const SortRow<T> row(views, place, column);
        Best<T> best{entries, k, capacity, 0, largest};
        for (intptr_t j = 0; j < views.count; j += block) best.look(row, j, std::min(j + block, views.count));
        best.shrink(row);
        std::sort(entries, entries + best.count, comes_before<Wide>);
        row.write(entries, best.count);
        if (++column == place.length) column = 0, place.next();
      }
    });
  });
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return {};
}
