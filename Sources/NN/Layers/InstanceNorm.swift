/// Each channel of each sample brought to mean 0 and variance 1, then scaled and shifted if the layer learns.
///
/// Takes [N, numFeatures, L], or [numFeatures, L] of a single sample, and keeps the shape.
public final class InstanceNorm1d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false, bias: Bool = true,
    trackRunningStats: Bool = false, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { instanceNormalized(input, ranks: [2, 3], "InstanceNorm1d") }
}

/// Each channel of each sample brought to mean 0 and variance 1, then scaled and shifted if the layer learns.
///
/// Takes [N, numFeatures, H, W], or [numFeatures, H, W] of a single sample, and keeps the shape.
public final class InstanceNorm2d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false, bias: Bool = true,
    trackRunningStats: Bool = false, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { instanceNormalized(input, ranks: [3, 4], "InstanceNorm2d") }
}

/// Each channel of each sample brought to mean 0 and variance 1, then scaled and shifted if the layer learns.
///
/// Takes [N, numFeatures, D, H, W], or [numFeatures, D, H, W] of a single sample, and keeps the shape.
public final class InstanceNorm3d: ChannelNorm, Layer, @unchecked Sendable {
  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numFeatures: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - momentum: The share of a batch in the running statistics.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - trackRunningStats: Whether the layer keeps running statistics, which evaluation uses.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public override init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false, bias: Bool = true,
    trackRunningStats: Bool = false, dtype: DType? = nil, device: Device? = nil
  ) {
    super.init(
      numFeatures, eps: eps, momentum: momentum, affine: affine, bias: bias, trackRunningStats: trackRunningStats,
      dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { instanceNormalized(input, ranks: [4, 5], "InstanceNorm3d") }
}
