// Entries of a dimension, or single elements, by tensors of indices.

extension Tensor {
  /// The entries of a dimension that a vector of indices names, in its order, as a copy.
  public func indexSelect(dim: Int, index: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let name = "indexSelect"
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let index = try indexVector(index, on: self, operation: name)
      if rank == 0 {
        // A zero-dim tensor is a vector of one entry.
        if index.count != 1 {
          throw TensorError(.shape, name, "expected one index for a zero-dim tensor, but got \(index.count)")
        }
        return reshape([1]).indexSelect(dim: 0, index: index).reshape([])
      }
      return try named("indexSelect") { () throws(TensorError) in try run(Index(positions: [dim]), [self, index]) }
    }
  }

  /// A copy to whose entries that `index` names those of `source` are added, times `alpha`; repeated ones add up.
  ///
  /// For integers alpha is cut to a whole number.
  public func indexAdd(dim: Int, index: Tensor, source: Tensor, alpha: some Scalar = 1) -> Tensor {
    checked { () throws(TensorError) in
      var factor = alpha.number
      if case .float(let value) = factor, !source.dtype.isFloatingPoint {
        try checkFits(factor, .int64, operation: "indexAdd")
        factor = .int(Int64(value))
      }
      let scaled = factor == .int(1) ? source : try run(Binary<Multiply>(), source, Tensor(number: factor))
      return putting(scaled, dim: dim, index: index, accumulate: true, operation: "indexAdd")
    }
  }

  /// A copy whose entries that `index` names are those of `source`; where indices repeat, the last wins.
  public func indexCopy(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    putting(source, dim: dim, index: index, accumulate: false, operation: "indexCopy")
  }

  /// A copy whose entries that `index` names hold a number.
  public func indexFill(dim: Int, index: Tensor, value: some Scalar) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "indexFill")
      return try filled(dim: dim, index: index, with: zeroDim(value.number, operation: "indexFill"))
    }
  }

  /// A copy whose entries that `index` names hold the value of a zero-dim tensor.
  public func indexFill(dim: Int, index: Tensor, value: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "indexFill")
      if value.rank > 0 {
        throw TensorError(.shape, "indexFill", "expected a zero-dim value, but got shape \(value.shape)")
      }
      return try filled(dim: dim, index: index, with: value)
    }
  }

  private func filled(dim: Int, index: Tensor, with element: Tensor) throws(TensorError) -> Tensor {
    var index = try indexVector(index, on: self, operation: "indexFill")
    // An entry has the value once, however often it is named.
    if element.isRecorded { index = index.unique().values }
    let output = try run(Clone(), self)
    let target = rank == 0 ? output.reshape([1]) : output
    try named("indexFill") { () throws(TensorError) in
      try run(IndexPut(positions: [dim], indices: [index]), on: target, element)
    }
    return output
  }

  private func putting(
    _ source: Tensor, dim: Int, index: Tensor, accumulate: Bool, operation staticName: StaticString
  ) -> Tensor {
    checked { () throws(TensorError) in
      let operation = "\(staticName)"
      let dim = try resolve(dim: dim, rank: rank, operation: operation)
      let index = try indexVector(index, on: self, operation: operation)
      if rank == 0 {
        guard source.count == 1, index.count == 1 else {
          throw TensorError(
            .shape, operation, "expected a source of one element for a zero-dim tensor, but got shape \(source.shape)")
        }
        let vector = reshape([1])
        return vector.putting(
          source.reshape([1]), dim: 0, index: index, accumulate: accumulate, operation: staticName
        ).reshape([])
      }
      var expected = layout.shape
      expected[dim] = index.count
      guard source.layout.shape == expected else {
        throw TensorError(
          .shape, operation, "expected a source of shape \(expected), but got shape \(source.shape)")
      }
      if source.dtype != dtype {
        throw TensorError(.dtype, operation, "expected a source of dtype \(dtype), but got \(source.dtype)")
      }
      let output = try run(Clone(), self)
      try named(staticName) { () throws(TensorError) in
        try run(IndexPut(positions: [dim], indices: [index], accumulate: accumulate), on: output, source)
      }
      return output
    }
  }

  /// Overwrites the elements that index tensors name, in place: `x[i, j] = values`, which can also add; returns the tensor.
  ///
  /// - Parameters:
  ///   - indices: An int64, int32 or bool tensor for each of the leading dimensions, nil for a whole one; they broadcast.
  ///   - values: Broadcast to the indexed part, in the tensor's dtype.
  ///   - accumulate: Whether values are added; repeated indices add up.
  @discardableResult
  public func indexPut(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false) -> Tensor {
    checked(or: self) { () throws(TensorError) in
      let name = "indexPut"
      if values.dtype != dtype {
        throw TensorError(.dtype, name, "expected values of dtype \(dtype), but got \(values.dtype)")
      }
      try named("indexPut") { () throws(TensorError) in
        let part = try IndexedPart(of: self, at: indices.map { $0?.indexEntry ?? .slice() })
        try part.write(values, accumulate: accumulate)
      }
      return self
    }
  }

  /// A copy whose elements at indices into the flat tensor are those of `source`, or their sums with them.
  ///
  /// - Parameters:
  ///   - index: int64 or int32; negative ones count from the end.
  ///   - source: As many elements as the index has, of the tensor's dtype.
  ///   - accumulate: Whether the source is added; repeated indices add up. Else the last wins.
  public func put(_ index: Tensor, _ source: Tensor, accumulate: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let name = "put"
      if source.dtype != dtype {
        throw TensorError(.dtype, name, "expected a source of dtype \(dtype), but got \(source.dtype)")
      }
      if source.count != index.count {
        throw TensorError(
          .shape, name, "expected as many values as indices, but got shapes \(source.shape) and \(index.shape)")
      }
      let places = try indexTensor(index, on: self, operation: name).flatten()
      let output = try run(Contiguous(), self)
      let flat = output.view([count])
      try named("put") { () throws(TensorError) in
        try run(IndexPut(positions: [0], indices: [places], accumulate: accumulate), on: flat, source.flatten())
      }
      return output
    }
  }

  /// The elements at indices into the tensor as if it were flat, in the index's shape; negative ones count from the end.
  public func take(_ index: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let flat = flatten()
      let index = try indexTensor(index, on: self, operation: "take")
      return try named("take") { () throws(TensorError) in try run(Index(positions: [0]), [flat, index]) }
    }
  }
}
