// Dropouts of whole channels, and those that keep mean and variance.

/// Zeroes whole channels of [N, C, L] or [C, L] with probability `p` and divides the others by 1 - p.
///
/// The input itself when not training.
///
/// - Parameters:
///   - x: A floating dtype.
///   - p: The probability that a channel becomes zero.
///   - training: Whether anything is dropped.
///   - generator: Draws the mask; nil stands for the device's default one, whose draws are PyTorch's on the CPU.
public func dropout1d(_ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil) -> Tensor {
  channelDropout("dropout1d", x, p, training, generator, ranks: 2...3, isSingle: x.rank == 2)
}

/// Zeroes whole channels of [N, C, H, W], or of [N, C, L], with probability `p` and divides the others by 1 - p.
///
/// The input itself when not training. The parameters are `dropout1d`'s.
public func dropout2d(_ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil) -> Tensor {
  channelDropout("dropout2d", x, p, training, generator, ranks: 2...Int.max, isSingle: false)
}

/// Zeroes whole channels of [N, C, D, H, W] or [C, D, H, W] with probability `p` and divides the others by 1 - p.
///
/// The input itself when not training. The parameters are `dropout1d`'s.
public func dropout3d(_ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil) -> Tensor {
  channelDropout("dropout3d", x, p, training, generator, ranks: 2...Int.max, isSingle: x.rank == 4)
}

/// Replaces elements by SELU's lower limit with probability `p`, then scales and shifts all so that a mean of 0 and a
/// variance of 1 stay (Klambauer et al., 2017).
///
/// The input itself when not training. The parameters are `dropout1d`'s.
public func alphaDropout(_ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil) -> Tensor {
  masked("alphaDropout", x, p, training) { x in alpha(x, p, Tensor.emptyLike(x), generator) }
}

/// `alphaDropout` of whole channels of [N, C, ...].
///
/// The input itself when not training. The parameters are `dropout1d`'s.
public func featureAlphaDropout(
  _ x: Tensor, p: Double = 0.5, training: Bool = true, generator: Generator? = nil
) -> Tensor {
  masked("featureAlphaDropout", x, p, training) { (x) throws(TensorError) in
    alpha(x, p, try channelNoise(x, "featureAlphaDropout"), generator)
  }
}

private func channelDropout(
  _ name: String, _ x: Tensor, _ p: Double, _ training: Bool, _ generator: Generator?, ranks: ClosedRange<Int>,
  isSingle: Bool
) -> Tensor {
  masked(name, x, p, training) { (x) throws(TensorError) in
    if !ranks.contains(x.rank) {
      throw TensorError(.shape, name, "not implemented for an input of shape \(x.shape)")
    }
    let batch = isSingle ? x.unsqueeze(dim: 0) : x
    let noise = try channelNoise(batch, name).bernoulli(1 - p, generator: generator) / (1 - p)
    let result = batch * noise
    return isSingle ? result.squeeze(dim: 0) : result
  }
}

/// Memory for a number of each channel, which broadcasts to the input.
private func channelNoise(_ x: Tensor, _ name: String) throws(TensorError) -> Tensor {
  if x.rank < 2 {
    throw TensorError(.shape, name, "expected an input of at least 2 dimensions, but got shape \(x.shape)")
  }
  return Tensor.empty(
    Array(x.shape.prefix(2)) + Array(repeating: 1, count: x.rank - 2), dtype: x.dtype, device: x.device)
}

private func alpha(_ x: Tensor, _ p: Double, _ memory: Tensor, _ generator: Generator?) -> Tensor {
  let limit = 1.7580993408473766  // of SELU
  let scale = 1 / ((limit * limit * p + 1) * (1 - p)).squareRoot()
  let noise = memory.bernoulli(1 - p, generator: generator)
  let shift = (noise - 1) * (limit * scale) + limit * scale * p
  return x * (noise * scale) + shift
}

/// What all dropouts refuse, and when they do nothing.
private func masked(
  _ name: String, _ x: Tensor, _ p: Double, _ training: Bool, _ body: (Tensor) throws(TensorError) -> Tensor
) -> Tensor {
  checked { () throws(TensorError) in
    guard (0...1).contains(p) else {
      throw TensorError(.value, name, "the probability has to be between 0 and 1, but got \(p)")
    }
    guard x.dtype.isFloatingPoint else {
      throw TensorError(.dtype, name, "not implemented for \(x.dtype): it takes floating dtypes")
    }
    if p == 0 || !training || x.count == 0 { return x }
    return p == 1 ? x * 0 : try body(x)
  }
}

/// Zeroes whole channels of [N, C, L] at random while training: see `dropout1d(_:p:training:generator:)`.
public final class Dropout1d: Layer {
  /// The probability of a channel to become 0.
  public let p: Double
  private let mode = TrainingMode()
  /// Makes the layer.
  public init(p: Double = 0.5) { self.p = p }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { dropout1d(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}

/// Zeroes whole channels of [N, C, H, W] at random while training: see `dropout2d(_:p:training:generator:)`.
public final class Dropout2d: Layer {
  /// The probability of a channel to become 0.
  public let p: Double
  private let mode = TrainingMode()
  /// Makes the layer.
  public init(p: Double = 0.5) { self.p = p }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { dropout2d(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}

/// Zeroes whole channels of [N, C, D, H, W] at random while training: see `dropout3d(_:p:training:generator:)`.
public final class Dropout3d: Layer {
  /// The probability of a channel to become 0.
  public let p: Double
  private let mode = TrainingMode()
  /// Makes the layer.
  public init(p: Double = 0.5) { self.p = p }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { dropout3d(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}

/// A dropout for networks of `SELU`, while training: see `alphaDropout(_:p:training:generator:)`.
public final class AlphaDropout: Layer {
  /// The probability of an element to be dropped.
  public let p: Double
  private let mode = TrainingMode()
  /// Makes the layer.
  public init(p: Double = 0.5) { self.p = p }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { alphaDropout(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}

/// A dropout of channels for networks of `SELU`, while training: see `featureAlphaDropout(_:p:training:generator:)`.
public final class FeatureAlphaDropout: Layer {
  /// The probability of a channel to be dropped.
  public let p: Double
  private let mode = TrainingMode()
  /// Makes the layer.
  public init(p: Double = 0.5) { self.p = p }
  /// Keeps the shape.
  public func forward(_ input: Tensor) -> Tensor { featureAlphaDropout(input, p: p, training: mode.isTraining) }
  /// The probability.
  public var extraDescription: String { "p: \(p)" }
}
