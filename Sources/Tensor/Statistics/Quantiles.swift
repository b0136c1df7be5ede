/// How a quantile between two elements is made.
public enum Interpolation: Sendable {
  /// By the distance from both.
  case linear
  /// The lower one.
  case lower
  /// The higher one.
  case higher
  /// The nearer one, of two equally near that with an even place.
  case nearest
  /// Halfway between both.
  case midpoint
}

extension Tensor {
  /// The elements below which parts of those along a dimension lie, or of all elements; NaN where there is one.
  ///
  /// - Parameters:
  ///   - q: The part, from 0 to 1.
  ///   - dim: The dimension; nil for the flat tensor.
  ///   - keepDim: Whether the dimension stays, with size 1.
  ///   - interpolation: What lies between two elements.
  public func quantile(
    _ q: Double, dim: Int? = nil, keepDim: Bool = false, interpolation: Interpolation = .linear
  ) -> Tensor {
    quantile("quantile", Tensor.full([], q, dtype: dtype, device: device), dim, keepDim, interpolation, false)
  }

  /// The same for several parts: a vector of this tensor's dtype, whose entries come as the result's first dimension.
  public func quantile(
    _ q: Tensor, dim: Int? = nil, keepDim: Bool = false, interpolation: Interpolation = .linear
  ) -> Tensor { quantile("quantile", q, dim, keepDim, interpolation, false) }

  /// The quantile of those elements that are not NaN.
  public func nanquantile(
    _ q: Double, dim: Int? = nil, keepDim: Bool = false, interpolation: Interpolation = .linear
  ) -> Tensor {
    quantile("nanquantile", Tensor.full([], q, dtype: dtype, device: device), dim, keepDim, interpolation, true)
  }

  /// The same for several parts: a vector of this tensor's dtype, whose entries come as the result's first dimension.
  public func nanquantile(
    _ q: Tensor, dim: Int? = nil, keepDim: Bool = false, interpolation: Interpolation = .linear
  ) -> Tensor { quantile("nanquantile", q, dim, keepDim, interpolation, true) }

  private func quantile(
    _ name: String, _ q: Tensor, _ dim: Int?, _ keepDim: Bool, _ interpolation: Interpolation, _ ignoresNaN: Bool
  ) -> Tensor {
    checked { () throws(TensorError) in
      try checkQuantile(name, q)
      let dim = try dim.map { (dim) throws(TensorError) in try resolve(dim: dim, rank: rank, operation: name) }
      // The elements go along the last dimension.
      let x: Tensor =
        if let dim { rank == 0 ? reshape([1]) : unsqueeze(dim: -1).transpose(dim, -1).squeeze(dim: dim) } else {
          flatten()
        }
      let size = x.layout.shape[x.rank - 1]
      if size == 0 { throw TensorError(.shape, name, "expected elements to reduce, but got shape \(shape)") }
      let sorted = x.sort(dim: -1).values
      let isNaN = x.isNaN()
      let last: Tensor =
        ignoresNaN
        ? (isNaN.logicalNot().sum(dim: -1, keepDim: true) - 1).clamp(min: 0).to(dtype)
        : Tensor.full([1], size - 1, dtype: dtype, device: device)
      var ranks = q.flatten() * last
      if !ignoresNaN {
        // The last of them is NaN then.
        ranks = choose(
          isNaN.any(dim: -1, keepDim: true), Tensor.full([], size - 1, dtype: dtype, device: device), ranks)
      }
      ranks = ranks.expand(Array(x.layout.shape.dropLast()) + [q.count])
      var result = sorted.interpolated(at: ranks, interpolation)
      // [..., q] becomes [q, ...], and the dimension comes back with size 1.
      result = result.movedim(-1, 0)
      if keepDim {
        if let dim {
          result = rank == 0 ? result.reshape([q.count]) : result.unsqueeze(dim: dim + 1)
        } else {
          result = result.reshape([q.count] + Array(repeating: 1, count: rank))
        }
      } else if rank == 0 {
        result = result.reshape([q.count])
      }
      return q.rank == 0 ? result.squeeze(dim: 0) : result
    }
  }

  private func checkQuantile(_ name: String, _ q: Tensor) throws(TensorError) {
    if dtype != .float32 && dtype != .float64 {
      throw TensorError(.dtype, name, "expected dtype .float32 or .float64, but got \(dtype)")
    }
    if q.rank > 1 { throw TensorError(.shape, name, "expected q to be a number or a vector, but got shape \(q.shape)") }
    if q.dtype != dtype { throw TensorError(.dtype, name, "expected q of dtype \(dtype), but got \(q.dtype)") }
    try checkSameDevice(self, q, operation: name)
    for value in q.array(as: Double.self) where !(value >= 0 && value <= 1) {
      throw TensorError(.value, name, "expected q from 0 to 1, but got \(value)")
    }
  }

  /// What lies at places along the last dimension, which need not be whole.
  private func interpolated(at ranks: Tensor, _ interpolation: Interpolation) -> Tensor {
    func taken(_ places: Tensor) -> Tensor { gather(dim: -1, index: places.to(.int64)) }
    switch interpolation {
    case .lower: return taken(ranks.floor())
    case .higher: return taken(ranks.ceil())
    case .nearest: return taken(ranks.round())
    case .linear, .midpoint:
      let below = ranks.floor()
      let weights =
        interpolation == .linear ? ranks - below : Tensor.full(ranks.shape, 0.5, dtype: dtype, device: device)
      return taken(below).lerp(taken(ranks.ceil()), weight: weights)
    }
  }
}
