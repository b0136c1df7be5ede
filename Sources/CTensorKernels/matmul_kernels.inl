// Matrix products in blocks: operands are packed where that pays, then parts of the result are computed from them.
#include "tiles.inl"
#include "matmul_packing.inl"
#include "matmul_dots.inl"
#include "matmul_row.inl"

namespace {

// A product, taken in blocks of the result and of the depth. A block's operands are packed once, for all its parts.
// Between runs, the matrices may move.
template <class T>
class BlockedProduct {
 public:
  explicit BlockedProduct(const Product<T> &product) : p(product) {}

  // Returns false when there is no memory to work in.
  bool run() {
    if (multiply_at_once()) return true;
    if (!strips && !prepare()) return false;
    for (j0 = 0; j0 < p.n; j0 += block_columns) {
      for (i0 = 0; i0 < p.m; i0 += block_rows) {
        for (k0 = 0; k0 < p.k; k0 += block_depth) {
          rows = std::min(block_rows, p.m - i0), columns = std::min(block_columns, p.n - j0);
          depth = std::min(block_depth, p.k - k0), steps = steps_of(depth);
          pack();
          multiply();
        }
      }
    }
    return true;
  }

 private:
  using A = Accumulator<T>;
  using E = Packed<T>;
  using Kernels = Tiles<A, E>;
  static constexpr bool same = is_same<E, T>;
  static constexpr intptr_t lanes = Lanes<A>::count, width = strip_width<T>, per = neighbours<T>;
  // Neighbours along a contiguous depth are a packed value as they lie.
  static constexpr bool pairs = per == 2 && sizeof(E) == 2 * sizeof(T);
  // Whether tiles write the result's type, when their sums are complete.
  static constexpr bool rounds = ST_VARIANT_BFLOAT16_DOT && is_same<T, bfloat16>;
  // What is small or used few times is read where it lies.
  static constexpr intptr_t small = 160 * 1024 / sizeof(T), few_rows = 2 * tile_rows;
  static constexpr intptr_t deepest = 512;                              // a tile's depth, in steps
  static constexpr intptr_t most_depth = 8192 / sizeof(E) * per;        // a block's
  static constexpr intptr_t most_numbers = (8 << 20) / sizeof(E);       // of a packed operand or a block of sums
  static constexpr intptr_t most_columns = 1024, grouped = 4;           // strips that are packed together

  const Product<T> &p;
  // Lines a multiple of 4096 bytes apart share few of a cache's sets.
  const intptr_t left_stride = (p.a.column == 1 ? p.a.row : p.a.column) * intptr_t(sizeof(T));
  const bool bare_left = (same   ? p.a.column == 1 || p.a.row == 1
                          : pairs && p.a.column == 1 && p.a.row % 2 == 0 && p.k % 2 == 0) &&
                         (p.n <= 2 * width || p.m * p.k <= small || left_stride % 4096 != 0);
  // A strip takes two lines of each row: from long rows that is slow.
  const bool bare_right = same && p.b.column == 1 &&
                          (p.m <= few_rows || p.n * p.k <= small || p.b.row * intptr_t(sizeof(T)) <= 2048);
  // Sums are kept in the result itself.
  const bool direct = p.out.column == 1 && (same || (rounds && steps_of(p.k) <= deepest));

  intptr_t block_rows = p.m, block_columns = p.n, block_depth = p.k;
  Grid grid{1, 1, 1};
  E *strips = nullptr, *lefts = nullptr;
  A *sums = nullptr;
  intptr_t strip_size = 0, left_size = 0, sum_row = 0;

  // Each part packs what it reads of the right operand, strip by strip: other parts read nothing of it.
  bool packs_own = false;

  // The present block.
  intptr_t i0 = 0, rows = 0, j0 = 0, columns = 0, k0 = 0, depth = 0, steps = 0;

  // Small products, without a workspace. Returns false for others.
  bool multiply_at_once() {
    if (!bare_left || !direct || p.n % lanes != 0 || p.k > deepest || p.work() > one_part) return false;
    const Part whole{0, p.m, 0, p.n};
    if constexpr (same) {
      if (!bare_right) return false;
      const Matrix<const T> more = bias_of(whole);
      multiply_tiles<A, E>(p.m, p.n, p.k, left_at(whole, 0), p.b.data, p.b.row, p.out.data, p.out.row, more.data,
                        more.row);
    } else if constexpr (rounds) {
      constexpr intptr_t most_steps = 64;
      if (p.n > width || steps_of(p.k) > most_steps) return false;
      E strip[most_steps * width];
      pack_strip(strip, p.b, p.k, p.n);
      const Matrix<const T> more = bias_of(whole);
      multiply_tiles<A, E>(p.m, p.n, steps_of(p.k), left_at(whole, 0), strip, width, p.out.data, p.out.row, more.data,
                           more.row);
    }
    return true;
  }

  static intptr_t steps_of(intptr_t depth) { return (depth + per - 1) / per; }
  // Equal blocks of `most` at most, but for rounding up to the unit.
  static intptr_t even(intptr_t count, intptr_t most, intptr_t unit) {
    const intptr_t blocks = (count + most - 1) / most;
    return blocks > 1 ? rounded_up((count + blocks - 1) / blocks, unit) : count;
  }

  bool prepare() {
    block_depth = even(p.k, most_depth, 16);
    if (!bare_right || !direct) block_columns = even(p.n, most_columns, 64);
    intptr_t most_rows = p.m;
    if (!bare_left) most_rows = std::min(most_rows, most_numbers / steps_of(block_depth));
    if (!direct) most_rows = std::min(most_rows, most_numbers / block_columns);
    block_rows = even(p.m, most_rows, tile_rows);
    grid = Grid(block_rows, block_columns, block_depth);
    packs_own = grid.down == 1 && p.b.column != 1;

    const intptr_t most_steps = steps_of(block_depth), strip_count = (block_columns + width - 1) / width;
    strip_size = width * most_steps + lanes;  // not a multiple of a page's size
    left_size = rounded_up(grid.rows * (most_steps + 16), lanes);
    sum_row = strip_count * width;
    const intptr_t right_total = (bare_right ? 1 : strip_count) * strip_size;
    const intptr_t left_total = bare_left ? 0 : grid.down * left_size, sum_total = direct ? 0 : block_rows * sum_row;
    strips = static_cast<E *>(workspace(size_t(right_total + left_total) * sizeof(E) + size_t(sum_total) * sizeof(A)));
    lefts = strips + right_total;
    sums = reinterpret_cast<A *>(lefts + left_total);
    return strips;
  }

  void pack() {
    const bool packs_left = !bare_left && (j0 == 0 || block_rows < p.m || block_depth < p.k);
    const bool packs_right = !packs_own && (i0 == 0 || block_depth < p.k);
    // Of strips that are read where they lie, the last may not be whole.
    const intptr_t first = bare_right ? columns / width : 0, strip_count = (columns + width - 1) / width;
    const intptr_t groups = packs_right && !is_bare(first) ? (strip_count - first + grouped - 1) / grouped : 0;
    const intptr_t blocks = packs_left ? (rows + grid.rows - 1) / grid.rows : 0;
    const intptr_t grain = 65536 / (grouped * width * depth) + 1;
    parallel_for(groups + blocks, grain, [&](intptr_t begin, intptr_t end) {
      for (intptr_t i = begin; i < end; i++) {
        if (i < groups) {
          pack_right(first + i * grouped);
        } else {
          pack_left((i - groups) * grid.rows);
        }
      }
    });
  }

  // Whether a strip is read where it lies.
  bool is_bare(intptr_t strip) const {
    const intptr_t taken = columns - strip * width;
    return bare_right && (taken >= width || taken == lanes || taken <= 0);
  }
  E *strip_at(intptr_t strip) const { return strips + (bare_right ? 0 : strip) * strip_size; }

  // The right operand from a column of the block on.
  Matrix<T> right_from(intptr_t j) const { return {p.b.at(k0, j0 + j), p.b.row, p.b.column}; }

  void pack_right(intptr_t strip) {
    const intptr_t j = strip * width;
    pack_strips(strip_at(strip), strip_size, right_from(j), depth, std::min(grouped * width, columns - j));
  }

  // What to fetch during a tile of the left operand's row i and the strip of column j, where it lies together: the next
  // strip, if it will be packed, in the first two tiles, and in others the left operand's next rows.
  Ahead ahead_of(const Matrix<const E> &a, intptr_t i, intptr_t high, intptr_t j, intptr_t taken_steps) const {
    const intptr_t nth = i / high, next = j + width;
    if (packs_own && nth < 2 && next < columns && p.b.row == 1 && p.b.column < depth + 16) {
      return Ahead(right_from(next).data + nth * taken_steps * (64 / intptr_t(sizeof(T))));
    }
    return Ahead::rows(a, i + high, taken_steps);
  }

  void pack_left(intptr_t i) {
    const intptr_t count = std::min(grid.rows, rows - i);
    const auto layout = block_layout(p.a, count, steps);
    pack_block(lefts + i / grid.rows * left_size, Matrix<T>{p.a.at(i0 + i, k0), p.a.row, p.a.column}, count, depth,
               layout.row, layout.column);
  }

  void multiply() {
    const intptr_t across = (columns + grid.columns - 1) / grid.columns, down = (rows + grid.rows - 1) / grid.rows;
    const intptr_t work = std::min(grid.rows, rows) * std::min(grid.columns, columns) * depth;
    parallel_for(down * across, std::max<intptr_t>(1, (one_part / 2) / std::max<intptr_t>(1, work)),
                 [&](intptr_t begin, intptr_t end) {
      for (intptr_t index = begin; index < end; index++) {
        const intptr_t i = index / across * grid.rows, j = index % across * grid.columns;
        multiply_part(Part{i, std::min(i + grid.rows, rows), j, std::min(j + grid.columns, columns)});
      }
    });
  }

  // Rows of the left operand from a part's first and one of the block's steps on.
  Matrix<const E> left_at(const Part &part, intptr_t step) const {
    if constexpr (same || pairs) {
      const T *const first = p.a.at(i0 + part.i0, k0 + step * per);
      if (bare_left) return {reinterpret_cast<const E *>(first), p.a.row / per, p.a.column};
    }
    const auto layout = block_layout(p.a, part.rows(), steps);
    const E *const block = lefts + part.i0 / grid.rows * left_size;
    return {block + step * layout.column, layout.row, layout.column};
  }

  template <class C>
  static ST_INLINE void copy_row(C *__restrict to, const C *__restrict from, intptr_t count) {
    for (intptr_t i = 0; i < count; i++) to[i] = from[i];
  }

  void multiply_part(const Part &part) {
    // Column j of the block lies at j.
    if constexpr (same || rounds) {
      if (direct) {
        const Matrix<T> result{p.out.at(i0 + part.i0, j0), p.out.row, 1};
        return multiply_part(part, result, k0 == 0 ? bias_of(part) : Matrix<const T>{});
      }
    }
    multiply_part(part, Matrix<A>{sums + part.i0 * sum_row, sum_row, 1}, Matrix<const A>{});
    if (k0 + depth == p.k) write_sums(part);
  }

  template <class C>
  void multiply_part(const Part &part, Matrix<C> c, Matrix<const C> more) {
    using Kernels = Tiles<A, E, C>;
    if (k0 > 0) more = {c.data, c.row, 1};
    const intptr_t height = Kernels::height(part.rows()), deep = packs_own ? steps : even(steps, deepest, 16);
    for (intptr_t step = 0; step < steps; step += deep, more = {c.data, c.row, 1}) {
      const intptr_t taken_steps = std::min(deep, steps - step);
      const Matrix<const E> a = left_at(part, step);
      for (intptr_t j = part.j0; j < part.j1; j += width) {
        const intptr_t taken = std::min(width, part.j1 - j), used = taken <= lanes ? lanes : width;
        const Tile<A, E, C> *const tiles = used == lanes ? Kernels::narrow : Kernels::wide;
        E *const strip = strip_at((packs_own ? part.j0 : j) / width);
        if (packs_own) pack_strip(strip, right_from(j), depth, taken);
        const E *b = strip + step * width;
        intptr_t b_step = width;
        if constexpr (same) {
          if (is_bare(j / width)) b = p.b.at(k0 + step, j0 + j), b_step = p.b.row;
        }
        for (intptr_t i = 0; i < part.rows(); i += height) {
          const intptr_t high = std::min(height, part.rows() - i);
          C *const to = c.at(i, j);
          const C *const start = more.data ? more.at(i, j) : nullptr;
          const Tile<A, E, C> tile = tiles[high - 1];
          const Ahead ahead = ahead_of(a, i, high, j, taken_steps);
          if (taken == used || !direct) {
            tile(taken_steps, a.at(i, 0), a.row, a.column, b, b_step, to, c.row, start, more.row, ahead);
            continue;
          }
          // A tile that is not whole is computed beside the result.
          C edge[tile_rows * width];
          for (intptr_t r = 0; start && r < high; r++) {
            copy_row(edge + r * width, start + r * more.row, taken);
            for (intptr_t l = taken; l < used; l++) edge[r * width + l] = {};
          }
          tile(taken_steps, a.at(i, 0), a.row, a.column, b, b_step, edge, width, start ? edge : nullptr, width, ahead);
          for (intptr_t r = 0; r < high; r++) copy_row(to + r * c.row, edge + r * width, taken);
        }
      }
    }
  }

  // What a part's sums start with: the bias, so that column j of the block lies at j; copied to the result where its
  // columns are not adjacent.
  Matrix<const T> bias_of(const Part &part) {
    if (!p.bias.data) return {};
    if (p.bias.column == 1) return {p.bias.at(i0 + part.i0, j0), p.bias.row, 1};
    for (intptr_t i = i0 + part.i0; i < i0 + part.i1; i++) {
      T *const to = p.out.at(i, j0);
      for (intptr_t j = part.j0; j < part.j1; j++) to[j] = *p.bias.at(i, j0 + j);
    }
    return {p.out.at(i0 + part.i0, j0), p.out.row, 1};
  }

  // The sums of a part and the bias, rounded once.
  void write_sums(const Part &part) {
    for (intptr_t i = part.i0; i < part.i1; i++) {
      A *const from = sums + i * sum_row + part.j0;
      T *const to = p.out.at(i0 + i, j0 + part.j0);
      if (p.bias.data) {
        const T *const more = p.bias.at(i0 + i, j0 + part.j0);
        if (p.bias.column == 1) {
          for (intptr_t j = 0; j < part.columns(); j++) from[j] += cast<A>(more[j]);
        } else {
          for (intptr_t j = 0; j < part.columns(); j++) from[j] += cast<A>(more[j * p.bias.column]);
        }
      }
      if (p.out.column == 1) {
        for (intptr_t j = 0; j < part.columns(); j++) to[j] = cast<T>(from[j]);
      } else {
        for (intptr_t j = 0; j < part.columns(); j++) to[j * p.out.column] = cast<T>(from[j]);
      }
    }
  }
};

template <class T>
bool multiply_blocks(Products<T> &products, intptr_t begin, intptr_t end) {
  BlockedProduct<T> blocked(products.product);
  for (intptr_t item = begin; item < end; item++) {
    products.move_to(item);
    if (!blocked.run()) return false;
  }
  return true;
}

}  // namespace
