#ifndef CTENSORKERNELS_NORM_HPP
#define CTENSORKERNELS_NORM_HPP

#include "arithmetic.hpp"

namespace st {

// What the derivative of some rows reads: the result's gradient, x, and each row's mean (0 where null) and rstd.
template <class T>
struct NormGradient {
  const T *gradient, *x;
  const Arithmetic<T> *means, *rstds, *weight;
  intptr_t columns;
};

}  // namespace st

#endif
