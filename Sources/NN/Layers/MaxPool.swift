/// The largest elements of windows on sequences: `maxPool1d` as a layer.
public final class MaxPool1d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin, which is never the largest.
  public let padding: Extents
  /// The step between the elements of a window.
  public let dilation: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// Takes [N, C, L], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    maxPool1d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The windows.
  public var extraDescription: String {
    "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding), dilation: \(dilation), ceilMode: \(ceilMode)"
  }
}

/// The largest elements of windows on images: `maxPool2d` as a layer.
public final class MaxPool2d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin, which is never the largest.
  public let padding: Extents
  /// The step between the elements of a window.
  public let dilation: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// Takes [N, C, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    maxPool2d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The windows.
  public var extraDescription: String {
    "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding), dilation: \(dilation), ceilMode: \(ceilMode)"
  }
}

/// The largest elements of windows on volumes: `maxPool3d` as a layer.
public final class MaxPool3d: Layer {
  /// The size of a window.
  public let kernelSize: Extents
  /// The step from one window to the next.
  public let stride: Extents
  /// The margin, which is never the largest.
  public let padding: Extents
  /// The step between the elements of a window.
  public let dilation: Extents
  /// Whether a last window that sticks out counts.
  public let ceilMode: Bool

  /// Makes a layer; a stride of nil is the window's size.
  public init(
    kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// Takes [N, C, D, H, W], or without N.
  public func forward(_ input: Tensor) -> Tensor {
    maxPool3d(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The windows.
  public var extraDescription: String {
    "kernelSize: \(kernelSize), stride: \(stride), padding: \(padding), dilation: \(dilation), ceilMode: \(ceilMode)"
  }
}
