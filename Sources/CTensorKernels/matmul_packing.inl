// Packing: compact copies of operands in the order in which tiles read them, converted on the way.
namespace {

// ---- What tiles read: numbers of the accumulators' type, or pairs of neighbours along the depth.

#if defined(__x86_64__) && ST_VARIANT_FMA
template <class T>
constexpr bool is_small_integer = sizeof(T) <= 2 && !is_half<T>;
#else
template <class T>
constexpr bool is_small_integer = false;
#endif

// How many neighbours one packed value holds.
template <class T>
constexpr intptr_t neighbours = (ST_VARIANT_BFLOAT16_DOT && is_same<T, bfloat16>) || is_small_integer<T> ? 2 : 1;

template <class T>
using Packed = std::conditional_t<neighbours<T> == 1, Accumulator<T>,
                                  std::conditional_t<is_half<T>, BFloat16Pair, Int16Pair>>;

template <class T>
ST_INLINE uint32_t half_of_pair(T value) {
  if constexpr (is_half<T>) {
    return value.bits;
  } else {
    return static_cast<uint16_t>(static_cast<int16_t>(value));
  }
}

// The packed value of `from` and, of a pair, of the element `step` further; `whole`: there is one.
template <class T>
ST_INLINE Packed<T> packed(const T *from, intptr_t step, bool whole) {
  if constexpr (neighbours<T> == 1) {
    return cast<Packed<T>>(*from);
  } else {
    return static_cast<Packed<T>>(half_of_pair(from[0]) | (whole ? half_of_pair(from[step]) << 16 : 0));
  }
}

// `count` neighbours in the contiguous dimension, which is not the depth; the depth's stride is `step`.
template <class T>
ST_INLINE void pack_run(Packed<T> *__restrict to, const T *__restrict from, intptr_t count, intptr_t step, bool whole) {
  // Tiles load whole vectors soon after, which the processor hands on only from whole stores.
  constexpr int together = std::max<int>(8, Lanes<Accumulator<T>>::count);
#pragma clang loop vectorize_width(together) interleave_count(1)
  for (intptr_t i = 0; i < count; i++) to[i] = packed(from + i, step, whole);
}

// One column or row along a contiguous depth of `depth` elements, to packed values that are `stride` apart.
template <class T>
ST_INLINE void pack_depth(Packed<T> *__restrict to, const T *__restrict from, intptr_t depth, intptr_t stride) {
  constexpr intptr_t per = neighbours<T>;
  const intptr_t full = depth / per;
  for (intptr_t k = 0; k < full; k++) to[k * stride] = packed(from + k * per, 1, true);
  if (full * per < depth) to[full * stride] = packed(from + full * per, 1, false);
}

// Eight columns of eight packed values along a contiguous depth.
template <class T>
ST_INLINE void pack_square(Packed<T> *to, intptr_t width, const T *from, intptr_t column) {
  using Row = typename Eight<Packed<T>>::Row;
  Row rows[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    Packed<T> values[8];
    pack_depth(values, from + i * column, 8 * neighbours<T>, 1);
    __builtin_memcpy(&rows[i], values, sizeof(Row));
  }
  transpose_square(rows);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) __builtin_memcpy(to + i * width, &rows[i], sizeof(Row));
}

// ---- Strips of b: rows of `strip_width` columns, a row for each step.

template <class T>
constexpr intptr_t strip_width = 2 * Lanes<Accumulator<T>>::count;

// A strip of which there are only `columns`; the others that a tile reads become zero.
template <class T>
void pack_strip(Packed<T> *to, const Matrix<T> &from, intptr_t depth, intptr_t columns) {
  constexpr intptr_t per = neighbours<T>, width = strip_width<T>;
  const intptr_t steps = (depth + per - 1) / per;
  const intptr_t read = columns <= width / 2 ? width / 2 : width;
  if (columns < read) {
    for (intptr_t k = 0; k < steps; k++) {
      for (intptr_t j = columns; j < read; j++) to[k * width + j] = 0;
    }
  }
  if (from.column == 1) {
    const intptr_t whole = depth / per;
    for (intptr_t k = 0; k < whole; k++) {
      // A count that is known takes no loop: small products have one vector.
      if (columns == width / 2) {
        pack_run(to + k * width, from.at(k * per, 0), width / 2, from.row, true);
      } else {
        pack_run(to + k * width, from.at(k * per, 0), columns, from.row, true);
      }
    }
    if (whole < steps) pack_run(to + whole * width, from.at(whole * per, 0), columns, from.row, false);
  } else if (from.row == 1) {
    intptr_t j = 0;
    for (; j + 8 <= columns; j += 8) {
      intptr_t k = 0;
      for (; (k + 8) * per <= depth; k += 8) pack_square(to + k * width + j, width, from.at(k * per, j), from.column);
      for (intptr_t i = j; i < j + 8; i++) pack_depth(to + k * width + i, from.at(k * per, i), depth - k * per, width);
    }
    for (; j < columns; j++) pack_depth(to + j, from.at(0, j), depth, width);
  } else {
    for (intptr_t k = 0; k < steps; k++) {
      for (intptr_t j = 0; j < columns; j++) {
        to[k * width + j] = packed(from.at(k * per, j), from.row, k * per + per <= depth);
      }
    }
  }
}

// Whole strips of b with contiguous rows: each row is read once, along all of them.
template <class T>
void pack_whole_strips(Packed<T> *to, intptr_t strip_size, intptr_t strips, const Matrix<T> &from, intptr_t depth) {
  constexpr intptr_t per = neighbours<T>, width = strip_width<T>;
  for (intptr_t k = 0; k * per < depth; k++) {
    // The rows may lie in pages of their own, which the processor does not foresee.
    for (intptr_t j = 0; j < strips * width; j += 64 / intptr_t(sizeof(T))) {
      __builtin_prefetch(from.at((k + 8) * per, j));
    }
    for (intptr_t strip = 0; strip < strips; strip++) {
      pack_run(to + strip * strip_size + k * width, from.at(k * per, strip * width), width, from.row,
               k * per + per <= depth);
    }
  }
}

// So many columns of b, as strips that are `strip_size` apart.
template <class T>
void pack_strips(Packed<T> *to, intptr_t strip_size, const Matrix<T> &from, intptr_t depth, intptr_t columns) {
  const intptr_t whole = columns / strip_width<T>;
  intptr_t strip = 0;
  if (from.column == 1) {
    pack_whole_strips(to, strip_size, whole, from, depth);
    strip = whole;
  }
  for (; strip * strip_width<T> < columns; strip++) {
    const intptr_t j = strip * strip_width<T>;
    pack_strip(to + strip * strip_size, Matrix<T>{from.at(0, j), from.row, from.column}, depth,
               std::min(strip_width<T>, columns - j));
  }
}

// ---- Blocks of rows of a, with their contiguous dimension kept.

// How a packed block of `rows` rows lies: a row's and a step's stride.
template <class T>
Matrix<const Packed<T>> block_layout(const Matrix<T> &from, intptr_t rows, intptr_t steps) {
  // Rows are not a multiple of a page's size apart: they would share few cache sets.
  return from.column == 1 ? Matrix<const Packed<T>>{nullptr, steps + 16, 1} : Matrix<const Packed<T>>{nullptr, 1, rows};
}

template <class T>
void pack_block(Packed<T> *to, const Matrix<T> &from, intptr_t rows, intptr_t depth, intptr_t row, intptr_t column) {
  constexpr intptr_t per = neighbours<T>;
  if (from.column == 1) {
    for (intptr_t i = 0; i < rows; i++) pack_depth(to + i * row, from.at(i, 0), depth, 1);
    return;
  }
  for (intptr_t k = 0; k * per < depth; k++) {
    const bool whole = k * per + per <= depth;
    if (from.row == 1) {
      pack_run(to + k * column, from.at(0, k * per), rows, from.column, whole);
    } else {
      for (intptr_t i = 0; i < rows; i++) to[k * column + i] = packed(from.at(i, k * per), from.column, whole);
    }
  }
}

}  // namespace
