package import CTensorKernels

extension CPUBackend {
  package func crossEntropy(
    _ x: Tensor, classes: Tensor, weight: Tensor?, options: st_cross_entropy_options, to output: Tensor,
    totalWeight: Tensor?, statistics: Tensor?
  ) throws(TensorError) {
    let name: StaticString = options.log_probabilities ? "nllLoss" : "crossEntropy"
    let status = withViews(output, x, classes) { output, x, classes in
      withView(totalWeight) { total in
        withView(statistics) { statistics in
          withView(weight) { st_cross_entropy(output, total, statistics, x, classes, $0, options) }
        }
      }
    }
    try check(status, "\(name)", x.dtype)
  }

  package func crossEntropyBackward(
    gradient: Tensor, _ x: Tensor, classes: Tensor, weight: Tensor?, options: st_cross_entropy_options,
    totalWeight: Tensor, statistics: Tensor, xGradient: Tensor
  ) throws(TensorError) {
    let status = withViews(xGradient, gradient, x) { ofX, gradient, x in
      withViews(totalWeight, statistics, classes) { total, statistics, classes in
        withView(weight) {
          st_cross_entropy_backward(ofX, gradient, total, statistics, x, classes, $0, options)
        }
      }
    }
    try check(status, "crossEntropyBackward", x.dtype)
  }
}
