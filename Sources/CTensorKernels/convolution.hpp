// What the driver of convolutions hands to the kernels. Everything is one form of sum: along each dimension, the output
// at place i takes the elements i * step + shift of a source, for the shifts of an arithmetic sequence.
#ifndef CTENSORKERNELS_CONVOLUTION_HPP
#define CTENSORKERNELS_CONVOLUTION_HPP

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "convert.hpp"

namespace st {

// What convolutions of T are summed in: integers wrap around.
template <class T>
using ConvolutionSum =
    std::conditional_t<is_half<T>, float, std::conditional_t<is_float<T>, T, uint64_t>>;

// One dimension of the sums.
struct ConvolutionAxis {
  intptr_t places;                        // outputs
  intptr_t source;                        // the source's size
  intptr_t step;                          // between the source's elements of neighbouring outputs
  intptr_t taps, first_shift, next_shift;  // first_shift + next_shift * tap; next_shift > 0
  intptr_t first_tap, next_tap;           // the kernel's element of each tap
  intptr_t out_first, out_step;           // where the outputs lie in the result

  struct Range {
    intptr_t begin, end;
  };
  // The taps of the places begin..<end, but those at either end that meet the source at none of them.
  Range taps_inside(intptr_t begin, intptr_t end) const {
    const intptr_t before = -(end - 1) * step - first_shift, within = source - begin * step - first_shift;
    return clamped(before, within, next_shift, taps);
  }
  // The places of the taps begin..<end, likewise.
  Range places_inside(intptr_t begin, intptr_t end) const {
    const intptr_t before = -(end - 1) * next_shift - first_shift, within = source - begin * next_shift - first_shift;
    return clamped(before, within, step, places);
  }

 private:
  // The multiples of `unit` from `low` and below `high`, as far as they are those of 0..<count.
  static Range clamped(intptr_t low, intptr_t high, intptr_t unit, intptr_t count) {
    const intptr_t begin = low > 0 ? std::min((low + unit - 1) / unit, count) : 0;
    return {begin, high > 0 ? std::clamp((high + unit - 1) / unit, begin, count) : begin};
  }
};

// A range of the outputs along one dimension, and the copy of the part of the source that it takes. Of a step of two
// or more, the source is stored as so many phases, each the elements that are whole steps apart, so that neighbouring
// outputs take neighbouring elements.
struct ConvolutionRange {
  intptr_t begin, end;
  intptr_t first;   // the source's coordinate of the copy's first element
  intptr_t phases;  // stored
  intptr_t size;    // of a phase

  ConvolutionRange() = default;
  ConvolutionRange(const ConvolutionAxis &axis, intptr_t begin, intptr_t end) : begin(begin), end(end) {
    first = begin * axis.step + axis.first_shift;
    const intptr_t reach = axis.taps > 0 ? (axis.taps - 1) * axis.next_shift : 0;
    const intptr_t extent = (end - 1 - begin) * axis.step + reach + 1;
    phases = axis.taps > 1 ? axis.step : 1;
    size = (extent + axis.step - 1) / axis.step;
  }

  intptr_t places() const { return end - begin; }
  intptr_t phase(const ConvolutionAxis &axis, intptr_t tap) const { return tap * axis.next_shift % axis.step; }
  intptr_t offset(const ConvolutionAxis &axis, intptr_t tap) const { return tap * axis.next_shift / axis.step; }
};

// A box of outputs, and how the elements that it takes lie in memory: a place's are `offset(tap)` from its own position
// (z * rows + y) * row + x, in planes of one channel each.
struct ConvolutionBox {
  ConvolutionRange ranges[3];
  intptr_t row, rows;  // elements from one row, and rows from one slice, to the next
  intptr_t plane;      // elements of a channel

  intptr_t places() const { return ranges[0].places() * ranges[1].places() * ranges[2].places(); }
  // Positions from the first to the last place.
  intptr_t span() const {
    return ((ranges[0].places() - 1) * rows + ranges[1].places() - 1) * row + ranges[2].places();
  }
  intptr_t position(intptr_t z, intptr_t y, intptr_t x) const { return (z * rows + y) * row + x; }
};

// Neighbouring places that are summed together.
struct ConvolutionVector {
  intptr_t from;        // the position of the first
  intptr_t to;          // where in the result they go, or -1 where it is not one run of it
  intptr_t begin, end;  // the part of the depth that they need: padding fills the rest
};

// Sums of products for a box: of one image and group, for filters (or channels) in blocks of packed weights.
template <class T>
struct ConvolutionProduct {
  using A = ConvolutionSum<T>;
  const ConvolutionAxis *axes;
  const ConvolutionBox *box;
  const A *source;          // the box's copy, or the source itself
  intptr_t channels;
  intptr_t depth;           // taps * channels
  const intptr_t *offsets;  // of the depth, into the source
  const A *weights;         // blocks of rows, each [depth][rows]
  intptr_t rows, blocks;
  intptr_t first_block, last_block;  // that are computed
  const T *bias;            // [rows], or null
  T *out;                   // the box's first place in the first row's plane
  intptr_t out_row;         // from one row's plane to the next
  intptr_t out_steps[3];
  ConvolutionVector *vectors;  // room for one for each place
  intptr_t vector_count;
};

// Rows are cut into blocks whose sizes differ by at most one.
inline intptr_t block_begin(intptr_t rows, intptr_t blocks, intptr_t block) { return block * rows / blocks; }

// The gradient of weights, for a box: sums [depth][width] gain source[offset + place] * gradient[place][width]. If the
// filters fill less than half a vector, its lanes are neighbouring places: sums [depth][filters][lanes], to be added
// up, gain source[offset + place] * gradient[filters][place].
template <class A>
struct ConvolutionWeights {
  const ConvolutionAxis *axes;
  const ConvolutionBox *box;
  const A *source;
  intptr_t channels, depth;
  const intptr_t *offsets;
  const A *gradient;
  intptr_t filters;   // of which vectors' lanes are places, or 0
  intptr_t width;     // whole vectors
  A *sums;
};

// Memory that vectors may read beyond a copy's end.
inline constexpr intptr_t convolution_slack = 16;

}  // namespace st

#endif
