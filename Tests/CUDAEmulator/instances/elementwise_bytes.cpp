#include "elementwise.hpp"

namespace st {
ST_FORMULA_INSTANCES(bool)
ST_FORMULA_INSTANCES(uint8_t)
ST_FORMULA_INSTANCES(int8_t)
}  // namespace st
