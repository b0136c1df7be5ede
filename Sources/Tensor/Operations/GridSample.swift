/// How `gridSample` finds the values between elements.
public enum GridSampleMode: Sendable, Hashable {
  /// Between the nearest neighbours along each dimension.
  case bilinear
  /// The nearest element.
  case nearest
  /// By cubic curves through four neighbours along each dimension.
  case bicubic
}

/// What `gridSample` sees outside of its input.
public enum GridPadding: Sendable, Hashable {
  /// Zeros.
  case zeros
  /// The elements at the border.
  case border
  /// The input's mirror images.
  case reflection
}

/// Images or volumes read at places of a grid.
///
/// - Parameters:
///   - x: [N, C, H, W] or [N, C, D, H, W], floating.
///   - grid: For each place of the result its coordinates in the input, x first, from -1 to 1: [N, OH, OW, 2] or
///     [N, OD, OH, OW, 3], of x's dtype.
///   - mode: How values between elements are found.
///   - paddingMode: What lies outside.
///   - alignCorners: Whether -1 and 1 are the centres of the corners' elements, not the corners themselves.
/// - Returns: A tensor of shape [N, C, OH, OW] or [N, C, OD, OH, OW].
public func gridSample(
  _ x: Tensor, _ grid: Tensor, mode: GridSampleMode = .bilinear, paddingMode: GridPadding = .zeros,
  alignCorners: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "gridSample"
    try checkFloating(x, operation: name)
    try checkSameDevice(x, grid, operation: name)
    let rank = x.rank - 2
    guard rank == 2 || rank == 3, grid.rank == x.rank, grid.shape[0] == x.shape[0],
      grid.shape[x.rank - 1] == rank, !x.shape.dropFirst(2).contains(0), grid.dtype == x.dtype
    else {
      throw TensorError(
        .shape, name,
        "mode \(mode) does not take an input of shape \(x.shape), \(x.dtype), and a grid of shape \(grid.shape), "
          + "\(grid.dtype)")
    }
    // Cubic weights lose digits to each other.
    let compute: DType = x.dtype == .float64 || mode == .bicubic ? .float64 : .float32
    let places = Array(grid.shape[1...rank])
    let points = grid.to(compute).reshape([x.shape[0], places.reduce(1, *), rank])
    // From the outermost dimension to the innermost, as sizes are.
    let axes = (0..<rank).map { d in
      GridAxis(
        at: points.select(dim: 2, index: rank - 1 - d), size: x.shape[2 + d], padding: paddingMode,
        alignCorners: alignCorners)
    }
    let pixels = x.to(compute).reshape([x.shape[0], x.shape[1], axes.map(\.size).reduce(1, *)])
    let candidates = axes.map { $0.neighbours(mode) }
    var sum: Tensor?
    for choice in 0..<candidates.map(\.count).reduce(1, *) {
      // One neighbour along each dimension.
      var rest = choice
      var place: Tensor?
      var weight: Tensor?
      for (axis, all) in zip(axes, candidates) {
        let neighbour = all[rest % all.count]
        rest /= all.count
        if let outer: Tensor = place { place = outer * axis.size + neighbour.index } else { place = neighbour.index }
        if let outer: Tensor = weight { weight = outer * neighbour.weight } else { weight = neighbour.weight }
      }
      let index = place!.unsqueeze(dim: 1).expand([x.shape[0], x.shape[1], points.shape[1]])
      let term: Tensor = pixels.gather(dim: 2, index: index) * weight!.unsqueeze(dim: 1)
      if let before: Tensor = sum { sum = before + term } else { sum = term }
    }
    return sum!.reshape(Array(x.shape[..<2]) + places).to(x.dtype)
  }
}

/// A grid for `gridSample` from affine maps: for each place of the result, where the map takes it.
///
/// - Parameters:
///   - theta: Maps [N, 2, 3] for images or [N, 3, 4] for volumes, floating.
///   - size: The result's shape, [N, C, H, W] or [N, C, D, H, W].
///   - alignCorners: Whether -1 and 1 are the centres of the corners' elements, not the corners themselves.
/// - Returns: A grid [N, H, W, 2] or [N, D, H, W, 3].
public func affineGrid(_ theta: Tensor, size: [Int], alignCorners: Bool = false) -> Tensor {
  checked { () throws(TensorError) in
    let name = "affineGrid"
    try checkFloating(theta, operation: name)
    let rank = size.count - 2
    guard rank == 2 || rank == 3, theta.shape == [size[0], rank, rank + 1], size.allSatisfy({ $0 > 0 }) else {
      throw TensorError(.shape, name, "maps of shape \(theta.shape) do not fit a result of shape \(size)")
    }
    let space = Array(size[2...])
    // Coordinates, the innermost dimension's first, and a one for the shift.
    var columns: [Tensor] = []
    for d in (0..<rank).reversed() {
      let count = space[d]
      let ends = alignCorners || count == 1 ? 1.0 : Double(count - 1) / Double(count)
      let line =
        count == 1
        ? Tensor.zeros([1], dtype: theta.dtype, device: theta.device)
        : Tensor.linspace(-ends, ends, steps: count, dtype: theta.dtype, device: theta.device)
      var shape = Array(repeating: 1, count: rank)
      shape[d] = count
      columns.append(line.reshape(shape).expand(space))
    }
    columns.append(Tensor.ones(space, dtype: theta.dtype, device: theta.device))
    let base = stack(columns, dim: -1).reshape([1, space.reduce(1, *), rank + 1])
    return base.matmul(theta.transpose(1, 2)).reshape([size[0]] + space + [rank])
  }
}

/// One dimension of the places at which an input is read.
private struct GridAxis {
  let size: Int
  private let padding: GridPadding
  private let alignCorners: Bool
  /// Places among the elements, [N, places].
  private let place: Tensor

  init(at coordinates: Tensor, size: Int, padding: GridPadding, alignCorners: Bool) {
    self.size = size
    self.padding = padding
    self.alignCorners = alignCorners
    // From 0 to 1, then to elements.
    let share: Tensor = (coordinates + 1) / 2
    place = alignCorners ? share * Double(size - 1) : share * Double(size) - 0.5
  }

  /// The elements that count and their weights.
  func neighbours(_ mode: GridSampleMode) -> [(index: Tensor, weight: Tensor)] {
    switch mode {
    case .nearest: return [neighbour(padded(place).round().detached(), nil)]
    case .bilinear:
      let at = padded(place)
      let first = at.floor().detached()
      return [neighbour(first, first + 1 - at), neighbour(first + 1, at - first)]
    case .bicubic:
      let first = place.floor().detached()
      let t: Tensor = place - first
      let back: Tensor = 1 - t
      let weights = [
        cubicWeight(far: t + 1), cubicWeight(near: t), cubicWeight(near: back), cubicWeight(far: back + 1),
      ]
      return (0..<4).map { i in neighbour(padded(first + Double(i - 1)), weights[i]) }
    }
  }

  /// Element numbers and weights, which are 0 for elements that are not there.
  private func neighbour(_ number: Tensor, _ weight: Tensor?) -> (index: Tensor, weight: Tensor) {
    let above: Tensor = number .>= 0
    let isInside: Tensor = above.logicalAnd(number .<= Double(size - 1))
    let index = `where`(isInside, number, 0).to(.int64)
    let kept = isInside.to(place.dtype)
    return (index, weight.map { `where`(isInside, $0, 0) } ?? kept)
  }

  /// Places brought into the input.
  private func padded(_ place: Tensor) -> Tensor {
    switch padding {
    case .zeros: return place
    case .border: return place.clamp(min: 0, max: Double(size - 1))
    case .reflection:
      let low = alignCorners ? 0 : -0.5
      let span = alignCorners ? Double(size - 1) : Double(size)
      if span == 0 { return place * 0 }
      let distance: Tensor = (place - low).abs()
      let flips: Tensor = (distance / span).floor().detached()
      let extra: Tensor = distance - flips * span
      let pairs: Tensor = (flips / 2).floor() * 2
      let inside: Tensor = `where`(pairs .== flips, extra, span - extra)
      return (inside + low).clamp(min: 0, max: Double(size - 1))
    }
  }
}

/// Keys' cubic weight for an element at a distance of less than 1, with a = -0.75.
private func cubicWeight(near x: Tensor) -> Tensor {
  let slope: Tensor = x * 1.25 - 2.25
  let square: Tensor = x * x
  return slope * square + 1
}

/// The weight for a distance of 1 to 2.
private func cubicWeight(far x: Tensor) -> Tensor {
  let first: Tensor = x * -0.75 + 3.75
  let second: Tensor = first * x - 6
  return second * x + 3
}

extension Tensor {
  /// The same elements outside of any graph.
  fileprivate func detached() -> Tensor { Tensor(storage: storage, layout: layout, dtype: dtype) }
}
