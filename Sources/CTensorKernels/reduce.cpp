// The driver of reductions. Inputs are folded in blocks of the accumulation type, long reductions in chunks of a fixed
// grid whose partial results are combined in order: nothing depends on the number of threads.
#include <stdlib.h>
#include <string.h>

#include "layout.hpp"
#include "reduction.hpp"
#include "threads.hpp"

namespace st {
namespace {

constexpr intptr_t block = 1024;
constexpr intptr_t chunk = 65536;  // elements of a long reduction folded by one task
// Outputs folded side by side; parts of rows of the memory would be read with what comes after them.
constexpr intptr_t columns = 2048, copied_columns = 512;
constexpr intptr_t columns_chunk = 4 * chunk;
constexpr intptr_t narrowest = 16;  // fewer adjacent outputs are folded one by one

// The dimensions that stay (input, output) and those that are folded.
struct Dimensions {
  intptr_t shape[2][largest_rank], strides[3][largest_rank];
  int32_t rank[2] = {0, 0};

  Dimensions(const st_view &out, const st_view &in) {
    for (int32_t d = 0; d < in.rank; d++) {
      if (in.shape[d] == 1 || rank[0] + rank[1] == largest_rank) continue;
      int folded = out.shape[d] == 1;
      int32_t at = rank[folded]++;
      shape[folded][at] = in.shape[d];
      strides[folded][at] = in.strides[d];
      if (!folded) strides[2][at] = out.strides[d];
    }
  }
  st_view kept_in(const st_view &in) const { return {in.data, shape[0], strides[0], rank[0], in.dtype}; }
  st_view kept_out(const st_view &out) const { return {out.data, shape[0], strides[2], rank[0], out.dtype}; }
  st_view folded(const st_view &in) const { return {in.data, shape[1], strides[1], rank[1], in.dtype}; }
};

// A partial result: a total, or the count, mean and squared distances from it.
struct Partial {
  Total total;
  double count = 0, mean = 0;
};

struct Reducer {
  const Reduction &reduction;
  const st_view &out;
  const Layout<2> &kept;
  const Layout<1> &folded;
  intptr_t size = element_size(reduction.stored), out_size = element_size(out.dtype);

  // ---- One output at a time.

  void add(Partial &partial, const void *data, intptr_t count) const {
    if (!reduction.spread()) {
      reduction.kernels->rows(&partial.total, data, 1, 0, count);
      return;
    }
    // Two passes over the block; blocks are combined by their means.
    Total sum = neutral(Fold::sum, true);
    reduction.kernels->rows(&sum, data, 1, 0, count);
    Partial next;
    next.count = double(count);
    next.mean = sum.real / next.count;
    next.total.real = spread_around(static_cast<const double *>(data), count, next.mean);
    partial = together(partial, next);
  }

  Partial together(const Partial &a, const Partial &b) const {
    Partial result;
    if (!reduction.spread()) {
      result.total = combined(reduction.fold, reduction.real(), a.total, b.total);
      return result;
    }
    if (a.count == 0 || b.count == 0) return a.count == 0 ? b : a;
    double difference = b.mean - a.mean;
    result.count = a.count + b.count;
    result.mean = a.mean + difference * (b.count / result.count);
    result.total.real = a.total.real + b.total.real + difference * difference * (a.count * b.count / result.count);
    return result;
  }

  // Folds the elements [begin, end) of the folded dimensions, `offset` bytes from their start.
  Partial fold_range(intptr_t offset, intptr_t begin, intptr_t end) const {
    Partial partial;
    partial.total = reduction.start();
    if (begin == end) return partial;
    alignas(64) char packed[block * 8];
    alignas(64) double values[block];
    Walk<1> walk(folded, begin);
    intptr_t stride = folded.rank == 0 ? size : folded.strides[0][0];
    while (begin < end) {
      const char *data = walk.data[0] + offset;
      intptr_t row = walk.row() < end - begin ? walk.row() : end - begin;
      bool contiguous = stride == size || row == 1;
      if (contiguous && (row >= 128 || row == end - begin)) {
        if (!reduction.copies()) {
          add(partial, data, row);
        } else {
          if (row > block) row = block;
          add(partial, prepared(data, row, values), row);
        }
        begin += row;
        walk.advance(row);
        continue;
      }
      // Short or strided rows are gathered.
      intptr_t filled = 0;
      while (filled < block && begin < end) {
        row = walk.row() < end - begin ? walk.row() : end - begin;
        if (row > block - filled) row = block - filled;
        copy_strided(packed + filled * size, size, walk.data[0] + offset, stride, row, size);
        filled += row;
        begin += row;
        walk.advance(row);
      }
      add(partial, reduction.copies() ? prepared(packed, filled, values) : packed, filled);
    }
    return partial;
  }

  // Elements converted to the type they are folded in, and to their terms.
  const void *prepared(const char *data, intptr_t count, double *values) const {
    if (reduction.convert != nullptr) {
      reduction.convert(values, data, count);
    } else if (reduction.has_term) {
      memcpy(values, data, size_t(count * size));
    } else {
      return data;
    }
    if (reduction.has_term) to_terms(reduction.term, values, count, reduction.parameter);
    return values;
  }

  // Rows of contiguous elements in their own type, not too long ones, many by one call.
  void contiguous_rows() const {
    intptr_t length = folded.elements, outputs = kept.elements, stride = kept.rank > 0 ? kept.strides[0][0] : 0;
    const Total start = reduction.start();
    intptr_t grain = even_grain(outputs, length * size / 16 + 20);
    parallel_for(outputs, grain, [&](intptr_t begin, intptr_t end) {
      Walk<2> walk(kept, begin);
      alignas(64) Total totals[columns];
      while (begin < end) {
        intptr_t taken = walk.row() < end - begin ? walk.row() : end - begin;
        if (taken > columns) taken = columns;
        for (intptr_t i = 0; i < taken; i++) totals[i] = start;
        reduction.kernels->rows(totals, walk.data[0], taken, stride, length);
        store_columns(totals, taken, walk.data[1]);
        begin += taken;
        walk.advance(taken);
      }
    });
  }

  st_status rows() const {
    intptr_t length = folded.elements, outputs = kept.elements;
    intptr_t chunks = length <= 2 * chunk ? 1 : (length + chunk - 1) / chunk;
    auto store = [&](Partial partial, char *target) {
      st_dtype dtype = reduction.finish(&partial.total, 1, length);
      if (dtype == out.dtype) {
        memcpy(target, &partial.total, sizeof(Total));
      } else {
        conversion(out.dtype, dtype)(target, &partial.total, 1);
      }
    };
    int cost = reduction.copies() || (folded.rank > 0 && folded.strides[0][0] != size) ? 3 : 1;
    if (chunks == 1 && !reduction.copies() && folded.rank <= 1 && (length == 1 || folded.strides[0][0] == size)) {
      contiguous_rows();
      return {};
    }
    if (chunks == 1) {
      parallel_for(outputs, even_grain(outputs, cost * length + 100), [&](intptr_t begin, intptr_t end) {
        Walk<2> walk(kept, begin);
        for (; begin < end; begin++) {
          store(fold_range(walk.data[0] - folded.data[0], 0, length), walk.data[1]);
          walk.advance(1);
        }
      });
      return {};
    }
    Partial *partials = static_cast<Partial *>(malloc(size_t(outputs * chunks) * sizeof(Partial)));
    if (partials == nullptr) return {ST_OUT_OF_MEMORY, 0, 0, 0};
    parallel_for(outputs * chunks, 1, [&](intptr_t begin, intptr_t end) {
      for (intptr_t task = begin; task < end; task++) {
        Walk<2> walk(kept, task / chunks);
        intptr_t from = task % chunks * chunk;
        intptr_t to = from + chunk < length ? from + chunk : length;
        partials[task] = fold_range(walk.data[0] - folded.data[0], from, to);
      }
    });
    Walk<2> walk(kept, 0);
    for (intptr_t i = 0; i < outputs; i++) {
      Partial *row = partials + i * chunks;
      for (intptr_t step = 1; step < chunks; step *= 2) {
        for (intptr_t j = 0; j + step < chunks; j += 2 * step) row[j] = together(row[j], row[j + step]);
      }
      store(row[0], walk.data[1]);
      walk.advance(1);
    }
    free(partials);
    return {};
  }

  // ---- Adjacent outputs side by side: the kept dimension 0 is contiguous in the input.

  // Folds rows [begin, end) of `count` columns at `offset` bytes; means, where given, are subtracted and the rest
  // squared.
  void fold_columns(Total *totals, intptr_t offset, intptr_t count, intptr_t begin, intptr_t end,
                    const double *means) const {
    constexpr int copied_rows = column_rows / 2;
    alignas(64) double values[copied_rows][copied_columns];
    const char *rows[column_rows];
    const int most = reduction.copies() || means != nullptr ? copied_rows : column_rows;
    Walk<1> walk(folded, begin);
    while (begin < end) {
      int taken = end - begin < most ? int(end - begin) : most;
      for (int i = 0; i < taken; i++) {
        const char *data = walk.data[0] + offset;
        if (means != nullptr && reduction.convert == nullptr) {
          memcpy(values[i], data, size_t(count) * sizeof(double));
          data = reinterpret_cast<const char *>(values[i]);
        } else {
          data = static_cast<const char *>(prepared(data, count, values[i]));
        }
        if (means != nullptr) to_deviations(values[i], count, means);
        rows[i] = data;
        walk.advance(1);
      }
      reduction.kernels->columns(totals, rows, taken, count);
      begin += taken;
    }
  }

  struct Grid {
    intptr_t width, block, blocks, outer, rows, chunks;  // columns in all, of a block, their blocks, rows to a chunk
  };

  // The totals of all columns, in the order of the kept dimensions; `chunks` is more than 1.
  void fold_chunks(const Grid &grid, Total *totals, const double *means) const {
    const intptr_t outputs = kept.elements;
    const Total start = reduction.start();
    parallel_for(grid.outer * grid.blocks * grid.chunks, 1, [&](intptr_t begin, intptr_t end) {
      for (intptr_t task = begin; task < end; task++) {
        intptr_t place = task / grid.chunks, part = task % grid.chunks;
        intptr_t first = place / grid.blocks * grid.width + place % grid.blocks * grid.block;
        intptr_t left = grid.width - place % grid.blocks * grid.block, count = left < grid.block ? left : grid.block;
        Total *own = totals + part * outputs + first;
        for (intptr_t i = 0; i < count; i++) own[i] = start;
        intptr_t from = part * grid.rows, to = from + grid.rows < folded.elements ? from + grid.rows : folded.elements;
        Walk<2> walk(kept, first);
        fold_columns(own, walk.data[0] - folded.data[0], count, from, to, means == nullptr ? nullptr : means + first);
      }
    });
    fold_totals(totals, outputs, grid.chunks);
  }

  // Folds `parts` times `outputs` totals into the first ones.
  void fold_totals(Total *totals, intptr_t outputs, intptr_t parts) const {
    const FoldKernels &kernels = fold_kernels(reduction.fold, reduction.real() ? ST_FLOAT64 : ST_INT64);
    for (intptr_t part = 1; part < parts;) {
      const char *rows[column_rows];
      int taken = 0;
      for (; taken < column_rows && part < parts; part++) {
        rows[taken++] = reinterpret_cast<const char *>(totals + part * outputs);
      }
      kernels.columns(totals, rows, taken, outputs);
    }
  }

  // Folds `rows` rows of `count` elements, one after the other in memory.
  void fold_matrix(Total *totals, const char *data, intptr_t rows, intptr_t count) const {
    const char *pointers[column_rows];
    while (rows > 0) {
      int taken = 0;
      for (; taken < column_rows && rows > 0; rows--, data += count * size) pointers[taken++] = data;
      reduction.kernels->columns(totals, pointers, taken, count);
    }
  }

  // A contiguous matrix of few columns, as one of rows that are several of its own; what remains is as many columns.
  bool is_narrow() const {
    if (reduction.copies() || kept.rank != 1 || folded.rank != 1) return false;
    const intptr_t width = kept.shape[0];
    return kept.strides[0][0] == size && folded.strides[0][0] == width * size && width < narrowest &&
           folded.elements * width >= 4096;
  }

  st_status narrow_columns() const {
    const intptr_t width = kept.shape[0], joined = 512 / width, wide = joined * width;
    const intptr_t rows = folded.elements / joined, part_rows = columns_chunk / wide;
    const intptr_t parts = (rows + part_rows - 1) / part_rows;
    Total *totals = static_cast<Total *>(malloc(size_t(parts * wide) * sizeof(Total)));
    if (totals == nullptr) return {ST_OUT_OF_MEMORY, 0, 0, 0};
    const Total start = reduction.start();
    parallel_for(parts, 1, [&](intptr_t begin, intptr_t end) {
      for (intptr_t part = begin; part < end; part++) {
        const intptr_t from = part * part_rows, left = rows - from;
        Total *own = totals + part * wide;
        for (intptr_t i = 0; i < wide; i++) own[i] = start;
        fold_matrix(own, folded.data[0] + from * wide * size, left < part_rows ? left : part_rows, wide);
      }
    });
    fold_totals(totals, wide, parts);
    fold_totals(totals, width, joined);
    fold_matrix(totals, folded.data[0] + rows * wide * size, folded.elements - rows * joined, width);
    store_columns(totals, width, kept.data[1]);
    free(totals);
    return {};
  }

  void store_columns(Total *totals, intptr_t count, char *target) const {
    st_dtype dtype = reduction.finish(totals, count, folded.elements);
    alignas(64) char converted[columns * 8];
    const char *results = reinterpret_cast<const char *>(totals);
    if (dtype != out.dtype) {
      conversion(out.dtype, dtype)(converted, totals, count);
      results = converted;
    }
    copy_strided(target, kept.rank > 0 ? kept.strides[1][0] : 0, results, out_size, count, out_size);
  }

  st_status side_by_side() const {
    Grid grid;
    grid.width = kept.shape[0];
    grid.block = reduction.copies() ? copied_columns : columns;
    grid.blocks = (grid.width + grid.block - 1) / grid.block;
    grid.outer = kept.elements / grid.width;
    intptr_t narrow = grid.width < grid.block ? grid.width : grid.block;
    grid.rows = (columns_chunk / narrow + column_rows - 1) / column_rows * column_rows;
    bool few = grid.outer * grid.blocks < 16 && folded.elements > 2 * grid.rows;
    if (!few) grid.rows = folded.elements > 0 ? folded.elements : 1;
    grid.chunks = few ? (folded.elements + grid.rows - 1) / grid.rows : 1;
    intptr_t places = grid.outer * grid.blocks;
    if (grid.chunks == 1) {
      const int cost = reduction.copies() ? 4 : 1;
      const Total start = reduction.start();
      intptr_t grain = even_grain(places, cost * narrow * folded.elements + 100);
      parallel_for(places, grain, [&](intptr_t begin, intptr_t end) {
        alignas(64) Total totals[columns];
        alignas(64) double means[columns];
        for (intptr_t place = begin; place < end; place++) {
          intptr_t first = place / grid.blocks * grid.width + place % grid.blocks * grid.block;
          intptr_t left = grid.width - place % grid.blocks * grid.block, count = left < grid.block ? left : grid.block;
          Walk<2> walk(kept, first);
          intptr_t offset = walk.data[0] - folded.data[0];
          for (int pass = reduction.spread() ? 0 : 1; pass < 2; pass++) {
            for (intptr_t i = 0; i < count; i++) totals[i] = start;
            bool squares = reduction.spread() && pass == 1;
            fold_columns(totals, offset, count, 0, folded.elements, squares ? means : nullptr);
            for (intptr_t i = 0; pass == 0 && i < count; i++) means[i] = totals[i].real / double(folded.elements);
          }
          store_columns(totals, count, walk.data[1]);
        }
      });
      return {};
    }
    size_t outputs = size_t(kept.elements);
    Total *totals = static_cast<Total *>(malloc(outputs * size_t(grid.chunks + 1) * sizeof(Total)));
    if (totals == nullptr) return {ST_OUT_OF_MEMORY, 0, 0, 0};
    fold_chunks(grid, totals, nullptr);
    if (reduction.spread()) {
      double *means = reinterpret_cast<double *>(totals + outputs * size_t(grid.chunks));
      for (size_t i = 0; i < outputs; i++) means[i] = totals[i].real / double(folded.elements);
      fold_chunks(grid, totals, means);
    }
    for (intptr_t place = 0; place < places; place++) {
      intptr_t first = place / grid.blocks * grid.width + place % grid.blocks * grid.block;
      intptr_t left = grid.width - place % grid.blocks * grid.block;
      store_columns(totals + first, left < grid.block ? left : grid.block, Walk<2>(kept, first).data[1]);
    }
    free(totals);
    return {};
  }
};

}  // namespace
}  // namespace st

using namespace st;

st_status st_reduce(st_reduce_op op, st_view out, st_view in, double parameter) {
  Reduction reduction(op, in.dtype, parameter);
  Dimensions dimensions(out, in);
  st_view kept_in = dimensions.kept_in(in), kept_out = dimensions.kept_out(out), folded_in = dimensions.folded(in);
  const st_view *const kept_views[] = {&kept_in, &kept_out};
  const st_view *const folded_views[] = {&folded_in};
  Layout<2> kept(kept_views);
  Layout<1> folded(folded_views);
  if (kept.elements == 0) return {};
  Reducer reducer{reduction, out, kept, folded};
  if (reducer.is_narrow()) return reducer.narrow_columns();
  bool adjacent = kept.rank > 0 && kept.strides[0][0] == reducer.size && kept.shape[0] >= narrowest;
  return adjacent && folded.elements > 0 ? reducer.side_by_side() : reducer.rows();
}
