/// The elements along a dimension in rising or falling order; equal ones keep their order, and NaN is the largest.
///
/// Where each came from goes to a tensor that the operation holds.
package struct Sort: UnaryOperation {
  package let dim: Int
  package let descending: Bool
  /// int64, of the input's shape.
  package let indices: Tensor

  package init(dim: Int, descending: Bool, indices: Tensor) {
    self.dim = dim
    self.descending = descending
    self.indices = indices
  }

  package var name: String { "sort" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    if x.layout.rank == 0 {
      // A zero-dim tensor is a row of one element.
      try x.backend.sort(
        x.viewed(as: [1]), dim: 0, descending: descending, values: output.viewed(as: [1]),
        indices: indices.viewed(as: [1]))
    } else {
      try x.backend.sort(x, dim: dim, descending: descending, values: output, indices: indices)
    }
    return output
  }
}

/// The first elements of a sorted dimension; where each came from goes to a tensor that the operation holds.
package struct TopK: UnaryOperation {
  package let dim: Int
  package let largest: Bool
  /// int64, of the result's shape.
  package let indices: Tensor

  package init(dim: Int, largest: Bool, indices: Tensor) {
    self.dim = dim
    self.largest = largest
    self.indices = indices
  }

  package var name: String { "topk" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(uninitialized: indices.layout, dtype: x.dtype, on: x.backend, for: name)
    try x.backend.topk(x, dim: dim, largest: largest, values: output, indices: indices)
    return output
  }
}

extension Tensor {
  /// The elements along a dimension in order, and the int64 indices at which they stood; NaN counts as the largest.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - descending: Whether the largest comes first.
  ///   - stable: Whether equal elements must keep their order. They always do here.
  public func sort(dim: Int = -1, descending: Bool = false, stable: Bool = false) -> (values: Tensor, indices: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try sorted(dim: resolve(dim: dim, rank: rank, operation: "sort"), descending: descending, operation: "sort")
    }
  }

  /// The int64 indices that put the elements along a dimension in order; NaN counts as the largest.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - descending: Whether the largest comes first.
  ///   - stable: Whether indices of equal elements must rise. They always do here.
  public func argsort(dim: Int = -1, descending: Bool = false, stable: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "argsort")
      let indices = try Tensor(
        uninitialized: Layout(contiguous: layout.shape), dtype: .int64, on: backend, for: "argsort")
      let unrecorded = Scope.with(isGradEnabled: false)
      _ = try run(Sort(dim: dim, descending: descending, indices: indices), self, in: unrecorded)
      return indices
    }
  }

  /// The `k` largest elements along a dimension, or the smallest, and the int64 indices at which they stand.
  ///
  /// - Parameters:
  ///   - k: How many, at most the dimension's size.
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - largest: Whether the largest are taken; NaN counts as the largest.
  ///   - sorted: Whether they must be in order, the most extreme first. They always are here.
  public func topk(
    _ k: Int, dim: Int = -1, largest: Bool = true, sorted: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let name = "topk"
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let size = rank == 0 ? 1 : layout.shape[dim]
      guard k >= 0, k <= size else {
        throw TensorError(.index, name, "k = \(k) is out of range for dimension \(dim) with size \(size)")
      }
      if dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
      if k == size || rank == 0 { return try self.sorted(dim: dim, descending: largest, operation: name) }
      var shape = layout.shape
      shape[dim] = k
      let indices = try Tensor(uninitialized: Layout(contiguous: shape), dtype: .int64, on: backend, for: name)
      return (try run(TopK(dim: dim, largest: largest, indices: indices), self), indices)
    }
  }

  private func sorted(
    dim: Int, descending: Bool, operation: String
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let indices = try Tensor(
      uninitialized: Layout(contiguous: layout.shape), dtype: .int64, on: backend, for: operation)
    return (try run(Sort(dim: dim, descending: descending, indices: indices), self), indices)
  }
}
