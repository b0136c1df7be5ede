// Reductions: what each folds its elements to.
#include <math.h>

#include <algorithm>

#include "reduction.hpp"

namespace st::cuda {
namespace {

// Bits that turn the order of totals round (kernels/reduce_folds.cuh: flipped).
uint64_t flip_of(st_dtype dtype) { return is_floating(dtype) ? uint64_t(1) << 63 : ~uint64_t(0); }

// Bits of which one is set in each element but zeros.
uint64_t nonzero_bits(st_dtype dtype) {
  const int bits = 8 * int(element_size(dtype));
  return ~uint64_t(0) >> (64 - bits + (is_floating(dtype) ? 1 : 0));
}

// The result of no elements.
st_number of_none(st_reduce_op op, st_dtype dtype, double parameter) {
  const auto real = [](double value) { return st_number{st_number::ST_NUMBER_FLOAT, 0, value}; };
  const auto whole = [](int64_t value) { return st_number{st_number::ST_NUMBER_INT, value, double(value)}; };
  switch (op) {
    case ST_MEAN: return real(NAN);
    case ST_PROD: case ST_ALL: return whole(1);
    case ST_AMAX: case ST_AMIN:
      if (is_floating(dtype)) return real(op == ST_AMAX ? -INFINITY : INFINITY);
      if (dtype == ST_BOOL || dtype == ST_UINT8) return whole(op == ST_AMAX ? 0 : 255);
      return whole(op == ST_AMAX ? INT64_MIN : INT64_MAX);
    case ST_NORM:
      if (isinf(parameter)) return real(-parameter);
      return real(parameter < 0 ? INFINITY : 0);
    case ST_VAR: case ST_STD: return real(-parameter > 0 ? 0 : NAN);
    default: return whole(0);
  }
}

// Fills in what `op` does; answers the fold.
Fold describe(ReduceParameters &p, st_reduce_op op, st_dtype dtype, double parameter, int64_t length) {
  switch (op) {
    case ST_MEAN:
      p.finish = Finish::divide;
      p.divisor = double(length);
      return Fold::sum;
    case ST_PROD: return Fold::product;
    case ST_AMIN: p.flip = flip_of(dtype); return Fold::largest;
    case ST_AMAX: return Fold::largest;
    case ST_ANY: case ST_ALL:
      p.flip = nonzero_bits(dtype);
      if (op == ST_ALL) p.finish = Finish::opposite;
      return Fold::any;
    case ST_NORM:
      p.term = NormTerm::size;
      if (isinf(parameter)) {
        p.term = NormTerm::largest;
        p.flip = parameter > 0 ? 0 : flip_of(dtype);
      } else if (parameter == 0) {
        p.term = NormTerm::nonzero;
      } else if (parameter == 2) {
        p.term = NormTerm::square;
        p.finish = Finish::root;
      } else if (parameter != 1) {
        p.power = parameter;
        p.finish = Finish::power;
        return Fold::power_norm;
      }
      return Fold::norm;
    case ST_VAR: case ST_STD:
      p.finish = op == ST_VAR ? Finish::divide : Finish::divide_root;
      p.divisor = std::max(0.0, double(length) - parameter);
      return Fold::spread;
    default: return Fold::sum;
  }
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_reduce(st_cuda_device *device, st_reduce_op op, st_view out, st_view in, double parameter) {
  intptr_t kept_shape[64], kept_strides[2][64], folded_shape[64], folded_strides[64];
  int32_t kept = 0, folded = 0;
  int64_t outputs = 1, length = 1;
  for (int32_t d = 0; d < in.rank; d++) {
    if (in.shape[d] == 1) continue;
    if (out.shape[d] == 1) {
      folded_shape[folded] = in.shape[d];
      folded_strides[folded++] = in.strides[d];
      length *= in.shape[d];
    } else {
      kept_shape[kept] = in.shape[d];
      kept_strides[0][kept] = in.strides[d];
      kept_strides[1][kept++] = out.strides[d];
      outputs *= in.shape[d];
    }
  }
  if (outputs == 0) return {};
  if (length == 0) return st_cuda_fill(device, out, of_none(op, in.dtype, parameter));
  if (!is_floating(in.dtype) && (op == ST_NORM || op == ST_VAR || op == ST_STD)) {
    // Whole numbers as float64.
    intptr_t strides[64], count = 1;
    for (int32_t d = in.rank - 1; d >= 0; d--) {
      strides[d] = count;
      count *= in.shape[d];
    }
    const Workspace space(device, size_t(count) * sizeof(double));
    if (space.status.code != ST_OK) return space.status;
    const st_view copy = {space.address, in.shape, strides, in.rank, ST_FLOAT64};
    const st_status status = st_cuda_copy(device, copy, in, 0);
    return status.code != ST_OK ? status : st_cuda_reduce(device, op, out, copy, parameter);
  }
  ReduceParameters p = {};
  const Fold fold = describe(p, op, in.dtype, parameter, length);
  const st_view results = {out.data, kept_shape, kept_strides[1], kept, out.dtype};
  const Reduction reduction = {fold, {in.data, kept_shape, kept_strides[0], kept, in.dtype}, results, results,
                               {in.data, folded_shape, folded_strides, folded, in.dtype}, false};
  return run(device, reduction, p);
}
