#include "instances.hpp"
#include "nonzero.cuh"

#define ST_NONZERO(type)                                                                                              \
  ST_INSTANCE(NonzeroParameters, 256, count_nonzero<type>)                                                            \
  ST_INSTANCE(NonzeroParameters, 256, write_nonzero<type>)
ST_NONZERO(uint8_t)
ST_NONZERO(uint16_t)
ST_NONZERO(uint32_t)
ST_NONZERO(uint64_t)
