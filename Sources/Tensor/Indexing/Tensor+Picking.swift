// Named forms of indexing.

extension Tensor {
  /// Entries along a dimension at the indices that a tensor of the result's shape holds (PyTorch's `gather`).
  public func gather(dim: Int, index: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try run(Gather(dim: resolve(dim: dim, rank: rank, operation: "gather")), self, index)
    }
  }

  /// A copy with `source`'s entries written at indices along a dimension; of several the last stays.
  public func scatter(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "scatter")
      return try run(Scatter(dim: dim, adding: false), self, index, source)
    }
  }

  /// A copy with `source`'s entries added at indices along a dimension.
  public func scatterAdd(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "scatterAdd")
      return try run(Scatter(dim: dim, adding: true), self, index, source)
    }
  }

  /// The entries of a dimension that a vector of indices names.
  public func indexSelect(dim: Int, index: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "indexSelect")
      guard index.rank <= 1, index.dtype == .int64 || index.dtype == .int32 else {
        throw TensorError(
          .index, "indexSelect",
          "expects a vector of dtype .int64 or .int32 as index, but got shape \(index.shape) and \(index.dtype)")
      }
      let vector = index.reshape([-1])
      if rank == 0 { return try run(Index(positions: [0]), [unsqueeze(dim: 0), vector]).reshape([]) }
      return try run(Index(positions: [dim]), [self, vector])
    }
  }

  /// Writes values in place to the entries that index tensors pick, one per leading dimension, or adds them.
  @discardableResult
  public func indexPut(_ indices: [Tensor], _ values: Tensor, accumulate: Bool = false) -> Tensor {
    checked(or: ()) { () throws(TensorError) in
      guard !indices.isEmpty, indices.count <= rank else {
        throw TensorError(
          .index, "indexPut", "\(indices.count) index tensors do not fit a tensor of shape \(shape)")
      }
      let put = IndexPut(positions: Array(indices.indices), indices: indices, accumulate: accumulate)
      try run(put, on: self, values)
    }
    return self
  }

  /// A copy with a number where a mask is true.
  public func maskedFill(_ mask: Tensor, _ value: some Scalar) -> Tensor {
    maskedFill(mask, Tensor(number: value.number))
  }

  /// A copy with a zero-dim tensor's value where a mask is true.
  public func maskedFill(_ mask: Tensor, _ value: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if value.rank != 0 {
        throw TensorError(.shape, "maskedFill", "expects a zero-dim value, but got shape \(value.shape)")
      }
      let value = value.dtype == dtype || promotedDType(self, value) == dtype ? value : value.to(dtype)
      return try run(Ternary<Where>(), mask, value, self)
    }
  }

  /// The positions of the elements that are not zero, in row-major order: int64 [count, rank].
  ///
  /// Waits for the device, because the shape depends on values.
  public func nonzero() -> Tensor {
    checked { () throws(TensorError) in try backend.nonzero(self) }
  }

  /// The tensor laid next to itself along each dimension; counts beyond its rank lead.
  public func `repeat`(_ counts: Int...) -> Tensor {
    checked { () throws(TensorError) in
      guard counts.count >= rank, counts.allSatisfy({ $0 >= 0 }) else {
        throw TensorError(
          .shape, "repeat", "counts \(counts) must be non-negative and no fewer than the dimensions of shape \(shape)")
      }
      let sizes = Array(repeating: 1, count: counts.count - rank) + shape
      var spread: [Int] = []
      var paired: [Int] = []
      for (count, size) in zip(counts, sizes) {
        spread += [count, size]
        paired += [1, size]
      }
      return reshape(paired).expand(spread).reshape(zip(counts, sizes).map { $0 * $1 })
    }
  }

  /// The entries of dimensions in reverse order, as a copy.
  public func flip(dims: Int...) -> Tensor {
    checked { () throws(TensorError) in
      if dims.isEmpty || rank == 0 { return clone() }
      var result = self
      for dim in try resolve(dims: dims, rank: rank, operation: "flip") {
        let size = layout.shape[dim]
        result = result.indexSelect(dim: dim, index: (size - 1) - Tensor.arange(size, device: device))
      }
      return result
    }
  }

  /// The elements on and below a diagonal of the last two dimensions, zero elsewhere.
  public func tril(diagonal: Int = 0) -> Tensor { triangle("tril", diagonal) { $0 .<= $1 } }

  /// The elements on and above a diagonal of the last two dimensions, zero elsewhere.
  public func triu(diagonal: Int = 0) -> Tensor { triangle("triu", diagonal) { $0 .>= $1 } }

  private func triangle(_ name: String, _ diagonal: Int, _ keeps: (Tensor, Tensor) -> Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if rank < 2 { throw TensorError(.shape, name, "expects at least 2 dimensions, but got shape \(shape)") }
      let rows = Tensor.arange(shape[rank - 2], device: device).unsqueeze(dim: 1) + diagonal
      let columns = Tensor.arange(shape[rank - 1], device: device)
      let zero = Tensor.zeros([], dtype: dtype, device: device)
      return try run(Ternary<Where>(), keeps(columns, rows), self, zero)
    }
  }
}
