// The inner loops of convolutions: tiles of sums that stay in registers.
namespace {

#if ST_VARIANT_AVX512
constexpr int vector_bytes = 64, most_sums = 28;
#elif defined(__x86_64__)
constexpr int vector_bytes = ST_VARIANT_FMA ? 32 : 16, most_sums = 12;
#else
constexpr int vector_bytes = 16, most_sums = 24;
#endif

template <class A>
constexpr int lanes = vector_bytes / sizeof(A);
template <class A>
struct Lanes {
  typedef A Vector __attribute__((vector_size(vector_bytes)));
};

// Integers need no more than to be right.
template <class A>
constexpr int most_rows = is_float<A> ? most_sums / 2 : 2;

// ---- The result, or the source's gradient: rows of weights times vectors of neighbouring places.

template <class A>
using ShiftedTile = void (*)(intptr_t depth, const A *weights, const intptr_t *offsets, const A *const *from,
                             const A *bias, A *const *to, intptr_t to_row);

template <class A, int rows, int vectors>
void shifted_tile(intptr_t depth, const A *weights, const intptr_t *offsets, const A *const *from, const A *bias,
                  A *const *to, intptr_t to_row) {
  using Vector = typename Lanes<A>::Vector;
  Vector sum[rows][vectors];
  const A *base[vectors];
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) base[v] = from[v];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[i][v] = Vector{} + bias[i];
  }
  for (intptr_t k = 0; k < depth; k++) {
    const intptr_t offset = offsets[k];
    Vector right[vectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) __builtin_memcpy(&right[v], base[v] + offset, sizeof(Vector));
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[i][v] = weights[i] * right[v] + sum[i][v];
    }
    weights += rows;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) __builtin_memcpy(to[v] + i * to_row, &sum[i][v], sizeof(Vector));
  }
}

// Few rows leave registers for more vectors: one register is for the weight, one for each vector, the others for sums.
constexpr int most_vectors = 8;
template <int rows>
constexpr int vectors_for = std::min(most_vectors, (most_sums + 2) / (rows + 1));

// By the number of rows, and by that of vectors, less one.
template <class A, int rows, class Vectors>
struct ShiftedRows;
template <class A, int rows, int... vector>
struct ShiftedRows<A, rows, std::integer_sequence<int, vector...>> {
  static constexpr ShiftedTile<A> tiles[] = {&shifted_tile<A, rows, vector + 1>...};
};
template <class A, class Rows>
struct ShiftedTiles;
template <class A, int... row>
struct ShiftedTiles<A, std::integer_sequence<int, row...>> {
  static constexpr int vectors[] = {vectors_for<row + 1>...};
  static constexpr const ShiftedTile<A> *tiles[] = {
      ShiftedRows<A, row + 1, std::make_integer_sequence<int, vectors_for<row + 1>>>::tiles...};
};

// How a box's places are cut into vectors: along its rows, or along all positions from its first place to its last, the
// gaps between the rows included, whichever are fewer.
template <class A>
struct Cut {
  const ConvolutionBox &box;
  bool by_rows;
  intptr_t per_row, count, last;  // last: the start of a row's (or the span's) last vector

  explicit Cut(const ConvolutionBox &box) : box(box) {
    const intptr_t width = box.ranges[2].places(), rows = box.ranges[0].places() * box.ranges[1].places();
    const intptr_t along = (box.span() + lanes<A> - 1) / lanes<A>;
    per_row = (width + lanes<A> - 1) / lanes<A>;
    by_rows = rows * per_row <= along;
    count = by_rows ? rows * per_row : along;
    last = std::max<intptr_t>(0, (by_rows ? width : box.span()) - lanes<A>);
  }

  // The last vector overlaps the one before rather than to reach beyond the end.
  intptr_t start(intptr_t vector) const {
    if (!by_rows) return std::min(vector * lanes<A>, last);
    const intptr_t row = vector / per_row, height = box.ranges[1].places();
    return box.position(row / height, row % height, std::min(vector % per_row * lanes<A>, last));
  }
};

// Neighbouring places of a vector in one row.
struct Stretch {
  int lane, count;
  intptr_t to;
};

template <class T>
int stretches(const ConvolutionProduct<T> &p, intptr_t start, Stretch *parts) {
  constexpr int all = lanes<ConvolutionSum<T>>;
  const ConvolutionBox &box = *p.box;
  intptr_t x = start % box.row, y = start / box.row % box.rows, z = start / box.row / box.rows;
  int count = 0;
  for (int lane = 0; lane < all && z < box.ranges[0].places();) {
    const intptr_t here = std::min<intptr_t>(all - lane, box.ranges[2].places() - x);
    if (here > 0 && y < box.ranges[1].places()) {
      parts[count++] = {lane, int(here), z * p.out_steps[0] + y * p.out_steps[1] + x * p.out_steps[2]};
    }
    lane += int(std::min<intptr_t>(all - lane, box.row - x));
    x = 0;
    if (++y >= box.rows) y = 0, z++;
  }
  return count;
}

}  // namespace

template <class A>
int convolution_rows() {
  return most_rows<A>;
}

// Writes how the box's places are cut; returns the number of vectors.
template <class T>
intptr_t convolution_cut(const ConvolutionProduct<T> &p) {
  using A = ConvolutionSum<T>;
  const ConvolutionBox &box = *p.box;
  const Cut<A> cut(box);
  const ConvolutionAxis &slices = p.axes[0], &rows = p.axes[1];
  const intptr_t line = p.axes[2].taps * p.channels;
  intptr_t count = 0, begin = 0, end = 0, known = -1, last_known = -1;  // the part of the depth that two rows need
  for (intptr_t vector = 0; vector < cut.count; vector++) {
    ConvolutionVector &v = p.vectors[count];
    v.from = cut.start(vector);
    Stretch parts[lanes<A>];
    const int stretched = stretches(p, v.from, parts);
    if (stretched == 0) continue;  // it lies in a gap
    count++;
    // The rows of the first place and the last.
    const intptr_t last = cut.by_rows ? v.from : std::min(v.from + lanes<A>, box.span()) - 1;
    const intptr_t first_row = v.from / box.row, last_row = last / box.row;
    if (first_row != known || last_row != last_known) {
      known = first_row, last_known = last_row;
      const intptr_t z = first_row / box.rows, last_z = last_row / box.rows;
      const bool one_slice = z == last_z;
      const intptr_t y = one_slice ? first_row % box.rows : 0;
      const intptr_t last_y = one_slice ? last_row % box.rows : box.ranges[1].places() - 1;
      // In the whole result.
      const intptr_t slice = box.ranges[0].begin, row = box.ranges[1].begin;
      const ConvolutionAxis::Range k = slices.taps_inside(slice + z, slice + last_z + 1);
      const ConvolutionAxis::Range i = rows.taps_inside(row + y, row + last_y + 1);
      const bool any = k.begin < k.end && i.begin < i.end;
      begin = any ? (k.begin * rows.taps + i.begin) * line : 0;
      end = any ? ((k.end - 1) * rows.taps + i.end) * line : 0;
    }
    v.begin = begin, v.end = end;
    // Lanes beyond a row's places may go to the rows below, which are written later.
    const Stretch &part = parts[0];
    const intptr_t below = first_row / box.rows * p.out_steps[0] + box.ranges[1].places() * p.out_steps[1];
    const bool rows_follow = p.out_steps[1] == box.ranges[2].places() && part.to + lanes<A> <= below;
    const bool whole = part.count == lanes<A> || (cut.by_rows && rows_follow);
    v.to = is_same<A, T> && p.out_steps[2] == 1 && whole ? part.to : -1;
  }
  return count;
}

namespace {

constexpr intptr_t deepest_sum = 1024;

// So many rows of weights from the first on times neighbouring vectors that need one part of the depth.
template <class T>
void product_tile(const ConvolutionProduct<T> &p, intptr_t first, int rows, const ConvolutionVector *taken,
                  int vectors) {
  using A = ConvolutionSum<T>;
  using Tiles = ShiftedTiles<A, std::make_integer_sequence<int, most_rows<A>>>;
  alignas(64) A held[most_rows<A> * most_vectors * lanes<A>];
  A bias[most_rows<A>] = {};
  for (int i = 0; p.bias && i < rows; i++) bias[i] = cast<A>(p.bias[first + i]);
  T *const out = p.out + first * p.out_row;
  const A *from[most_vectors];
  A *to[most_vectors];
  // Long sums in pieces, whose rounding errors are smaller; beside the result, where lanes may overlap.
  const intptr_t begin = taken->begin, depth = taken->end - begin;
  const intptr_t pieces = std::max<intptr_t>(1, (depth + deepest_sum - 1) / deepest_sum);
  bool whole = pieces == 1;
  for (int v = 0; v < vectors; v++) {
    from[v] = p.source + taken[v].from;
    to[v] = held + v * lanes<A>;
    whole = whole && taken[v].to >= 0;
  }
  if constexpr (is_same<A, T>) {
    for (int v = 0; whole && v < vectors; v++) to[v] = out + taken[v].to;
  }
  const intptr_t to_row = whole ? p.out_row : vectors * lanes<A>;
  const auto tile = Tiles::tiles[rows - 1][vectors - 1];
  const auto add_up = [&](intptr_t from_step, intptr_t to_step, const A *start, A *const *sums, intptr_t sum_row) {
    const intptr_t step = begin + from_step;
    tile(to_step - from_step, p.weights + first * p.depth + step * rows, p.offsets + step, from, start, sums, sum_row);
  };
  add_up(0, block_begin(depth, pieces, 1), bias, to, to_row);
  for (intptr_t piece = 1; piece < pieces; piece++) {
    alignas(64) A more[most_rows<A> * most_vectors * lanes<A>];
    A *sums[most_vectors];
    for (int v = 0; v < vectors; v++) sums[v] = more + v * lanes<A>;
    constexpr A zeros[most_rows<A>] = {};
    add_up(block_begin(depth, pieces, piece), block_begin(depth, pieces, piece + 1), zeros, sums, vectors * lanes<A>);
    for (int i = 0; i < rows; i++) {
      for (int v = 0; v < vectors; v++) {
        A *const sum = to[v] + i * to_row;
        for (int l = 0; l < lanes<A>; l++) sum[l] += sums[v][i * vectors * lanes<A> + l];
      }
    }
  }
  for (int v = 0; !whole && v < vectors; v++) {
    Stretch parts[lanes<A>];
    const int count = stretches(p, taken[v].from, parts);
    for (int i = 0; i < rows; i++) {
      const A *const sums = held + (i * vectors + v) * lanes<A>;
      for (int s = 0; s < count; s++) {
        T *const target = out + i * p.out_row + parts[s].to;
        for (int l = 0; l < parts[s].count; l++) target[l * p.out_steps[2]] = cast<T>(sums[parts[s].lane + l]);
      }
    }
  }
}

}  // namespace

template <class T>
void convolution_product(const ConvolutionProduct<T> &p) {
  using A = ConvolutionSum<T>;
  for (intptr_t block = p.first_block; block < p.last_block; block++) {
    const intptr_t first = block_begin(p.rows, p.blocks, block);
    const int rows = int(block_begin(p.rows, p.blocks, block + 1) - first);
    const intptr_t most = ShiftedTiles<A, std::make_integer_sequence<int, most_rows<A>>>::vectors[rows - 1];
    for (intptr_t vector = 0, run; vector < p.vector_count; vector += run) {
      // Vectors that need one part of the depth, in tiles of sizes that differ by at most one.
      const ConvolutionVector *const taken = p.vectors + vector;
      run = 1;
      while (vector + run < p.vector_count && taken[run].begin == taken->begin && taken[run].end == taken->end) run++;
      const intptr_t tiles = (run + most - 1) / most;
      for (intptr_t tile = 0; tile < tiles; tile++) {
        const intptr_t begin = block_begin(run, tiles, tile), end = block_begin(run, tiles, tile + 1);
        product_tile(p, first, rows, taken + begin, int(end - begin));
      }
    }
  }
}

// ---- Copies.

// The box's elements of each channel, phase by phase, without the padding.
template <class T>
void convolution_copy(const ConvolutionAxis *axes, const ConvolutionBox &box, intptr_t channels, const T *source,
                      ConvolutionSum<T> *to) {
  using A = ConvolutionSum<T>;
  const auto &[slices, rows, row] = box.ranges;
  const intptr_t size = axes[2].source, step = axes[2].step;
  // Numbers of the elements first, first + step ... that lie in a source.
  const auto inside = [](intptr_t first, const ConvolutionAxis &axis, intptr_t count) ST_LAMBDA_INLINE {
    const intptr_t step = axis.step, begin = std::min(first < 0 ? (-first + step - 1) / step : 0, count);
    const intptr_t end = axis.source > first ? (axis.source - first + step - 1) / step : 0;
    return std::pair(begin, std::clamp(end, begin, count));
  };
  for (intptr_t channel = 0; channel < channels; channel++, source += axes[0].source * axes[1].source * size) {
    for (intptr_t phase = 0; phase < slices.phases * rows.phases * row.phases; phase++) {
      const intptr_t z = slices.first + phase / row.phases / rows.phases;
      const intptr_t y = rows.first + phase / row.phases % rows.phases, x = row.first + phase % row.phases;
      const auto [first_slice, last_slice] = inside(z, axes[0], slices.size);
      const auto [first_line, last_line] = inside(y, axes[1], rows.size);
      const auto [begin, end] = inside(x, axes[2], row.size);
      for (intptr_t k = first_slice; k < last_slice; k++) {
        for (intptr_t i = first_line; i < last_line; i++) {
          const T *const from =
              source + ((z + k * axes[0].step) * axes[1].source + y + i * axes[1].step) * size + x + begin * step;
          A *const line = to + (k * rows.size + i) * row.size + begin;
          if (is_same<A, T> && step == 1) {
            __builtin_memcpy(line, from, (end - begin) * sizeof(A));
          } else {
            for (intptr_t l = 0; l < end - begin; l++) line[l] = cast<A>(from[l * step]);
          }
        }
      }
      to += slices.size * rows.size * row.size;
    }
  }
}

namespace {

// Squares of 8 x 8 are transposed in registers, by three rounds that interleave each row with the one four below. Rows
// beyond those given are zeros.
template <class T>
ST_INLINE void transpose_square(ConvolutionSum<T> *to, intptr_t to_row, const T *from, intptr_t from_row,
                                intptr_t given) {
  using A = ConvolutionSum<T>;
  typedef A Row __attribute__((vector_size(8 * sizeof(A))));
  Row rows[8], mixed[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    A values[8] = {};
    if (i < given) {
      for (int j = 0; j < 8; j++) values[j] = cast<A>(from[i * from_row + j]);
    }
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
  for (int i = 0; i < 8; i++) __builtin_memcpy(to + i * to_row, &rows[i], sizeof(Row));
}

}  // namespace

// [places][width] of [rows][places], the columns beyond the rows zero.
template <class T>
void convolution_transpose(ConvolutionSum<T> *__restrict to, intptr_t width, const T *__restrict from,
                           intptr_t from_row, intptr_t rows, intptr_t places) {
  using A = ConvolutionSum<T>;
  for (intptr_t i = 0; i < places; i += 8) {
    const intptr_t end = std::min(places, i + 8), squares = end - i == 8 ? width / 8 * 8 : 0;
    for (intptr_t j = 0; j < squares; j += 8) {
      transpose_square(to + i * width + j, width, from + j * from_row + i, from_row, rows - j);
    }
    if (squares == width) continue;
    for (intptr_t k = i; k < end; k++) std::fill_n(to + k * width + squares, width - squares, A(0));
    for (intptr_t j = squares; j < rows; j++) {
      for (intptr_t k = i; k < end; k++) to[k * width + j] = cast<A>(from[j * from_row + k]);
    }
  }
}

// [rows][count], which are contiguous in each.
template <class T>
void convolution_rows_copy(ConvolutionSum<T> *to, intptr_t to_row, const T *from, intptr_t from_row, intptr_t rows,
                           intptr_t count) {
  for (intptr_t i = 0; i < rows; i++, to += to_row, from += from_row) {
    for (intptr_t k = 0; k < count; k++) to[k] = cast<ConvolutionSum<T>>(from[k]);
  }
}

#include "convolution_weights.inl"
