// Moves of one instruction set: see moves.hpp.
namespace {

constexpr intptr_t line = 64;  // of the cache
typedef uint8_t Line __attribute__((vector_size(line)));

template <bool streamed>
ST_INLINE void move_line(char *to, const void *from) {
  if constexpr (streamed) {
    Line value;
    __builtin_memcpy(&value, from, line);
    __builtin_nontemporal_store(value, reinterpret_cast<Line *>(to));
  } else {
    __builtin_memcpy(to, from, line);
  }
}

// The bytes before the first whole line.
ST_INLINE intptr_t head_of(const char *at, intptr_t bytes) {
  intptr_t head = intptr_t(-reinterpret_cast<uintptr_t>(at) % line);
  return head < bytes ? head : bytes;
}

template <bool streamed>
void copy_rows(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t rows, intptr_t bytes) {
  for (intptr_t row = 0; row < rows; row++, out += out_stride, in += in_stride) {
    intptr_t i = 0;
    if constexpr (streamed) {
      // Short rows that lie apart are not foreseen by the processor.
      constexpr intptr_t ahead = 4;
      if (row + ahead < rows && bytes <= 2048) {
        for (intptr_t part = 0; part < bytes; part += 64) __builtin_prefetch(in + ahead * in_stride + part);
      }
      i = head_of(out, bytes);
      __builtin_memcpy(out, in, size_t(i));
    }
    for (; i + line <= bytes; i += line) move_line<streamed>(out + i, in + i);
    // What is left of a line, in halves.
#pragma clang loop unroll(full)
    for (intptr_t part = line / 2; part > 0; part /= 2) {
      if ((bytes - i) & part) {
        __builtin_memcpy(out + i, in + i, size_t(part));
        i += part;
      }
    }
  }
}

void copy(char *out, intptr_t out_stride, const char *in, intptr_t in_stride, intptr_t rows, intptr_t bytes,
          bool streamed) {
  (streamed ? copy_rows<true> : copy_rows<false>)(out, out_stride, in, in_stride, rows, bytes);
}

bool pick(char *out, intptr_t out_stride, const TableRows &table, const int64_t *places, intptr_t step,
          intptr_t count) {
  const TableRows rows = table;
  for (intptr_t i = 0; i < count; i++, out += out_stride, places += step) {
    const int64_t place = *places < 0 ? *places + rows.size : *places;
    if (uint64_t(place) >= uint64_t(rows.size)) return false;
    copy_rows<false>(out, 0, rows.data + place * rows.stride, 0, 1, rows.bytes);
  }
  return true;
}

#if ST_VARIANT_AVX512
template <class T>
intptr_t gather_lines(T *out, const T *in, intptr_t limit, const int64_t *places, intptr_t count, const T *next,
                      bool streamed) {
  constexpr intptr_t size = sizeof(T), group = line / size;
  const __m512i bound = _mm512_set1_epi64(limit);
  // The first line may not be whole in memory: it ends where the second begins.
  const intptr_t head = streamed ? head_of(reinterpret_cast<const char *>(out), line) / size : 0;
  // Lines of the next row are fetched evenly, since the processor waits for many at once.
  const intptr_t ahead = next && count > 0 ? (limit + count - 1) / count : 0;
  __mmask8 inside = 0xff;
  for (intptr_t i = 0; i + group <= count; i = i == 0 && head > 0 ? head : i + group) {
    for (intptr_t k = 0; k < ahead; k++) __builtin_prefetch(next + i * ahead + k * group);
    const __m512i low = _mm512_loadu_si512(places + i), high = _mm512_loadu_si512(places + i + group - 8);
    // Places outside are not followed.
    const __mmask8 lows = _mm512_cmplt_epu64_mask(low, bound), highs = _mm512_cmplt_epu64_mask(high, bound);
    inside &= lows & highs;
    __m512i values;
    if constexpr (size == 8) {
      values = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), lows, low, in, size);
    } else {
      const __m256i none = _mm256_setzero_si256();
      values = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_mask_i64gather_epi32(none, lows, low, in, size)),
                                  _mm512_mask_i64gather_epi32(none, highs, high, in, size), 1);
    }
    if (streamed && (i > 0 || head == 0)) {
      _mm512_stream_si512(reinterpret_cast<__m512i *>(out + i), values);
    } else {
      _mm512_storeu_si512(out + i, values);
    }
  }
  if (inside != 0xff) return 0;
  return count < group ? 0 : head + (count - head) / group * group;
}
#endif

intptr_t gather(char *out, const char *in, intptr_t limit, const int64_t *places, intptr_t count, intptr_t size,
                const char *next, bool streamed) {
#if ST_VARIANT_AVX512
  const auto lines_of = [=](auto element) {
    typedef decltype(element) T;
    return gather_lines(reinterpret_cast<T *>(out), reinterpret_cast<const T *>(in), limit, places, count,
                        reinterpret_cast<const T *>(next), streamed);
  };
  if (size == 4) return lines_of(uint32_t());
  if (size == 8) return lines_of(uint64_t());
#endif
  return 0;
}

void fill(char *out, uint64_t pattern, intptr_t bytes) {
  typedef uint64_t Words __attribute__((vector_size(line)));
  const Words words = Words{} + pattern;
  intptr_t i = 0;
  for (; i + line <= bytes; i += line) move_line<false>(out + i, &words);
  __builtin_memcpy(out + i, &words, size_t(bytes - i));
}

// ---- Transposed squares whose sides are one line.

// Rows i and i + half, interleaved, for all i and as often as halving the side takes: the square transposed.
template <class T, int side, int... lanes>
ST_INLINE void transpose_lines(T __attribute__((vector_size(line))) (&rows)[side], Lanes<lanes...>) {
  typedef T Row __attribute__((vector_size(line)));
#pragma clang loop unroll(full)
  for (int step = 1; step < side; step *= 2) {
    Row next[side];
#pragma clang loop unroll(full)
    for (int i = 0; i < side / 2; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + side / 2], (lanes / 2 + lanes % 2 * side)...);
      next[2 * i + 1] =
          __builtin_shufflevector(rows[i], rows[i + side / 2], (side / 2 + lanes / 2 + lanes % 2 * side)...);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < side; i++) rows[i] = next[i];
  }
}

template <class T, bool streamed>
ST_INLINE void transpose_square(char *out, intptr_t out_row, const char *in, intptr_t in_column) {
  constexpr int side = line / sizeof(T);
  if constexpr (sizeof(T) < 4) {
    // So many rows fit no registers.
    alignas(line) T square[side][side];
    for (int j = 0; j < side; j++) {
      T values[side];
      __builtin_memcpy(values, in + j * in_column, line);
      for (int i = 0; i < side; i++) square[i][j] = values[i];
    }
    for (int i = 0; i < side; i++) move_line<streamed>(out + i * out_row, square[i]);
  } else {
    typedef T Row __attribute__((vector_size(line)));
    Row rows[side];
#pragma clang loop unroll(full)
    for (int j = 0; j < side; j++) __builtin_memcpy(&rows[j], in + j * in_column, line);
    transpose_lines<T, side>(rows, typename Count<side>::type());
#pragma clang loop unroll(full)
    for (int i = 0; i < side; i++) move_line<streamed>(out + i * out_row, &rows[i]);
  }
}

template <class T, bool streamed>
void transpose_block(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows,
                     intptr_t columns) {
  constexpr intptr_t side = line / sizeof(T), size = sizeof(T);
  const intptr_t whole_rows = rows / side * side, whole_columns = columns / side * side;
  for (intptr_t j = 0; j < whole_columns; j += side) {
    for (intptr_t i = 0; i < whole_rows; i += side) {
      transpose_square<T, streamed>(out + i * out_row + j * size, out_row, in + i * size + j * in_column, in_column);
    }
  }
  auto rest = [=](intptr_t first_row, intptr_t last_row, intptr_t first, intptr_t last) ST_LAMBDA_INLINE {
    for (intptr_t i = first_row; i < last_row; i++) {
      for (intptr_t j = first; j < last; j++) {
        __builtin_memcpy(out + i * out_row + j * size, in + i * size + j * in_column, sizeof(T));
      }
    }
  };
  rest(0, whole_rows, whole_columns, columns);
  rest(whole_rows, rows, 0, columns);
}

template <bool streamed>
void transpose_of_size(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows,
                       intptr_t columns, intptr_t size) {
  switch (size) {
    case 1: return transpose_block<uint8_t, streamed>(out, out_row, in, in_column, rows, columns);
    case 2: return transpose_block<uint16_t, streamed>(out, out_row, in, in_column, rows, columns);
    case 4: return transpose_block<uint32_t, streamed>(out, out_row, in, in_column, rows, columns);
    default: return transpose_block<uint64_t, streamed>(out, out_row, in, in_column, rows, columns);
  }
}

void transpose(char *out, intptr_t out_row, const char *in, intptr_t in_column, intptr_t rows, intptr_t columns,
               intptr_t size, bool streamed) {
  // Lines past the caches must be whole.
  streamed &= reinterpret_cast<uintptr_t>(out) % line == 0 && out_row % line == 0;
  (streamed ? transpose_of_size<true> : transpose_of_size<false>)(out, out_row, in, in_column, rows, columns, size);
}

}  // namespace

inline const Moves &moves() {
  static constexpr Moves all = {copy, fill, transpose, pick, gather};
  return all;
}
