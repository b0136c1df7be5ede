// What reduction kernels are told.
#ifndef ST_CUDA_REDUCE_PARAMETERS_H
#define ST_CUDA_REDUCE_PARAMETERS_H

namespace st {

// What becomes of a total: nothing more, divided by the divisor, also its root taken; its root; its power by 1 / p; the
// other truth value.
enum class Finish : int32_t { none, divide, divide_root, root, power, opposite };

// The terms of norms. The last one's are folded to the largest, the others added.
enum class NormTerm : int32_t { nonzero, size, square, largest };

struct ReduceParameters {
  const void *in;
  void *out;
  void *indices;          // of extremes
  void *partials;         // where splits leave their totals, [splits, outputs]; null without splits
  int64_t outputs, length;
  int64_t width;          // of columns: adjacent outputs
  Axes<3> kept;           // of in, out, indices
  Axes<1> folded;         // of in; dimension 0 counts vectors when rows are read by vectors
  uint64_t flip;          // bits that turn the smallest into the largest
  double divisor, power;
  int32_t dtype;          // of out
  int32_t splits;
  int32_t team;           // threads that share a row; of columns: threads side by side
  Finish finish;
  NormTerm term;
  bool vectors;           // wide accesses are possible
  bool peel;              // ... from the first aligned address of each row on
};

}  // namespace st

#endif
