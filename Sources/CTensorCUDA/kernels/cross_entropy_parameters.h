// What the cross entropy's kernels are told.
#ifndef ST_CUDA_CROSS_ENTROPY_PARAMETERS_H
#define ST_CUDA_CROSS_ENTROPY_PARAMETERS_H

namespace st {

struct Fault;

// Rows of classes: row r is x[r / places, :, r % places], with the target of the same place.
struct CrossEntropyParameters {
  void *out;                  // the losses of rows, or null; backward: the gradient, row-major
  const void *x;
  const int64_t *target;
  const void *weight;         // of each class, in the arithmetic type; or null
  const void *weight_sum;     // of all classes; or null
  void *statistics;           // [rows, 2]: the largest logit, and the logarithm of the sum less it; may be null forward
  void *part_losses, *part_weights;  // forward: the sums of each block's rows
  const void *gradient;       // backward: of the results
  const void *total_weight;   // backward: what the mean divides by, or null
  Fault *fault;
  int64_t rows, classes, places;
  int64_t x_strides[3], target_strides[2], gradient_strides[2];
  int64_t ignore_index;
  double label_smoothing;
  int32_t tag;
  int32_t team;               // threads that share a row; of columns: threads side by side
  bool log_probabilities, vectors;
};

// The sum of the blocks' losses and weights, and what they come to.
struct LossTotalParameters {
  void *out, *total_weight;  // the latter may be null
  const void *part_losses, *part_weights;
  int64_t parts;
  bool mean;
};

}  // namespace st

#endif
