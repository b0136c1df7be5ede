/// The size of a pooling's result along each dimension: a number, or nil for the input's own size.
public struct AdaptiveSize: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// The sizes, from the outermost dimension to the innermost; one alone stands for all.
  public let sizes: [Int?]

  /// Makes sizes for each dimension, or for all from one.
  public init(_ sizes: [Int?]) { self.sizes = sizes }

  /// Makes one size for all dimensions.
  public init(integerLiteral value: Int) { self.init([value]) }

  /// Makes sizes for each dimension.
  public init(arrayLiteral elements: Int?...) { self.init(elements) }
}

extension AdaptiveSize: CustomStringConvertible {
  /// The size that stands for all, or the sizes in brackets.
  public var description: String {
    let texts = sizes.map { $0.map(String.init) ?? "nil" }
    return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
  }
}

/// The largest elements of windows on sequences [N, C, L], or without N: see
/// ``maxPool2d(_:kernelSize:stride:padding:dilation:ceilMode:)``.
public func maxPool1d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> Tensor {
  maxPool(1, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: false).values
}

/// The largest elements of windows on sequences, and where each lies in its plane (int64, counted in row-major order), as
/// ``maxUnpool1d(_:indices:kernelSize:stride:padding:outputSize:)`` takes it.
public func maxPool1dWithIndices(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> (values: Tensor, indices: Tensor) {
  maxPool(1, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: true)
}

/// The largest elements of `outputSize` windows that cover sequences [N, C, L], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveMaxPool1d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  adaptiveMaxPool(1, x, outputSize, withIndices: false).values
}

/// As ``adaptiveMaxPool1d(_:outputSize:)``, and where each element lies in its plane (int64).
public func adaptiveMaxPool1dWithIndices(
  _ x: Tensor, outputSize: AdaptiveSize
) -> (values: Tensor, indices: Tensor) {
  adaptiveMaxPool(1, x, outputSize, withIndices: true)
}

/// The largest elements of windows on images; NaN counts as the largest.
///
/// A result has `(size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1` places along each dimension, rounded up
/// in `ceilMode` where that window begins inside the image or its left margin.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of any dtype but bool.
///   - kernelSize: The size of a window.
///   - stride: The step from one window to the next; nil for the window's size.
///   - padding: The margin around an image, which is never the largest; at most half a window.
///   - dilation: The step between the elements of a window.
///   - ceilMode: Whether a last window that sticks out counts.
/// - Returns: A tensor of shape [N, C, places, places], or without N.
public func maxPool2d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> Tensor {
  maxPool(2, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: false).values
}

/// The largest elements of windows on images, and where each lies in its plane (int64, counted in row-major order), as
/// ``maxUnpool2d(_:indices:kernelSize:stride:padding:outputSize:)`` takes it.
public func maxPool2dWithIndices(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> (values: Tensor, indices: Tensor) {
  maxPool(2, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: true)
}

/// The largest elements of `outputSize` windows that cover images [N, C, H, W], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveMaxPool2d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  adaptiveMaxPool(2, x, outputSize, withIndices: false).values
}

/// As ``adaptiveMaxPool2d(_:outputSize:)``, and where each element lies in its plane (int64).
public func adaptiveMaxPool2dWithIndices(
  _ x: Tensor, outputSize: AdaptiveSize
) -> (values: Tensor, indices: Tensor) {
  adaptiveMaxPool(2, x, outputSize, withIndices: true)
}

/// The largest elements of windows on volumes [N, C, D, H, W], or without N: see
/// ``maxPool2d(_:kernelSize:stride:padding:dilation:ceilMode:)``.
public func maxPool3d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> Tensor {
  maxPool(3, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: false).values
}

/// The largest elements of windows on volumes, and where each lies in its plane (int64, counted in row-major order), as
/// ``maxUnpool3d(_:indices:kernelSize:stride:padding:outputSize:)`` takes it.
public func maxPool3dWithIndices(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, dilation: Extents = 1,
  ceilMode: Bool = false
) -> (values: Tensor, indices: Tensor) {
  maxPool(3, x, kernelSize, stride, padding, dilation, ceilMode, withIndices: true)
}

/// The largest elements of `outputSize` windows that cover volumes [N, C, D, H, W], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveMaxPool3d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  adaptiveMaxPool(3, x, outputSize, withIndices: false).values
}

/// As ``adaptiveMaxPool3d(_:outputSize:)``, and where each element lies in its plane (int64).
public func adaptiveMaxPool3dWithIndices(
  _ x: Tensor, outputSize: AdaptiveSize
) -> (values: Tensor, indices: Tensor) {
  adaptiveMaxPool(3, x, outputSize, withIndices: true)
}

private func maxPool(
  _ rank: Int, _ x: Tensor, _ kernel: Extents, _ stride: Extents?, _ padding: Extents, _ dilation: Extents,
  _ ceilMode: Bool, withIndices: Bool
) -> (values: Tensor, indices: Tensor) {
  checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
    let options = try poolOptions("maxPool\(rank)d", rank, x, kernel, stride, padding, dilation, ceilMode)
    return try maxPooled(x, options, withIndices: withIndices)
  }
}

private func adaptiveMaxPool(
  _ rank: Int, _ x: Tensor, _ size: AdaptiveSize, withIndices: Bool
) -> (values: Tensor, indices: Tensor) {
  checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
    try maxPooled(x, adaptiveOptions("adaptiveMaxPool\(rank)d", rank, x, size), withIndices: withIndices)
  }
}

/// Without indices the second tensor is the first.
private func maxPooled(
  _ x: Tensor, _ options: PoolOptions, withIndices: Bool
) throws(TensorError) -> (values: Tensor, indices: Tensor) {
  var indices: Tensor?
  if withIndices || x.recorder?.requiresGrad == true {
    indices = try Tensor(
      uninitialized: Layout(contiguous: options.shape(x.layout.shape)), dtype: .int64, on: x.backend, for: "maxPool")
  }
  let values = try run(MaxPool(options, indices: indices), x)
  return (values, indices ?? values)
}
