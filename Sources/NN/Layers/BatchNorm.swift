/// Each channel brought to mean 0 and variance 1 over a batch, then scaled and shifted.
///
/// Takes [N, numFeatures] or [N, numFeatures, L] and keeps the shape. In evaluation the running statistics take the place of the batch's.
public final class BatchNorm1d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics; nil for the average of all batches.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, bias: Bool = true,
    trackRunningStats: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { batchNormalized(input, ranks: [2, 3], "BatchNorm1d") }
}

/// Each channel brought to mean 0 and variance 1 over a batch, then scaled and shifted.
///
/// Takes [N, numFeatures, H, W] and keeps the shape. In evaluation the running statistics take the place of the batch's.
public final class BatchNorm2d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics; nil for the average of all batches.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, bias: Bool = true,
    trackRunningStats: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { batchNormalized(input, ranks: [4], "BatchNorm2d") }
}

/// Each channel brought to mean 0 and variance 1 over a batch, then scaled and shifted.
///
/// Takes [N, numFeatures, D, H, W] and keeps the shape. In evaluation the running statistics take the place of the batch's.
public final class BatchNorm3d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics; nil for the average of all batches.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, bias: Bool = true,
    trackRunningStats: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { batchNormalized(input, ranks: [5], "BatchNorm3d") }
}
