internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  package func maxPool(_ x: Tensor, options: st_pool, to output: Tensor, indices: Tensor?) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withView(indices) { st_cuda_max_pool(handle, output, $0, x, options) }
    }
    try check(status, "maxPool", x.dtype)
  }

  package func averagePool(_ x: Tensor, options: st_pool, to output: Tensor) throws(TensorError) {
    try check(withViews(output, x) { st_cuda_average_pool(handle, $0, $1, options) }, "avgPool", x.dtype)
  }

  package func averagePoolBackward(_ gradient: Tensor, options: st_pool, to output: Tensor) throws(TensorError) {
    try check(
      withViews(output, gradient) { st_cuda_average_pool_backward(handle, $0, $1, options) }, "avgPoolBackward",
      gradient.dtype)
  }
}
