#include "instances.hpp"
#include "indexing.cuh"

#define ST_MOVES(...)                                                                                                 \
  ST_INSTANCE(IndexMoveParameters, 256, index_read<__VA_ARGS__>)                                                      \
  ST_INSTANCE(IndexMoveParameters, 256, index_write<__VA_ARGS__>)
ST_MOVES(uint8_t)
ST_MOVES(uint16_t)
ST_MOVES(uint32_t)
ST_MOVES(uint64_t)
ST_MOVES(Vector<uint32_t, 4>)

#define ST_ADDS(type) ST_INSTANCE(IndexMoveParameters, 256, index_add<type, false>)
#define ST_ATOMIC(type)                                                                                               \
  ST_ADDS(type)                                                                                                       \
  ST_INSTANCE(IndexMoveParameters, 256, index_add<type, true>)
ST_ADDS(bool)
ST_ADDS(uint8_t)
ST_ADDS(int16_t)
ST_ADDS(float16)
ST_ADDS(bfloat16)
ST_ATOMIC(int32_t)
ST_ATOMIC(int64_t)
ST_ATOMIC(float)
ST_ATOMIC(double)

ST_INSTANCE(IndexPositionsParameters, 256, index_positions)
ST_INSTANCE(IndexClaimParameters, 256, index_claim)
ST_INSTANCE(IndexClaimParameters, 256, index_settle)

#define ST_SUMS(type, width)                                                                                          \
  ST_INSTANCE(IndexSumParameters, 256, index_sum<type, width>)                                                        \
  ST_INSTANCE(IndexSumParameters, 256, index_join<type, width>)
ST_SUMS(bool, 1)
ST_SUMS(uint8_t, 1)
ST_SUMS(int16_t, 1)
ST_SUMS(float16, 1)
ST_SUMS(float16, 8)
ST_SUMS(bfloat16, 1)
ST_SUMS(bfloat16, 8)
ST_SUMS(float, 1)
ST_SUMS(float, 4)
ST_SUMS(double, 1)
ST_SUMS(double, 2)
