// What the reduction kernels offer their driver.
#ifndef CTENSORKERNELS_REDUCE_HPP
#define CTENSORKERNELS_REDUCE_HPP

#include <stdint.h>

#include "CTensorKernels.h"
#include "convert.hpp"

namespace st {

// A running result: `real` for floats, `whole` for integers and bools.
union Total {
  double real;
  int64_t whole;
};

enum class Fold { sum, product, largest, smallest };

// The kernels of one fold and one type of elements: floats, int64, and for extremes uint8 and int32.
struct FoldKernels {
  // Folds `count` contiguous elements of each of `rows` rows, `stride` bytes apart, into as many totals.
  void (*rows)(Total *totals, const void *data, intptr_t rows, intptr_t stride, intptr_t count);
  // Folds `rows` (at most 16) rows of `count` contiguous elements into as many totals.
  void (*columns)(Total *totals, const char *const *data, int rows, intptr_t count);
};
constexpr int column_rows = 16;

Total neutral(Fold fold, bool real);
Total combined(Fold fold, bool real, Total a, Total b);

const FoldKernels &fold_kernels(Fold fold, st_dtype element);

// The terms of norms, in place: |x|, x^2, |x|^p, or 1 where x is not 0.
enum class Term { size, square, power, nonzero };
void to_terms(Term term, double *values, intptr_t count, double p);

// The sum of the squared distances from a mean.
double spread_around(const double *values, intptr_t count, double mean);
// Replaces values by their squared distances from means of their own.
void to_deviations(double *values, intptr_t count, const double *means);

}  // namespace st

#endif
