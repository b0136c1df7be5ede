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
/// Where a sum of powers is negative the result is 0, as PyTorch has it.
public func lpPool1d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  let means = avgPool1d(x ** normType, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  let count = kernelSize.repeated(1).numbers.reduce(1, *)
  let sums: Tensor = means.relu() * Double(count)
  return sums ** (1 / normType)
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
/// Where a sum of powers is negative the result is 0, as PyTorch has it.
public func lpPool2d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  let means = avgPool2d(x ** normType, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  let count = kernelSize.repeated(2).numbers.reduce(1, *)
  let sums: Tensor = means.relu() * Double(count)
  return sums ** (1 / normType)
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
/// Where a sum of powers is negative the result is 0, as PyTorch has it.
public func lpPool3d(
  _ x: Tensor, normType: Double, kernelSize: Extents, stride: Extents? = nil, ceilMode: Bool = false
) -> Tensor {
  let means = avgPool3d(x ** normType, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  let count = kernelSize.repeated(3).numbers.reduce(1, *)
  let sums: Tensor = means.relu() * Double(count)
  return sums ** (1 / normType)
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
