/// The channels of each sample in groups, each brought to mean 0 and variance 1, then scaled and shifted by channel.
///
/// Takes [N, numChannels, ...] and keeps the shape. The weight starts as ones and the bias as zeros.
public final class GroupNorm: Layer {
  /// Into how many groups the channels are divided.
  public let numGroups: Int
  /// The number of channels.
  public let numChannels: Int
  /// What is added to the variance.
  public let eps: Double
  /// The factor of each channel, [numChannels], or nil.
  public let weight: Tensor?
  /// What is added to each channel, [numChannels], or nil.
  public let bias: Tensor?

  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - numGroups: The number of groups; it must divide `numChannels`.
  ///   - numChannels: The channels of inputs.
  ///   - eps: Added to the variance.
  ///   - affine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public init(
    _ numGroups: Int, _ numChannels: Int, eps: Double = 1e-5, affine: Bool = true, bias: Bool = true,
    dtype: DType? = nil, device: Device? = nil
  ) {
    if numGroups < 1 || numChannels % numGroups != 0 {
      fail(
        TensorError(.value, "GroupNorm", "numChannels \(numChannels) must be divisible by numGroups \(numGroups)"))
    }
    self.numGroups = numGroups
    self.numChannels = numChannels
    self.eps = eps
    weight = affine ? Tensor.ones([numChannels], dtype: dtype, device: device) : nil
    self.bias = affine && bias ? Tensor.zeros([numChannels], dtype: dtype, device: device) : nil
    weight?.requiresGrad()
    self.bias?.requiresGrad()
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor {
    groupNorm(input, numGroups: numGroups, weight: weight, bias: bias, eps: eps)
  }

  /// The groups, the channels and what the layer learns.
  public var extraDescription: String {
    "\(numGroups), \(numChannels), eps: \(eps), affine: \(weight != nil), bias: \(bias != nil)"
  }
}
