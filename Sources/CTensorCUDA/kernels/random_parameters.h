// The parameters of random.cuh's kernels, which operations/random.cpp fills in.
#ifndef ST_CUDA_RANDOM_PARAMETERS_H
#define ST_CUDA_RANDOM_PARAMETERS_H

namespace st {

// Where a launch begins in the generator's stream.
struct PhiloxState {
  uint64_t seed;
  uint64_t offset;
  const uint64_t *graph_offset;  // to be added, unless null
};

// Where elements lie in N arrays, by their number: the fastest dimension first, at least one.
template <int N>
struct Layout {
  int64_t strides[N][64];
  int64_t shape[64];
  int64_t rank;
};

// A fill of fewer than 2^31 elements, `stride` apart.
struct FillParameters {
  void *out;
  PhiloxState state;
  double first, second;  // the distribution's: from and to, mean and deviation, rate, probability
  uint64_t range;        // of whole numbers; 0 means 2^64
  int64_t from;
  uint64_t mask;         // the bits that are kept of a whole number
  int64_t stride;
  uint32_t count;
  int32_t dtype;
};

struct BernoulliParameters {
  void *out;
  const void *probabilities;
  PhiloxState state;
  void *fault;
  int64_t count;
  int32_t tag;
  int32_t dtype, probability_dtype;
  int32_t unused;
  Layout<3> layout;  // out, probabilities, the probability's number in row-major order
};

struct DropoutParameters {
  void *out, *mask;
  const void *x;
  PhiloxState state;
  double keep, scale;
  int64_t count;
};

struct StridedDropoutParameters {
  DropoutParameters dropout;
  int32_t width;  // how many elements in a row a thread takes of PyTorch's launch: 1 (four, far apart), 2, 4 or 8
  int32_t unused;
  Layout<3> layout;  // x, out, mask
};

struct ShuffleParameters {
  const void *keys;  // sorted
  int64_t *values;
  PhiloxState state;
  int64_t count, step;
};

}  // namespace st

#endif
