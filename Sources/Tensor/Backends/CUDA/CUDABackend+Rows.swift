internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  package func layerNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, eps: Double, to output: Tensor, mean: Tensor?, rstd: Tensor?
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withView(mean) { mean in
        withView(rstd) { rstd in
          withView(weight) { weight in
            withView(bias) { st_cuda_layer_norm(handle, output, mean, rstd, x, weight, $0, eps) }
          }
        }
      }
    }
    try check(status, "layerNorm", x.dtype)
  }

  package func layerNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError) {
    let status = withViews(gradient, x) { gradient, x in
      withViews(mean, rstd) { mean, rstd in
        withView(weight) { weight in
          withView(xGradient) { ofX in
            withView(weightGradient) { ofWeight in
              withView(biasGradient) {
                st_cuda_layer_norm_backward(handle, ofX, ofWeight, $0, gradient, x, mean, rstd, weight)
              }
            }
          }
        }
      }
    }
    try check(status, "layerNormBackward", x.dtype)
  }

  package func scan(_ scan: st_scan_op, _ x: Tensor, dim: Int, to output: Tensor) throws(TensorError) {
    try check(withViews(output, x) { st_cuda_scan(handle, scan, $0, $1, Int32(dim)) }, "scan", x.dtype)
  }

  package func topk(
    _ x: Tensor, dim: Int, largest: Bool, values: Tensor, indices: Tensor
  ) throws(TensorError) {
    let shape = Layout(contiguous: x.layout.shape)
    let sorted = try Tensor(uninitialized: shape, dtype: x.dtype, on: self, for: "topk")
    let order = try Tensor(uninitialized: shape, dtype: .int64, on: self, for: "topk")
    try sort(x, dim: dim, descending: largest, values: sorted, indices: order)
    let part = Slice(dim: dim, start: 0, end: values.layout.shape[dim])
    try copy(part.forward(sorted), to: values)
    try copy(part.forward(order), to: indices)
  }

  package func sort(
    _ x: Tensor, dim: Int, descending: Bool, values: Tensor, indices: Tensor
  ) throws(TensorError) {
    let status = withViews(values, indices, x) { st_cuda_sort(handle, descending, $0, $1, $2, Int32(dim)) }
    try check(status, "sort", x.dtype)
  }
}
