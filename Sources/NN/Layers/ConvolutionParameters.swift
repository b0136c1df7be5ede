/// The weight and bias of a convolution's layer, drawn as PyTorch draws them.
func convolutionParameters(
  _ name: String, _ rank: Int, _ inChannels: Int, _ outChannels: Int, _ kernelSize: Extents, _ groups: Int,
  _ bias: Bool, isTransposed: Bool, _ dtype: DType?, _ device: Device?
) -> (weight: Tensor, bias: Tensor?) {
  let kernel = kernelSize.repeated(rank).numbers
  let isDivided = groups > 0 && inChannels % groups == 0 && outChannels % groups == 0
  if !isDivided {
    fail(
      TensorError(
        .value, name,
        "inChannels \(inChannels) and outChannels \(outChannels) must be divisible by groups \(groups)"))
  }
  if kernel.count != rank {
    fail(TensorError(.value, name, "expected one number or \(rank) for kernelSize, but got \(kernel)"))
  }
  let (rows, columns) = isTransposed ? (inChannels, outChannels) : (outChannels, inChannels)
  let perGroup = isDivided ? columns / groups : 0
  let weight = Tensor.empty([rows, perGroup] + kernel, dtype: dtype, device: device)
  Init.kaimingUniform(weight, a: 5.0.squareRoot())
  let drawn = bias ? Tensor.empty([outChannels], dtype: dtype, device: device) : nil
  if let drawn {
    let fanIn = perGroup * kernel.reduce(1, *)
    let bound = fanIn > 0 ? 1 / Double(fanIn).squareRoot() : 0
    Init.uniform(drawn, from: -bound, to: bound)
  }
  weight.requiresGrad()
  drawn?.requiresGrad()
  return (weight, drawn)
}

extension ConvolutionPadding {
  /// The padding as layers print it; nil for none.
  func described(_ rank: Int) -> String? {
    switch self {
    case .zeros(let sizes): sizes.numbers.allSatisfy { $0 == 0 } ? nil : "\(sizes.repeated(rank).numbers)"
    case .same: ".same"
    case .valid: ".valid"
    }
  }
}
