/// How `interpolate` finds the values between elements.
public enum InterpolationMode: Sendable, Hashable {
  /// The element before, as old versions of OpenCV have it.
  case nearest
  /// The element whose centre is nearest.
  case nearestExact
  /// Along a line between two neighbours, for [N, C, L].
  case linear
  /// Between four neighbours, for [N, C, H, W].
  case bilinear
  /// By cubic curves through four by four neighbours (Keys, 1981, with a = -0.75), for [N, C, H, W].
  case bicubic
  /// Between eight neighbours, for [N, C, D, H, W].
  case trilinear
  /// The means of the elements that a result covers: adaptive average pooling.
  case area
}

/// Factors by which `interpolate` enlarges: one for all dimensions of space, or one for each.
public struct ScaleFactors: Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  /// The factors, from the outermost dimension to the innermost; one alone stands for all.
  public let factors: [Double]

  /// Makes factors for each dimension, or for all from one.
  public init(_ factors: [Double]) { self.factors = factors }
  /// Makes one factor for all dimensions.
  public init(floatLiteral value: Double) { self.init([value]) }
  /// Makes one factor for all dimensions.
  public init(integerLiteral value: Int) { self.init([Double(value)]) }
  /// Makes factors for each dimension.
  public init(arrayLiteral elements: Double...) { self.init(elements) }
}

/// Images, sequences or volumes of another size.
///
/// - Parameters:
///   - x: [N, C, L], [N, C, H, W] or [N, C, D, H, W], floating or uint8; `.nearest` takes all dtypes. 16-bit floats compute
///     in float32, uint8 rounds.
///   - size: The result's sizes of space, or nil.
///   - scaleFactor: Instead of a size, by how much the input's sizes are multiplied, rounded down.
///   - mode: How values between elements are found.
///   - alignCorners: Whether the centres of the corners' elements keep their places, not the corners themselves; only for
///     the linear and cubic modes.
///   - recomputeScaleFactor: Whether places follow from the sizes even where scale factors are given.
public func interpolate(
  _ x: Tensor, size: Extents? = nil, scaleFactor: ScaleFactors? = nil, mode: InterpolationMode = .nearest,
  alignCorners: Bool = false, recomputeScaleFactor: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "interpolate"
    let rank = x.rank - 2
    let ranks: ClosedRange<Int> =
      switch mode {
      case .linear: 1...1
      case .bilinear, .bicubic: 2...2
      case .trilinear: 3...3
      default: 1...3
      }
    guard ranks.contains(rank), !x.shape.dropFirst().contains(0) else {
      throw TensorError(.shape, name, "mode \(mode) does not take an input of shape \(x.shape)")
    }
    let isCurve = mode != .nearest && mode != .nearestExact && mode != .area
    if alignCorners, !isCurve {
      throw TensorError(.value, name, "alignCorners is only for linear and cubic modes, but got \(mode)")
    }
    if x.dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
    var axes: [Axis] = []
    switch (size, scaleFactor) {
    case (let size?, nil):
      let sizes = try size.each(rank, least: 1, as: "size", operation: name)
      for i in 0..<rank { axes.append(Axis(from: x.shape[2 + i], to: sizes[i], factor: nil)) }
    case (nil, let factor?):
      guard factor.factors.count == 1 || factor.factors.count == rank, factor.factors.allSatisfy({ $0 > 0 }) else {
        throw TensorError(.value, name, "expected one positive scale factor or \(rank), but got \(factor.factors)")
      }
      for i in 0..<rank {
        let own = factor.factors[factor.factors.count == 1 ? 0 : i]
        let count = (Double(x.shape[2 + i]) * own).rounded(.down)
        guard count >= 1, count <= Double(Int32.max) else {
          throw TensorError(.value, name, "scale factor \(own) gives a size of \(count) for shape \(x.shape)")
        }
        axes.append(Axis(from: x.shape[2 + i], to: Int(count), factor: recomputeScaleFactor ? nil : own))
      }
    default: throw TensorError(.value, name, "expected either a size or a scaleFactor")
    }
    return try interpolated(x, axes, mode, alignCorners)
  }
}

private func interpolated(
  _ x: Tensor, _ axes: [Axis], _ mode: InterpolationMode, _ alignCorners: Bool
) throws(TensorError) -> Tensor {
  if mode == .area {
    let places = AdaptiveSize(axes.map(\.to))
    return axes.count == 1
      ? adaptiveAvgPool1d(x, outputSize: places)
      : axes.count == 2 ? adaptiveAvgPool2d(x, outputSize: places) : adaptiveAvgPool3d(x, outputSize: places)
  }
  if mode == .nearest || mode == .nearestExact {
    var result = x
    for (i, axis) in axes.enumerated() {
      let index = Tensor(axis.nearest(isExact: mode == .nearestExact)).to(x.device)
      result = result.indexSelect(dim: 2 + i, index: index)
    }
    return result
  }
  guard x.dtype.isFloatingPoint || x.dtype == .uint8 else {
    throw TensorError(.dtype, "interpolate", "mode \(mode) takes floating dtypes and uint8, but got \(x.dtype)")
  }
  let compute: DType = x.dtype == .float64 ? .float64 : .float32
  var result = x.to(compute)
  // Rows first: their elements are neighbours.
  for (i, axis) in axes.enumerated().reversed() {
    // As in PyTorch, whatever the factor that leaves the size as it is.
    if axis.from == axis.to && mode != .bicubic { continue }
    var taps =
      compute == .float64
      ? axis.taps(Double.self, isCubic: mode == .bicubic, alignCorners)
      : axis.taps(Float.self, isCubic: mode == .bicubic, alignCorners)
    if x.dtype == .uint8 { taps = axis.fixedPoint(taps) }
    var sum: Tensor?
    for tap in taps {
      let shape = [axis.to] + Array(repeating: 1, count: axes.count - 1 - i)
      let weight = Tensor(tap.weights, dtype: compute).reshape(shape).to(x.device)
      let term: Tensor = result.indexSelect(dim: 2 + i, index: Tensor(tap.indices).to(x.device)) * weight
      if let before: Tensor = sum { sum = before + term } else { sum = term }
    }
    result = sum!
    if x.dtype == .uint8 {
      let rounded: Tensor = (result + 0.5).floor()
      result = rounded.clamp(min: 0, max: 255)
    }
  }
  return result === x ? x.clone() : result.to(x.dtype)
}

/// A dimension's elements from one size to another.
private struct Axis {
  let from: Int
  let to: Int
  /// The user's scale factor, or nil where sizes decide.
  let factor: Double?

  /// Input elements for each of the result's.
  private func scale<F: BinaryFloatingPoint>(_: F.Type) -> F { factor.map { F(1 / $0) } ?? F(from) / F(to) }

  func nearest(isExact: Bool) -> [Int] {
    let scale = scale(Float.self)
    let shift: Float = isExact ? 0.5 : 0
    return (0..<to).map { place in
      let source: Float = (Float(place) + shift) * scale
      return min(Int(source.rounded(.down)), from - 1)
    }
  }

  /// For each neighbour that counts, its number and weight for each of the result's elements.
  func taps<F: BinaryFloatingPoint>(
    _: F.Type, isCubic: Bool, _ alignCorners: Bool
  ) -> [(indices: [Int], weights: [Double])] {
    var step: F = scale(F.self)
    if alignCorners { step = to > 1 ? F(from - 1) / F(to - 1) : 0 }
    let offsets = isCubic ? [-1, 0, 1, 2] : [0, 1]
    var taps = offsets.map { _ in (indices: [Int](), weights: [Double]()) }
    for place in 0..<to {
      var source: F = step * F(place)
      if !alignCorners { source = step * (F(place) + 0.5) - 0.5 }
      if !isCubic { source = max(source, 0) }
      let first = isCubic ? Int(source.rounded(.down)) : min(Int(source), from - 1)
      let part = isCubic ? source - F(first) : min(max(source - F(first), 0), 1)
      let weights = isCubic ? cubicWeights(part) : [1 - part, part]
      for (i, offset) in offsets.enumerated() {
        taps[i].indices.append(min(max(first + offset, 0), from - 1))
        taps[i].weights.append(Double(weights[i]))
      }
    }
    return taps
  }

  /// Weights rounded to as many binary places as 16-bit integers have for them, as PyTorch weighs bytes; those of neighbours
  /// that are one element at the edge are added first.
  func fixedPoint(_ taps: [(indices: [Int], weights: [Double])]) -> [(indices: [Int], weights: [Double])] {
    var taps = taps
    for place in 0..<to {
      for later in taps.indices {
        let first = taps.firstIndex { $0.indices[place] == taps[later].indices[place] }!
        if first == later { continue }
        taps[first].weights[place] += taps[later].weights[place]
        taps[later].weights[place] = 0
      }
    }
    let largest = taps.flatMap(\.weights).max() ?? 1
    var unit = 1.0
    while unit < 0x1p22, (0.5 + largest * unit * 2).rounded(.towardZero) < 0x1p15 { unit *= 2 }
    return taps.map { tap in
      (tap.indices, tap.weights.map { ($0 * unit).rounded(.toNearestOrAwayFromZero) / unit })
    }
  }

  private func cubicWeights<F: BinaryFloatingPoint>(_ t: F) -> [F] {
    let a = F(-0.75)
    func near(_ x: F) -> F {
      let slope: F = (a + 2) * x - (a + 3)
      return slope * x * x + 1
    }
    func far(_ x: F) -> F {
      let first: F = a * x - 5 * a
      let second: F = first * x + 8 * a
      return second * x - 4 * a
    }
    return [far(t + 1), near(t), near(1 - t), far(2 - t)]
  }
}
