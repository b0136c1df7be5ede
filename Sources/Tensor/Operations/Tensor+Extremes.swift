// The largest and smallest elements, and where they are.

extension Tensor {
  /// The largest elements over the listed dimensions, all when none is listed; equal ones share the gradient.
  public func amax(dims: [Int] = [], keepDim: Bool = false) -> Tensor { extremes(largest: true, dims, keepDim) }
  /// The largest elements along one dimension; equal ones share the gradient.
  public func amax(dim: Int, keepDim: Bool = false) -> Tensor { extremes(largest: true, [dim], keepDim) }
  /// The smallest elements over the listed dimensions, all when none is listed; equal ones share the gradient.
  public func amin(dims: [Int] = [], keepDim: Bool = false) -> Tensor { extremes(largest: false, dims, keepDim) }
  /// The smallest elements along one dimension; equal ones share the gradient.
  public func amin(dim: Int, keepDim: Bool = false) -> Tensor { extremes(largest: false, [dim], keepDim) }
  /// The largest element; an error for an empty tensor.
  public func max() -> Tensor { extremes(largest: true, [], false, nanIsExtreme: true) }
  /// The smallest element; an error for an empty tensor.
  public func min() -> Tensor { extremes(largest: false, [], false, nanIsExtreme: true) }

  private func extremes(largest: Bool, _ dims: [Int], _ keepDim: Bool, nanIsExtreme: Bool = false) -> Tensor {
    checked { (scope) throws(TensorError) in
      let dims = try resolve(dims: dims, rank: rank, operation: largest ? "amax" : "amin")
      let extremes = Extremes(largest: largest, dims: dims, keepDim: keepDim, nanIsExtreme: nanIsExtreme)
      return try run(extremes, self, in: scope)
    }
  }

  /// The int64 index of the first largest element in row-major order, of shape [] or with `keepDim` of sizes 1; NaN counts as the largest.
  public func argmax(keepDim: Bool = false) -> Tensor { argExtreme(largest: true, nil, keepDim) }
  /// The int64 indices of the first largest elements along a dimension.
  public func argmax(dim: Int, keepDim: Bool = false) -> Tensor { argExtreme(largest: true, dim, keepDim) }
  /// The int64 index of the first smallest element in row-major order, of shape [] or with `keepDim` of sizes 1; NaN counts as the smallest.
  public func argmin(keepDim: Bool = false) -> Tensor { argExtreme(largest: false, nil, keepDim) }
  /// The int64 indices of the first smallest elements along a dimension.
  public func argmin(dim: Int, keepDim: Bool = false) -> Tensor { argExtreme(largest: false, dim, keepDim) }

  private func argExtreme(largest: Bool, _ dim: Int?, _ keepDim: Bool) -> Tensor {
    checked { () throws(TensorError) in
      let name = largest ? "argmax" : "argmin"
      if dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
      var resolved: Int?
      if let dim { resolved = try resolve(dim: dim, rank: rank, operation: name) }
      return try run(ArgExtreme(largest: largest, dim: resolved, keepDim: keepDim), self)
    }
  }

  /// The largest elements along a dimension and the int64 indices of the first of them, which receive the gradient.
  public func max(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    extremes(largest: true, dim, keepDim)
  }
  /// The smallest elements along a dimension and the int64 indices of the first of them, which receive the gradient.
  public func min(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    extremes(largest: false, dim, keepDim)
  }

  private func extremes(largest: Bool, _ dim: Int, _ keepDim: Bool) -> (values: Tensor, indices: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: largest ? "max" : "min")
      let indices = try run(ArgExtreme(largest: largest, dim: dim, keepDim: true), self)
      if rank == 0 { return (try run(Clone(), self), indices) }
      let values = try run(Gather(dim: dim), self, indices)
      if keepDim { return (values, indices) }
      return (
        try run(Squeeze(dims: [dim]), values),
        indices.viewed(as: indices.layout.shape.reduced(over: [dim], keepDim: false))
      )
    }
  }
}
