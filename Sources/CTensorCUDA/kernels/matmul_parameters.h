// What the tiled matrix product takes; for the host and the device.
#ifndef ST_CUDA_MATMUL_PARAMETERS_H
#define ST_CUDA_MATMUL_PARAMETERS_H

namespace st {

inline constexpr int matmul_batch_dims = 8;
inline constexpr int matmul_tile = 64;  // rows and columns of `out` that a block computes at a time
inline constexpr int matmul_threads = 256;

// Strides count elements, of any sign and order; 0 broadcasts.
struct MatmulOperand {
  void *data;
  int64_t row, column;
  int64_t batch[matmul_batch_dims];  // the fastest dimension first
};

// out (m x n) = a (m x k) @ b (k x n) + bias (m x n, or no data), for each index of the batch.
struct MatmulParameters {
  MatmulOperand out, a, b, bias;
  int64_t m, n, k;
  int64_t batches;  // the product of batch_shape
  int64_t batch_shape[matmul_batch_dims];
  int64_t batch_rank;
};

}  // namespace st

#endif
