#include "elementwise.hpp"

namespace st {
ST_FORMULA_INSTANCES(int16_t)
ST_FORMULA_INSTANCES(int32_t)
ST_FORMULA_INSTANCES(int64_t)
}  // namespace st
