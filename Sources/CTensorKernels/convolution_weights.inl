// The gradient of weights, the second half of convolution_kernels.inl: tiles of sums over places.
namespace {

// Rows of the depth times vectors of filters.

template <class A>
using WeightTile = void (*)(const ConvolutionWeights<A> &p, const ConvolutionAxis::Range *ranges,
                            const A *const *from, const A *gradient, A *sums);

template <class A, int rows, int vectors>
void weight_tile(const ConvolutionWeights<A> &p, const ConvolutionAxis::Range *ranges, const A *const *from,
                 const A *gradient, A *sums) {
  using Vector = typename Lanes<A>::Vector;
  const ConvolutionBox &box = *p.box;
  const intptr_t height = box.ranges[1].places(), width = box.ranges[2].places();
  Vector sum[rows][vectors];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      __builtin_memcpy(&sum[i][v], sums + i * p.width + v * lanes<A>, sizeof(Vector));
    }
  }
  for (intptr_t z = ranges[0].begin; z < ranges[0].end; z++) {
    for (intptr_t y = ranges[1].begin; y < ranges[1].end; y++) {
      const intptr_t position = box.position(z, y, ranges[2].begin);
      const A *slopes = gradient + ((z * height + y) * width + ranges[2].begin) * p.width;
      const A *base[rows];
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) base[i] = from[i] + position;
      for (intptr_t x = 0; x < ranges[2].end - ranges[2].begin; x++, slopes += p.width) {
        Vector right[vectors];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_memcpy(&right[v], slopes + v * lanes<A>, sizeof(Vector));
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

// The box's places, along each dimension, at which the elements begin..<end of the depth meet the source.
template <class A>
void places_inside(const ConvolutionWeights<A> &p, intptr_t begin, intptr_t end, ConvolutionAxis::Range *ranges) {
  intptr_t low = begin / p.channels, high = (end - 1) / p.channels;  // taps
  for (int d = 2; d >= 0; d--) {
    const intptr_t taps = p.axes[d].taps;
    const bool one_run = low / taps == high / taps;
    const auto [first, last] = p.axes[d].places_inside(one_run ? low % taps : 0, one_run ? high % taps + 1 : taps);
    const ConvolutionRange &places = p.box->ranges[d];
    ranges[d] = {std::max(first, places.begin) - places.begin, std::min(last, places.end) - places.begin};
    low /= taps, high /= taps;
  }
}

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
    ConvolutionAxis::Range ranges[3];
    places_inside(p, first, first + rows, ranges);
    Tiles::tiles[rows - 1](p, ranges, from, p.gradient + column, p.sums + first * p.width + column);
  }
}

// Rows of the depth times few filters, in vectors of neighbouring places; those beyond a row are left out.
template <class A, int filters>
constexpr int dot_rows = std::min(8, std::max(1, (most_sums - 4) / filters));

template <class A, int filters>
void dot_tile(const ConvolutionWeights<A> &p, const ConvolutionAxis::Range *ranges, const A *const *from, int taken,
              A *sums) {
  using Vector = typename Lanes<A>::Vector;
  constexpr int rows = dot_rows<A, filters>;
  const ConvolutionBox &box = *p.box;
  const intptr_t height = box.ranges[1].places(), width = box.ranges[2].places(), places = box.places();
  Vector sum[rows][filters], numbers;
  for (int l = 0; l < lanes<A>; l++) numbers[l] = A(l);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int f = 0; f < filters; f++) sum[i][f] = Vector{};
  }
  for (intptr_t z = ranges[0].begin; z < ranges[0].end; z++) {
    for (intptr_t y = ranges[1].begin; y < ranges[1].end; y++) {
      const intptr_t position = box.position(z, y, 0);
      const A *const gradient = p.gradient + (z * height + y) * width;
      const auto add = [&](intptr_t x, const auto &kept) ST_LAMBDA_INLINE {
        Vector right[filters];
#pragma clang loop unroll(full)
        for (int f = 0; f < filters; f++) {
          __builtin_memcpy(&right[f], gradient + f * places + x, sizeof(Vector));
          right[f] = kept(right[f]);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
          Vector left;
          __builtin_memcpy(&left, from[i] + position + x, sizeof(Vector));
          left = kept(left);
#pragma clang loop unroll(full)
          for (int f = 0; f < filters; f++) sum[i][f] = left * right[f] + sum[i][f];
        }
      };
      intptr_t x = ranges[2].begin;
      for (; x + lanes<A> <= ranges[2].end; x += lanes<A>) {
        add(x, [](const Vector &vector) ST_LAMBDA_INLINE { return vector; });
      }
      if (x >= ranges[2].end) continue;
      const auto inside = numbers < Vector{} + A(ranges[2].end - x);
      add(x, [&](const Vector &vector) ST_LAMBDA_INLINE { return inside ? vector : Vector{}; });
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    if (i < taken) {
#pragma clang loop unroll(full)
      for (int f = 0; f < filters; f++) {
        Vector before;
        __builtin_memcpy(&before, sums + i * p.width + f * lanes<A>, sizeof(Vector));
        before += sum[i][f];
        __builtin_memcpy(sums + i * p.width + f * lanes<A>, &before, sizeof(Vector));
      }
    }
  }
}

template <class A, int filters>
void weight_dots(const ConvolutionWeights<A> &p) {
  if constexpr (filters > 1) {
    if (p.filters < filters) return weight_dots<A, filters - 1>(p);
  }
  constexpr int most = dot_rows<A, filters>;
  for (intptr_t first = 0; first < p.depth; first += most) {
    const int rows = int(std::min<intptr_t>(most, p.depth - first));
    const A *from[most];
    for (int i = 0; i < most; i++) from[i] = p.source + p.offsets[first + std::min(i, rows - 1)];
    ConvolutionAxis::Range ranges[3];
    places_inside(p, first, first + rows, ranges);
    dot_tile<A, filters>(p, ranges, from, rows, p.sums + first * p.width);
  }
}

}  // namespace

template <class A>
int convolution_lanes() {
  return lanes<A>;
}

template <class A>
void convolution_weights(const ConvolutionWeights<A> &p) {
  if constexpr (is_float<A>) {
    if (p.filters > 0) return weight_dots<A, lanes<A> / 2>(p);
  }
  constexpr int widest = most_sums > 12 && is_float<A> ? 4 : 2;
  intptr_t column = 0;
  for (; column + widest * lanes<A> <= p.width; column += widest * lanes<A>) weight_columns<A, widest>(p, column);
  if (widest > 2 && column + 2 * lanes<A> <= p.width) {
    weight_columns<A, 2>(p, column);
    column += 2 * lanes<A>;
  }
  if (column < p.width) weight_columns<A, 1>(p, column);
}
