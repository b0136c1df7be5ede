#include "reduce.hpp"

#include <type_traits>
#include <utility>

#define ST_KERNELS "reduce_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {

const FoldKernels &fold_kernels(Fold fold, st_dtype element) { return ST_CHOOSE(fold_kernels)(fold, element); }

void to_terms(Term term, double *values, intptr_t count, double p) { ST_CHOOSE(to_terms)(term, values, count, p); }

double spread_around(const double *values, intptr_t count, double mean) {
  return ST_CHOOSE(spread_around)(values, count, mean);
}

void to_deviations(double *values, intptr_t count, const double *means) {
  ST_CHOOSE(to_deviations)(values, count, means);
}

Total neutral(Fold fold, bool real) {
  Total total;
  double reals[] = {0, 1, -__builtin_inf(), __builtin_inf()};
  int64_t wholes[] = {0, 1, INT64_MIN, INT64_MAX};
  if (real) {
    total.real = reals[int(fold)];
  } else {
    total.whole = wholes[int(fold)];
  }
  return total;
}

Total combined(Fold fold, bool real, Total a, Total b) {
  if (real) {
    switch (fold) {
      case Fold::sum: baseline::fold_into<Fold::sum>(a, b.real); break;
      case Fold::product: baseline::fold_into<Fold::product>(a, b.real); break;
      case Fold::largest: baseline::fold_into<Fold::largest>(a, b.real); break;
      case Fold::smallest: baseline::fold_into<Fold::smallest>(a, b.real); break;
    }
  } else {
    switch (fold) {
      case Fold::sum: baseline::fold_into<Fold::sum>(a, b.whole); break;
      case Fold::product: baseline::fold_into<Fold::product>(a, b.whole); break;
      case Fold::largest: baseline::fold_into<Fold::largest>(a, b.whole); break;
      case Fold::smallest: baseline::fold_into<Fold::smallest>(a, b.whole); break;
    }
  }
  return a;
}

}  // namespace st
