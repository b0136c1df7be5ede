// Activations with a kernel of their own or made up of others, as layers.

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

/// min(max(x + 3, 0), 6) / 6 of each element.
public final class Hardsigmoid: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.hardsigmoid() }
}

/// x min(max(x + 3, 0), 6) / 6 of each element.
public final class Hardswish: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.hardswish() }
}

/// Each element, or 0 where it lies from -lambda to lambda.
public final class Hardshrink: Layer {
  /// How far from 0 elements vanish.
  public let lambda: Double
  /// Makes the layer.
  public init(lambda: Double = 0.5) { self.lambda = lambda }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.hardshrink(lambda: lambda) }
  /// The parameters.
  public var extraDescription: String { "lambda: \(lambda)" }
}

/// Each element moved by lambda towards 0, or 0 where it lies nearer to it.
public final class Softshrink: Layer {
  /// By how much elements move.
  public let lambda: Double
  /// Makes the layer.
  public init(lambda: Double = 0.5) { self.lambda = lambda }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softshrink(lambda: lambda) }
  /// The parameters.
  public var extraDescription: String { "lambda: \(lambda)" }
}

/// x / (1 + |x|) of each element.
public final class Softsign: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.softsign() }
}

/// x - tanh(x) of each element.
public final class Tanhshrink: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.tanhshrink() }
}

/// Each element, or a value where it does not exceed a threshold.
public final class Threshold: Layer {
  /// What elements must exceed.
  public let threshold: Double
  /// What stands for the others.
  public let value: Double
  /// Makes the layer.
  public init(_ threshold: Double, _ value: Double) {
    self.threshold = threshold
    self.value = value
  }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.threshold(threshold, value) }
  /// The parameters.
  public var extraDescription: String { "threshold: \(threshold), value: \(value)" }
}

/// Each element, but not below min nor above max.
public final class Hardtanh: Layer {
  /// The least element.
  public let min: Double
  /// The largest element.
  public let max: Double
  /// Makes the layer.
  public init(min: Double = -1, max: Double = 1) {
    self.min = min
    self.max = max
  }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.hardtanh(min: min, max: max) }
  /// The parameters.
  public var extraDescription: String { "min: \(min), max: \(max)" }
}

/// Each element, but not below 0 nor above 6.
public final class ReLU6: Layer {
  /// Makes the layer.
  public init() {}
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.relu6() }
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

/// Each element, times a slope that is learnt where it is negative.
public final class PReLU: Layer {
  /// The slopes: one, or one for each channel, [channels].
  public let weight: Tensor

  /// Makes the layer.
  ///
  /// - Parameters:
  ///   - numParameters: 1, or the number of channels, the input's second dimension.
  ///   - initial: What each slope starts as.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the slopes live; nil for the default device.
  public init(_ numParameters: Int = 1, initial: Double = 0.25, dtype: DType? = nil, device: Device? = nil) {
    weight = Tensor.full([numParameters], initial, dtype: dtype ?? Scope.defaultDType, device: device)
    weight.requiresGrad()
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { input.prelu(weight) }
  /// The number of slopes.
  public var extraDescription: String { "numParameters: \(weight.count)" }
}

/// Each element, times a slope where it is negative: a random one of each element while training, else the mean one.
public final class RReLU: Layer {
  /// The least slope.
  public let lower: Double
  /// The largest slope.
  public let upper: Double
  private let mode = TrainingMode()

  /// Makes the layer.
  public init(lower: Double = 0.125, upper: Double = 1.0 / 3) {
    self.lower = lower
    self.upper = upper
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor {
    rrelu(input, lower: lower, upper: upper, training: mode.isTraining)
  }
  /// The slopes' range.
  public var extraDescription: String { "lower: \(lower), upper: \(upper)" }
}

/// Each element, times a slope where it is not positive: a draw from `lower` to `upper` for each such element when
/// training, else the mean of both.
///
/// - Parameters:
///   - x: Any shape, a floating dtype.
///   - lower: The least slope.
///   - upper: The largest slope.
///   - training: Whether slopes are drawn.
///   - generator: Draws them; nil stands for the device's default one, whose draws are PyTorch's on the CPU.
public func rrelu(
  _ x: Tensor, lower: Double = 0.125, upper: Double = 1.0 / 3, training: Bool = false, generator: Generator? = nil
) -> Tensor {
  checked { () throws(TensorError) in
    if !(lower <= upper) {
      throw TensorError(.value, "rrelu", "expected lower <= upper, but got \(lower) and \(upper)")
    }
    if !training { return x.leakyRelu(negativeSlope: (lower + upper) / 2) }
    if !x.dtype.isFloatingPoint { throw TensorError(.dtype, "rrelu", "not implemented for \(x.dtype)") }
    let slopes = noGrad {
      let places = (x .<= 0).nonzero()
      let draws = Tensor.empty([places.shape[0]], dtype: .float64, device: x.device)
        .uniform(from: lower, to: upper, generator: generator).to(x.dtype)
      let ones = Tensor.ones(x.shape, dtype: x.dtype, device: x.device)
      return x.rank == 0 ? (draws.count == 0 ? ones : draws.reshape([])) : ones.indexPut(places.unbind(dim: 1), draws)
    }
    return x * slopes
  }
}
