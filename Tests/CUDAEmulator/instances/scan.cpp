#include "../instances.hpp"
#include "scan.cuh"

#define ST_SCAN(T)                                                                                                    \
  ST_INSTANCE(ScanParameters, 256, scan_totals<T>)                                                                    \
  ST_INSTANCE(ScanParameters, 256, scan_rows<T>)                                                                      \
  ST_INSTANCE(ScanParameters, 256, scan_columns<T>)
ST_SCAN(uint8_t)
ST_SCAN(uint16_t)
ST_SCAN(uint32_t)
ST_SCAN(uint64_t)
ST_SCAN(float16)
ST_SCAN(bfloat16)
ST_SCAN(float)
ST_SCAN(double)
