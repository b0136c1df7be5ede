// Only its final subclasses are made, which hold nothing of their own: all that it holds is constant.

/// What batch and instance norms have in common: parameters and running statistics of each channel.
///
/// The weight starts as ones and the bias as zeros, the running mean as zeros and the running variance as ones. State
/// keys are PyTorch's: `weight`, `bias`, `running_mean`, `running_var`, `num_batches_tracked`.
public class ChannelNorm: @unchecked Sendable {
  /// The number of channels.
  public let numFeatures: Int
  /// What is added to the variance.
  public let eps: Double
  /// The share of a batch in the running statistics; nil for the average of all batches.
  public let momentum: Double?
  /// The factor of each channel, [numFeatures], or nil.
  public let weight: Tensor?
  /// What is added to each channel, [numFeatures], or nil.
  public let bias: Tensor?
  /// The running mean of each channel, [numFeatures], or nil.
  public let runningMean: Tensor?
  /// The running variance of each channel, [numFeatures], or nil.
  public let runningVar: Tensor?
  /// How many batches were trained on, int64, or nil.
  public let numBatchesTracked: Tensor?
  let mode = TrainingMode()

  init(
    _ numFeatures: Int, eps: Double, momentum: Double?, affine: Bool, bias: Bool, trackRunningStats: Bool,
    dtype: DType?, device: Device?
  ) {
    self.numFeatures = numFeatures
    self.eps = eps
    self.momentum = momentum
    weight = affine ? Tensor.ones([numFeatures], dtype: dtype, device: device) : nil
    self.bias = affine && bias ? Tensor.zeros([numFeatures], dtype: dtype, device: device) : nil
    runningMean = trackRunningStats ? Tensor.zeros([numFeatures], dtype: dtype, device: device) : nil
    runningVar = trackRunningStats ? Tensor.ones([numFeatures], dtype: dtype, device: device) : nil
    numBatchesTracked = trackRunningStats ? Tensor.zeros([], dtype: .int64, device: device) : nil
    weight?.requiresGrad()
    self.bias?.requiresGrad()
  }

  /// PyTorch's name of a property.
  public func key(of property: String) -> String {
    switch property {
    case "runningMean": "running_mean"
    case "runningVar": "running_var"
    case "numBatchesTracked": "num_batches_tracked"
    default: property
    }
  }

  /// The sizes and what the layer learns and tracks.
  public var extraDescription: String {
    "\(numFeatures), eps: \(eps), momentum: \(momentum.map { "\($0)" } ?? "nil"), affine: \(weight != nil), "
      + "bias: \(bias != nil), trackRunningStats: \(runningMean != nil)"
  }

  func check(_ input: Tensor, ranks: [Int], _ name: String) throws(TensorError) {
    if !ranks.contains(input.rank) {
      let expected = ranks.map { "\($0)" }.joined(separator: " or ")
      throw TensorError(.shape, name, "expected an input of rank \(expected), but got shape \(input.shape)")
    }
  }

  /// Counts a batch and gives its share.
  private func share() -> Double {
    guard let numBatchesTracked else { return momentum ?? 0 }
    _ = numBatchesTracked += 1
    return momentum ?? 1 / Double(numBatchesTracked.item(as: Int.self))
  }

  func batchNormalized(_ input: Tensor, ranks: [Int], _ name: String) -> Tensor {
    checked { () throws(TensorError) in
      try check(input, ranks: ranks, name)
      let training = mode.isTraining
      let share = training ? share() : 0
      return batchNorm(
        input, runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
        training: training || runningMean == nil, momentum: share, eps: eps)
    }
  }

  /// The lesser of the ranks is that of a single sample.
  func instanceNormalized(_ input: Tensor, ranks: [Int], _ name: String) -> Tensor {
    checked { () throws(TensorError) in
      try check(input, ranks: ranks, name)
      let isSingle = input.rank == ranks[0]
      let batch = isSingle ? input.unsqueeze(dim: 0) : input
      if weight != nil || runningMean != nil, batch.shape[1] != numFeatures {
        throw TensorError(.shape, name, "expected \(numFeatures) channels, but got an input of shape \(input.shape)")
      }
      let output = instanceNorm(
        batch, runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
        useInputStats: mode.isTraining || runningMean == nil, momentum: momentum ?? 0, eps: eps)
      return isSingle ? output.squeeze(dim: 0) : output
    }
  }
}
