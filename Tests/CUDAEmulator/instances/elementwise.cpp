#include "elementwise.hpp"

namespace st {
ST_FORMULA_INSTANCES(float)
ST_FORMULA_INSTANCES(double)
}  // namespace st
