// What a reduction does with elements and results.
#ifndef CTENSORKERNELS_REDUCTION_HPP
#define CTENSORKERNELS_REDUCTION_HPP

#include <math.h>

#include "elementwise.hpp"
#include "reduce.hpp"

namespace st {

struct Reduction {
  st_reduce_op op;
  double parameter;
  Fold fold = Fold::sum;
  st_dtype stored, element;  // the elements' type, and the one they are folded in
  Conversion convert = nullptr;
  bool has_term = false;
  Term term = Term::size;
  const FoldKernels *kernels;

  Reduction(st_reduce_op op, st_dtype dtype, double parameter) : op(op), parameter(parameter), stored(dtype) {
    st_dtype widest = is_floating(dtype) ? dtype : st_dtype(ST_INT64);
    st_dtype converted;
    switch (op) {
      case ST_SUM: case ST_MEAN: element = converted = widest; break;
      case ST_PROD:
        element = converted = is_floating(dtype) ? ST_FLOAT64 : ST_INT64;
        fold = Fold::product;
        break;
      case ST_AMAX: case ST_AMIN:
        element = converted = dtype == ST_BOOL || dtype == ST_UINT8 ? st_dtype(ST_UINT8) : widest;
        if (dtype == ST_BOOL) converted = ST_BOOL;
        if (dtype == ST_INT32) element = converted = ST_INT32;
        fold = op == ST_AMAX ? Fold::largest : Fold::smallest;
        break;
      case ST_ANY: case ST_ALL:
        element = ST_UINT8;
        converted = ST_BOOL;
        fold = op == ST_ANY ? Fold::largest : Fold::smallest;
        break;
      case ST_NORM:
        element = converted = ST_FLOAT64;
        has_term = true;
        term = parameter == 0 ? Term::nonzero : parameter == 2 ? Term::square : Term::power;
        if (parameter == 1 || isinf(parameter)) term = Term::size;
        if (isinf(parameter)) fold = parameter > 0 ? Fold::largest : Fold::smallest;
        break;
      default: element = converted = ST_FLOAT64; break;
    }
    if (converted != dtype) convert = conversion(converted, dtype);
    kernels = &fold_kernels(fold, element);
  }

  bool real() const { return is_floating(element); }
  bool spread() const { return op == ST_VAR || op == ST_STD; }
  bool copies() const { return convert != nullptr || has_term || spread(); }

  Total start() const {
    if (element == ST_UINT8) {
      Total total;
      total.whole = fold == Fold::largest ? 0 : op == ST_ALL ? 1 : 255;
      return total;
    }
    return neutral(fold, real());
  }

  // Turns totals of `folded` elements each into results, which are then of the returned dtype.
  st_dtype finish(Total *totals, intptr_t count, intptr_t folded) const {
    bool changes = op == ST_MEAN || op == ST_NORM || op == ST_VAR || op == ST_STD;
    for (intptr_t i = 0; changes && i < count; i++) {
      double &value = totals[i].real;
      switch (op) {
        case ST_MEAN: value = (real() ? value : double(totals[i].whole)) / double(folded); break;
        case ST_VAR: value = value / fmax(0, double(folded) - parameter); break;
        case ST_STD: value = sqrt(value / fmax(0, double(folded) - parameter)); break;
        case ST_NORM:
          if (parameter == 2) value = sqrt(value);
          if (term == Term::power) value = pow(value, 1 / parameter);
          break;
        default: break;
      }
    }
    return real() || op == ST_MEAN ? ST_FLOAT64 : ST_INT64;
  }
};

}  // namespace st

#endif
