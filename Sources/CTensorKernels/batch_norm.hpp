// What the norms over channels share: batches [N, C, S] are N * C planes of S elements.
#ifndef CTENSORKERNELS_BATCH_NORM_HPP
#define CTENSORKERNELS_BATCH_NORM_HPP

#include "arithmetic.hpp"

namespace st {

// A count, a mean and the squared distances from it; together as by Chan, Golub and LeVeque (1979).
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void add(const Moments &other) {
    const double all = count + other.count, distance = other.mean - mean;
    if (other.count == 0) return;
    mean += distance * (other.count / all);
    squares += other.squares + distance * distance * (count * other.count / all);
    count = all;
  }
};

struct Channels {
  intptr_t planes, size;
  intptr_t period;  // plane i takes the numbers of place i % period

  // What work is cut into: planes or, of planes of one element, rows of a period.
  intptr_t units() const { return size == 1 ? planes / period : planes; }
  intptr_t unit() const { return size == 1 ? period : size; }
};

// Numbers for each place of the period.
template <class A>
struct ChannelScales {
  const A *mean, *scale, *shift, *slope;
};

}  // namespace st

#endif
