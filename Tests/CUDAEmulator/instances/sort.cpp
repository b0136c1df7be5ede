#include "instances.hpp"
#include "sort.cuh"

#define ST_SORTS(type)                                                                                                \
  ST_INSTANCE(SortRowsParameters, 512, sort_rows<type>)                                                               \
  ST_INSTANCE(SortPassParameters, 256, sort_count<type>)                                                              \
  ST_INSTANCE(SortPassParameters, 256, sort_scatter<type>)
ST_SORTS(uint8_t)
ST_SORTS(uint16_t)
ST_SORTS(uint32_t)
ST_SORTS(uint64_t)
ST_INSTANCE(CountsParameters, 1024, sum_counts<uint32_t>)
ST_INSTANCE(CountsParameters, 1024, sum_counts<uint64_t>)
