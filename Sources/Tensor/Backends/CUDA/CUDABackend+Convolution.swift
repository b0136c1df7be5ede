internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  package func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor?, options: st_convolution, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x, weight) { output, x, weight in
      withView(bias) { st_cuda_convolution(handle, output, x, weight, $0, options) }
    }
    try check(status, "convolution", x.dtype)
  }

  package func convolutionTransposed(
    _ x: Tensor, weight: Tensor, bias: Tensor?, options: st_convolution, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x, weight) { output, x, weight in
      withView(bias) { st_cuda_convolution_transposed(handle, output, x, weight, $0, options) }
    }
    try check(status, "convolutionTransposed", x.dtype)
  }

  package func convolutionWeightGradient(
    _ gradient: Tensor, _ x: Tensor, options: st_convolution, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, gradient, x) { st_cuda_convolution_weight(handle, $0, $1, $2, options) }
    try check(status, "convolutionWeightGradient", x.dtype)
  }
}
