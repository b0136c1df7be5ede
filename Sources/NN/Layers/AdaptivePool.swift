/// The means of `outputSize` windows that cover sequences: `adaptiveAvgPool1d` as a layer.
public final class AdaptiveAvgPool1d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, L], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveAvgPool1d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}

/// The largest elements of `outputSize` windows that cover sequences: `adaptiveMaxPool1d` as a layer.
public final class AdaptiveMaxPool1d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, L], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveMaxPool1d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}

/// The means of `outputSize` windows that cover images: `adaptiveAvgPool2d` as a layer.
public final class AdaptiveAvgPool2d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveAvgPool2d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}

/// The largest elements of `outputSize` windows that cover images: `adaptiveMaxPool2d` as a layer.
public final class AdaptiveMaxPool2d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveMaxPool2d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}

/// The means of `outputSize` windows that cover volumes: `adaptiveAvgPool3d` as a layer.
public final class AdaptiveAvgPool3d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, D, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveAvgPool3d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}

/// The largest elements of `outputSize` windows that cover volumes: `adaptiveMaxPool3d` as a layer.
public final class AdaptiveMaxPool3d: Layer {
  /// The result's sizes of space; nil for the input's own.
  public let outputSize: AdaptiveSize

  /// Makes a layer.
  public init(_ outputSize: AdaptiveSize) { self.outputSize = outputSize }

  /// Takes [N, C, D, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor { adaptiveMaxPool3d(input, outputSize: outputSize) }

  /// The sizes.
  public var extraDescription: String { "outputSize: \(outputSize)" }
}
