internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  package func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor?, options: st_convolution, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x, weight) { output, x, weight in
      withView(bias) { st_cuda_convolution(handle, output, x, weight, $0, options) }
    }
    try check(status, "conv2d", x.dtype)
  }

  package func convolutionBackward(
    gradient: Tensor, _ x: Tensor?, weight: Tensor?, options: st_convolution, xGradient: Tensor?,
    weightGradient: Tensor?
  ) throws(TensorError) {
    // Of an operand that is not given, the shape is its gradient's.
    let status = withViews(gradient, x ?? xGradient!, weight ?? weightGradient!) { gradient, x, weight in
      withView(xGradient) { ofX in
        withView(weightGradient) { ofWeight in
          withView(nil as Tensor?) {
            st_cuda_convolution_backward(handle, ofX, ofWeight, $0, gradient, x, weight, options)
          }
        }
      }
    }
    try check(status, "conv2dBackward", gradient.dtype)
  }
}
