#include "elementwise.hpp"

namespace st {
ST_FORMULA_INSTANCES(float16)
ST_FORMULA_INSTANCES(bfloat16)
}  // namespace st
