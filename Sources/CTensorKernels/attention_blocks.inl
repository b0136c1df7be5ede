// What attention's passes share: blocks of scores, their masks, and matrices of any layout and dtype in and out.
namespace {

constexpr double log2_e = 0x1.71547652b82fep0, log_2 = 0x1.62e42fefa39efp-1;

// 2^x for scores less their largest or their sum's logarithm: x is 0 or less but for rounding. Without AVX-512, what is
// less than the smallest normal number comes to something between it and 0; -inf is 0 in any case.
template <class Vector>
ST_INLINE Vector power_of_two(const Vector &x) {
  using A = std::remove_cvref_t<decltype(x[0])>;
  constexpr bool single = is_same<A, float>;
#if ST_VARIANT_AVX512
  Vector rest;  // to the nearest whole number; 0 for -inf
  if constexpr (single) {
    rest = _mm512_reduce_ps(x, _MM_FROUND_TO_NEAREST_INT);
  } else {
    rest = _mm512_reduce_pd(x, _MM_FROUND_TO_NEAREST_INT);
  }
  const Vector whole = x - rest;
#else
  constexpr A least = single ? -127 : -1023;  // its power comes to zero bits
  // Adding it rounds to a whole number, which the low bits then hold.
  constexpr A rounder = single ? A(0x1.8p23) : A(0x1.8p52);
  const Vector limited = x < least ? Vector{} + least : x;  // keeps NaN
  const Vector shifted = limited + rounder, rest = limited - (shifted - rounder);
#endif
  Vector tail = Vector{} + A(single ? 0x1.449170p-13 : 0x1.e9d3fe3952179p-32);  // (2^rest - 1) / rest
  const auto then = [&](double constant) ST_LAMBDA_INLINE { tail = tail * rest + A(constant); };
  if constexpr (single) {
    then(0x1.5f497ap-10), then(0x1.3b29a8p-7), then(0x1.c6aeccp-5), then(0x1.ebfbe0p-3);
    then(0x1.62e430p-1);
  } else {
    then(0x1.e6063f7217bc6p-28), then(0x1.b524fae627834p-24);
    then(0x1.62bfd47773353p-20), then(0x1.ffcbfc670dcd4p-17), then(0x1.430913096fd9fp-13);
    then(0x1.5d87fe78a5276p-10), then(0x1.3b2ab6fba1ddap-7), then(0x1.c6b08d704a0c2p-5);
    then(0x1.ebfbdff82c598p-3), then(0x1.62e42fefa39efp-1);
  }
  const Vector power = rest * tail + A(1);
#if ST_VARIANT_AVX512
  if constexpr (single) {
    return _mm512_scalef_ps(power, whole);
  } else {
    return _mm512_scalef_pd(power, whole);
  }
#else
  typedef std::conditional_t<single, uint32_t, uint64_t> Bits __attribute__((vector_size(sizeof(Vector))));
  return x == x ? (Vector)((Bits)power + ((Bits)shifted << (single ? 23 : 52))) : x;
#endif
}

// Queries are multiplied by the scale before the products, but for pairs of bfloat16, which would lose by it.
template <class T>
constexpr bool scales_queries = !ST_VARIANT_BFLOAT16_DOT || !is_same<T, bfloat16>;

template <class A>
__attribute__((noinline)) void scale_queries(A *queries, intptr_t count, double scale) {
  const A factor = A(scale * log2_e);
  for (intptr_t i = 0; i < count; i++) queries[i] *= factor;
}

// Scores [keys, columns], a column per query; they are powers of two, not of e.
template <class T>
struct AttentionBlock {
  using A = Arithmetic<T>;
  using Vector = typename Lanes<A>::Vector;
  const AttentionOperands<T> &given;
  A *const scores;
  const intptr_t columns, query, key, keys;  // the first query and key
  const A *mask = nullptr;                   // as the scores

  // Calls body(score, place) for each vector of a column of vectors: for scaled and masked scores, less their base.
  template <class Body>
  ST_INLINE void each_score(intptr_t column, const Vector &base, const Body &body) const {
    Vector position;
    for (int l = 0; l < Lanes<A>::count; l++) position[l] = A(query + column + l);
    // Before it, each key counts for all queries of the vectors.
    const intptr_t common = given.causal ? std::min(keys, std::max<intptr_t>(0, query + column - key + 1)) : keys;
    const bool is_bool = mask && given.mask.dtype == ST_BOOL;
    const A scale = A(given.scale * log2_e);
    const auto plain = [&](intptr_t place) ST_LAMBDA_INLINE {
      const Vector score = load(scores + place);
      return scales_queries<T> ? score : score * scale;
    };
    const auto masked = [&](intptr_t place) ST_LAMBDA_INLINE {
      const Vector score = plain(place), more = load(mask + place);
      return is_bool ? (more == 0 ? score : more) : score + more;
    };
    intptr_t i = 0, place = column;
    if (!mask) {
      for (; i < common; i++, place += columns) body(plain(place) - base, place);
    }
    for (; i < keys; i++, place += columns) {
      const Vector score = (mask ? masked(place) : plain(place)) - base;
      body(i < common || position >= A(key + i) ? score : Vector{} - A(infinity), place);
    }
  }

  // Reads the mask of `rows` queries, if there is one: numbers to add, or 0 and -inf for whether a key counts.
  void read_mask(A *to, intptr_t batch, intptr_t head, intptr_t rows) {
    if (!given.mask.data) return;
    mask = to;
    const bool is_bool = given.mask.dtype == ST_BOOL;
    const Matrix<bool> flags = rows_of<bool>(given.mask, batch, head, query);
    const Matrix<T> numbers = rows_of<T>(given.mask, batch, head, query);
    const intptr_t own = flags.row == 0 ? 1 : rows;  // often one row serves all queries
    for (intptr_t i = 0; i < keys; i++) {
      A *const at = to + i * columns;
      for (intptr_t j = 0; j < own; j++) {
        at[j] = is_bool ? (*flags.at(j, key + i) ? A(0) : -A(infinity)) : cast<A>(*numbers.at(j, key + i)) * A(log2_e);
      }
      for (intptr_t j = own; j < columns; j++) at[j] = own == 1 ? at[0] : 0;
    }
  }
};

// ---- Matrices in and out: by calls, for they are many, each once for a block.

// to [rows, wide] = from [rows, columns], and zero on to the end of each row.
template <class A, class T>
__attribute__((noinline)) Matrix<const A> copy_rows(const Matrix<T> &from, intptr_t rows, intptr_t columns,
                                                    intptr_t wide, A *to) {
  for (intptr_t i = 0; i < rows; i++) {
    const T *const row = from.at(i, 0);
    A *const at = to + i * wide;
    if (from.column == 1) {
      for (intptr_t j = 0; j < columns; j++) at[j] = cast<A>(row[j]);
    } else {
      for (intptr_t j = 0; j < columns; j++) at[j] = cast<A>(row[j * from.column]);
    }
    std::fill(at + columns, at + wide, A(0));
  }
  return {to, wide, 1};
}

// The rows where they lie, or converted to the buffer [rows, columns].
template <class A, class T>
Matrix<const A> read_rows(const Matrix<T> &from, intptr_t rows, intptr_t columns, A *buffer) {
  if constexpr (is_same<A, T>) {
    return {from.data, from.row, from.column};
  } else {
    return copy_rows(from, rows, columns, columns, buffer);
  }
}

// Whether rows of such columns are whole vectors where they lie.
template <class A, class T>
ST_INLINE bool lies_in_vectors(intptr_t column, intptr_t columns, intptr_t wide) {
  return is_same<A, T> && column == 1 && columns == wide;
}

// Rows of whole vectors, zero beyond their end: where they lie, or in the buffer [rows, wide].
template <class A, class T>
Matrix<const A> read_vectors(const Matrix<T> &from, intptr_t rows, intptr_t columns, intptr_t wide, A *buffer) {
  if constexpr (is_same<A, T>) {
    if (lies_in_vectors<A, T>(from.column, columns, wide)) return {from.data, from.row, 1};
  }
  return copy_rows(from, rows, columns, wide, buffer);
}

// to [columns, to_row] = from [rows, columns] transposed, and zero on to the end of each row.
template <class E>
__attribute__((noinline)) void write_columns(E *to, intptr_t to_row, const Matrix<const E> &from, intptr_t rows,
                                             intptr_t columns) {
  if (from.column == 1) {
    transpose(to, to_row, from.data, from.row, rows, columns);
  } else {
    for (intptr_t j = 0; j < columns; j++) {
      for (intptr_t i = 0; i < rows; i++) to[j * to_row + i] = *from.at(i, j);
    }
  }
  for (intptr_t j = 0; j < columns; j++) std::fill(to + j * to_row + rows, to + (j + 1) * to_row, E(0));
}

// to [rows, columns] = from, whose rows are `from_row` apart.
template <class A, class T>
__attribute__((noinline)) void write_rows(const Matrix<T> &to, const A *from, intptr_t from_row, intptr_t rows,
                                          intptr_t columns) {
  for (intptr_t i = 0; i < rows; i++, from += from_row) {
    T *const at = to.at(i, 0);
    if (to.column == 1) {
      for (intptr_t j = 0; j < columns; j++) at[j] = cast<T>(from[j]);
    } else {
      for (intptr_t j = 0; j < columns; j++) at[j * to.column] = cast<T>(from[j]);
    }
  }
}

// ---- What the products read.

// Numbers of the type that is computed in, where they lie or converted.
template <class T>
struct AttentionOperand {
  using A = Arithmetic<T>;
  using Element = A;
  static intptr_t steps(intptr_t depth) { return depth; }
  static Matrix<const A> along_columns(const Matrix<T> &from, intptr_t rows, intptr_t columns, A *buffer) {
    return read_rows(from, rows, columns, buffer);
  }
  static Matrix<const A> along_rows(const Matrix<T> &from, intptr_t rows, intptr_t columns, intptr_t wide, A *buffer) {
    return read_vectors(from, rows, columns, wide, buffer);
  }
  static const A *weights(A *weights, intptr_t, intptr_t) { return weights; }
};

#if ST_VARIANT_BFLOAT16_DOT
// Pairs of bfloat16 that are neighbours along the depth of a product; 0 completes the last.
template <>
struct AttentionOperand<bfloat16> {
  using Element = BFloat16Pair;
  static intptr_t steps(intptr_t depth) { return (depth + 1) / 2; }

  // The rows with columns in pairs.
  static Matrix<const Element> along_columns(const Matrix<bfloat16> &from, intptr_t rows, intptr_t columns,
                                             float *buffer) {
    const intptr_t pairs = steps(columns);
    Element *const to = reinterpret_cast<Element *>(buffer);
    for (intptr_t i = 0; i < rows; i++) {
      if (from.column == 1) {
        to[i * pairs + pairs - 1] = 0;
        __builtin_memcpy(to + i * pairs, from.at(i, 0), columns * sizeof(bfloat16));
      } else {
        for (intptr_t j = 0; j < columns; j += 2) {
          to[i * pairs + j / 2] = pair(*from.at(i, j), j + 1 < columns ? *from.at(i, j + 1) : bfloat16{});
        }
      }
    }
    return {to, pairs, 1};
  }

  // The rows in pairs, of whole vectors.
  static Matrix<const Element> along_rows(const Matrix<bfloat16> &from, intptr_t rows, intptr_t columns, intptr_t wide,
                                          float *buffer) {
    Element *const to = reinterpret_cast<Element *>(buffer);
    for (intptr_t i = 0; i < rows; i += 2) {
      const bfloat16 *const first = from.at(i, 0), *const second = from.at(i + 1 < rows ? i + 1 : i, 0);
      Element *const row = to + i / 2 * wide;
      const uint32_t kept = i + 1 < rows ? 0xffffffffu : 0xffffu;
      if (from.column == 1) {
        for (intptr_t j = 0; j < columns; j++) row[j] = pair(first[j], second[j]) & kept;
      } else {
        for (intptr_t j = 0; j < columns; j++) row[j] = pair(first[j * from.column], second[j * from.column]) & kept;
      }
      std::fill(row + columns, row + wide, Element(0));
    }
    return {to, wide, 1};
  }

  // Weights [keys, columns], rounded, with keys in pairs; they take the place of the numbers.
  static const Element *weights(float *weights, intptr_t keys, intptr_t columns) {
    Element *const to = reinterpret_cast<Element *>(weights);
    if (keys % 2 != 0) std::fill_n(weights + keys * columns, columns, 0.0f);
    for (intptr_t i = 0; i < keys; i += 2) {
      for (intptr_t j = 0; j < columns; j += Lanes<float>::count) {
        const auto first = rounded(load(weights + i * columns + j));
        const auto second = rounded(load(weights + (i + 1) * columns + j));
        store(to + i / 2 * columns + j, first | second << 16);
      }
    }
    return to;
  }

 private:
  static ST_INLINE Lanes<uint32_t>::Vector rounded(const Lanes<float>::Vector &numbers) {
    typedef uint16_t Bits __attribute__((vector_size(vector_bytes / 2)));
    typedef __bf16 BFloat16s __attribute__((vector_size(vector_bytes / 2)));
    return __builtin_convertvector((Bits)__builtin_convertvector(numbers, BFloat16s), Lanes<uint32_t>::Vector);
  }
  static ST_INLINE Element pair(bfloat16 first, bfloat16 second) { return first.bits | uint32_t{second.bits} << 16; }
};
#endif

// Takes pieces of the thread's workspace, each aligned for vectors. False when there is no memory.
template <class A, size_t count>
bool take(A **const (&pieces)[count], const intptr_t (&numbers)[count]) {
  intptr_t total = 0;
  for (const intptr_t n : numbers) total += rounded_up(n, 16);
  A *next = static_cast<A *>(workspace(size_t(total) * sizeof(A)));
  if (!next) return false;
  for (size_t i = 0; i < count; i++) {
    *pieces[i] = next;
    next += rounded_up(numbers[i], 16);
  }
  return true;
}

}  // namespace
