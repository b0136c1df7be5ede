// Copies in which the part that a view would show is replaced.

extension Tensor {
  /// A copy whose entry `index` of a dimension is `source`, of the shape that `select(dim:index:)` gives.
  public func selectScatter(_ source: Tensor, dim: Int, index: Int) -> Tensor {
    replacing("selectScatter", by: source) { $0.select(dim: dim, index: index) }
  }

  /// A copy whose entries of a dimension from `start` up to before `end`, every `step`-th, are `source`, of the shape that `slice`
  /// gives.
  public func sliceScatter(
    _ source: Tensor, dim: Int = 0, _ start: Int? = nil, _ end: Int? = nil, by step: Int = 1
  ) -> Tensor {
    replacing("sliceScatter", by: source) { $0.slice(dim: dim, start, end, by: step) }
  }

  /// A copy whose entries of two dimensions with indices that differ by `offset` are `source`, of the shape that
  /// `diagonal` gives.
  public func diagonalScatter(_ source: Tensor, offset: Int = 0, dim1: Int = 0, dim2: Int = 1) -> Tensor {
    replacing("diagonalScatter", by: source) { $0.diagonal(offset: offset, dim1: dim1, dim2: dim2) }
  }

  /// A copy in which the elements that a view of any layout would show are `source`, of the shape `shape`.
  public func asStridedScatter(_ source: Tensor, _ shape: [Int], strides: [Int], offset: Int? = nil) -> Tensor {
    replacing("asStridedScatter", by: source) { $0.asStrided(shape, strides: strides, offset: offset) }
  }

  private func replacing(_ name: String, by source: Tensor, _ part: (Tensor) -> Tensor) -> Tensor {
    checked { (scope) throws(TensorError) in
      let output = try run(Clone(), self)
      let target = part(output)
      if let error = scope?.errors?.first { throw error }
      if target.layout.shape != source.layout.shape {
        throw TensorError(
          .shape, name, "expected a source of shape \(target.shape), but got shape \(source.shape)")
      }
      try run(Copy(), on: target, source)
      return output
    }
  }

  /// A tensor with the entries of the last dimension on the diagonals of two new ones, and 0 elsewhere.
  ///
  /// - Parameters:
  ///   - offset: 0 for the main diagonal, above it when positive, below it when negative.
  ///   - dim1: The first of the two dimensions in the result.
  ///   - dim2: The second.
  public func diagEmbed(offset: Int = 0, dim1: Int = -2, dim2: Int = -1) -> Tensor {
    checked { () throws(TensorError) in
      let name = "diagEmbed"
      if rank == 0 { throw TensorError(.shape, name, "expects at least 1 dimension, but got a zero-dim tensor") }
      let first = try resolve(dim: dim1, rank: rank + 1, operation: name)
      let second = try resolve(dim: dim2, rank: rank + 1, operation: name)
      if first == second { throw TensorError(.index, name, "dims \(dim1) and \(dim2) are the same") }
      let (side, overflow) = layout.shape[rank - 1].addingReportingOverflow(Int(clamping: offset.magnitude))
      if overflow { throw TensorError(.value, name, "the offset \(offset) is too large") }
      var sizes = Array(shape.dropLast())
      sizes.insert(side, at: Swift.min(first, second))
      sizes.insert(side, at: Swift.max(first, second))
      let output = Tensor.zeros(sizes, dtype: dtype, device: device)
      output.diagonal(offset: offset, dim1: first, dim2: second).copy(from: self)
      return output
    }
  }

  /// The elements, in row-major order, as a diagonal of a new matrix.
  public func diagflat(offset: Int = 0) -> Tensor { flatten().diag(offset: offset) }

  /// A copy with the order of the columns, dimension 1, reversed.
  public func fliplr() -> Tensor {
    checked { () throws(TensorError) in
      if rank < 2 { throw TensorError(.shape, "fliplr", "expects at least 2 dimensions, but got shape \(shape)") }
      return flip(dims: 1)
    }
  }

  /// A copy with the order of the rows, dimension 0, reversed.
  public func flipud() -> Tensor {
    checked { () throws(TensorError) in
      if rank < 1 { throw TensorError(.shape, "flipud", "expects at least 1 dimension, but got a zero-dim tensor") }
      return flip(dims: 0)
    }
  }
}
