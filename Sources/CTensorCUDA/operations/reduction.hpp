// Which of the reductions' kernels runs, on which grid.
#ifndef ST_CUDA_OPERATIONS_REDUCTION_HPP
#define ST_CUDA_OPERATIONS_REDUCTION_HPP

#include "rows.hpp"
// After the integer types and the axes.
#include "../kernels/reduce_parameters.h"

namespace st::cuda {

// The folds of kernels/reduce_folds.cuh and kernels/extremum.cuh.
enum class Fold { sum, product, largest, any, norm, power_norm, spread, extreme };

// All views of `kept` dimensions have one shape. Neither shape is empty.
struct Reduction {
  Fold fold;
  st_view in, out, indices;  // over the kept dimensions; `indices` is `out` where there are none
  st_view folded;            // the input over the folded dimensions
  bool ordered;              // elements are numbered in row-major order
};

// `p` says what to do with the elements; the rest is filled in.
st_status run(st_cuda_device *device, const Reduction &reduction, ReduceParameters p);

// When long rows are split over blocks; tests split short ones.
struct ReductionTuning {
  int64_t threads = 1024;  // of a multiprocessor, for which there should be work
  int64_t longest = 16;    // vectors of a thread before rows are split
  int64_t shortest = 4;    // vectors of a thread after that
};
extern ReductionTuning reduction_tuning;

}  // namespace st::cuda

#endif
