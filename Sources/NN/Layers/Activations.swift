/// The larger of each element and 0.
public final class ReLU: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.relu() }
}

/// Each element x times its slope where x < 0, x elsewhere.
public final class LeakyReLU: Layer {
  /// The factor of negative elements.
  public let negativeSlope: Double
  /// Makes the layer.
  public init(negativeSlope: Double = 0.01) { self.negativeSlope = negativeSlope }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.leakyRelu(negativeSlope: negativeSlope) }
  /// The slope.
  public var extraDescription: String { "negativeSlope: \(negativeSlope)" }
}

/// The logistic function 1 / (1 + exp(-x)) of each element.
public final class Sigmoid: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.sigmoid() }
}

/// The hyperbolic tangent of each element.
public final class Tanh: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.tanh() }
}

/// The Gaussian error linear unit: x times the normal distribution's cumulative function at x.
public final class GELU: Layer {
  /// How the cumulative function is computed.
  public let approximate: GeluApproximation
  /// Makes the layer.
  public init(approximate: GeluApproximation = .none) { self.approximate = approximate }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.gelu(approximate: approximate) }
  /// The approximation.
  public var extraDescription: String { "approximate: .\(approximate)" }
}

/// Each element times its logistic function, also called swish.
public final class SiLU: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.silu() }
}

/// log(1 + exp(beta x)) / beta of each element, a smooth form of `ReLU`.
public final class Softplus: Layer {
  /// How sharp the bend at 0 is.
  public let beta: Double
  /// Elements with beta x above it are kept as they are.
  public let threshold: Double
  /// Makes the layer.
  public init(beta: Double = 1, threshold: Double = 20) {
    self.beta = beta
    self.threshold = threshold
  }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softplus(beta: beta, threshold: threshold) }
  /// The bend and the threshold.
  public var extraDescription: String { "beta: \(beta), threshold: \(threshold)" }
}

/// exp(x) over its sum along a dimension: positive numbers that sum to 1.
public final class Softmax: Layer {
  /// The dimension that sums to 1; negative ones count from the end.
  public let dim: Int
  /// Makes the layer.
  public init(dim: Int) { self.dim = dim }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softmax(dim: dim) }
  /// The dimension.
  public var extraDescription: String { "dim: \(dim)" }
}

/// The logarithm of `Softmax`, computed without overflow.
public final class LogSoftmax: Layer {
  /// The dimension whose exponentials sum to 1; negative ones count from the end.
  public let dim: Int
  /// Makes the layer.
  public init(dim: Int) { self.dim = dim }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.logSoftmax(dim: dim) }
  /// The dimension.
  public var extraDescription: String { "dim: \(dim)" }
}
