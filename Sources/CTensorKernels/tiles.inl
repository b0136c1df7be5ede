// The innermost products, which keep a tile of the result in registers, and what else works on vectors of a matrix.
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

ST_INLINE intptr_t rounded_up(intptr_t count, intptr_t unit) { return (count + unit - 1) / unit * unit; }

template <class A>
ST_INLINE typename Lanes<A>::Vector load(const A *from) {
  typename Lanes<A>::Vector vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}
template <class Vector, class A>
ST_INLINE void store(A *to, const Vector &vector) {
  __builtin_memcpy(to, &vector, sizeof vector);
}
// Of pairs of 16-bit numbers, which may lie anywhere.
template <class E>
ST_INLINE E load_one(const E *from) {
  E value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

// ---- A tile multiplies numbers of the accumulators' type, or pairs of 16-bit numbers that one instruction multiplies.

template <class Vector, class A>
ST_INLINE void multiply_add(Vector &sum, A left, const Vector &right) {
  sum = left * right + sum;
}
// Types of their own; never computed with.
using BFloat16Pair = uint32_t;
using Int16Pair = int32_t;
#if ST_VARIANT_BFLOAT16_DOT
typedef __bf16 BFloat16s __attribute__((vector_size(vector_bytes)));
ST_INLINE void multiply_add(Lanes<float>::Vector &sum, BFloat16Pair left, const Lanes<BFloat16Pair>::Vector &right) {
  sum = __builtin_ia32_dpbf16ps_512(sum, (BFloat16s)(Lanes<BFloat16Pair>::Vector{} + left), (BFloat16s)right);
}
// Sums that are bfloat16 where they lie. Subnormals become zero, as in the product.
typedef __bf16 BFloat16Half __attribute__((vector_size(vector_bytes / 2)));
ST_INLINE void store(bfloat16 *to, const Lanes<float>::Vector &sums) {
  const BFloat16Half rounded = __builtin_convertvector(sums, BFloat16Half);
  __builtin_memcpy(to, &rounded, sizeof rounded);
}
ST_INLINE void add(Lanes<float>::Vector &sum, const bfloat16 *from) {
  BFloat16Half more;
  __builtin_memcpy(&more, from, sizeof more);
  sum += __builtin_convertvector(more, Lanes<float>::Vector);
}
#endif
#if defined(__x86_64__) && ST_VARIANT_FMA
typedef int16_t Int16s __attribute__((vector_size(vector_bytes)));
ST_INLINE void multiply_add(Lanes<uint32_t>::Vector &sum, Int16Pair left, const Lanes<Int16Pair>::Vector &right) {
  const Int16s both = (Int16s)(Lanes<Int16Pair>::Vector{} + left);
#if ST_VARIANT_AVX512
  sum += (Lanes<uint32_t>::Vector)__builtin_ia32_pmaddwd512(both, (Int16s)right);
#else
  sum += (Lanes<uint32_t>::Vector)__builtin_ia32_pmaddwd256(both, (Int16s)right);
#endif
}
#endif

template <class Vector, class A>
ST_INLINE void add(Vector &sum, const A *from) {
  sum += load(from);
}

// What a tile fetches to the caches, a line of 64 bytes in each of its steps: what is read after it.
struct Ahead {
  const char *line;
  intptr_t step;  // bytes

  template <class E>
  explicit Ahead(const E *first, intptr_t step = 64) : line(reinterpret_cast<const char *>(first)), step(step) {}

  // A matrix's rows from one on, if they lie together; otherwise nothing new.
  template <class E>
  static ST_INLINE Ahead rows(const Matrix<const E> &matrix, intptr_t first, intptr_t columns) {
    const bool together = matrix.column == 1 && matrix.row < columns + 32;
    return together ? Ahead(matrix.at(first, 0)) : Ahead(matrix.data, 0);
  }
};

template <class A, class E, class C = A>
using Tile = void (*)(intptr_t depth, const E *a, intptr_t a_row, intptr_t a_step, const E *b, intptr_t b_step, C *c,
                      intptr_t c_row, const C *more, intptr_t more_row, const Ahead &ahead);

// c [rows, vectors] = a @ b, and more [rows, vectors] if it is not null. The sums stay in registers along the depth.
template <class A, class E, class C, int rows, int vectors>
void tile(intptr_t depth, const E *a, intptr_t a_row, intptr_t a_step, const E *b, intptr_t b_step, C *c,
          intptr_t c_row, const C *more, intptr_t more_row, const Ahead &ahead) {
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
  for (int i = 0; i < rows && vectors > 1; i++) __builtin_prefetch(c + i * c_row + vectors * lanes - 1, 1);
  // An address serves three rows: its own, and one and two row strides on, which x86 adds for nothing.
  constexpr int groups = (rows + 2) / 3;
  const E *from[groups];
#pragma clang loop unroll(full)
  for (int g = 0; g < groups; g++) from[g] = a + 3 * g * a_row;
  const char *next = ahead.line;
  for (intptr_t k = 0; k < depth; k++) {
    __builtin_prefetch(next);
    next += ahead.step;
    typename Lanes<E>::Vector right[vectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) right[v] = load(b + v * lanes);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      const E left = load_one(from[i / 3] + (i % 3) * a_row);
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
      if (more) add(sum[i][v], more + i * more_row + v * lanes);
      store(c + i * c_row + v * lanes, sum[i][v]);
    }
  }
}

template <class A, class E, class C = A, class Rows = std::make_integer_sequence<int, tile_rows>>
struct Tiles;
template <class A, class E, class C, int... row>
struct Tiles<A, E, C, std::integer_sequence<int, row...>> {
  static constexpr int lanes = Lanes<A>::count, width = 2 * lanes;
  // By the number of rows, less one.
  static constexpr Tile<A, E, C> narrow[] = {&tile<A, E, C, row + 1, 1>...};
  static constexpr Tile<A, E, C> wide[] = {&tile<A, E, C, row + 1, 2>...};

  // The height of the tiles for so many rows, as even as possible: 15 rows are 8 and 7, not 14 and 1.
  static intptr_t height(intptr_t rows) {
    const intptr_t tiles = (rows + tile_rows - 1) / tile_rows;
    return (rows + tiles - 1) / tiles;
  }
};

// c [rows, columns] = a [rows, depth] @ b [depth, columns], and more if it is not null, for whole vectors of columns.
template <class A, class E, class C>
void multiply_tiles(intptr_t rows, intptr_t columns, intptr_t depth, Matrix<const E> a, const E *b, intptr_t b_row,
                    C *c, intptr_t c_row, const std::type_identity_t<C> *more, intptr_t more_row) {
  using Kernels = Tiles<A, E, C>;
  const intptr_t height = Kernels::height(rows);
  for (intptr_t j = 0; j < columns; j += Kernels::width) {
    const Tile<A, E, C> *const tiles = columns - j < Kernels::width ? Kernels::narrow : Kernels::wide;
    for (intptr_t i = 0; i < rows; i += height) {
      const intptr_t high = rows - i < height ? rows - i : height;
      const C *const start = more ? more + i * more_row + j : nullptr;
      tiles[high - 1](depth, a.at(i, 0), a.row, a.column, b + j, b_row, c + i * c_row + j, c_row, start, more_row,
                      Ahead::rows(a, i + high, depth));
    }
  }
}

// ---- Transposes.

// A square of 8 x 8 in registers, by three rounds that interleave each row with the one four below.
template <class Row>
ST_INLINE void transpose_square(Row (&rows)[8]) {
  Row mixed[8];
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
}

template <class E>
struct Eight {
  typedef E Row __attribute__((vector_size(8 * sizeof(E))));
};

// to [columns, rows] = from [rows, columns] transposed; elements of a row are adjacent.
template <class E>
void transpose(E *to, intptr_t to_row, const E *from, intptr_t from_row, intptr_t rows, intptr_t columns) {
  using Row = typename Eight<E>::Row;
  for (intptr_t i = 0; i < rows; i += 8) {
    for (intptr_t j = 0; j < columns; j += 8) {
      if (i + 8 <= rows && j + 8 <= columns) {
        Row square[8];
#pragma clang loop unroll(full)
        for (int l = 0; l < 8; l++) __builtin_memcpy(&square[l], from + (i + l) * from_row + j, sizeof(Row));
        transpose_square(square);
#pragma clang loop unroll(full)
        for (int l = 0; l < 8; l++) __builtin_memcpy(to + (j + l) * to_row + i, &square[l], sizeof(Row));
      } else {
        for (intptr_t x = i; x < i + 8 && x < rows; x++) {
          for (intptr_t y = j; y < j + 8 && y < columns; y++) to[y * to_row + x] = from[x * from_row + y];
        }
      }
    }
  }
}

}  // namespace
