// Windows of pooling, as the CPU's driver and kernels share them.
#ifndef CTENSORKERNELS_POOLING_HPP
#define CTENSORKERNELS_POOLING_HPP

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "convert.hpp"

namespace st {

// What pooling of T computes in.
template <class T>
using PoolValue = std::conditional_t<is_half<T>, float, T>;

// The windows along one dimension.
struct PoolAxis {
  intptr_t size, places;
  intptr_t kernel, stride, padding, dilation;
  bool adaptive;         // places windows of almost equal sizes cover all elements
  bool counts_padding;

  // The window's elements are begin, begin + dilation ... below end.
  intptr_t begin(intptr_t place) const {
    if (adaptive) return place * size / places;
    const intptr_t start = place * stride - padding;
    return start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
  }
  intptr_t end(intptr_t place) const {
    if (adaptive) return ((place + 1) * size + places - 1) / places;
    return std::min(place * stride - padding + (kernel - 1) * dilation + 1, size);
  }
  // Of a mean: how many elements the window has (dilation is 1).
  intptr_t count(intptr_t place) const {
    if (adaptive || !counts_padding) return std::max<intptr_t>(0, end(place) - begin(place));
    const intptr_t start = place * stride - padding;
    return std::min(start + kernel, size + padding) - start;
  }
  intptr_t step() const { return adaptive ? 1 : dilation; }

  // Whether neighbouring windows can be the lanes of vectors that read a row with its padding.
  bool fits_lanes() const { return !adaptive && stride <= 16; }
  // Places up to a whole number of the widest vectors, and the elements that windows there span, padding included.
  intptr_t padded_places() const { return (places + 15) / 16 * 16; }
  intptr_t padded_size() const {
    return std::max(size + 2 * padding, padded_places() * stride + (kernel - 1) * dilation + 16);
  }

  // Tap `tap` of the windows lies inside for the places first up to last.
  void inside(intptr_t tap, intptr_t &first, intptr_t &last) const {
    const intptr_t shift = tap * dilation - padding;
    first = std::min(places, shift >= 0 ? 0 : (-shift + stride - 1) / stride);
    last = std::clamp(size > shift ? (size - shift + stride - 1) / stride : 0, first, places);
  }
};

// A volume's windows: slices, rows, columns.
struct Pool {
  PoolAxis axes[3];
  intptr_t divisor;  // of a mean; 0: the elements of the window

  intptr_t pixels() const { return axes[0].size * axes[1].size * axes[2].size; }
  intptr_t places() const { return axes[0].places * axes[1].places * axes[2].places; }
  // The most rows under a window, unless windows are adaptive.
  intptr_t windows_rows() const {
    return std::min(axes[0].kernel, axes[0].size) * std::min(axes[1].kernel, axes[1].size);
  }
  // How many numbers the largest elements with their places take to find.
  intptr_t indexed_scratch() const {
    const PoolAxis &columns = axes[2];
    return columns.fits_lanes() ? windows_rows() * columns.padded_size() + columns.padded_places() : columns.places;
  }
  // Where in the plane the first row under the windows (z, y) begins.
  intptr_t top(intptr_t z, intptr_t y) const {
    return (axes[0].begin(z) * axes[1].size + axes[1].begin(y)) * axes[2].size;
  }
  intptr_t count(intptr_t z, intptr_t y, intptr_t x) const {
    return divisor != 0 ? divisor : axes[0].count(z) * axes[1].count(y) * axes[2].count(x);
  }
};

}  // namespace st

#endif
