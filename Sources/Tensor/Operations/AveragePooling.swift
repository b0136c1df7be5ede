/// The means of windows on sequences [N, C, L], or without N: see
/// ``avgPool2d(_:kernelSize:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
public func avgPool1d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
  countIncludePad: Bool = true
) -> Tensor {
  averagePool(1, x, kernelSize, stride, padding, ceilMode, countIncludePad, nil)
}

/// The means of `outputSize` windows that cover sequences [N, C, L], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveAvgPool1d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(x, operation: "adaptiveAvgPool1d")
    return try run(AveragePool(adaptiveOptions("adaptiveAvgPool1d", 1, x, outputSize)), x)
  }
}

/// The norms of order `normType` of windows on sequences [N, C, L], or without N: the root of the sum of powers.
///
/// An infinite order gives the largest magnitude, or the smallest. Powers are of the elements, not of their magnitudes: a
/// root of a negative sum is NaN unless its order is 1. An order of 0 is an error.
public func lpPool1d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  lpPool(1, x, normType, kernelSize, stride, ceilMode)
}

/// The means of windows on images.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of any dtype but bool; whole numbers divide towards zero.
///   - kernelSize: The size of a window.
///   - stride: The step from one window to the next; nil for the window's size.
///   - padding: The margin of zeros around an image; at most half a window.
///   - ceilMode: Whether a last window that sticks out counts, as in `maxPool2d`.
///   - countIncludePad: Whether a mean divides by the elements of the margin too.
///   - divisorOverride: What sums are divided by, if not the window's elements.
/// - Returns: A tensor of shape [N, C, places, places], or without N.
public func avgPool2d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
  countIncludePad: Bool = true,
  divisorOverride: Int? = nil
) -> Tensor {
  averagePool(2, x, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride)
}

/// The means of `outputSize` windows that cover images [N, C, H, W], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveAvgPool2d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(x, operation: "adaptiveAvgPool2d")
    return try run(AveragePool(adaptiveOptions("adaptiveAvgPool2d", 2, x, outputSize)), x)
  }
}

/// The norms of order `normType` of windows on images [N, C, H, W], or without N: the root of the sum of powers.
///
/// An infinite order gives the largest magnitude, or the smallest. Powers are of the elements, not of their magnitudes: a
/// root of a negative sum is NaN unless its order is 1. An order of 0 is an error.
public func lpPool2d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  lpPool(2, x, normType, kernelSize, stride, ceilMode)
}

/// The means of windows on volumes [N, C, D, H, W], or without N: see
/// ``avgPool2d(_:kernelSize:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
public func avgPool3d(
  _ x: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0, ceilMode: Bool = false,
  countIncludePad: Bool = true,
  divisorOverride: Int? = nil
) -> Tensor {
  averagePool(3, x, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride)
}

/// The means of `outputSize` windows that cover volumes [N, C, D, H, W], or without N.
///
/// Window i reaches from element `i * size / outputSize`, rounded down, up to `(i + 1) * size / outputSize`, rounded up.
public func adaptiveAvgPool3d(_ x: Tensor, outputSize: AdaptiveSize) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(x, operation: "adaptiveAvgPool3d")
    return try run(AveragePool(adaptiveOptions("adaptiveAvgPool3d", 3, x, outputSize)), x)
  }
}

/// The norms of order `normType` of windows on volumes [N, C, D, H, W], or without N: the root of the sum of powers.
///
/// An infinite order gives the largest magnitude, or the smallest. Powers are of the elements, not of their magnitudes: a
/// root of a negative sum is NaN unless its order is 1. An order of 0 is an error.
public func lpPool3d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  lpPool(3, x, normType, kernelSize, stride, ceilMode)
}

private func lpPool(
  _ rank: Int, _ x: Tensor, _ order: Double, _ kernel: Extents, _ stride: Extents?, _ ceilMode: Bool
) -> Tensor {
  checked { () throws(TensorError) in
    if order == 0 { throw TensorError(.value, "lpPool\(rank)d", "normType must not be 0") }
    if order.isInfinite {
      let maxPool = rank == 1 ? maxPool1d : rank == 2 ? maxPool2d : maxPool3d
      let magnitudes = order > 0 ? x.abs() : -x.abs()
      let most = maxPool(magnitudes, kernel, stride, 0, 1, ceilMode)
      return order > 0 ? most : -most
    }
    let means = averagePool(rank, x ** order, kernel, stride, 0, ceilMode, true, nil)
    let sums: Tensor = means * Double(kernel.repeated(rank).numbers.reduce(1, *))
    return order == 1 ? sums : sums ** (1 / order)
  }
}

private func averagePool(
  _ rank: Int, _ x: Tensor, _ kernel: Extents, _ stride: Extents?, _ padding: Extents, _ ceilMode: Bool,
  _ countIncludePad: Bool, _ divisor: Int?
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "avgPool\(rank)d"
    var options = try poolOptions(name, rank, x, kernel, stride, padding, 1, ceilMode)
    if let divisor, divisor == 0 || abs(divisor) > Int(Int32.max) {
      throw TensorError(.value, name, "divisorOverride must not be 0, but got \(divisor)")
    }
    options.countsPadding = countIncludePad
    options.divisor = divisor
    return try run(AveragePool(options), x)
  }
}
