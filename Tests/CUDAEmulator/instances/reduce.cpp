#include "../instances.hpp"
#include "reduce.cuh"

#define ST_FOLD(...)                                                                                                  \
  ST_INSTANCE(ReduceParameters, 256, reduce_rows<__VA_ARGS__>)                                                        \
  ST_INSTANCE(ReduceParameters, 256, reduce_columns<__VA_ARGS__>)
#define ST_PARTIALS(...) ST_INSTANCE(ReduceParameters, 256, reduce_partials<__VA_ARGS__>)

#define ST_FLOATS(Fold) ST_FOLD(Fold<float16>) ST_FOLD(Fold<bfloat16>) ST_FOLD(Fold<float>) ST_FOLD(Fold<double>)
#define ST_WHOLE(Fold)                                                                                                \
  ST_FOLD(Fold<uint8_t>) ST_FOLD(Fold<int8_t>) ST_FOLD(Fold<int16_t>) ST_FOLD(Fold<int32_t>) ST_FOLD(Fold<int64_t>)

ST_FLOATS(Sum) ST_FLOATS(Product) ST_FLOATS(Largest) ST_FLOATS(Norm) ST_FLOATS(PowerNorm) ST_FLOATS(Spread)
ST_WHOLE(Sum) ST_WHOLE(Product) ST_WHOLE(Largest)
ST_FOLD(Any<uint8_t>) ST_FOLD(Any<uint16_t>) ST_FOLD(Any<uint32_t>) ST_FOLD(Any<uint64_t>)

ST_PARTIALS(Sum<float>) ST_PARTIALS(Sum<double>) ST_PARTIALS(Sum<int64_t>)
ST_PARTIALS(Product<float>) ST_PARTIALS(Product<double>) ST_PARTIALS(Product<int64_t>)
ST_PARTIALS(Largest<float>) ST_PARTIALS(Largest<double>) ST_PARTIALS(Largest<int64_t>)
ST_PARTIALS(Any<uint8_t>)
ST_PARTIALS(Norm<float>) ST_PARTIALS(Norm<double>)
ST_PARTIALS(PowerNorm<float>) ST_PARTIALS(PowerNorm<double>)
ST_PARTIALS(Spread<float>) ST_PARTIALS(Spread<double>)
