// Differences and sums along a dimension, as of a function sampled at points.

extension Tensor {
  /// The differences of neighbours along a dimension, taken `n` times; of truth values whether they differ.
  ///
  /// - Parameters:
  ///   - n: How often differences are taken, each time of one entry less.
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - prepend: Entries put before.
  ///   - append: Entries put after.
  public func diff(n: Int = 1, dim: Int = -1, prepend: Tensor? = nil, append: Tensor? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "diff"
      if rank == 0 { throw TensorError(.shape, name, "expects at least 1 dimension, but got a zero-dim tensor") }
      if n < 0 { throw TensorError(.value, name, "expects a count of at least 0, but got \(n)") }
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      if n == 0 { return try run(Clone(), self) }
      var x = self
      if prepend != nil || append != nil {
        x = cat([prepend, self, append].compactMap { $0 }, dim: dim)
        if x.rank != rank { return .poisoned }
      }
      for _ in 0..<Swift.min(n, x.layout.shape[dim]) {
        let length = x.layout.shape[dim] - 1
        let (later, earlier) = (
          x.narrow(dim: dim, start: 1, length: length), x.narrow(dim: dim, start: 0, length: length)
        )
        x = dtype == .bool ? later.logicalXor(earlier) : later - earlier
      }
      return x
    }
  }

  /// The integral along a dimension of a function with these values, by trapezoids of width `dx`.
  public func trapezoid(dx: Double = 1, dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in try areas("trapezoid", dx, dim).sum(dim: dim) }
  }

  /// The integral along a dimension of a function with these values at the points `x`, by trapezoids.
  ///
  /// `x` is a vector with a point for each entry, or a tensor that broadcasts against this one.
  public func trapezoid(x: Tensor, dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in try areas("trapezoid", x, dim).sum(dim: dim) }
  }

  /// The integrals up to each entry but the first along a dimension, by trapezoids of width `dx`.
  public func cumulativeTrapezoid(dx: Double = 1, dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in try areas("cumulativeTrapezoid", dx, dim).cumsum(dim: dim) }
  }

  /// The integrals up to each entry but the first along a dimension, by trapezoids between the points `x`.
  ///
  /// `x` is a vector with a point for each entry, or a tensor that broadcasts against this one.
  public func cumulativeTrapezoid(x: Tensor, dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in try areas("cumulativeTrapezoid", x, dim).cumsum(dim: dim) }
  }

  /// The sums of neighbours along a dimension, times half a width.
  private func areas(_ name: String, _ dx: Double, _ dim: Int) throws(TensorError) -> Tensor {
    neighbourSums(along: try checkedDim(dim, name)) * (dx / 2)
  }

  private func areas(_ name: String, _ x: Tensor, _ dim: Int) throws(TensorError) -> Tensor {
    let place = try checkedDim(dim, name)
    var widths: Tensor
    if x.rank == 1 {
      if x.count != layout.shape[place] {
        throw TensorError(
          .shape, name, "expects a point for each of \(layout.shape[place]) values, but got \(x.count)")
      }
      var single = Array(repeating: 1, count: rank)
      single[place] = Swift.max(x.count - 1, 0)
      widths = x.diff().reshape(single)
    } else {
      let points = x.rank < rank ? x.reshape(Array(repeating: 1, count: rank - x.rank) + x.shape) : x
      widths = points.diff(dim: dim)
    }
    return widths * neighbourSums(along: place) / 2
  }

  private func checkedDim(_ dim: Int, _ name: String) throws(TensorError) -> Int {
    if rank == 0 { throw TensorError(.shape, name, "expects at least 1 dimension, but got a zero-dim tensor") }
    return try resolve(dim: dim, rank: rank, operation: name)
  }

  private func neighbourSums(along dim: Int) -> Tensor {
    let length = Swift.max(layout.shape[dim] - 1, 0)
    let start = Swift.min(1, layout.shape[dim])
    return narrow(dim: dim, start: start, length: length) + narrow(dim: dim, start: 0, length: length)
  }
}

// MARK: - Gradients of sampled functions

extension Tensor {
  /// The slopes along dimensions of a function with these values, by central differences and one-sided ones at the ends.
  ///
  /// - Parameters:
  ///   - spacing: The distance of neighbours, one for all dimensions.
  ///   - dims: Along which; all when none is listed.
  ///   - edgeOrder: 1 or 2: how exact the differences at the ends are.
  /// - Returns: A tensor of this one's shape for each dimension.
  public func gradient(spacing: Double = 1, dims: [Int] = [], edgeOrder: Int = 1) -> [Tensor] {
    gradient(dims, edgeOrder) { _, _ in .uniform(spacing) }
  }

  /// The same with a distance for each of the dimensions.
  public func gradient(spacing: [Double], dims: [Int] = [], edgeOrder: Int = 1) -> [Tensor] {
    gradient(dims, edgeOrder, spacings: spacing.count) { place, _ in .uniform(spacing[place]) }
  }

  /// The same with the points of each of the dimensions, as vectors.
  public func gradient(spacing: [Tensor], dims: [Int] = [], edgeOrder: Int = 1) -> [Tensor] {
    gradient(dims, edgeOrder, spacings: spacing.count) { (place, size) throws(TensorError) in
      if spacing[place].rank != 1 || spacing[place].count != size {
        throw TensorError(
          .shape, "gradient", "expects \(size) points, but got shape \(spacing[place].shape)")
      }
      return .points(spacing[place])
    }
  }

  private enum Spacing {
    case uniform(Double)
    case points(Tensor)
  }

  private func gradient(
    _ dims: [Int], _ edgeOrder: Int, spacings: Int? = nil,
    _ spacing: (Int, Int) throws(TensorError) -> Spacing
  ) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      let name = "gradient"
      if edgeOrder != 1 && edgeOrder != 2 {
        throw TensorError(.value, name, "expects an edge order of 1 or 2, but got \(edgeOrder)")
      }
      _ = try resolve(dims: dims, rank: rank, operation: name)
      let places = dims.isEmpty ? Array(0..<rank) : dims
      if let spacings, spacings != places.count {
        throw TensorError(.value, name, "expects a spacing for each of \(places.count) dimensions, but got \(spacings)")
      }
      var slopes: [Tensor] = []
      for (i, dim) in places.enumerated() {
        let dim = try resolve(dim: dim, rank: rank, operation: name)
        if rank == 0 || layout.shape[dim] <= edgeOrder {
          throw TensorError(
            .shape, name, "expects more than \(edgeOrder) entries along each dimension, but got shape \(shape)")
        }
        slopes.append(slope(along: dim, try spacing(i, layout.shape[dim]), edgeOrder))
      }
      return slopes
    }
  }

  private func slope(along dim: Int, _ spacing: Spacing, _ edgeOrder: Int) -> Tensor {
    let size = layout.shape[dim]
    func part(_ start: Int, _ length: Int) -> Tensor { narrow(dim: dim, start: start, length: length) }
    var single = Array(repeating: 1, count: rank)
    single[dim] = size - 1
    let widths: Tensor =
      switch spacing {
      case .uniform(let width):
        Tensor.full(single, width, dtype: dtype.isFloatingPoint ? dtype : Scope.defaultDType, device: device)
      case .points(let points): points.diff().reshape(single)
      }
    func width(_ start: Int, _ length: Int) -> Tensor { widths.narrow(dim: dim, start: start, length: length) }
    let steps = (part(1, size - 1) - part(0, size - 1)) / widths
    func step(_ start: Int, _ length: Int) -> Tensor { steps.narrow(dim: dim, start: start, length: length) }
    var pieces: [Tensor] = []
    // Inside, the slopes on both sides weighted by the other's width.
    let inner = size - 2
    let (left, right) = (width(0, inner), width(1, inner))
    let middle = (step(0, inner) * right + step(1, inner) * left) / (left + right)
    if edgeOrder == 1 {
      pieces = [step(0, 1), middle, step(size - 2, 1)]
    } else {
      // A parabola through three points, at its ends.
      let (a, b) = (width(0, 1), width(1, 1))
      let (c, d) = (width(size - 3, 1), width(size - 2, 1))
      pieces = [
        step(0, 1) + (step(0, 1) - step(1, 1)) * a / (a + b), middle,
        step(size - 2, 1) + (step(size - 2, 1) - step(size - 3, 1)) * d / (c + d),
      ]
    }
    return cat(pieces, dim: dim)
  }
}
