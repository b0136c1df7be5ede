/// The means of windows on sequences: `avgPool1d` as a layer.
public final class AvgPool1d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin of zeros.
  public let padding: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool
  /// Whether a mean divides by the elements of the margin too.
  public let countIncludePad: Bool

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
  }

  /// Takes [N, C, L], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    avgPool1d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad)
  }

  /// The windows.
  public var extraDescription: String { "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding)" }
}

/// The means of windows on images: `avgPool2d` as a layer.
public final class AvgPool2d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin of zeros.
  public let padding: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool
  /// Whether a mean divides by the elements of the margin too.
  public let countIncludePad: Bool
  /// What sums are divided by, if not the window's elements.
  public let divisorOverride: Int?

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
    self.divisorOverride = divisorOverride
  }

  /// Takes [N, C, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    avgPool2d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// The windows.
  public var extraDescription: String { "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding)" }
}

/// The means of windows on volumes: `avgPool3d` as a layer.
public final class AvgPool3d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin of zeros.
  public let padding: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool
  /// Whether a mean divides by the elements of the margin too.
  public let countIncludePad: Bool
  /// What sums are divided by, if not the window's elements.
  public let divisorOverride: Int?

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
    self.divisorOverride = divisorOverride
  }

  /// Takes [N, C, D, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    avgPool3d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// The windows.
  public var extraDescription: String { "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding)" }
}
