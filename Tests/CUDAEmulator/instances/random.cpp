#include "instances.hpp"
#include "random.cuh"

#define ST_RANDOM_FILL(...) ST_INSTANCE(FillParameters, 256, random_fill<__VA_ARGS__>)
#define ST_OF_FLOATS(X) X(float16) X(bfloat16) X(float) X(double)

#define ST_UNIFORM(T) ST_RANDOM_FILL(Uniform<T>)
#define ST_NORMAL(T) ST_RANDOM_FILL(Normal<T>)
#define ST_EXPONENTIAL(T) ST_RANDOM_FILL(Exponential<T>)
ST_OF_FLOATS(ST_UNIFORM)
ST_OF_FLOATS(ST_NORMAL)
ST_OF_FLOATS(ST_EXPONENTIAL)
ST_RANDOM_FILL(Bernoulli<float>)
ST_RANDOM_FILL(Bernoulli<double>)
ST_RANDOM_FILL(Whole<uint32_t>)
ST_RANDOM_FILL(Whole<uint64_t>)

ST_INSTANCE(BernoulliParameters, 512, bernoulli_each)

#define ST_DROPOUT(T)                                                                                                 \
  ST_INSTANCE(DropoutParameters, 256, dropout_dense<T>)                                                               \
  ST_INSTANCE(StridedDropoutParameters, 256, dropout_strided<T>)
ST_OF_FLOATS(ST_DROPOUT)

ST_INSTANCE(ShuffleParameters, 256, shuffle_equal<int32_t>)
ST_INSTANCE(ShuffleParameters, 256, shuffle_equal<int64_t>)
