// Rectifiers whose slope below zero is learnt or random.

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
