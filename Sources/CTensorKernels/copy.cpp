// Copies with conversion, fills and ranges.
#include <string.h>

#include <type_traits>

#include "elementwise.hpp"
#include "layout.hpp"
#include "moves.hpp"
#include "rows.hpp"
#include "threads.hpp"

namespace st {
namespace {

template <class T>
void copy_strided_of(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t count) {
  auto at = [](auto *base, intptr_t offset) { return reinterpret_cast<T *>(const_cast<char *>(base) + offset); };
  if (in_stride == 0) {
    T value = *at(in, 0);
    if (out_stride == intptr_t(sizeof(T))) {
      T *target = at(out, 0);
      for (intptr_t i = 0; i < count; i++) target[i] = value;
    } else {
      for (intptr_t i = 0; i < count; i++) *at(out, i * out_stride) = value;
    }
  } else if (out_stride == intptr_t(sizeof(T))) {
    for (intptr_t i = 0; i < count; i++) at(out, 0)[i] = *at(in, i * in_stride);
  } else if (in_stride == intptr_t(sizeof(T))) {
    for (intptr_t i = 0; i < count; i++) *at(out, i * out_stride) = at(in, 0)[i];
  } else {
    for (intptr_t i = 0; i < count; i++) *at(out, i * out_stride) = *at(in, i * in_stride);
  }
}

}  // namespace

void copy_strided(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t count, intptr_t size) {
  if (in_stride == size && out_stride == size) {
    memmove(out, in, size_t(count * size));
    return;
  }
  switch (size) {
    case 1: return copy_strided_of<uint8_t>(out, out_stride, in, in_stride, count);
    case 2: return copy_strided_of<uint16_t>(out, out_stride, in, in_stride, count);
    case 4: return copy_strided_of<uint32_t>(out, out_stride, in, in_stride, count);
    default: return copy_strided_of<uint64_t>(out, out_stride, in, in_stride, count);
  }
}

namespace {

// Calls function(out, in) at each place of the dimensions from `first`, but for `skipped`: places begin..<end.
template <class Function>
void each_place(const Layout<2> &layout, int first, int skipped, intptr_t begin, intptr_t end,
                const Function &function) {
  for (intptr_t index = begin; index < end; index++) {
    char *out = layout.data[0], *in = layout.data[1];
    intptr_t rest = index;
    for (int d = first; d < layout.rank; d++) {
      if (d == skipped) continue;
      intptr_t at = rest % layout.shape[d];
      rest /= layout.shape[d];
      out += at * layout.strides[0][d];
      in += at * layout.strides[1][d];
    }
    function(out, in);
  }
}

// A transposed pair of dimensions goes in tiles, each line of the cache that one meets is read, and written, once.
// (Reading down a column directly meets the same few places of the cache again and again.) A tile reads and writes runs
// of memory that are long enough for its pages. False where no pair is transposed.
bool transpose(const Layout<2> &layout, intptr_t size) {
  constexpr intptr_t read_bytes = 512, written_bytes = 4096;
  if (layout.rank < 2 || layout.strides[0][0] != size || layout.strides[1][0] == size) return false;
  int other = 1;
  while (other < layout.rank && layout.strides[1][other] != size) other++;
  if (other == layout.rank || layout.shape[0] < 4 || layout.shape[other] < 4) return false;
  intptr_t tall = read_bytes / size, wide = written_bytes / size, width = layout.shape[0], height = layout.shape[other];
  intptr_t across = (width + wide - 1) / wide, down = (height + tall - 1) / tall, tiles = across * down;
  intptr_t total = layout.elements / (height * width) * tiles;
  bool streamed = layout.elements * size >= streamed_bytes;
  parallel_for(total, even_grain(total, 2 * tall * wide), [&](intptr_t begin, intptr_t end) {
    const auto kernel = moves().transpose;
    for (intptr_t index = begin; index < end; index++) {
      each_place(layout, 1, other, index / tiles, index / tiles + 1, [&](char *out, char *in) {
        intptr_t row = index % tiles / across * tall, column = index % tiles % across * wide;
        intptr_t out_row = layout.strides[0][other], in_column = layout.strides[1][0];
        kernel(out + row * out_row + column * size, out_row, in + row * size + column * in_column, in_column,
               height - row < tall ? height - row : tall, width - column < wide ? width - column : wide, size,
               streamed);
      });
    }
    if (streamed) stream_end();
  });
  return true;
}

// Rows that both sides hold densely; one row is cut into several. False where there are none.
bool copy_dense(Layout<2> layout, intptr_t size) {
  constexpr intptr_t part = 65536;  // bytes, and a multiple of the cache's lines
  if (layout.rank > 0 && (layout.strides[0][0] != size || layout.strides[1][0] != size)) return false;
  bool streamed = layout.elements * size >= streamed_bytes;
  intptr_t bytes = layout.rank > 0 ? layout.shape[0] * size : size;
  if (layout.rank < 2) {
    parallel_for(bytes, even_grain(bytes / part, part / 4) * part, [&](intptr_t begin, intptr_t end) {
      moves().copy(layout.data[0] + begin, 0, layout.data[1] + begin, 0, 1, end - begin, streamed);
      if (streamed) stream_end();
    });
    return true;
  }
  // Whole lines that are written past the caches may lie anywhere: the order is that of the reads.
  if (streamed && bytes % 64 == 0 && bytes > 64) layout.order_rows_by(1);
  // Planes of rows.
  intptr_t rows = layout.shape[1], planes = layout.elements / (layout.shape[0] * rows);
  intptr_t together = part / bytes + 1, cuts = (rows + together - 1) / together;
  parallel_for(planes * cuts, even_grain(planes * cuts, part / 4 + 1), [&](intptr_t begin, intptr_t end) {
    const auto kernel = moves().copy;
    for (intptr_t cut = begin; cut < end; cut++) {
      intptr_t row = cut % cuts * together;
      each_place(layout, 2, 0, cut / cuts, cut / cuts + 1, [&](char *out, char *in) {
        kernel(out + row * layout.strides[0][1], layout.strides[0][1], in + row * layout.strides[1][1],
               layout.strides[1][1], rows - row < together ? rows - row : together, bytes, streamed);
      });
    }
    if (streamed) stream_end();
  });
  return true;
}

// Any rows, converted where `convert` is given.
void copy_rows(const Layout<2> &layout, intptr_t out_size, intptr_t in_size, Conversion convert) {
  constexpr intptr_t block = 1024;
  intptr_t out_stride = layout.rank == 0 ? out_size : layout.strides[0][0];
  intptr_t in_stride = layout.rank == 0 ? in_size : layout.strides[1][0];
  int cost = layout.rank > 1 || convert != nullptr ? 2 : 1;
  bool streamed = layout.elements * out_size >= streamed_bytes && out_stride == out_size;
  intptr_t grain = even_grain(layout.elements, cost);
  if (streamed) grain = (grain + block - 1) / block * block;
  const intptr_t most = streamed ? 2 * streamed_part / (in_size > out_size ? in_size : out_size) : block;
  parallel_for(layout.elements, grain, [&](intptr_t begin, intptr_t end) {
    Walk<2> walk(layout, begin);
    alignas(64) char given[block * 8], converted[block * 8];
    while (begin < end) {
      intptr_t taken = walk.row() < end - begin ? walk.row() : end - begin;
      char *out = walk.data[0], *in = walk.data[1];
      if (convert == nullptr) {
        copy_strided(out, out_stride, in, in_stride, taken, out_size);
      } else if (in_stride == in_size && out_stride == out_size && !streamed) {
        convert(out, in, taken);
      } else {
        if (taken > most) taken = most;
        if (in_stride != in_size) {
          copy_strided(given, in_size, in, in_stride, taken, in_size);
          in = given;
        }
        convert(converted, in, taken);
        if (streamed) {
          moves().copy(out, 0, converted, 0, 1, taken * out_size, true);
        } else {
          copy_strided(out, out_stride, converted, out_size, taken, out_size);
        }
      }
      begin += taken;
      walk.advance(taken);
    }
    if (streamed) stream_end();
  });
}

template <class T>
void store_number(char *room, st_number value) {
  T result = value.kind == st_number::ST_NUMBER_FLOAT ? cast<T>(value.real) : cast<T>(value.integer);
  memcpy(room, &result, sizeof(T));
}

// The row's elements by value(i), in blocks.
template <class T, class Value>
void fill_by_index(const st_view &out, const Value &value) {
  char *data = static_cast<char *>(out.data);
  intptr_t count = element_count(out), stride = out.rank == 0 ? 1 : out.strides[out.rank - 1];
  parallel_for(count, even_grain(count, 4), [&](intptr_t begin, intptr_t end) {
    for (intptr_t i = begin; i < end; i++) {
      reinterpret_cast<T *>(data)[i * stride] = value(i);
    }
  });
}

}  // namespace
}  // namespace st

using namespace st;

void st_copy(st_view out, st_view in) {
  const st_view *const views[] = {&out, &in};
  Layout<2> layout(views);
  if (layout.elements == 0) return;
  intptr_t out_size = element_size(out.dtype), in_size = element_size(in.dtype);
  if (out.dtype == in.dtype) {
    if (copy_dense(layout, out_size) || transpose(layout, out_size)) return;
    copy_rows(layout, out_size, in_size, nullptr);
  } else {
    copy_rows(layout, out_size, in_size, conversion(out.dtype, in.dtype));
  }
}

void st_fill(st_view out, st_number value) {
  alignas(8) char room[8];
  with_type(out.dtype, [&](auto tag) { store_number<typename decltype(tag)::type>(room, value); });
  intptr_t count = element_count(out), size = element_size(out.dtype);
  if (!is_contiguous(out)) {
    st_view number = {room, nullptr, nullptr, 0, out.dtype};
    return st_copy(out, number);
  }
  constexpr intptr_t part = 65536;
  uint64_t pattern;
  for (intptr_t i = size; i < 8; i++) room[i] = room[i - size];
  memcpy(&pattern, room, 8);
  parallel_for(count * size, even_grain(count * size / part, part / 4) * part, [&](intptr_t begin, intptr_t end) {
    moves().fill(static_cast<char *>(out.data) + begin, pattern, end - begin);
  });
}

void st_arange(st_view out, st_number start, st_number step) {
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    bool whole = start.kind != st_number::ST_NUMBER_FLOAT && step.kind != st_number::ST_NUMBER_FLOAT;
    if (!is_floating(out.dtype) || whole) {
      auto integer = [](st_number n) {
        return uint64_t(n.kind == st_number::ST_NUMBER_FLOAT ? cast<int64_t>(n.real) : n.integer);
      };
      uint64_t first = integer(start), by = integer(step);
      fill_by_index<T>(out, [=](intptr_t i) { return cast<T>(int64_t(first + uint64_t(i) * by)); });
    } else {
      auto real = [](st_number n) { return n.kind == st_number::ST_NUMBER_FLOAT ? n.real : double(n.integer); };
      double first = real(start), by = real(step);
      fill_by_index<T>(out, [=](intptr_t i) { return cast<T>(first + double(i) * by); });
    }
  });
}

void st_linspace(st_view out, double start, double end) {
  intptr_t count = element_count(out);
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    // PyTorch's steps have the output's precision (16-bit floats: float's), integers' are double.
    using Step = std::conditional_t<is_same<T, float> || is_half<T>, float, double>;
    Step first = Step(start), last = Step(end);
    Step by = count > 1 ? (last - first) / Step(count - 1) : Step(0);
    fill_by_index<T>(out, [=](intptr_t i) {
      return cast<T>(i < count / 2 || count == 1 ? first + by * Step(i) : last - by * Step(count - 1 - i));
    });
  });
}
