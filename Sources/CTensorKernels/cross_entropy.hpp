#ifndef CTENSORKERNELS_CROSS_ENTROPY_HPP
#define CTENSORKERNELS_CROSS_ENTROPY_HPP

#include "arithmetic.hpp"

namespace st {

// Losses of rows of classes: row `i` is x[i / places, :, i % places], with the target of the same place.
template <class T>
struct ClassRows {
  const T *x;
  const int64_t *target;
  const Arithmetic<T> *weight;  // of each class, or null
  intptr_t classes, places;
  intptr_t x_strides[3], target_strides[2];
  double weight_sum;            // of all classes
  st_cross_entropy_options options;

  const T *row(intptr_t i) const { return x + i / places * x_strides[0] + i % places * x_strides[2]; }
  int64_t target_of(intptr_t i) const {
    return target[i / places * target_strides[0] + i % places * target_strides[1]];
  }
  bool counts(int64_t target) const { return target != options.ignore_index; }
  double weight_of(int64_t target) const { return weight ? double(weight[target]) : 1.0; }
  // The share of a class that is spread over all.
  double spread() const { return options.label_smoothing / double(classes); }
};

// The sums over a part of the rows, of whose targets all are classes unless `wrong` is the first row that has another.
struct LossSums {
  double losses = 0, weights = 0;
  intptr_t wrong = -1;
};

}  // namespace st

#endif
