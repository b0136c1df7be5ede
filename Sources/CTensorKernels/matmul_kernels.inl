// Products of float and double; 16-bit floats become float while they are packed.
namespace {

#if ST_VARIANT_AVX512
constexpr int vector_bytes = 64, tile_rows = 14;
#elif defined(__x86_64__)
constexpr int vector_bytes = ST_VARIANT_FMA ? 32 : 16, tile_rows = 6;
#else
constexpr int vector_bytes = 16, tile_rows = 12;
#endif

template <class A>
struct Lanes {
  static constexpr int count = vector_bytes / sizeof(A);
  typedef A Vector __attribute__((vector_size(vector_bytes)));
};

// ---- What tiles read: numbers of the accumulators' type, or pairs of bfloat16 that one instruction multiplies.

#if ST_VARIANT_BFLOAT16_DOT
template <class T>
using Packed = std::conditional_t<is_same<T, bfloat16>, uint32_t, Accumulator<T>>;
#else
template <class T>
using Packed = Accumulator<T>;
#endif

// How many neighbours along the depth one packed value holds.
template <class T>
constexpr intptr_t neighbours = is_same<Packed<T>, uint32_t> ? 2 : 1;

template <class Vector, class A>
ST_INLINE void multiply_add(Vector &sum, A left, const Vector &right) {
  sum = left * right + sum;
}
#if ST_VARIANT_BFLOAT16_DOT
typedef uint32_t Pairs __attribute__((vector_size(vector_bytes)));
typedef __bf16 Halves __attribute__((vector_size(vector_bytes)));
ST_INLINE void multiply_add(Lanes<float>::Vector &sum, uint32_t left, const Pairs &right) {
  sum = __builtin_ia32_dpbf16ps_512(sum, (Halves)(Pairs{} + left), (Halves)right);
}
#endif

// ---- The innermost product: `rows` x `vectors` accumulators stay in registers along the whole depth.

template <class A, class E>
using Tile = void (*)(intptr_t depth, const E *a, intptr_t a_row, intptr_t a_step, const E *b, intptr_t b_step, A *c,
                      intptr_t c_row, bool add);

template <class A, class E, int rows, int vectors>
void tile(intptr_t depth, const E *a, intptr_t a_row, intptr_t a_step, const E *b, intptr_t b_step, A *c,
          intptr_t c_row, bool add) {
  using Vector = typename Lanes<A>::Vector;
  constexpr int lanes = Lanes<A>::count;
  Vector sum[rows][vectors];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[i][v] = Vector{};
  }
  // What the sums go to is fetched meanwhile.
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) __builtin_prefetch(c + i * c_row, 1);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) __builtin_prefetch(c + i * c_row + vectors * lanes - 1, 1);
  // An address serves three rows: its own, and one and two row strides on, which x86 adds for nothing.
  constexpr int groups = (rows + 2) / 3;
  const E *from[groups];
#pragma clang loop unroll(full)
  for (int g = 0; g < groups; g++) from[g] = a + 3 * g * a_row;
  for (intptr_t k = 0; k < depth; k++) {
    typename Lanes<E>::Vector right[vectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) __builtin_memcpy(&right[v], b + v * lanes, vector_bytes);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      const E left = from[i / 3][(i % 3) * a_row];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) multiply_add(sum[i][v], left, right[v]);
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++) from[g] += a_step;
    b += b_step;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      A *to = c + i * c_row + v * lanes;
      if (add) {
        Vector before;
        __builtin_memcpy(&before, to, sizeof(Vector));
        sum[i][v] += before;
      }
      __builtin_memcpy(to, &sum[i][v], sizeof(Vector));
    }
  }
}

template <class A, class E, class Rows>
struct Tiles;
template <class A, class E, int... row>
struct Tiles<A, E, std::integer_sequence<int, row...>> {
  static constexpr Tile<A, E> narrow[] = {&tile<A, E, row + 1, 1>...};
  static constexpr Tile<A, E> wide[] = {&tile<A, E, row + 1, 2>...};
};

// ---- Packing: compact copies in the order in which the tiles read.

// The packed value of `from` and, of a pair, of the element `step` further; `whole`: there is one.
template <class T>
ST_INLINE Packed<T> packed(const T *from, intptr_t step, bool whole) {
  if constexpr (neighbours<T> == 1) {
    return cast<Packed<T>>(*from);
  } else {
    return from->bits | (whole ? uint32_t{from[step].bits} << 16 : 0);
  }
}

// `count` neighbours in the contiguous dimension, which is not the depth; the depth's stride is `step`.
template <class T>
ST_INLINE void pack_run(Packed<T> *__restrict to, const T *__restrict from, intptr_t count, intptr_t step, bool whole) {
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

// Squares of 8 x 8 are transposed in registers, by three rounds that interleave each row with the one four below.
template <class T>
ST_INLINE void pack_square(Packed<T> *to, int width, const T *from, intptr_t column) {
  using E = Packed<T>;
  typedef E Row __attribute__((vector_size(8 * sizeof(E))));
  Row rows[8], mixed[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    E values[8];
    pack_depth(values, from + i * column, 8 * neighbours<T>, 1);
    __builtin_memcpy(&rows[i], values, sizeof(Row));
  }
#pragma clang loop unroll(full)
  for (int round = 0; round < 3; round++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      mixed[2 * i] = __builtin_shufflevector(rows[i], rows[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
      mixed[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) rows[i] = mixed[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) __builtin_memcpy(to + i * width, &rows[i], sizeof(Row));
}

// A strip of b: `columns` of `width` columns, the others zero.
template <class T>
void pack_strip(Packed<T> *to, int width, Matrix<T> from, intptr_t depth, int columns) {
  constexpr intptr_t per = neighbours<T>;
  const intptr_t steps = (depth + per - 1) / per;
  if (columns < width) {
    for (intptr_t k = 0; k < steps; k++) {
      for (int j = columns; j < width; j++) to[k * width + j] = 0;
    }
  }
  if (from.column == 1) {
    for (intptr_t k = 0; k < steps; k++) {
      pack_run(to + k * width, from.at(k * per, 0), columns, from.row, k * per + per <= depth);
    }
  } else if (from.row == 1) {
    int j = 0;
    for (; j + 8 <= columns; j += 8) {
      intptr_t k = 0;
      for (; (k + 8) * per <= depth; k += 8) pack_square(to + k * width + j, width, from.at(k * per, j), from.column);
      for (int i = j; i < j + 8; i++) pack_depth(to + k * width + i, from.at(k * per, i), depth - k * per, width);
    }
    for (; j < columns; j++) pack_depth(to + j, from.at(0, j), depth, width);
  } else {
    for (intptr_t k = 0; k < steps; k++) {
      for (int j = 0; j < columns; j++) {
        to[k * width + j] = packed(from.at(k * per, j), from.row, k * per + per <= depth);
      }
    }
  }
}

// Whole strips of b with contiguous rows: each row is read once, along all of them.
template <class T>
void pack_strips(Packed<T> *to, intptr_t strip_size, intptr_t strips, Matrix<T> from, intptr_t depth) {
  constexpr intptr_t per = neighbours<T>;
  constexpr int width = 2 * Lanes<Accumulator<T>>::count;
  for (intptr_t k = 0; k * per < depth; k++) {
    // The rows may lie in pages of their own, which the processor does not foresee.
    for (intptr_t j = 0; j < strips * width; j += 64 / sizeof(T)) __builtin_prefetch(from.at((k + 8) * per, j));
    for (intptr_t strip = 0; strip < strips; strip++) {
      pack_run(to + strip * strip_size + k * width, from.at(k * per, strip * width), width, from.row,
               k * per + per <= depth);
    }
  }
}

// A block of a, with its contiguous dimension kept.
template <class T>
Matrix<const Packed<T>> pack_block(Packed<T> *to, Matrix<T> from, intptr_t rows, intptr_t depth) {
  constexpr intptr_t per = neighbours<T>;
  const intptr_t steps = (depth + per - 1) / per;
  if (from.column == 1) {
    const intptr_t row = steps + 16;  // not a multiple of a page's size: rows would share few cache sets
    for (intptr_t i = 0; i < rows; i++) pack_depth(to + i * row, from.at(i, 0), depth, 1);
    return {to, row, 1};
  }
  for (intptr_t k = 0; k < steps; k++) {
    const bool whole = k * per + per <= depth;
    if (from.row == 1) {
      pack_run(to + k * rows, from.at(0, k * per), rows, from.column, whole);
    } else {
      for (intptr_t i = 0; i < rows; i++) to[k * rows + i] = packed(from.at(i, k * per), from.column, whole);
    }
  }
  return {to, 1, rows};
}

intptr_t rounded_up(intptr_t count, intptr_t unit) { return (count + unit - 1) / unit * unit; }

// ---- A part of a product.

// Returns false when there is no memory to work in.
template <class T>
bool multiply_part(const Product<T> &product, const Part &part) {
  using A = Accumulator<T>;
  using E = Packed<T>;
  using Kernels = Tiles<A, E, std::make_integer_sequence<int, tile_rows>>;
  constexpr bool same = is_same<A, T>;
  constexpr int lanes = Lanes<A>::count, width = 2 * lanes;
  constexpr intptr_t per = neighbours<T>, grouped = 4;  // strips that are packed together
  const intptr_t rows = part.rows(), columns = part.columns();
  const Matrix<T> out{product.out.at(part.i0, part.j0), product.out.row, product.out.column};
  const Matrix<T> left{product.a.at(part.i0, 0), product.a.row, product.a.column};
  const Matrix<T> right{product.b.at(0, part.j0), product.b.row, product.b.column};
  const Matrix<T> bias{product.bias.data ? product.bias.at(part.i0, part.j0) : nullptr, product.bias.row,
                       product.bias.column};

  // What is small or used few times is read where it lies.
  constexpr intptr_t small = 160 * 1024 / sizeof(A);
  const bool bare_right = same && right.column == 1 && (rows <= 28 || product.n * product.k <= small);
  const bool bare_left = same && (left.column == 1 || left.row == 1) &&
                         (columns <= 2 * width || product.m * product.k <= small);
  const bool direct = same && out.column == 1;

  const intptr_t deepest = 512 * per, blocks = (product.k + deepest - 1) / deepest;
  const intptr_t deep = blocks > 1 ? rounded_up((product.k + blocks - 1) / blocks, 16) : product.k;
  const intptr_t steps = (deep + per - 1) / per;
  const intptr_t strips = (columns + width - 1) / width;
  const intptr_t group = bare_right ? 1 : strips < grouped ? strips : grouped;
  const intptr_t strip_size = width * steps + lanes;  // neither a multiple of a page's size
  const intptr_t right_size = rounded_up(group * strip_size, lanes);
  const intptr_t left_size = bare_left ? 0 : rounded_up(rows * (steps + 16), lanes);
  const intptr_t sum_row = strips * width, sum_size = direct ? 0 : rows * sum_row;
  E *const packed_right = static_cast<E *>(workspace((right_size + left_size) * sizeof(E) + sum_size * sizeof(A)));
  if (!packed_right) return false;
  E *const packed_left = packed_right + right_size;

  A *c = reinterpret_cast<A *>(packed_left + left_size);
  intptr_t c_row = sum_row;
  bool add = false;
  if constexpr (same) {
    if (direct) {
      c = out.data;
      c_row = out.row;
      add = bias.data != nullptr;
      for (intptr_t i = 0; add && i < rows; i++) {
        A *to = c + i * c_row;
        const A *from = bias.at(i, 0);
        if (bias.column == 1) {
          for (intptr_t j = 0; j < columns; j++) to[j] = from[j];
        } else {
          for (intptr_t j = 0; j < columns; j++) to[j] = from[j * bias.column];
        }
      }
    }
  }
  // Even heights: 15 rows are 8 and 7, not 14 and 1.
  const intptr_t heights = (rows + tile_rows - 1) / tile_rows;
  const intptr_t height = (rows + heights - 1) / heights;

  for (intptr_t k0 = 0; k0 < product.k; k0 += deep, add = true) {
    const intptr_t depth = product.k - k0 < deep ? product.k - k0 : deep;
    const intptr_t taken_steps = (depth + per - 1) / per;
    Matrix<const E> a{nullptr, left.row, left.column};
    if constexpr (same) a.data = left.at(0, k0);
    if (!bare_left) a = pack_block(packed_left, Matrix<T>{left.at(0, k0), left.row, left.column}, rows, depth);
    for (intptr_t strip = 0; strip < strips; strip++) {
      const intptr_t j = strip * width;
      const int taken = static_cast<int>(columns - j < width ? columns - j : width);
      const int used = taken <= lanes ? lanes : width;
      const E *b = packed_right + strip % group * strip_size;
      intptr_t b_step = used;
      if (bare_right && taken == used) {
        if constexpr (same) b = right.at(k0, j);
        b_step = right.row;
      } else if (taken < width || right.column != 1) {
        pack_strip(packed_right + strip % group * strip_size, used, Matrix<T>{right.at(k0, j), right.row, right.column},
                   depth, taken);
      } else if (strip % group == 0) {
        const intptr_t whole = (columns - j) / width;
        pack_strips(packed_right, strip_size, whole < group ? whole : group,
                    Matrix<T>{right.at(k0, j), right.row, right.column}, depth);
      }
      const Tile<A, E> *const tiles = used == lanes ? Kernels::narrow : Kernels::wide;
      for (intptr_t i = 0; i < rows; i += height) {
        const int high = static_cast<int>(rows - i < height ? rows - i : height);
        const E *from = a.at(i, 0);
        A *to = c + i * c_row + j;
        if (taken == used || !direct) {
          tiles[high - 1](taken_steps, from, a.row, a.column, b, b_step, to, c_row, add);
          continue;
        }
        A edge[tile_rows * width];
        tiles[high - 1](taken_steps, from, a.row, a.column, b, b_step, edge, used, false);
        for (int r = 0; r < high; r++) {
          for (int l = 0; l < taken; l++) to[r * c_row + l] = edge[r * used + l] + (add ? to[r * c_row + l] : A(0));
        }
      }
    }
  }
  if (direct) return true;
  for (intptr_t i = 0; i < rows; i++) {
    A *const sums = c + i * c_row;
    for (intptr_t j = 0; bias.data && j < columns; j++) sums[j] += cast<A>(*bias.at(i, j));
    T *const to = out.at(i, 0);
    if (out.column == 1) {
      for (intptr_t j = 0; j < columns; j++) to[j] = cast<T>(sums[j]);
    } else {
      for (intptr_t j = 0; j < columns; j++) to[j * out.column] = cast<T>(sums[j]);
    }
  }
  return true;
}

// ---- One row: out (n) = x (k) @ b (k x n) + bias. Limited by memory, so b is read where it lies.

template <class A, class T>
ST_INLINE void load(typename Lanes<A>::Vector &to, const T *from) {
  if constexpr (is_same<A, T>) {
    __builtin_memcpy(&to, from, sizeof to);
  } else {
    A values[Lanes<A>::count];
    for (int l = 0; l < Lanes<A>::count; l++) values[l] = cast<A>(from[l]);
    __builtin_memcpy(&to, values, sizeof to);
  }
}

// `columns` neighbouring columns of b, contiguous along the depth.
template <int columns, class A, class T>
ST_INLINE void dot(A *to, const A *x, const T *from, intptr_t column, intptr_t depth) {
  using Vector = typename Lanes<A>::Vector;
  constexpr int lanes = Lanes<A>::count;
  Vector sum[columns][2] = {};
  intptr_t k = 0;
  for (; k + 2 * lanes <= depth; k += 2 * lanes) {
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) {
      Vector left, right;
      __builtin_memcpy(&left, x + k + half * lanes, sizeof left);
#pragma clang loop unroll(full)
      for (int j = 0; j < columns; j++) {
        load<A>(right, from + j * column + k + half * lanes);
        sum[j][half] = left * right + sum[j][half];
      }
    }
  }
  A rest[columns] = {};
  for (; k < depth; k++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < columns; j++) rest[j] = x[k] * cast<A>(from[j * column + k]) + rest[j];
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < columns; j++) {
    if (depth >= 2 * lanes) {
      const Vector both = sum[j][0] + sum[j][1];
      A values[lanes];
      __builtin_memcpy(values, &both, sizeof both);
#pragma clang loop unroll(full)
      for (int gap = lanes / 2; gap > 0; gap /= 2) {
#pragma clang loop unroll(full)
        for (int l = 0; l < gap; l++) values[l] += values[l + gap];
      }
      rest[j] += values[0];
    }
    to[j] = rest[j];
  }
}

template <class T>
bool multiply_row(const Product<T> &product, intptr_t j0, intptr_t j1) {
  using A = Accumulator<T>;
  using Vector = typename Lanes<A>::Vector;
  constexpr int lanes = Lanes<A>::count, most = 8, width = most * lanes;
  const intptr_t depth = product.k;
  const Matrix<T> &b = product.b;
  const A *x = nullptr;
  A few[64];
  if constexpr (is_same<A, T>) {
    if (product.a.column == 1) x = product.a.data;
  }
  if (!x) {
    A *copy = depth <= 64 ? few : static_cast<A *>(workspace(depth * sizeof(A)));
    if (!copy) return false;
    for (intptr_t k = 0; k < depth; k++) copy[k] = cast<A>(*product.a.at(0, k));
    x = copy;
  }
  for (intptr_t j = j0; j < j1;) {
    A sums[width];
    int taken = static_cast<int>(j1 - j < width ? j1 - j : width);
    if (b.column == 1 && taken >= lanes) {
      const T *from = b.at(0, j);
      if (taken == width) {
        Vector sum[most] = {};
        for (intptr_t k = 0; k < depth; k++, from += b.row) {
#pragma clang loop unroll(full)
          for (int v = 0; v < most; v++) {
            Vector right;
            load<A>(right, from + v * lanes);
            sum[v] = x[k] * right + sum[v];
          }
        }
        __builtin_memcpy(sums, sum, sizeof sum);
      } else {
        taken = lanes;
        Vector sum = {};
        for (intptr_t k = 0; k < depth; k++, from += b.row) {
          Vector right;
          load<A>(right, from);
          sum = x[k] * right + sum;
        }
        __builtin_memcpy(sums, &sum, sizeof sum);
      }
    } else if (b.row == 1) {
      int l = 0;
      for (; l + 4 <= taken; l += 4) dot<4>(sums + l, x, b.at(0, j + l), b.column, depth);
      for (; l < taken; l++) dot<1>(sums + l, x, b.at(0, j + l), b.column, depth);
    } else {
      for (int l = 0; l < taken; l++) {
        A sum = 0;
        for (intptr_t k = 0; k < depth; k++) sum = x[k] * cast<A>(*b.at(k, j + l)) + sum;
        sums[l] = sum;
      }
    }
    for (int l = 0; l < taken; l++) {
      if (product.bias.data) sums[l] += cast<A>(*product.bias.at(0, j + l));
      *product.out.at(0, j + l) = cast<T>(sums[l]);
    }
    j += taken;
  }
  return true;
}

// ---- Integers: rows of sums, b's rows added one after the other.

template <class T>
bool multiply_integers(const Product<T> &product, const Part &part) {
  using A = Accumulator<T>;
  constexpr intptr_t width = 128;
  for (intptr_t j0 = part.j0; j0 < part.j1; j0 += width) {
    const intptr_t columns = part.j1 - j0 < width ? part.j1 - j0 : width;
    for (intptr_t i = part.i0; i < part.i1; i++) {
      A sums[width] = {};
      for (intptr_t k = 0; k < product.k; k++) {
        const A left = static_cast<A>(*product.a.at(i, k));
        const T *right = product.b.at(k, j0);
        const intptr_t step = product.b.column;
        if (step == 1) {
          for (intptr_t j = 0; j < columns; j++) sums[j] += times(left, static_cast<A>(right[j]));
        } else {
          for (intptr_t j = 0; j < columns; j++) sums[j] += times(left, static_cast<A>(right[j * step]));
        }
      }
      for (intptr_t j = 0; j < columns; j++) {
        if (product.bias.data) sums[j] += static_cast<A>(*product.bias.at(i, j0 + j));
        *product.out.at(i, j0 + j) = static_cast<T>(sums[j]);
      }
    }
  }
  return true;
}

}  // namespace
