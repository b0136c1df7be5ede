// What the search for extremes offers its driver.
#ifndef CTENSORKERNELS_EXTREMUM_HPP
#define CTENSORKERNELS_EXTREMUM_HPP

#include "reduce.hpp"

namespace st {

struct Extreme {
  Total value;
  int64_t index = -1;  // none yet
};

// The kernels of float32, float64 or int64 elements. A NaN is the extreme; of equal ones the first counts.
struct ExtremeKernels {
  // Looks for a better extreme in contiguous elements, whose first has the number `first`.
  void (*look)(Extreme &known, const void *data, intptr_t count, int64_t first);
  // Updates each column's extreme and its row's number by `rows` rows, `stride` bytes apart, from number `first` on.
  void (*columns)(void *extremes, int64_t *places, const void *data, intptr_t stride, int64_t first, intptr_t rows,
                  intptr_t count);
};

}  // namespace st

#endif
