// Starting values whose spread keeps the size of activations or gradients from layer to layer.

extension Init {
  /// What follows a layer; each scales its input's spread differently.
  public enum Nonlinearity: Sendable, Hashable {
    /// Nothing, or a convolution.
    case linear
    /// The logistic function.
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// `ReLU`.
    case relu
    /// `LeakyReLU` with this slope for negative elements.
    case leakyReLU(slope: Double = 0.01)
    /// The self-normalising unit.
    case selu
  }

  /// Whether the size of activations or that of gradients is kept.
  public enum FanMode: Sendable, Hashable {
    /// The inputs of an element of the output: keeps the forward pass.
    case fanIn
    /// The outputs that an element of the input reaches: keeps the backward pass.
    case fanOut
  }

  /// The factor by which weights before a nonlinearity are to be larger.
  ///
  /// 1 for linear and sigmoid, 5/3 for tanh, sqrt 2 for relu, sqrt(2 / (1 + slope^2)) for leakyReLU, 3/4 for selu.
  public static func calculateGain(_ nonlinearity: Nonlinearity) -> Double {
    switch nonlinearity {
    case .linear, .sigmoid: 1
    case .tanh: 5.0 / 3
    case .relu: 2.0.squareRoot()
    case .leakyReLU(let slope): (2 / (1 + slope * slope)).squareRoot()
    case .selu: 3.0 / 4
    }
  }

  /// Fills with U(-a, a), a = gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).
  ///
  /// - Parameters:
  ///   - tensor: At least two dimensions: [out, in, ...].
  ///   - gain: What the spread is multiplied by.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func xavierUniform(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    filled(tensor, "xavierUniform", generator) { fan in
      let bound = 3.0.squareRoot() * (gain * (2 / Double(fan.in + fan.out)).squareRoot())
      return .uniform(from: -bound, to: bound)
    }
  }

  /// Fills with N(0, std^2), std = gain * sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010).
  ///
  /// - Parameters:
  ///   - tensor: At least two dimensions: [out, in, ...].
  ///   - gain: What the spread is multiplied by.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func xavierNormal(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    filled(tensor, "xavierNormal", generator) { fan in
      .normal(mean: 0, std: gain * (2 / Double(fan.in + fan.out)).squareRoot())
    }
  }

  /// Fills with U(-b, b), b = gain * sqrt(3 / fan) (He et al., 2015).
  ///
  /// - Parameters:
  ///   - tensor: At least two dimensions: [out, in, ...].
  ///   - a: The slope of a `LeakyReLU` that follows; used when no nonlinearity is given.
  ///   - mode: Whether the inputs or the outputs of the layer are counted.
  ///   - nonlinearity: What follows the layer; nil stands for `.leakyReLU(slope: a)`.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func kaimingUniform(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity? = nil,
    generator: Generator? = nil
  ) -> Tensor {
    let gain = calculateGain(nonlinearity ?? .leakyReLU(slope: a))
    return filled(tensor, "kaimingUniform", generator) { fan in
      let std = gain / Double(mode == .fanIn ? fan.in : fan.out).squareRoot()
      let bound = 3.0.squareRoot() * std
      return .uniform(from: -bound, to: bound)
    }
  }

  /// Fills with N(0, std^2), std = gain / sqrt(fan) (He et al., 2015).
  ///
  /// - Parameters:
  ///   - tensor: At least two dimensions: [out, in, ...].
  ///   - a: The slope of a `LeakyReLU` that follows; used when no nonlinearity is given.
  ///   - mode: Whether the inputs or the outputs of the layer are counted.
  ///   - nonlinearity: What follows the layer; nil stands for `.leakyReLU(slope: a)`.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func kaimingNormal(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity? = nil,
    generator: Generator? = nil
  ) -> Tensor {
    let gain = calculateGain(nonlinearity ?? .leakyReLU(slope: a))
    return filled(tensor, "kaimingNormal", generator) { fan in
      .normal(mean: 0, std: gain / Double(mode == .fanIn ? fan.in : fan.out).squareRoot())
    }
  }

  private static func filled(
    _ tensor: Tensor, _ function: String, _ generator: Generator?,
    _ distribution: (_ fan: (in: Int, out: Int)) -> Distribution
  ) -> Tensor {
    let shape = tensor.layout.shape
    guard shape.count >= 2 else {
      fail(wrongRank(function, "at least 2 dimensions", tensor))
      return tensor
    }
    // The fans of an empty tensor may be 0, and there is nothing to draw.
    if tensor.count == 0 { return tensor }
    let area = shape.dropFirst(2).reduce(1, *)
    return fill(tensor, distribution((in: shape[1] * area, out: shape[0] * area)), generator)
  }
}
