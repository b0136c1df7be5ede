// Elements chosen by truth values.

extension Tensor {
  /// A copy with a number wherever a mask is true.
  ///
  /// - Parameters:
  ///   - mask: bool; it and the tensor broadcast to one shape.
  ///   - value: Converted to the tensor's dtype, which must hold it.
  public func maskedFill(_ mask: Tensor, _ value: some Scalar) -> Tensor {
    checked { () throws(TensorError) in
      try maskedFill(mask, element: zeroDim(value.number, operation: "maskedFill"))
    }
  }

  /// A copy with the value of a zero-dim tensor wherever a mask is true.
  public func maskedFill(_ mask: Tensor, _ value: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if value.rank > 0 {
        throw TensorError(.shape, "maskedFill", "expected a zero-dim value, but got shape \(value.shape)")
      }
      return try maskedFill(mask, element: value.converted(like: self))
    }
  }

  private func maskedFill(_ mask: Tensor, element: Tensor) throws(TensorError) -> Tensor {
    try checkMask(mask, operation: "maskedFill")
    return try named("maskedFill") { () throws(TensorError) in try run(Ternary<Where>(), mask, element, self) }
  }

  /// The elements where a mask is true, as a vector; the mask and the tensor broadcast to one shape.
  public func maskedSelect(_ mask: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkMask(mask, operation: "maskedSelect")
      guard let shape = Dims.broadcast(layout.shape, mask.layout.shape) else {
        throw shapeMismatch(layout.shape, mask.layout.shape, operation: "maskedSelect")
      }
      if shape.isEmpty { return reshape(1)[mask.reshape(1)] }
      return expand(Array(shape))[mask.expand(Array(shape))]
    }
  }

  /// A copy whose elements where a mask is true are the first ones of a source, in row-major order.
  ///
  /// - Parameters:
  ///   - mask: bool; it and the tensor broadcast to one shape.
  ///   - source: At least as many elements as the mask has true ones; cast to the tensor's dtype.
  public func maskedScatter(_ mask: Tensor, source: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let name = "maskedScatter"
      try checkMask(mask, operation: name)
      guard let common = Dims.broadcast(layout.shape, mask.layout.shape) else {
        throw shapeMismatch(layout.shape, mask.layout.shape, operation: name)
      }
      if common != layout.shape { return expand(Array(common)).contiguous().maskedScatter(mask, source: source) }
      let output = try run(Clone(), self)
      let places = try run(Nonzero(), run(Expand(shape: common), mask))
      let count = places.layout.shape[0]
      guard source.count >= count else {
        throw TensorError(
          .shape, name,
          "the mask has \(count) true elements, but the source of shape \(source.shape) only \(source.count)")
      }
      let values = source.flatten().narrow(dim: 0, start: 0, length: count)
      if rank == 0 { return count == 0 ? output : output.copy(from: values.reshape([])) }
      let indices = places.unbind(dim: 1)
      try run(IndexPut(positions: Array(0..<rank), indices: indices), on: output, values)
      return output
    }
  }

  private func checkMask(_ mask: Tensor, operation: String) throws(TensorError) {
    if mask.dtype != .bool {
      throw TensorError(.dtype, operation, "expected a mask of dtype .bool, but got \(mask.dtype)")
    }
  }

  /// The positions of the elements that are not zero: int64 of shape [count, rank], in row-major order.
  ///
  /// NaN is not zero. On a GPU it waits for all work on the tensor. `nonzero().unbind(dim: 1)` gives an index tensor for
  /// each dimension.
  public func nonzero() -> Tensor { apply(Nonzero(), self) }

  /// The positions of the elements that are not zero, as NumPy calls them: the same as `nonzero()`.
  public func argwhere() -> Tensor { nonzero() }

  /// The elements on and below a diagonal of the last two dimensions; the others become 0.
  ///
  /// - Parameter diagonal: 0 for the main diagonal, above it when positive, below it when negative.
  public func tril(diagonal: Int = 0) -> Tensor {
    triangle("tril") { rows, columns in columns .<= rows + diagonal }
  }

  /// The elements on and above a diagonal of the last two dimensions; the others become 0.
  ///
  /// - Parameter diagonal: 0 for the main diagonal, above it when positive, below it when negative.
  public func triu(diagonal: Int = 0) -> Tensor {
    triangle("triu") { rows, columns in columns .>= rows + diagonal }
  }

  private func triangle(_ name: String, _ keeps: (Tensor, Tensor) -> Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if rank < 2 { throw TensorError(.shape, name, "expects at least 2 dimensions, but got shape \(shape)") }
      let rows = Tensor.arange(layout.shape[rank - 2], device: device).unsqueeze(dim: 1)
      let columns = Tensor.arange(layout.shape[rank - 1], device: device)
      // A truth value does not widen any dtype.
      return try run(Ternary<Where>(), keeps(rows, columns), self, Tensor(number: .bool(false)))
    }
  }
}
