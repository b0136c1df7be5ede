/// Forms of two vectors with learnt weights: for each output o the sum of `a[i] * weight[o, i, j] * b[j]`, plus a bias.
public final class Bilinear: Module {
  /// The forms, [outFeatures, in1Features, in2Features].
  public let weight: Tensor
  /// What is added to each output, [outFeatures], or nil.
  public let bias: Tensor?

  /// Makes the layer with uniform draws from -1 to 1 over the square root of `in1Features`, as PyTorch does.
  ///
  /// - Parameters:
  ///   - in1Features: The size of the first vectors.
  ///   - in2Features: The size of the second vectors.
  ///   - outFeatures: The number of forms.
  ///   - bias: Whether there is a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public init(
    _ in1Features: Int, _ in2Features: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType? = nil,
    device: Device? = nil
  ) {
    let bound = 1 / Double(max(in1Features, 1)).squareRoot()
    weight = Tensor.empty([outFeatures, in1Features, in2Features], dtype: dtype, device: device)
    weight.uniform(from: -bound, to: bound)
    self.bias = bias ? Tensor.empty([outFeatures], dtype: dtype, device: device) : nil
    self.bias?.uniform(from: -bound, to: bound)
    weight.requiresGrad()
    self.bias?.requiresGrad()
  }

  /// Takes [..., in1Features] and [..., in2Features] and gives [..., outFeatures].
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { bilinear(a, b, weight, bias) }

  /// The sizes.
  public var extraDescription: String {
    let sizes = weight.layout.shape
    return "in1Features: \(sizes[1]), in2Features: \(sizes[2]), outFeatures: \(sizes[0]), bias: \(bias != nil)"
  }
}
