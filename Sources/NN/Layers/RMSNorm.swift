/// Each group of elements over the last dimensions, divided by its root mean square and scaled.
///
/// Takes [..., normalizedShape] and keeps the shape. The weight starts as ones.
public final class RMSNorm: Layer {
  /// The sizes of the last dimensions, which are normalised together.
  public let normalizedShape: [Int]
  /// What is added to the mean square; nil stands for the spacing of numbers beside 1.
  public let eps: Double?
  /// The factor of each element of a group, [normalizedShape], or nil.
  public let weight: Tensor?

  /// Makes a layer that normalises several dimensions together.
  ///
  /// - Parameters:
  ///   - normalizedShape: The last dimensions of inputs.
  ///   - eps: Added to the mean square; nil stands for the spacing of numbers beside 1.
  ///   - elementwiseAffine: Whether the layer learns a weight.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the weight lives; nil for the default device.
  public init(
    _ normalizedShape: [Int], eps: Double? = nil, elementwiseAffine: Bool = true, dtype: DType? = nil,
    device: Device? = nil
  ) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Tensor.ones(normalizedShape, dtype: dtype, device: device) : nil
    weight?.requiresGrad()
  }

  /// Makes a layer that normalises the last dimension.
  public convenience init(
    _ size: Int, eps: Double? = nil, elementwiseAffine: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    self.init([size], eps: eps, elementwiseAffine: elementwiseAffine, dtype: dtype, device: device)
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor {
    rmsNorm(input, normalizedShape: normalizedShape, weight: weight, eps: eps)
  }

  /// The shape and whether the layer learns.
  public var extraDescription: String {
    "\(normalizedShape), eps: \(eps.map { "\($0)" } ?? "nil"), elementwiseAffine: \(weight != nil)"
  }
}
