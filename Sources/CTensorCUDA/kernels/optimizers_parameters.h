// The parameters of optimizers.cuh's kernels, filled in by operations/optimizers.cpp: as many arrays as 4 KB hold.
#ifndef ST_CUDA_OPTIMIZERS_PARAMETERS_H
#define ST_CUDA_OPTIMIZERS_PARAMETERS_H

namespace st {

// What one block works on.
inline constexpr int optimizer_chunk = 8192, optimizer_threads = 256;

// Arrays by columns (a parameter, its gradient ...), and the blocks that share the work.
template <int Columns, int Capacity>
struct ArrayList {
  void *data[Columns][Capacity];
  int64_t elements[Capacity];
  uint32_t first_block[Capacity];  // of each array; rising
  int32_t count;
  int32_t unused;
};

struct StepParameters {
  const float *found_inf;  // may be null
  float *steps[500];
  int32_t count;
  int32_t unused;
};

struct SGDParameters {
  const float *found_inf;
  double lr, momentum, dampening, weight_decay;
  int32_t nesterov, maximize;
  ArrayList<4, 88> arrays;  // parameter, gradient, momentum buffer, step
};

struct AdamParameters {
  const float *found_inf;
  double lr, beta1, beta2, eps, weight_decay;
  double log_beta1, log_beta2;
  int32_t decoupled, amsgrad, maximize;
  int32_t unused;
  ArrayList<6, 64> arrays;  // parameter, gradient, average, square, largest square, step
};

struct UnscaleParameters {
  const float *scale;
  float *found_inf;
  ArrayList<1, 200> arrays;  // gradient
};

struct ScaleParameters {
  float *scale;
  int32_t *growth_tracker;
  const float *found_inf;
  double growth_factor, backoff_factor;
  int32_t growth_interval;
  int32_t unused;
};

static_assert(sizeof(StepParameters) <= 4096 && sizeof(SGDParameters) <= 4096 && sizeof(AdamParameters) <= 4096 &&
              sizeof(UnscaleParameters) <= 4096);

}  // namespace st

#endif
