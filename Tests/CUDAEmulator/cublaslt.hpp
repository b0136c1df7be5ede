// A matrix product as cuBLASLt describes it, and its computation on the CPU.
#ifndef ST_EMULATED_CUBLASLT_HPP
#define ST_EMULATED_CUBLASLT_HPP

#include <stddef.h>
#include <stdint.h>

namespace st::emulated {

// cudaDataType.
enum DataType : int { float32 = 0, float64 = 1, float16_type = 2, bfloat16_type = 14 };
size_t bytes_of(int type);  // 0 for types that products here do not take

// Column-major matrices in a batch.
struct MatrixLayout {
  int type;
  uint64_t rows, columns;
  int64_t leading;       // elements from one column to the next
  int batches = 1;
  int64_t batch_stride = 0;  // elements
};

// D = activation(alpha * op(A) * op(B) + beta * C + bias), where bias goes along D's rows.
struct Product {
  MatrixLayout a, b, c, d;
  const void *a_data, *b_data, *c_data;
  void *d_data;
  bool transposes_a, transposes_b;
  bool is_double;  // what it computes in, and what alpha and beta are
  double alpha, beta;
  const void *bias;  // or null
  int bias_type;
  int64_t bias_stride;
  enum Activation { none, relu, gelu } activation;
};

void compute(const Product &product);

}  // namespace st::emulated

#endif
