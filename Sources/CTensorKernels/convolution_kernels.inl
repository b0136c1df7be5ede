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

template <class A, class Rows>
struct ShiftedTiles;
template <class A, int... row>
struct ShiftedTiles<A, std::integer_sequence<int, row...>> {
  static constexpr ShiftedTile<A> tiles[] = {&shifted_tile<A, row + 1, vectors_for<row + 1>>...};
  static constexpr int vectors[] = {vectors_for<row + 1>...};
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

template <class T>
void convolution_product(const ConvolutionProduct<T> &p) {
  using A = ConvolutionSum<T>;
  using Tiles = ShiftedTiles<A, std::make_integer_sequence<int, most_rows<A>>>;
  const Cut<A> cut(*p.box);
  alignas(64) A held[most_rows<A> * most_vectors * lanes<A>];
  // Where each vector goes, or -1 where it is not one run of the result.
  intptr_t *const starts = p.vectors, *const targets = p.vectors + cut.count;
  for (intptr_t vector = 0; vector < cut.count; vector++) {
    Stretch parts[lanes<A>];
    starts[vector] = cut.start(vector);
    stretches(p, starts[vector], parts);
    const bool whole = is_same<A, T> && p.out_steps[2] == 1 && parts[0].count == lanes<A>;
    targets[vector] = whole ? parts[0].to : -1;
  }
  for (intptr_t block = p.first_block; block < p.last_block; block++) {
    const intptr_t first = block_begin(p.rows, p.blocks, block);
    const int rows = int(block_begin(p.rows, p.blocks, block + 1) - first), vectors = Tiles::vectors[rows - 1];
    A bias[most_rows<A>] = {};
    for (int i = 0; p.bias && i < rows; i++) bias[i] = cast<A>(p.bias[first + i]);
    for (intptr_t vector = 0; vector < cut.count; vector += vectors) {
      const A *from[most_vectors];
      A *to[most_vectors];
      bool whole = true;
      for (int v = 0; v < vectors; v++) {
        const intptr_t taken = std::min(vector + v, cut.count - 1);
        from[v] = p.source + starts[taken];
        to[v] = held + v * lanes<A>;
        whole = whole && targets[taken] >= 0;
      }
      T *const out = p.out + first * p.out_row;
      if constexpr (is_same<A, T>) {
        for (int v = 0; whole && v < vectors; v++) to[v] = out + targets[std::min(vector + v, cut.count - 1)];
      }
      Tiles::tiles[rows - 1](p.depth, p.weights + first * p.depth, p.offsets, from, bias, to,
                             whole ? p.out_row : vectors * lanes<A>);
      if (whole) continue;
      const int filled = int(std::min<intptr_t>(vectors, cut.count - vector));
      for (int v = 0; v < filled; v++) {
        Stretch parts[lanes<A>];
        const int count = stretches(p, starts[vector + v], parts);
        for (int i = 0; i < rows; i++) {
          const A *const sums = held + (i * vectors + v) * lanes<A>;
          for (int s = 0; s < count; s++) {
            T *const target = out + i * p.out_row + parts[s].to;
            for (int l = 0; l < parts[s].count; l++) target[l * p.out_steps[2]] = cast<T>(sums[parts[s].lane + l]);
          }
        }
      }
    }
  }
}

// ---- Copies.

// Elements first, first + step ... of a row, of which numbers begin..<end lie in it; zeros for the others.
template <class T>
void convolution_row(ConvolutionSum<T> *to, intptr_t count, const T *from, intptr_t first, intptr_t step,
                     intptr_t begin, intptr_t end) {
  using A = ConvolutionSum<T>;
  for (intptr_t i = 0; i < begin; i++) to[i] = A(0);
  if (step == 1) {
    for (intptr_t i = begin; i < end; i++) to[i] = cast<A>(from[first + i]);
  } else {
    for (intptr_t i = begin; i < end; i++) to[i] = cast<A>(from[first + i * step]);
  }
  for (intptr_t i = end; i < count; i++) to[i] = A(0);
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

// ---- The gradient of weights: rows of the depth times vectors of filters.

namespace {

template <class A>
using WeightTile = void (*)(const ConvolutionWeights<A> &p, const A *const *from, const A *gradient, A *sums);

template <class A, int rows, int vectors>
void weight_tile(const ConvolutionWeights<A> &p, const A *const *from, const A *gradient, A *sums) {
  using Vector = typename Lanes<A>::Vector;
  const ConvolutionBox &box = *p.box;
  const intptr_t depth = box.ranges[0].places(), height = box.ranges[1].places(), width = box.ranges[2].places();
  Vector sum[rows][vectors];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      __builtin_memcpy(&sum[i][v], sums + i * p.width + v * lanes<A>, sizeof(Vector));
    }
  }
  for (intptr_t z = 0; z < depth; z++) {
    for (intptr_t y = 0; y < height; y++) {
      const intptr_t position = box.position(z, y, 0);
      const A *base[rows];
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) base[i] = from[i] + position;
      for (intptr_t x = 0; x < width; x++, gradient += p.width) {
        Vector right[vectors];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_memcpy(&right[v], gradient + v * lanes<A>, sizeof(Vector));
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
          for (int v = 0; v < vectors; v++) sum[i][v] = base[i][x] * right[v] + sum[i][v];
        }
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      __builtin_memcpy(sums + i * p.width + v * lanes<A>, &sum[i][v], sizeof(Vector));
    }
  }
}

// Rows of a tile, which each need an address in a register, for 1, 2 and 4 vectors.
template <class A, int vectors>
constexpr int weight_rows = is_float<A> ? std::min(vectors > 1 ? 12 : 10, (most_sums - 4) / vectors) : 1;

template <class A, int vectors, class Rows>
struct WeightTiles;
template <class A, int vectors, int... row>
struct WeightTiles<A, vectors, std::integer_sequence<int, row...>> {
  static constexpr WeightTile<A> tiles[] = {&weight_tile<A, row + 1, vectors>...};
};

template <class A, int vectors>
void weight_columns(const ConvolutionWeights<A> &p, intptr_t column) {
  constexpr int most = weight_rows<A, vectors>;
  using Tiles = WeightTiles<A, vectors, std::make_integer_sequence<int, most>>;
  const intptr_t blocks = (p.depth + most - 1) / most;
  for (intptr_t block = 0; block < blocks; block++) {
    const intptr_t first = block_begin(p.depth, blocks, block);
    const int rows = int(block_begin(p.depth, blocks, block + 1) - first);
    const A *from[most];
    for (int i = 0; i < rows; i++) from[i] = p.source + p.offsets[first + i];
    Tiles::tiles[rows - 1](p, from, p.gradient + column, p.sums + first * p.width + column);
  }
}

}  // namespace

template <class A>
int convolution_lanes() {
  return lanes<A>;
}

template <class A>
void convolution_weights(const ConvolutionWeights<A> &p) {
  constexpr int widest = most_sums > 12 && is_float<A> ? 4 : 2;
  intptr_t column = 0;
  for (; column + widest * lanes<A> <= p.width; column += widest * lanes<A>) weight_columns<A, widest>(p, column);
  if (widest > 2 && column + 2 * lanes<A> <= p.width) {
    weight_columns<A, 2>(p, column);
    column += 2 * lanes<A>;
  }
  if (column < p.width) weight_columns<A, 1>(p, column);
}
