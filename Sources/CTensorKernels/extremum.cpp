// The largest or smallest elements with their places: see extremum.hpp for the kernels.
#include "extremum.hpp"

#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "elementwise.hpp"
#include "layout.hpp"
#include "threads.hpp"

#define ST_KERNELS "extremum_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

constexpr intptr_t block = 1024;
constexpr intptr_t chunk = 65536;
constexpr intptr_t columns = 512;
constexpr intptr_t rows_together = 16;  // of columns side by side

struct Search {
  bool largest;
  st_dtype stored, element;
  Conversion convert = nullptr;
  const ExtremeKernels *kernels;
  intptr_t size;

  Search(bool largest, st_dtype dtype) : largest(largest), stored(dtype), size(element_size(dtype)) {
    element = dtype == ST_FLOAT64 ? ST_FLOAT64 : is_floating(dtype) ? ST_FLOAT32 : ST_INT64;
    if (element != dtype) convert = conversion(element, dtype);
    kernels = &ST_CHOOSE(extreme_kernels)(largest, element);
  }

  bool real() const { return is_floating(element); }

  bool better(const Total &a, const Total &b) const {
    if (!real()) return largest ? a.whole > b.whole : a.whole < b.whole;
    if (b.real != b.real) return false;
    return a.real != a.real || (largest ? a.real > b.real : a.real < b.real);
  }

  // Looks through `count` elements `stride` bytes apart, whose first has the number `first`.
  Extreme look(const char *data, intptr_t stride, intptr_t count, int64_t first) const {
    Extreme known;
    bool packs = stride != size && count > 1;
    if (!packs && convert == nullptr) {
      kernels->look(known, data, count, first);
      return known;
    }
    alignas(64) char packed[block * 8], converted[block * 8];
    for (intptr_t done = 0; done < count; done += block) {
      intptr_t taken = std::min(count - done, block);
      const char *values = data + done * stride;
      if (packs) {
        copy_strided(packed, size, values, stride, taken, size);
        values = packed;
      }
      if (convert != nullptr) {
        convert(converted, values, taken);
        values = converted;
      }
      kernels->look(known, values, taken, first + done);
    }
    return known;
  }

  // Writes values, `stride` bytes apart, of a dtype; none without data.
  void store(char *to, intptr_t stride, st_dtype dtype, const Total *values, intptr_t count) const {
    if (to == nullptr) return;
    alignas(64) char converted[columns * 8];
    conversion(dtype, real() ? ST_FLOAT64 : ST_INT64)(converted, values, count);
    intptr_t result_size = element_size(dtype);
    copy_strided(to, stride, converted, result_size, count, result_size);
  }
};

// Over `count` contiguous elements.
st_status search_all(const Search &search, const st_view &values, const st_view &indices, const char *data,
                     intptr_t count) {
  intptr_t chunks = (count + chunk - 1) / chunk;
  Extreme one, *extremes = &one;
  if (chunks > 1) extremes = static_cast<Extreme *>(malloc(size_t(chunks) * sizeof(Extreme)));
  if (extremes == nullptr) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  parallel_for(count, chunk, [&](intptr_t begin, intptr_t end) {
    extremes[begin / chunk] = search.look(data + begin * search.size, search.size, end - begin, begin);
  });
  Extreme best = extremes[0];
  for (intptr_t i = 1; i < chunks; i++) {
    if (search.better(extremes[i].value, best.value)) best = extremes[i];
  }
  if (chunks > 1) free(extremes);
  search.store(static_cast<char *>(values.data), 0, values.dtype, &best.value, 1);
  memcpy(indices.data, &best.index, sizeof(int64_t));
  return {};
}

// Adjacent outputs side by side; the input's dimension 0 of the kept ones is contiguous.
void search_columns(const Search &search, const Layout<3> &kept, const st_view &values, intptr_t length,
                    intptr_t stride) {
  intptr_t width = kept.shape[0], blocks = (width + columns - 1) / columns, places = kept.elements / width * blocks;
  intptr_t grain = even_grain(places, 2 * (width < columns ? width : columns) * length);
  parallel_for(places, grain, [&](intptr_t begin, intptr_t end) {
    alignas(64) char extremes[columns * 8], converted[rows_together * columns * 8];
    alignas(64) int64_t rows[columns];
    const intptr_t element = element_size(search.element);
    for (intptr_t place = begin; place < end; place++) {
      intptr_t done = place % blocks * columns, count = std::min(width - done, columns);
      Walk<3> walk(kept, place / blocks * width + done);
      for (intptr_t row = 0; row < length; row += rows_together) {
        intptr_t taken = std::min(length - row, rows_together), step = stride;
        const char *data = walk.data[0] + row * stride;
        if (search.convert != nullptr) {
          step = count * element;
          for (intptr_t i = 0; i < taken; i++) search.convert(converted + i * step, data + i * stride, count);
          data = converted;
        }
        if (row == 0) {
          memcpy(extremes, data, size_t(count * element));
          memset(rows, 0, sizeof(rows));
        }
        search.kernels->columns(extremes, rows, data, step, row, taken, count);
      }
      copy_strided(walk.data[2], kept.strides[2][0], reinterpret_cast<char *>(rows), 8, count, 8);
      if (values.data == nullptr) continue;
      const char *results = extremes;
      if (values.dtype != search.element) {
        conversion(values.dtype, search.element)(converted, extremes, count);
        results = converted;
      }
      intptr_t size = element_size(values.dtype);
      copy_strided(walk.data[1], kept.strides[1][0], results, size, count, size);
    }
  });
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_extremum(bool largest, st_view values, st_view indices, st_view in, int32_t dim) {
  Search search(largest, in.dtype);
  intptr_t elements = element_count(in);
  if (elements == 0) return {};
  if (dim < 0) {
    intptr_t strides[largest_rank], expected = 1;
    bool contiguous = true;
    for (int32_t d = in.rank - 1; d >= 0; d--) {
      strides[d] = expected;
      contiguous &= in.shape[d] == 1 || in.strides[d] == expected;
      expected *= in.shape[d];
    }
    if (contiguous) return search_all(search, values, indices, static_cast<const char *>(in.data), elements);
    // Row-major order of another layout: over a copy.
    void *copy = malloc(size_t(elements * search.size));
    if (copy == nullptr) return {ST_OUT_OF_MEMORY, 0, 0, 0};
    st_copy({copy, in.shape, strides, in.rank, in.dtype}, in);
    st_status status = search_all(search, values, indices, static_cast<const char *>(copy), elements);
    free(copy);
    return status;
  }
  // The dimensions that stay, of the input, the values and the indices.
  intptr_t shape[largest_rank], kept_strides[3][largest_rank];
  int32_t rank = 0;
  const st_view *given[] = {&in, values.data != nullptr ? &values : &indices, &indices};
  for (int32_t d = 0; d < in.rank; d++) {
    if (d == dim || rank == largest_rank) continue;
    shape[rank] = in.shape[d];
    for (int k = 0; k < 3; k++) kept_strides[k][rank] = given[k]->strides[d];
    rank++;
  }
  st_view views[3];
  for (int k = 0; k < 3; k++) views[k] = {given[k]->data, shape, kept_strides[k], rank, given[k]->dtype};
  const st_view *const pointers[] = {&views[0], &views[1], &views[2]};
  Layout<3> kept(pointers);
  intptr_t length = in.shape[dim], stride = in.strides[dim] * search.size;
  if (kept.rank > 0 && kept.strides[0][0] == search.size && kept.shape[0] >= 16) {
    search_columns(search, kept, values, length, stride);
    return {};
  }
  parallel_for(kept.elements, even_grain(kept.elements, length / 2 + 60), [&](intptr_t begin, intptr_t end) {
    Walk<3> walk(kept, begin);
    Total extremes[columns];
    int64_t places[columns];
    while (begin < end) {
      intptr_t taken = std::min({walk.row(), end - begin, columns});
      intptr_t strides[3] = {};
      for (int k = 0; k < 3 && kept.rank > 0; k++) strides[k] = kept.strides[k][0];
      for (intptr_t i = 0; i < taken; i++) {
        Extreme extreme = search.look(walk.data[0] + i * strides[0], stride, length, 0);
        extremes[i] = extreme.value;
        places[i] = extreme.index;
      }
      search.store(values.data != nullptr ? walk.data[1] : nullptr, strides[1], values.dtype, extremes, taken);
      copy_strided(walk.data[2], strides[2], reinterpret_cast<const char *>(places), 8, taken, 8);
      begin += taken;
      walk.advance(taken);
    }
  });
  return {};
}
