// Convolution over up to three dimensions and its gradients. Images are taken box by box: a box's part of the source is
// copied with its margin of zeros, so that the sums' inner loops read neighbouring elements at fixed offsets.
#include "convolution.hpp"

#include <atomic>
#include <numeric>
#include <utility>

#include "products.hpp"
#include "threads.hpp"

#define ST_KERNELS "convolution_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

// Images, filters and results, with three dimensions of space.
struct Convolution {
  intptr_t batches, groups, channels, filters;  // of one group
  intptr_t size[3], kernel[3], result[3];
  intptr_t stride[3], padding[3], dilation[3];

  Convolution(st_view x, st_view weight, st_view out, const st_convolution &options)
      : batches(x.shape[0]), groups(options.groups), channels(weight.shape[1]),
        filters(weight.shape[0] / options.groups) {
    const int32_t rank = x.rank - 2;
    for (int32_t d = 0; d < 3; d++) {
      const int32_t own = d - (3 - rank);
      size[d] = own < 0 ? 1 : x.shape[2 + own];
      kernel[d] = own < 0 ? 1 : weight.shape[2 + own];
      result[d] = own < 0 ? 1 : out.shape[2 + own];
      stride[d] = own < 0 ? 1 : options.stride[own];
      padding[d] = own < 0 ? 0 : options.padding[own];
      dilation[d] = own < 0 ? 1 : options.dilation[own];
    }
  }

  static intptr_t product(const intptr_t (&sizes)[3]) { return sizes[0] * sizes[1] * sizes[2]; }
  intptr_t pixels() const { return product(size); }
  intptr_t taps() const { return product(kernel); }
  intptr_t places() const { return product(result); }

  // Along dimension d, the result's sums over the source.
  ConvolutionAxis forward(int d) const {
    return {result[d], size[d], stride[d], kernel[d], -padding[d], dilation[d], 0, 1, 0, 1};
  }

  // The source's gradient as sums over the result's: its elements phase, phase + stride ..., which the same elements of
  // the kernel meet. No taps where none does.
  ConvolutionAxis backward(int d, intptr_t phase) const {
    const intptr_t s = stride[d], common = std::gcd(s, dilation[d]), apart = s / common;
    const intptr_t places = size[d] > phase ? (size[d] - phase + s - 1) / s : 0;
    ConvolutionAxis axis{places, result[d], 1, 0, 0, dilation[d] / common, 0, -apart, phase, s};
    // From the kernel's last element to its first, so that shifts grow.
    for (intptr_t tap = kernel[d] - 1; tap >= std::max<intptr_t>(0, kernel[d] - apart); tap--) {
      const intptr_t reach = phase + padding[d] - tap * dilation[d];
      if (reach % s != 0) continue;
      axis.taps = tap / apart + 1;
      axis.first_shift = reach / s;
      axis.first_tap = tap;
    }
    return axis;
  }
};

// Equal parts of `count` that have at most `most`.
intptr_t even_part(intptr_t count, intptr_t most) {
  const intptr_t parts = (count + most - 1) / most;
  return parts > 0 ? (count + parts - 1) / parts : 1;
}

// Sums in three dimensions over the channels of a source, cut into boxes.
struct Sums {
  ConvolutionAxis axes[3];
  intptr_t channels;
  bool direct;  // the source is read where it is
  intptr_t part[3], parts[3];  // places of a box, and boxes, along each dimension
  intptr_t largest = 0;        // elements of a box's copy

  // `whole_vectors`: neighbouring places are read together, so that memory beyond the last may be touched.
  Sums(const ConvolutionAxis (&given)[3], intptr_t channels, bool same_type, bool whole_vectors)
      : axes{given[0], given[1], given[2]}, channels(channels), direct(same_type) {
    for (const ConvolutionAxis &axis : axes) {
      const intptr_t last = (axis.places - 1) + axis.first_shift + (axis.taps - 1) * axis.next_shift;
      direct &= axis.taps > 0 && axis.step == 1 && axis.first_shift >= 0 && last < axis.source;
    }
    // Vectors stay inside if a row of places, or all of them when there are no gaps, fill one.
    constexpr intptr_t widest = 16;
    if (whole_vectors && axes[2].places < widest) {
      direct &= axes[2].places == axes[2].source && axes[1].places == axes[1].source &&
                axes[0].places * axes[1].places * axes[2].places >= widest;
    }
    // A box's copy stays in the cache of the second level; rows are cut where they are long.
    constexpr intptr_t fitting = 96 << 10, longest = 512;
    part[0] = axes[0].places, part[1] = axes[1].places, part[2] = even_part(axes[2].places, longest);
    const auto fits = [&] {
      return (direct ? part[0] * part[1] * part[2] : largest_plane()) * channels <= fitting;
    };
    for (int d = 0; d < 2; d++) {
      while (part[d] > 1 && !fits()) part[d] = even_part(part[d], (part[d] + 1) / 2);
    }
    if (direct && whole_vectors && part[2] < widest) part[0] = axes[0].places, part[1] = axes[1].places;
    for (int d = 0; d < 3; d++) parts[d] = part[d] > 0 ? (axes[d].places + part[d] - 1) / part[d] : 0;
    largest = direct ? 0 : largest_plane() * channels + convolution_slack;
  }

  intptr_t boxes() const { return parts[0] * parts[1] * parts[2]; }
  intptr_t taps() const { return axes[0].taps * axes[1].taps * axes[2].taps; }
  intptr_t depth() const { return channels * taps(); }

  ConvolutionBox box(intptr_t number) const {
    const intptr_t at[3] = {number / (parts[1] * parts[2]), number / parts[2] % parts[1], number % parts[2]};
    ConvolutionRange ranges[3];
    for (int d = 0; d < 3; d++) {
      const intptr_t places = axes[d].places;
      ranges[d] = {axes[d], block_begin(places, parts[d], at[d]), block_begin(places, parts[d], at[d] + 1)};
    }
    return arranged(ranges[0], ranges[1], ranges[2]);
  }

  // Elements of a channel's copy, at most.
  intptr_t largest_plane() const {
    return arranged({axes[0], 0, part[0]}, {axes[1], 0, part[1]}, {axes[2], 0, part[2]}).plane;
  }

  ConvolutionBox arranged(const ConvolutionRange &slices, const ConvolutionRange &rows,
                          const ConvolutionRange &row) const {
    ConvolutionBox box{{slices, rows, row}, axes[2].source, axes[1].source, 0};
    if (!direct) box.row = row.size, box.rows = rows.size;
    box.plane = direct ? axes[0].source * box.rows * box.row
                       : slices.phases * rows.phases * row.phases * slices.size * rows.size * row.size;
    return box;
  }

  // Of the depth (taps, channel), where the elements lie from a place's position.
  void offsets(const ConvolutionBox &box, intptr_t *to) const {
    const auto &[slices, rows, row] = box.ranges;
    for (intptr_t k = 0; k < axes[0].taps; k++) {
      for (intptr_t i = 0; i < axes[1].taps; i++) {
        for (intptr_t j = 0; j < axes[2].taps; j++) {
          const intptr_t phase =
              (slices.phase(axes[0], k) * rows.phases + rows.phase(axes[1], i)) * row.phases + row.phase(axes[2], j);
          const intptr_t position =
              box.position(slices.offset(axes[0], k), rows.offset(axes[1], i), row.offset(axes[2], j));
          const intptr_t first = phase * slices.size * rows.size * row.size + position;
          for (intptr_t channel = 0; channel < channels; channel++) *to++ = channel * box.plane + first;
        }
      }
    }
  }

  // Where the box's elements lie: in the source of `channels` planes, or copied to the buffer. A buffer that is not
  // `fresh` has held the same box of another image, so that its padding is there.
  template <class T>
  const ConvolutionSum<T> *elements(const ConvolutionBox &box, const T *source, ConvolutionSum<T> *buffer,
                                    bool fresh) const {
    if constexpr (is_same<T, ConvolutionSum<T>>) {
      if (direct) return source + box.position(box.ranges[0].first, box.ranges[1].first, box.ranges[2].first);
    }
    if (fresh) std::fill_n(buffer, channels * box.plane + convolution_slack, ConvolutionSum<T>(0));
    ST_CHOOSE(convolution_copy<T>)(axes, box, channels, source, buffer);
    return buffer;
  }
};

template <class T>
T *data(st_view view) {
  return static_cast<T *>(view.data);
}

// Which of a weight's elements the sums take: rows and channels are filters and channels, or the other way around.
struct Weights {
  intptr_t rows, row, channel, group;  // how many rows; elements from one row, channel and group to the next
};

// Of all groups, blocks of rows, each [depth][rows].
template <class T>
void pack(ConvolutionSum<T> *packed, const T *weight, const Convolution &c, const Sums &sums, const Weights &w,
          intptr_t blocks) {
  const auto &[slices, lines, row] = sums.axes;
  const intptr_t items = c.groups * blocks;
  parallel_for(items, even_grain(items, w.rows * sums.depth() / blocks * 2), [&](intptr_t begin, intptr_t end) {
    for (intptr_t item = begin; item < end; item++) {
      const intptr_t group = item / blocks, block = item % blocks;
      const intptr_t first = block_begin(w.rows, blocks, block), last = block_begin(w.rows, blocks, block + 1);
      ConvolutionSum<T> *to = packed + (group * w.rows + first) * sums.depth();
      for (intptr_t k = 0; k < slices.taps; k++) {
        for (intptr_t i = 0; i < lines.taps; i++) {
          for (intptr_t j = 0; j < row.taps; j++) {
            const intptr_t plane = slices.first_tap + k * slices.next_tap;
            const intptr_t line = lines.first_tap + i * lines.next_tap;
            const intptr_t tap = (plane * c.kernel[1] + line) * c.kernel[2] + row.first_tap + j * row.next_tap;
            const T *from = weight + group * w.group + tap;
            for (intptr_t channel = 0; channel < sums.channels; channel++, from += w.channel) {
              for (intptr_t r = first; r < last; r++) *to++ = cast<ConvolutionSum<T>>(from[r * w.row]);
            }
          }
        }
      }
    }
  });
}

// out [N, groups * rows, places of the axes] = sums over source [N, groups * channels, ...]; false without memory.
template <class T>
bool add_up(const Convolution &c, const Sums &sums, const Weights &w, const T *weight, const T *source, const T *bias,
            T *out, const intptr_t (&out_size)[3]) {
  using A = ConvolutionSum<T>;
  const intptr_t most = ST_CHOOSE(convolution_rows<A>)(), blocks = (w.rows + most - 1) / most, depth = sums.depth();
  const intptr_t boxes = sums.boxes(), pairs = c.batches * c.groups;
  if (pairs * boxes == 0 || w.rows == 0) return true;
  Pieces<A> packed(c.groups * w.rows * depth);
  if (!packed) return false;
  A *const weights = packed.take(0);
  pack(weights, weight, c, sums, w, blocks);
  // Few boxes are shared by parts of the rows. Blocks depend on the processor, the sums of a row do not.
  const intptr_t splits = std::clamp<intptr_t>(8 / (pairs * boxes), 1, std::max<intptr_t>(1, blocks / 2));
  const intptr_t items = pairs * boxes * splits;
  const intptr_t places = sums.part[0] * sums.part[1] * sums.part[2];
  const intptr_t work = places * (w.rows * depth / splits / (sizeof(A) == 8 ? 6 : 12) + sums.channels / 2);
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, work), [&](intptr_t begin, intptr_t end) {
    Pieces<A> copies(sums.largest);
    Pieces<intptr_t> offsets(depth);
    Pieces<ConvolutionVector> vectors(places);
    if (!copies || !offsets || !vectors) return complete.store(false, std::memory_order_relaxed);
    ConvolutionBox box;
    ConvolutionProduct<T> p{};
    intptr_t held = -1;  // the box whose layout, padding and vectors are known
    for (intptr_t item = begin; item < end; item++) {
      const intptr_t split = item % splits, pair = item / splits / boxes, group = pair % c.groups;
      const intptr_t number = item / splits % boxes;
      const bool fresh = std::exchange(held, number) != number;
      if (fresh) {
        box = sums.box(number);
        sums.offsets(box, offsets.take(0));
      }
      const intptr_t pixels = sums.axes[0].source * sums.axes[1].source * sums.axes[2].source;
      p.axes = sums.axes;
      p.box = &box;
      p.source = sums.elements(box, source + pair * sums.channels * pixels, copies.take(0), fresh);
      p.channels = sums.channels;
      p.depth = depth;
      p.offsets = offsets.take(0);
      p.weights = weights + group * w.rows * depth;
      p.rows = w.rows;
      p.blocks = blocks;
      p.first_block = block_begin(blocks, splits, split);
      p.last_block = block_begin(blocks, splits, split + 1);
      p.bias = bias ? bias + group * w.rows : nullptr;
      p.out_row = out_size[0] * out_size[1] * out_size[2];
      p.out = out + pair * w.rows * p.out_row;
      intptr_t step = 1;
      for (int d = 2; d >= 0; step *= out_size[d--]) {
        p.out_steps[d] = sums.axes[d].out_step * step;
        p.out += (sums.axes[d].out_first + box.ranges[d].begin * sums.axes[d].out_step) * step;
      }
      p.vectors = vectors.take(0);
      if (fresh) p.vector_count = ST_CHOOSE(convolution_cut<T>)(p);
      ST_CHOOSE(convolution_product<T>)(p);
    }
  });
  return complete;
}

template <class T>
bool convolve(const Convolution &c, st_view out, st_view x, st_view weight, st_view bias) {
  const Sums sums({c.forward(0), c.forward(1), c.forward(2)}, c.channels, is_same<T, ConvolutionSum<T>>, true);
  const intptr_t filter = c.channels * c.taps();
  return add_up(c, sums, {c.filters, filter, c.taps(), c.filters * filter}, data<T>(weight), data<T>(x),
                data<T>(bias), data<T>(out), c.result);
}

// Each place modulo the strides meets elements of the kernel of its own.
template <class T>
bool transposed(const Convolution &c, st_view out, st_view x, st_view weight, st_view bias) {
  const intptr_t filter = c.channels * c.taps();
  for (intptr_t phase = 0; phase < Convolution::product(c.stride); phase++) {
    const ConvolutionAxis axes[3] = {c.backward(0, phase / (c.stride[1] * c.stride[2])),
                                     c.backward(1, phase / c.stride[2] % c.stride[1]),
                                     c.backward(2, phase % c.stride[2])};
    const Sums sums(axes, c.filters, is_same<T, ConvolutionSum<T>>, true);
    if (!add_up(c, sums, {c.channels, c.taps(), filter, c.filters * filter}, data<T>(weight), data<T>(x),
                data<T>(bias), data<T>(out), c.size)) {
      return false;
    }
  }
  return true;
}

// Sums over images and places, in parts that depend on the shape alone and are added in order.
template <class T>
bool weight_gradient(const Convolution &c, st_view weight_gradient, st_view gradient, st_view x) {
  using A = ConvolutionSum<T>;
  const ConvolutionAxis axes[3] = {c.forward(0), c.forward(1), c.forward(2)};
  const intptr_t lanes = ST_CHOOSE(convolution_lanes<A>)();
  const bool few = is_float<A> && c.filters <= std::min(lanes / 2, c.result[2]);
  const intptr_t padded = (c.filters + lanes - 1) / lanes * lanes, per_place = few ? c.filters : padded;
  const intptr_t spread = few ? lanes : 1, width = few ? c.filters * lanes : padded;
  const intptr_t taps = c.taps(), all = c.channels * taps * width;
  // Large weights are shared by channels, small ones have a sum for each part of the images.
  const intptr_t wanted = std::max<intptr_t>(1, 16 / std::max<intptr_t>(1, c.groups));
  const bool by_channels = all > (1 << 18) && c.channels >= wanted;
  const intptr_t shares = by_channels ? wanted : 1;
  const Sums whole(axes, even_part(c.channels, (c.channels + shares - 1) / shares), is_same<T, A> && !few, false);
  const intptr_t boxes = whole.boxes(), rounds = c.batches * boxes;
  const intptr_t parts = by_channels ? 1 : std::clamp<intptr_t>(rounds, 1, wanted);
  Pieces<A> partial(c.groups * parts * all);
  if (!partial) return false;
  A *const sums = partial.take(0);
  std::fill_n(sums, c.groups * parts * all, A(0));
  const intptr_t items = c.groups * shares * parts;
  const intptr_t work = c.batches * c.places() * c.channels * taps * per_place / (lanes * 2 * shares * parts);
  std::atomic<bool> complete{true};
  parallel_for(items, even_grain(items, work), [&](intptr_t begin, intptr_t end) {
    const intptr_t places = whole.part[0] * whole.part[1] * whole.part[2];
    Pieces<A> pieces(whole.largest + places * per_place + convolution_slack);
    Pieces<intptr_t> numbers(whole.depth());
    if (!pieces || !numbers) return complete.store(false, std::memory_order_relaxed);
    A *const buffer = pieces.take(whole.largest), *const slopes = pieces.take(0);
    for (intptr_t item = begin; item < end; item++) {
      const intptr_t part = item % parts, share = item / parts % shares, group = item / parts / shares;
      const intptr_t first = block_begin(c.channels, shares, share);
      Sums own = whole;
      own.channels = block_begin(c.channels, shares, share + 1) - first;
      ConvolutionBox box;
      intptr_t held = -1;
      for (intptr_t round = part * rounds / parts; round < (part + 1) * rounds / parts; round++) {
        const intptr_t pair = round / boxes * c.groups + group;
        const bool fresh = std::exchange(held, round % boxes) != round % boxes;
        if (fresh) {
          box = own.box(round % boxes);
          own.offsets(box, numbers.take(0));
        }
        // The gradient's rows, whole ones together: place by place if filters are lanes.
        A *to = slopes;
        const auto &[slices, lines, row] = box.ranges;
        const intptr_t together = row.places() == c.result[2] ? lines.places() : 1, run = together * row.places();
        for (intptr_t z = slices.begin; z < slices.end; z++) {
          for (intptr_t y = lines.begin; y < lines.end; y += together) {
            const intptr_t at = (z * c.result[1] + y) * c.result[2] + row.begin;
            const T *const from = data<T>(gradient) + pair * c.filters * c.places() + at;
            if (few) {
              ST_CHOOSE(convolution_rows_copy<T>)(to, box.places(), from, c.places(), c.filters, run);
            } else {
              ST_CHOOSE(convolution_transpose<T>)(to, width, from, c.places(), c.filters, run);
            }
            to += run * (few ? 1 : width);
          }
        }
        ConvolutionWeights<A> p{};
        p.axes = own.axes;
        p.box = &box;
        p.source = own.elements(box, data<T>(x) + (pair * c.channels + first) * c.pixels(), buffer, fresh);
        p.channels = own.channels;
        p.depth = own.depth();
        p.offsets = numbers.take(0);
        p.gradient = slopes;
        p.filters = few ? c.filters : 0;
        p.width = width;
        p.sums = sums + (group * parts + part) * all + first * taps * width;
        ST_CHOOSE(convolution_weights<A>)(p);
      }
    }
  });
  if (!complete) return false;
  T *to = data<T>(weight_gradient);
  for (intptr_t group = 0; group < c.groups; group++) {
    A *const total = sums + group * parts * all;
    for (intptr_t part = 1; part < parts; part++) {
      for (intptr_t i = 0; i < all; i++) total[i] += total[part * all + i];
    }
    for (intptr_t filter = 0; filter < c.filters; filter++) {
      for (intptr_t share = 0; share < shares; share++) {
        const intptr_t first = block_begin(c.channels, shares, share);
        const intptr_t channels = block_begin(c.channels, shares, share + 1) - first;
        for (intptr_t channel = 0; channel < channels; channel++) {
          const A *from = total + (first * taps + channel) * width + filter * spread;
          for (intptr_t tap = 0; tap < taps; tap++, from += channels * width) {
            *to++ = cast<T>(std::accumulate(from, from + spread, A(0)));
          }
        }
      }
    }
  }
  return true;
}

// Calls body(Tag<T>()) for a dtype that has convolutions; it returns false out of memory.
template <class Body>
st_status with_number(st_dtype dtype, const Body &body) {
  bool complete = true;
  st_status status{};
  if (dtype == ST_INT64) {
    complete = body(Tag<int64_t>());
  } else {
    status = with_float(dtype, [&](auto tag) { complete = body(tag); });
  }
  if (!complete) return {ST_OUT_OF_MEMORY, 0, 0, 0};
  return status;
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_convolution_forward(st_view out, st_view x, st_view weight, st_view bias, st_convolution options) {
  return with_number(x.dtype, [&](auto tag) {
    return convolve<typename decltype(tag)::type>({x, weight, out, options}, out, x, weight, bias);
  });
}

st_status st_convolution_transposed(st_view out, st_view x, st_view weight, st_view bias, st_convolution options) {
  return with_number(x.dtype, [&](auto tag) {
    return transposed<typename decltype(tag)::type>({out, weight, x, options}, out, x, weight, bias);
  });
}

st_status st_convolution_weight(st_view out, st_view gradient, st_view x, st_convolution options) {
  return with_number(x.dtype, [&](auto tag) {
    return weight_gradient<typename decltype(tag)::type>({x, out, gradient, options}, out, gradient, x);
  });
}
