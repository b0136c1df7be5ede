// What the kernels of norms over channels are told.
#ifndef ST_CUDA_BATCH_NORM_PARAMETERS_H
#define ST_CUDA_BATCH_NORM_PARAMETERS_H

namespace st {

// Batches [batch, channels, size], row-major: planes of `size` elements. Statistics are those of a channel or, for group
// norm, of `together` neighbouring planes.
struct ChannelNormParameters {
  void *out;                  // backward: the input's gradient
  const void *x, *gradient;   // the latter backward only
  const void *weight, *bias;  // of each channel; may be null
  void *mean, *rstd;          // the statistics
  void *running_mean, *running_var;  // of each channel; may be null
  void *parts;                // [parts, channels]: moments or, backward, two sums
  void *levels;               // backward, [2, statistics]: what is taken from an element, and by its distance
  void *weight_gradient, *bias_gradient;  // may be null
  int64_t batch, channels, size, part_count;
  int64_t together;           // 0: batch norm
  double momentum, eps;
  int32_t across;             // threads side by side
  bool wide_weight, wide_running;  // those parameters are float32, whatever the others are
  bool training, vectors;
};

}  // namespace st

#endif
