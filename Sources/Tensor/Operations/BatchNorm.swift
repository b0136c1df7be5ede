/// `(x - mean) / sqrt(variance + eps) * weight + bias` with statistics of each channel of [N, C, ...]; floats only.
///
/// While training they are those of the input, of which the running ones take a share; else they are the running ones.
/// They go to tensors that the operation holds, for its derivative.
package struct BatchNorm: TernaryOperation {
  package let running: RunningStatistics?
  package let training: Bool
  package let momentum: Double
  package let eps: Double
  package let mean: Tensor
  package let rstd: Tensor

  package init(
    running: RunningStatistics?, training: Bool, momentum: Double, eps: Double, mean: Tensor, rstd: Tensor
  ) {
    self.running = running
    self.training = training
    self.momentum = momentum
    self.eps = eps
    self.mean = mean
    self.rstd = rstd
  }

  package var name: String { "batchNorm" }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkNormParameters(weight, bias, of: x, operation: name)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    let state = try running.map { (running) throws(TensorError) in
      RunningStatistics(mean: try dense(running.mean)!, variance: try dense(running.variance)!)
    }
    try x.backend.batchNorm(
      channelPlanes(x), weight: dense(weight), bias: dense(bias), running: state, training: training,
      momentum: momentum, eps: eps, to: output.viewed(as: channelShape(x)), mean: mean, rstd: rstd)
    if training, let running, let state {
      for (own, written) in [(running.mean, state.mean), (running.variance, state.variance)] {
        if own !== written { try x.backend.copy(written, to: own) }
        own.storage.bumpVersion()
      }
    }
    return output
  }
}

/// Of the result's gradient and the input of a batch norm, the input's gradient.
///
/// The gradients of weight and bias go to tensors that the operation holds, where they are asked for.
package struct BatchNormBackward: BinaryOperation {
  package let norm: BatchNorm
  package let weight: Tensor
  package let weightGradient: Tensor?
  package let biasGradient: Tensor?

  package init(_ norm: BatchNorm, weight: Tensor, weightGradient: Tensor?, biasGradient: Tensor?) {
    self.norm = norm
    self.weight = weight
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
  }

  package var name: String { "batchNormBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.batchNormBackward(
      gradient: channelPlanes(cast(gradient, to: x.dtype)), channelPlanes(x), mean: norm.mean, rstd: norm.rstd,
      weight: dense(weight), training: norm.training, xGradient: output.viewed(as: channelShape(x)),
      weightGradient: weightGradient, biasGradient: biasGradient)
    return output
  }
}

/// Each channel shifted and scaled to mean 0 and variance 1 over the batch, then times a weight and plus a bias:
/// `(x - mean) / sqrt(variance + eps) * weight + bias` (Ioffe and Szegedy, 2015).
///
/// While training, the mean and the variance, which divides by the count, are the batch's, and the running ones are
/// changed in place to `(1 - momentum) * running + momentum * batch`, with the variance that divides by the count less 1.
/// Else they are the running ones. Computed in float32 for 16-bit floats.
///
/// - Parameters:
///   - x: Of shape [N, C, ...] and a floating dtype; while training of more than one value for each channel.
///   - runningMean: A number for each channel, [C]; nil while training keeps none.
///   - runningVar: The same; needs the other.
///   - weight: Of shape [C] and the input's dtype, or float32 for inputs of 16 bits; nil stands for ones.
///   - bias: The same; nil stands for none.
///   - training: Whether the statistics are the batch's.
///   - momentum: The batch's share of the running statistics.
///   - eps: Added to the variance.
public func batchNorm(
  _ x: Tensor, runningMean: Tensor?, runningVar: Tensor?, weight: Tensor? = nil, bias: Tensor? = nil,
  training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "batchNorm"
    try checkFloating(x, operation: name)
    if x.count == 0 { return emptyBatch(x, weight, bias) }
    guard x.rank >= 2 else {
      throw TensorError(.shape, name, "expected an input of shape [N, C, ...], but got \(x.shape)")
    }
    let channels = x.layout.shape[1]
    if training, x.count == channels {
      throw TensorError(
        .shape, name, "expected more than 1 value for each channel when training, but got an input of shape \(x.shape)")
    }
    let roles = [("runningMean", runningMean), ("runningVar", runningVar), ("weight", weight), ("bias", bias)]
    for (role, parameter) in roles { try checkChannels(parameter, role, count: channels, operation: name) }
    if (runningMean == nil) != (runningVar == nil) || (!training && runningMean == nil) {
      throw TensorError(
        .value, name,
        "expected runningMean and runningVar, both of which are there \(training ? "or not" : "in evaluation")")
    }
    try checkNormParameters(runningMean, runningVar, of: x, operation: name)
    var running: RunningStatistics?
    if let runningMean, let runningVar { running = RunningStatistics(mean: runningMean, variance: runningVar) }
    let scale = try normWeight(weight, [channels], dtype: bias?.dtype, of: x, operation: name)
    let norm = BatchNorm(
      running: running, training: training, momentum: momentum, eps: eps,
      mean: try normStatistics([channels], of: x, operation: name),
      rstd: try normStatistics([channels], of: x, operation: name))
    return try run(norm, x, scale, bias, in: scope)
  }
}

/// As PyTorch: the parameters' gradients are zeros.
private func emptyBatch(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?) -> Tensor {
  var output = x.clone()
  if let weight, weight.count > 0 { output = output * weight[0] }
  if let bias, bias.count > 0 { output = output + bias[0] }
  return output
}
