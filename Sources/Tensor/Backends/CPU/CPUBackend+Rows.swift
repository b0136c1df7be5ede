package import CTensorKernels

extension CPUBackend {
  package func layerNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, eps: Double, to output: Tensor, mean: Tensor?, rstd: Tensor?
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withView(mean) { mean in
        withView(rstd) { rstd in
          withView(weight) { weight in
            withView(bias) { st_layer_norm(output, mean, rstd, x, weight, $0, eps) }
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
                st_layer_norm_backward(ofX, ofWeight, $0, gradient, x, mean, rstd, weight)
              }
            }
          }
        }
      }
    }
    try check(status, "layerNormBackward", x.dtype)
  }

  package func scan(_ scan: st_scan_op, _ x: Tensor, dim: Int, to output: Tensor) throws(TensorError) {
    try check(withViews(output, x) { st_scan(scan, $0, $1, Int32(dim)) }, "scan", x.dtype)
  }

  package func sort(
    _ x: Tensor, dim: Int, descending: Bool, values: Tensor, indices: Tensor
  ) throws(TensorError) {
    let status = withViews(values, indices, x) { st_sort(descending, $0, $1, $2, Int32(dim)) }
    try check(status, "sort", x.dtype)
  }

  package func topk(
    _ x: Tensor, dim: Int, largest: Bool, values: Tensor, indices: Tensor
  ) throws(TensorError) {
    let status = withViews(values, indices, x) { st_topk(largest, $0, $1, $2, Int32(dim)) }
    try check(status, "topk", x.dtype)
  }
}
