/// Zeroes elements at random while training, and scales the others so that the mean stays; passes all in evaluation.
public final class Dropout: Layer {
  /// The probability of an element to become 0.
  public let p: Double
  private let mode = TrainingMode()

  /// Makes the layer.
  public init(p: Double = 0.5) {
    if !(0...1).contains(p) { fail(invalidProbability(p)) }
    self.p = p
  }

  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { dropout(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}

/// Zeroes each element with probability `p` and divides the others by 1 - p; the input itself when not training.
///
/// - Parameters:
///   - x: Any shape, a floating dtype.
///   - p: The probability that an element becomes zero.
///   - training: Whether anything is dropped.
///   - generator: Draws the mask; nil stands for the device's default one, whose draws are PyTorch's.
public func dropout(
  _ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil
) -> Tensor {
  checked { () throws(TensorError) in
    guard (0...1).contains(p) else { throw invalidProbability(p) }
    guard x.dtype.isFloatingPoint else {
      throw TensorError(.dtype, "dropout", "not implemented for \(x.dtype): it takes floating dtypes")
    }
    if p == 0 || !training || x.count == 0 { return x }
    if p == 1 { return try run(Binary<Multiply>(), x, Tensor(number: .float(0))) }
    return try run(RandomDropout(of: x, p: p, generator: generator), x)
  }
}

private func invalidProbability(_ p: Double) -> TensorError {
  TensorError(.value, "dropout", "the probability has to be between 0 and 1, but got \(p)")
}
