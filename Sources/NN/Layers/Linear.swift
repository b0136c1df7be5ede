/// A fully connected layer: `x @ weight.t() + bias` over the last dimension.
///
/// Takes [..., inFeatures] and gives [..., outFeatures]. The weight [outFeatures, inFeatures] starts as
/// `Init.kaimingUniform(a: sqrt(5))` and the bias [outFeatures] uniform within 1 / sqrt(inFeatures), drawn in that order.
public final class Linear: Layer {
  /// The weight, [outFeatures, inFeatures].
  public let weight: Tensor
  /// The bias, [outFeatures], or nil.
  public let bias: Tensor?

  /// Makes a layer with random weights, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inFeatures: The size of the last dimension of inputs.
  ///   - outFeatures: The size of the last dimension of outputs.
  ///   - bias: Whether the layer adds a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType? = nil, device: Device? = nil) {
    weight = Tensor.empty([outFeatures, inFeatures], dtype: dtype, device: device)
    Init.kaimingUniform(weight, a: 5.0.squareRoot())
    self.bias = bias ? Tensor.empty([outFeatures], dtype: dtype, device: device) : nil
    if let bias = self.bias {
      let bound = inFeatures > 0 ? 1 / Double(inFeatures).squareRoot() : 0
      Init.uniform(bias, from: -bound, to: bound)
    }
    weight.requiresGrad()
    self.bias?.requiresGrad()
  }

  /// Makes a layer of tensors that are there already; it shares them.
  ///
  /// - Parameters:
  ///   - weight: [outFeatures, inFeatures].
  ///   - bias: [outFeatures], or nil.
  public init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = weight
    self.bias = bias
  }

  /// The size of the input's last dimension.
  public var inFeatures: Int { weight.layout.shape.last ?? 0 }
  /// The size of the output's last dimension.
  public var outFeatures: Int { weight.layout.shape.first ?? 0 }

  /// Takes [..., inFeatures] and gives [..., outFeatures].
  public func forward(_ input: Tensor) -> Tensor { linear(input, weight, bias) }

  /// The sizes and whether there is a bias.
  public var extraDescription: String {
    "inFeatures: \(inFeatures), outFeatures: \(outFeatures), bias: \(bias != nil)"
  }
}
