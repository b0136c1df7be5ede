// Matrix products by cuBLASLt, for operations/matmul.cpp.
#ifndef ST_CUDA_OPERATIONS_CUBLASLT_HPP
#define ST_CUDA_OPERATIONS_CUBLASLT_HPP

#include "../runtime/device.hpp"

namespace st::cuda {

// A strided batch of products out (m x n, row-major) = a (m x k) @ b (k x n): all that the choice of a kernel goes by.
// Leading dimensions and strides count elements; a transposed operand's leading dimension is that of its columns.
struct Gemm {
  int64_t m, n, k, batch;
  int64_t out_ld, a_ld, b_ld;
  int64_t out_stride, a_stride, b_stride;
  uint8_t dtype, a_transposed, b_transposed;
  uint8_t adds_bias;   // a vector along the columns
  uint8_t accumulates;  // adds what `out` held
  uint8_t tf32;
  uint8_t alignments[2];  // of out | a << 4, and of b: the powers of two that divide the addresses, at most 8
  uint8_t wide_out;       // float32, of 16-bit operands
  uint8_t unused[7];

  bool operator==(const Gemm &) const = default;
};

// `supported` says whether the library is there and has a kernel; if not, nothing was done.
st_status multiply_by_cublaslt(st_cuda_device *device, Gemm gemm, void *out, const void *a, const void *b,
                               const void *bias, bool &supported);

}  // namespace st::cuda

#endif
