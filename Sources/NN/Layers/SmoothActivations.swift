// Activations made of exponentials, gates among them.

/// Each element, and alpha (exp(x) - 1) where it is negative.
public final class ELU: Layer {
  /// The limit of negative elements is -alpha.
  public let alpha: Double
  /// Makes the layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.elu(alpha: alpha) }
  /// The parameters.
  public var extraDescription: String { "alpha: \(alpha)" }
}

/// Each element, and alpha (exp(x / alpha) - 1) where it is negative.
public final class CELU: Layer {
  /// The limit of negative elements is -alpha.
  public let alpha: Double
  /// Makes the layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.celu(alpha: alpha) }
  /// The parameters.
  public var extraDescription: String { "alpha: \(alpha)" }
}

/// `ELU`, scaled so that means of 0 and variances of 1 stay (Klambauer et al., 2017).
public final class SELU: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.selu() }
}

/// Each element times the hyperbolic tangent of its softplus.
public final class Mish: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.mish() }
}

/// The logarithm of `Sigmoid`, computed without overflow.
public final class LogSigmoid: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.logSigmoid() }
}

/// x / (1 + |x|) of each element.
public final class Softsign: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softsign() }
}

/// The first half along a dimension times the logistic function of the second.
public final class GLU: Layer {
  /// The dimension that is halved; negative ones count from the end.
  public let dim: Int
  /// Makes the layer.
  public init(dim: Int = -1) { self.dim = dim }
  /// Halves the dimension.
  public func forward(_ input: Tensor) -> Tensor { input.glu(dim: dim) }
  /// The parameters.
  public var extraDescription: String { "dim: \(dim)" }
}

/// `Softmax` of the negative elements: the smallest is the most likely.
public final class Softmin: Layer {
  /// The dimension that sums to 1; negative ones count from the end.
  public let dim: Int
  /// Makes the layer.
  public init(dim: Int) { self.dim = dim }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softmin(dim: dim) }
  /// The parameters.
  public var extraDescription: String { "dim: \(dim)" }
}

/// `Softmax` over the channels at each place of images [N, C, H, W] or [C, H, W].
public final class Softmax2d: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if input.rank != 3 && input.rank != 4 {
        throw TensorError(
          .shape, "Softmax2d", "expected an input of shape [N, C, H, W] or [C, H, W], but got \(input.shape)")
      }
      return input.softmax(dim: -3)
    }
  }
}
