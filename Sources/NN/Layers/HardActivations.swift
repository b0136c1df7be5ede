// Activations of straight pieces: bounded, or zero about the origin.

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
