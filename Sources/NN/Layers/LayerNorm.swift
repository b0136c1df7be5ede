/// Each group of elements over the last dimensions, brought to mean 0 and variance 1, then scaled and shifted.
///
/// Takes [..., normalizedShape] and keeps the shape. The weight starts as ones and the bias as zeros.
public final class LayerNorm: Layer {
  /// The sizes of the last dimensions, which are normalised together.
  public let normalizedShape: [Int]
  /// What is added to the variance.
  public let eps: Double
  /// The factor of each element of a group, [normalizedShape], or nil.
  public let weight: Tensor?
  /// What is added to each element of a group, [normalizedShape], or nil.
  public let bias: Tensor?

  /// Makes a layer that normalises several dimensions together.
  ///
  /// - Parameters:
  ///   - normalizedShape: The last dimensions of inputs.
  ///   - eps: Added to the variance.
  ///   - elementwiseAffine: Whether the layer learns a weight, and a bias if `bias` is true too.
  ///   - bias: Whether the layer learns a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public init(
    _ normalizedShape: [Int], eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true,
    dtype: DType? = nil, device: Device? = nil
  ) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Tensor.ones(normalizedShape, dtype: dtype, device: device) : nil
    self.bias = elementwiseAffine && bias ? Tensor.zeros(normalizedShape, dtype: dtype, device: device) : nil
    weight?.requiresGrad()
    self.bias?.requiresGrad()
  }

  /// Makes a layer that normalises the last dimension.
  public convenience init(
    _ size: Int, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true, dtype: DType? = nil,
    device: Device? = nil
  ) {
    self.init([size], eps: eps, elementwiseAffine: elementwiseAffine, bias: bias, dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor {
    layerNorm(input, normalizedShape: normalizedShape, weight: weight, bias: bias, eps: eps)
  }

  /// The shape and what the layer learns.
  public var extraDescription: String {
    "\(normalizedShape), eps: \(eps), elementwiseAffine: \(weight != nil), bias: \(bias != nil)"
  }
}
