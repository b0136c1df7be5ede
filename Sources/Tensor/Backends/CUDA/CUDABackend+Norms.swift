internal import CTensorCUDA
internal import CTensorKernels

extension CUDABackend {
  package func rmsNorm(
    _ x: Tensor, weight: Tensor?, eps: Double, to output: Tensor, rstd: Tensor?
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withView(rstd) { rstd in withView(weight) { st_cuda_rms_norm(handle, output, rstd, x, $0, eps) } }
    }
    try check(status, "rmsNorm", x.dtype)
  }

  package func rmsNormBackward(
    gradient: Tensor, _ x: Tensor, rstd: Tensor, weight: Tensor?, xGradient: Tensor?, weightGradient: Tensor?
  ) throws(TensorError) {
    let status = withViews(gradient, x, rstd) { gradient, x, rstd in
      withView(weight) { weight in
        withView(xGradient) { ofX in
          withView(weightGradient) { st_cuda_rms_norm_backward(handle, ofX, $0, gradient, x, rstd, weight) }
        }
      }
    }
    try check(status, "rmsNormBackward", x.dtype)
  }

  package func batchNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, running: RunningStatistics?, training: Bool, momentum: Double,
    eps: Double, to output: Tensor, mean: Tensor, rstd: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withViews(mean, rstd) { mean, rstd in
        withView(running?.mean) { runningMean in
          withView(running?.variance) { runningVariance in
            withView(weight) { weight in
              withView(bias) {
                st_cuda_batch_norm(
                  handle, output, mean, rstd, runningMean, runningVariance, x, weight, $0, training, momentum, eps)
              }
            }
          }
        }
      }
    }
    try check(status, "batchNorm", x.dtype)
  }

  package func batchNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, training: Bool, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError) {
    let status = withViews(gradient, x) { gradient, x in
      withViews(mean, rstd) { mean, rstd in
        withView(weight) { weight in
          withView(xGradient) { ofX in
            withView(weightGradient) { ofWeight in
              withView(biasGradient) {
                st_cuda_batch_norm_backward(handle, ofX, ofWeight, $0, gradient, x, mean, rstd, weight, training)
              }
            }
          }
        }
      }
    }
    try check(status, "batchNormBackward", x.dtype)
  }

  package func groupNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, groups: Int, eps: Double, to output: Tensor, mean: Tensor, rstd: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in
      withViews(mean, rstd) { mean, rstd in
        withView(weight) { weight in
          withView(bias) { st_cuda_group_norm(handle, output, mean, rstd, x, weight, $0, Int64(groups), eps) }
        }
      }
    }
    try check(status, "groupNorm", x.dtype)
  }

  package func groupNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, groups: Int, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError) {
    let status = withViews(gradient, x) { gradient, x in
      withViews(mean, rstd) { mean, rstd in
        withView(weight) { weight in
          withView(xGradient) { ofX in
            withView(weightGradient) { ofWeight in
              withView(biasGradient) {
                st_cuda_group_norm_backward(handle, ofX, ofWeight, $0, gradient, x, mean, rstd, weight, Int64(groups))
              }
            }
          }
        }
      }
    }
    try check(status, "groupNormBackward", x.dtype)
  }
}
