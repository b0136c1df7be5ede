// Reading and writing by index. Every index is checked before it is used, and those of writes before the first write.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>

#include "convert.hpp"
#include "moves.hpp"
#include "rows.hpp"
#include "threads.hpp"

namespace st {
namespace {

st_status out_of_range(int32_t operand, intptr_t value, intptr_t limit) {
  return {ST_INDEX_OUT_OF_RANGE, operand, value, limit};
}

// Calls `body` with an unsigned integer of the element's size: what moving an element needs to know of its type.
template <class Body>
void with_element(st_dtype dtype, Body body) {
  switch (element_size(dtype)) {
    case 1: return body(uint8_t{});
    case 2: return body(uint16_t{});
    case 4: return body(uint32_t{});
    default: return body(uint64_t{});
  }
}

// Stored elements and their sum, as repeated `+=` on one element gives it.
template <class T>
struct Sum {
  using Element = T;
  static T of(T a, T b) { return a + b; }
};
struct BoolSum {
  using Element = uint8_t;
  static uint8_t of(uint8_t a, uint8_t b) { return (a | b) != 0; }
};
template <class T>
struct HalfSum {
  using Element = T;
  static T of(T a, T b) { return cast<T>(to_float(a) + to_float(b)); }
};

template <class Body>
void with_sum(st_dtype dtype, Body body) {
  switch (dtype) {
    case ST_BOOL: return body(BoolSum{});
    case ST_FLOAT16: return body(HalfSum<float16>{});
    case ST_BFLOAT16: return body(HalfSum<bfloat16>{});
    case ST_FLOAT32: return body(Sum<float>{});
    case ST_FLOAT64: return body(Sum<double>{});
    default:
      return with_element(dtype, [&](auto element) { body(Sum<decltype(element)>{}); });
  }
}

// The first place of a row whose index is outside 0..<limit; the row's length if there is none.
intptr_t first_outside(const int64_t *at, intptr_t step, intptr_t length, intptr_t limit) {
  const auto bound = static_cast<uint64_t>(limit);
  // The highest bit is that of an index below 0, or of what is left to the last when it is above it: no comparisons,
  // of which the least instruction set has none for 64 bits.
  uint64_t signs = 0;
  const auto sign = [=](int64_t place) {
    const auto bits = static_cast<uint64_t>(place);
    return bits | (bound - 1 - bits);
  };
  if (step == 1) {
    for (intptr_t i = 0; i < length; i++) signs |= sign(at[i]);
  } else {
    for (intptr_t i = 0; i < length; i++) signs |= sign(at[i * step]);
  }
  if (signs >> 63 == 0) return length;
  intptr_t i = 0;
  while (static_cast<uint64_t>(at[i * step]) < bound) i++;
  return i;
}

// The first index outside 0..<limit in row-major order, if there is one.
bool find_outside(st_view index, intptr_t limit, intptr_t *value) {
  Rows<1> walk;
  for (int32_t d = 0; d < index.rank; d++) walk.add(index.shape[d], {index.strides[d]});
  walk.close();
  const auto *data = static_cast<const int64_t *>(index.data);
  for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
    const int64_t *at = data + walk.offset[0];
    const intptr_t place = first_outside(at, walk.step[0], walk.length, limit);
    if (place == walk.length) continue;
    *value = at[place * walk.step[0]];
    return true;
  }
  return false;
}

// The walk of gather and scatter: `indexed` does not move along the dimension that the index chooses.
Rows<3> index_walk(st_view index, st_view plain, st_view indexed, int32_t dim) {
  Rows<3> walk;
  for (int32_t d = 0; d < index.rank; d++) {
    walk.add(index.shape[d], {index.strides[d], plain.strides[d], d == dim ? 0 : indexed.strides[d]});
  }
  walk.close();
  return walk;
}

// to[i] = from[i, places[i]].
template <class T>
void gather_row(T *to, intptr_t to_step, const T *from, intptr_t from_step, const int64_t *places, intptr_t place_step,
                intptr_t stride, intptr_t length, bool streamed) {
  if (to_step != 1 || from_step != 0 || place_step != 1) {
    for (intptr_t i = 0; i < length; i++) to[i * to_step] = from[i * from_step + places[i * place_step] * stride];
    return;
  }
  // Instructions that gather are slower than as many loads.
  const auto part = [=](T *to, const int64_t *places, intptr_t count) {
    if (stride == 1) {
#pragma clang loop vectorize(disable) unroll_count(4)
      for (intptr_t i = 0; i < count; i++) to[i] = from[places[i]];
    } else {
#pragma clang loop vectorize(disable) unroll_count(4)
      for (intptr_t i = 0; i < count; i++) to[i] = from[places[i] * stride];
    }
  };
  if (!streamed) return part(to, places, length);
  constexpr intptr_t block = 2 * streamed_part / sizeof(T);
  alignas(64) T values[block];
  for (intptr_t i = 0; i < length; i += block) {
    const intptr_t taken = std::min(block, length - i);
    part(values, places + i, taken);
    moves().copy(reinterpret_cast<char *>(to + i), 0, reinterpret_cast<const char *>(values), 0, 1,
                 taken * intptr_t(sizeof(T)), true);
  }
}

struct Dimension {
  intptr_t size = 1, stride = 0;
  Dimension(st_view view, int32_t dim) {
    if (view.rank > 0) size = view.shape[dim], stride = view.strides[dim];
  }
};

}  // namespace
}  // namespace st

using namespace st;

st_status st_gather(st_view out, st_view in, st_view index, int32_t dim) {
  const Dimension along(in, dim);
  const Rows<3> shared = index_walk(index, out, in, dim);
  // Checked row by row: an output that is refused has no reader.
  std::atomic<bool> outside{false};
  const bool streamed = element_count(out) * element_size(out.dtype) >= streamed_bytes;
  with_element(out.dtype, [&]<class T>(T) {
    const intptr_t grain = std::max<intptr_t>(1, 16384 / std::max<intptr_t>(1, shared.length));
    // A short row that is read whole, in an order that no processor foresees, is fetched while the one before it is
    // read, or its indices are checked.
    const bool whole = along.stride == 1 && shared.step[2] == 0 && along.size <= 4 * shared.length &&
                       along.size * intptr_t(sizeof(T)) <= 16384;
    const bool together = along.stride == 1 && shared.step == Rows<3>::Strides{1, 1, 0} && shared.length >= 16;
    parallel_for(shared.rows, grain, [&](intptr_t begin, intptr_t end) {
      Rows<3> walk = shared;
      walk.seek(begin);
      bool fetched = false;
      for (intptr_t row = begin; row < end; row++) {
        const auto *places = static_cast<const int64_t *>(index.data) + walk.offset[0];
        T *to = static_cast<T *>(out.data) + walk.offset[1];
        const T *from = static_cast<const T *>(in.data) + walk.offset[2];
        intptr_t length = walk.length;
        if (whole && !fetched) {
          for (intptr_t i = 0; i < along.size; i += 64 / intptr_t(sizeof(T))) __builtin_prefetch(from + i);
        }
        walk.next();
        if (together) {
          const T *next = whole && row + 1 < end ? static_cast<const T *>(in.data) + walk.offset[2] : nullptr;
          const intptr_t done = moves().gather(
              reinterpret_cast<char *>(to), reinterpret_cast<const char *>(from), along.size, places, length,
              sizeof(T), reinterpret_cast<const char *>(next), streamed);
          places += done, to += done, length -= done;
          fetched = next && done > 0;
        }
        if (first_outside(places, walk.step[0], length, along.size) < length) {
          outside.store(true, std::memory_order_relaxed);
          return;
        }
        gather_row(to, walk.step[1], from, walk.step[2], places, walk.step[0], along.stride, length, streamed);
      }
      if (streamed) stream_end();
    });
  });
  intptr_t bad;
  if (outside && find_outside(index, along.size, &bad)) return out_of_range(0, bad, along.size);
  return {};
}

st_status st_scatter(st_view out, st_view index, st_view source, int32_t dim, int32_t mode) {
  const Dimension along(out, dim);
  intptr_t bad;
  if (find_outside(index, along.size, &bad)) return out_of_range(0, bad, along.size);
  Rows<3> walk = index_walk(index, source, out, dim);
  // One thread, in row-major order: of equal indices the last wins, and sums have one order.
  const auto each = [&]<class T>(T, auto update) {
    for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
      const auto *places = static_cast<const int64_t *>(index.data) + walk.offset[0];
      const T *from = static_cast<const T *>(source.data) + walk.offset[1];
      T *to = static_cast<T *>(out.data) + walk.offset[2];
      for (intptr_t i = 0; i < walk.length; i++) {
        const int64_t place = places[i * walk.step[0]];
        // The index may lie in `out` and just have been overwritten.
        if (static_cast<uint64_t>(place) >= static_cast<uint64_t>(along.size)) continue;
        T &target = to[i * walk.step[2] + place * along.stride];
        target = update(target, from[i * walk.step[1]]);
      }
    }
  };
  if (mode == ST_SCATTER_ADD) {
    with_sum(out.dtype, [&](auto sum) {
      using S = decltype(sum);
      each(typename S::Element{}, [](auto a, auto b) { return S::of(a, b); });
    });
  } else {
    with_element(out.dtype, [&](auto element) { each(element, [](auto, auto b) { return b; }); });
  }
  return {};
}

namespace st {
namespace {

// Where each position of the index shape I lies in the indexed tensor, in row-major order.
class Positions {
 public:
  intptr_t count = 1;
  st_status status{};

  Positions(st_view tensor, const st_view *indices, int32_t operands) {
    const st_view first = indices[0];
    count = element_count(first);
    offsets_ = inline_;
    if (count > inline_count) {
      heap_.reset(new (std::nothrow) intptr_t[count]);
      offsets_ = heap_.get();
      if (!offsets_) {
        status.code = ST_OUT_OF_MEMORY;
        return;
      }
    }
    for (int32_t k = 0; k < operands && status.code == ST_OK; k++) {
      add(indices[k], k, tensor.shape[k], tensor.strides[k]);
    }
  }
  intptr_t operator[](intptr_t i) const { return offsets_[i]; }

 private:
  static constexpr intptr_t inline_count = 64;
  intptr_t inline_[inline_count];
  std::unique_ptr<intptr_t[]> heap_;
  intptr_t *offsets_;

  void add(st_view index, int32_t operand, intptr_t size, intptr_t stride) {
    Rows<1> walk;
    for (int32_t d = 0; d < index.rank; d++) walk.add(index.shape[d], {index.strides[d]});
    walk.close();
    intptr_t *offset = offsets_;
    for (intptr_t row = 0; row < walk.rows; row++, walk.next(), offset += walk.length) {
      const auto *values = static_cast<const int64_t *>(index.data) + walk.offset[0];
      bool outside = false;
      for (intptr_t i = 0; i < walk.length; i++) {
        const int64_t value = values[i * walk.step[0]];
        outside |= value < -size || value >= size;
        // Unsigned: an index outside may overflow here, and is refused below.
        const auto place = static_cast<uint64_t>(value < 0 ? value + size : value) * static_cast<uint64_t>(stride);
        offset[i] = static_cast<intptr_t>(operand == 0 ? place : static_cast<uint64_t>(offset[i]) + place);
      }
      if (!outside) continue;
      intptr_t i = 0;
      while (values[i * walk.step[0]] >= -size && values[i * walk.step[0]] < size) i++;
      status = out_of_range(operand, values[i * walk.step[0]], size);
      return;
    }
  }
};

// Calls `body(position, offset)` for the positions begin..<end of I, with the other operand's offset at each.
template <class Body>
void each_position(Rows<1> walk, intptr_t begin, intptr_t end, Body body) {
  if (begin >= end) return;
  walk.seek(begin / walk.length);
  intptr_t column = begin % walk.length;
  for (intptr_t i = begin; i < end; i++) {
    body(i, walk.offset[0] + column * walk.step[0]);
    if (++column == walk.length) column = 0, walk.next();
  }
}

// Whole rows of a table, as an embedding reads them. Returns false if an index is outside: an output that is refused
// has no reader, so that each is checked when it is used.
bool pick_rows(st_view out, st_view in, st_view index, intptr_t row_elements) {
  Rows<2> shared;
  for (int32_t d = 0; d < index.rank; d++) shared.add(index.shape[d], {out.strides[d], index.strides[d]});
  shared.close();
  const intptr_t size = element_size(in.dtype), bytes = row_elements * size;
  const TableRows table{static_cast<const char *>(in.data), in.shape[0], in.strides[0] * size, bytes};
  std::atomic<bool> inside{true};
  parallel_for(shared.rows * shared.length, std::max<intptr_t>(1, 65536 / bytes), [&](intptr_t begin, intptr_t end) {
    Rows<2> walk = shared;
    for (intptr_t i = begin, taken; i < end; i += taken) {
      walk.seek(i / walk.length);
      const intptr_t column = i % walk.length;
      taken = std::min(walk.length - column, end - i);
      char *const to = static_cast<char *>(out.data) + (walk.offset[0] + column * walk.step[0]) * size;
      const auto *const places = static_cast<const int64_t *>(index.data) + walk.offset[1] + column * walk.step[1];
      if (!moves().pick(to, walk.step[0] * size, table, places, walk.step[1], taken)) {
        return inside.store(false, std::memory_order_relaxed);
      }
    }
  });
  return inside;
}

// The block that stands behind each position: both sides' remaining dimensions.
template <class T, class Update>
void update_block(T *to, const T *from, Rows<2> &walk, Update update) {
  walk.seek(0);
  for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
    T *a = to + walk.offset[0];
    const T *b = from + walk.offset[1];
    if (walk.step[0] == 1 && walk.step[1] == 1) {
      for (intptr_t i = 0; i < walk.length; i++) a[i] = update(a[i], b[i]);
    } else {
      for (intptr_t i = 0; i < walk.length; i++) a[i * walk.step[0]] = update(a[i * walk.step[0]], b[i * walk.step[1]]);
    }
  }
}

}  // namespace
}  // namespace st

st_status st_index(st_view out, st_view in, const st_view *indices, int32_t count) {
  const int32_t leading = indices[0].rank;
  Rows<1> outer;
  for (int32_t d = 0; d < leading; d++) outer.add(out.shape[d], {out.strides[d]});
  outer.close();
  Rows<2> block;
  for (int32_t d = leading; d < out.rank; d++) {
    block.add(out.shape[d], {out.strides[d], in.strides[d - leading + count]});
  }
  block.close();
  const intptr_t block_elements = block.rows * block.length;
  const bool run = block.rows == 1 && block.step[0] == 1 && block.step[1] == 1;
  if (count == 1 && run && pick_rows(out, in, indices[0], block_elements)) return {};
  const Positions positions(in, indices, count);
  if (positions.status.code != ST_OK || block_elements == 0) return positions.status;
  const intptr_t grain = std::max<intptr_t>(1, 16384 / block_elements);
  with_element(out.dtype, [&]<class T>(T) {
    T *const to = static_cast<T *>(out.data);
    const T *const from = static_cast<const T *>(in.data);
    parallel_for(positions.count, grain, [&](intptr_t begin, intptr_t end) {
      if (block_elements == 1) {
        each_position(outer, begin, end, [&](intptr_t i, intptr_t offset) { to[offset] = from[positions[i]]; });
      } else if (run) {
        each_position(outer, begin, end, [&](intptr_t i, intptr_t offset) {
          std::memcpy(to + offset, from + positions[i], block_elements * sizeof(T));
        });
      } else {
        Rows<2> walk = block;
        each_position(outer, begin, end, [&](intptr_t i, intptr_t offset) {
          update_block(to + offset, from + positions[i], walk, [](T, T b) { return b; });
        });
      }
    });
  });
  return {};
}

st_status st_index_put(st_view out, st_view values, const st_view *indices, int32_t count, bool accumulate) {
  const Positions positions(out, indices, count);
  if (positions.status.code != ST_OK) return positions.status;
  const int32_t leading = indices[0].rank, rank = leading + out.rank - count;
  Rows<1> outer;
  for (int32_t d = 0; d < leading; d++) outer.add(indices[0].shape[d], {broadcast_stride(values, rank, d)});
  outer.close();
  Rows<2> block;
  for (int32_t d = leading; d < rank; d++) {
    const int32_t own = d - leading + count;
    block.add(out.shape[own], {out.strides[own], broadcast_stride(values, rank, d)});
  }
  block.close();
  if (block.rows == 0) return {};
  // One thread, in row-major order: of equal indices the last wins, and sums have one order.
  const auto each = [&]<class T>(T, auto update) {
    T *const to = static_cast<T *>(out.data);
    const T *const from = static_cast<const T *>(values.data);
    each_position(outer, 0, positions.count, [&](intptr_t i, intptr_t offset) {
      update_block(to + positions[i], from + offset, block, update);
    });
  };
  if (accumulate) {
    with_sum(out.dtype, [&](auto sum) {
      using S = decltype(sum);
      each(typename S::Element{}, [](auto a, auto b) { return S::of(a, b); });
    });
  } else {
    with_element(out.dtype, [&](auto element) { each(element, [](auto, auto b) { return b; }); });
  }
  return {};
}

namespace st {
namespace {

// Calls `body(walk, T{}, mask)`: an element is nonzero if any bit of the mask is set (a float's sign bit is not one).
template <class Body>
void with_nonzero(st_view in, Body body) {
  Rows<1> walk;
  for (int32_t d = 0; d < in.rank; d++) walk.add(in.shape[d], {in.strides[d]});
  walk.close();
  with_element(in.dtype, [&]<class T>(T) { body(walk, T(is_floating(in.dtype) ? T(~T(0)) >> 1 : ~T(0))); });
}

}  // namespace
}  // namespace st

intptr_t st_count_nonzero(st_view in) {
  intptr_t count = 0;
  with_nonzero(in, [&]<class T>(Rows<1> &walk, T mask) {
    for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
      const T *at = static_cast<const T *>(in.data) + walk.offset[0];
      if (walk.step[0] == 1) {
        for (intptr_t i = 0; i < walk.length; i++) count += (at[i] & mask) != 0;
      } else {
        for (intptr_t i = 0; i < walk.length; i++) count += (at[i * walk.step[0]] & mask) != 0;
      }
    }
  });
  return count;
}

void st_nonzero(st_view out, st_view in) {
  auto *to = static_cast<int64_t *>(out.data);
  intptr_t found = 0;
  with_nonzero(in, [&]<class T>(Rows<1> &walk, T mask) {
    for (intptr_t row = 0; row < walk.rows; row++, walk.next()) {
      const T *at = static_cast<const T *>(in.data) + walk.offset[0];
      for (intptr_t i = 0; i < walk.length; i++) {
        if ((at[i * walk.step[0]] & mask) == 0) continue;
        if (found == out.shape[0]) return;
        intptr_t place = row * walk.length + i;
        for (int32_t d = in.rank - 1; d >= 0; d--) {
          to[found * out.strides[0] + d * out.strides[1]] = place % in.shape[d];
          place /= in.shape[d];
        }
        found++;
      }
    }
  });
}
