// Copies with conversion, fills and ranges.
#include <string.h>

#include <type_traits>

#include "elementwise.hpp"
#include "layout.hpp"
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

// A transposed pair of dimensions goes in squares whose sides are one line of the cache: each line is read in one go
// into a small square, and written in one go. (Reading down a column directly meets the same few places of the cache
// again and again.)
constexpr intptr_t line = 64;

// out[i, j] at i * out_row + j * size, in[i, j] at i * size + j * in_column.
template <class T>
void transpose_square(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows, intptr_t width) {
  constexpr intptr_t side = line / sizeof(T);
  alignas(64) T square[side][side];
  if (rows == side && width == side) {
    for (intptr_t j = 0; j < side; j++) {
      T values[side];
      memcpy(values, in + j * in_column, line);
      for (intptr_t i = 0; i < side; i++) square[i][j] = values[i];
    }
    for (intptr_t i = 0; i < side; i++) memcpy(out + i * out_row, square[i], line);
    return;
  }
  for (intptr_t i = 0; i < rows; i++) {
    for (intptr_t j = 0; j < width; j++) {
      memcpy(out + i * out_row + j * intptr_t(sizeof(T)), in + i * intptr_t(sizeof(T)) + j * in_column, sizeof(T));
    }
  }
}

// Where the input's contiguous dimension is not the output's.
bool transpose(const Layout<2> &layout, intptr_t size) {
  if (layout.rank < 2 || layout.strides[0][0] != size || layout.strides[1][0] == size) return false;
  int other = 1;
  while (other < layout.rank && layout.strides[1][other] != size) other++;
  if (other == layout.rank || layout.shape[0] < 4 || layout.shape[other] < 4) return false;
  intptr_t side = line / size, width = layout.shape[0], height = layout.shape[other];
  intptr_t across = (width + side - 1) / side, down = (height + side - 1) / side, squares = across * down;
  intptr_t total = layout.elements / (height * width) * squares;
  parallel_for(total, even_grain(total, 4 * side * side), [&](intptr_t begin, intptr_t end) {
    for (intptr_t index = begin; index < end; index++) {
      char *out = layout.data[0], *in = layout.data[1];
      intptr_t rest = index / squares;
      for (int d = 1; d < layout.rank; d++) {
        if (d == other) continue;
        intptr_t at = rest % layout.shape[d];
        rest /= layout.shape[d];
        out += at * layout.strides[0][d];
        in += at * layout.strides[1][d];
      }
      intptr_t row = index % squares / across * side, column = index % squares % across * side;
      intptr_t out_row = layout.strides[0][other], in_column = layout.strides[1][0];
      out += row * out_row + column * size;
      in += row * size + column * in_column;
      intptr_t rows = height - row < side ? height - row : side;
      intptr_t columns = width - column < side ? width - column : side;
      switch (size) {
        case 1: transpose_square<uint8_t>(out, out_row, in, in_column, rows, columns); break;
        case 2: transpose_square<uint16_t>(out, out_row, in, in_column, rows, columns); break;
        case 4: transpose_square<uint32_t>(out, out_row, in, in_column, rows, columns); break;
        default: transpose_square<uint64_t>(out, out_row, in, in_column, rows, columns); break;
      }
    }
  });
  return true;
}

void copy_rows(const Layout<2> &layout, intptr_t out_size, intptr_t in_size, Conversion convert) {
  constexpr intptr_t block = 1024;
  intptr_t out_stride = layout.rank == 0 ? out_size : layout.strides[0][0];
  intptr_t in_stride = layout.rank == 0 ? in_size : layout.strides[1][0];
  int cost = layout.rank > 1 || convert != nullptr ? 2 : 1;
  parallel_for(layout.elements, even_grain(layout.elements, cost), [&](intptr_t begin, intptr_t end) {
    Walk<2> walk(layout, begin);
    alignas(64) char given[block * 8], converted[block * 8];
    while (begin < end) {
      intptr_t taken = walk.row() < end - begin ? walk.row() : end - begin;
      char *out = walk.data[0], *in = walk.data[1];
      if (convert == nullptr) {
        copy_strided(out, out_stride, in, in_stride, taken, out_size);
      } else if (in_stride == in_size && out_stride == out_size) {
        convert(out, in, taken);
      } else {
        if (taken > block) taken = block;
        copy_strided(given, in_size, in, in_stride, taken, in_size);
        convert(converted, given, taken);
        copy_strided(out, out_stride, converted, out_size, taken, out_size);
      }
      begin += taken;
      walk.advance(taken);
    }
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
    if (!transpose(layout, out_size)) copy_rows(layout, out_size, in_size, nullptr);
  } else {
    copy_rows(layout, out_size, in_size, conversion(out.dtype, in.dtype));
  }
}

void st_fill(st_view out, st_number value) {
  alignas(8) char room[8];
  with_type(out.dtype, [&](auto tag) { store_number<typename decltype(tag)::type>(room, value); });
  st_view number = {room, nullptr, nullptr, 0, out.dtype};
  st_copy(out, number);
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
