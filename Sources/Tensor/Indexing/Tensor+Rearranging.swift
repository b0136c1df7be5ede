// Copies with entries repeated or in another order.

extension Tensor {
  /// The tensor repeated so many times along each dimension; further counts add leading dimensions.
  public func `repeat`(_ counts: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      let lead = counts.count - rank
      guard lead >= 0, counts.allSatisfy({ $0 >= 0 }) else {
        throw TensorError(
          .shape, "repeat",
          "expects a count of at least 0 for each dimension, but got \(counts) for a tensor of shape \(shape)")
      }
      // [a, b] becomes [n, a, m, b] by strides of 0, then is copied and merged to [n * a, m * b].
      var (single, repeated, merged): ([Int], [Int], [Int]) = ([], [], [])
      for (i, count) in counts.enumerated() {
        let size = i < lead ? 1 : layout.shape[i - lead]
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        if overflow { throw TensorError(.memory, "repeat", "\(counts) times shape \(shape) is too large") }
        single += [1, size]
        repeated += [count, size]
        merged.append(total)
      }
      return reshape(single).expand(repeated).contiguous().clone(ifSharing: self).reshape(merged)
    }
  }

  /// The tensor repeated so many times along each dimension; further counts add leading dimensions.
  public func `repeat`(_ counts: Int...) -> Tensor { `repeat`(counts) }

  /// The tensor repeated along the last dimensions; missing counts are 1.
  public func tile(_ counts: [Int]) -> Tensor {
    `repeat`(Array(repeating: 1, count: Swift.max(0, rank - counts.count)) + counts)
  }

  /// The tensor repeated along the last dimensions; missing counts are 1.
  public func tile(_ counts: Int...) -> Tensor { tile(counts) }

  /// Each entry of a dimension repeated so many times in a row; without a dimension, of the flat tensor.
  public func repeatInterleave(_ count: Int, dim: Int? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "repeatInterleave"
      if count < 0 { throw TensorError(.value, name, "expects a count of at least 0, but got \(count)") }
      guard let dim else { return flatten().repeatInterleave(count, dim: 0) }
      let place = try resolve(dim: dim, rank: rank, operation: name)
      if rank == 0 { return repeatInterleave(count) }
      var sizes = shape
      sizes.insert(count, at: place + 1)
      let repeated = unsqueeze(dim: place + 1).expand(sizes).contiguous().clone(ifSharing: self)
      return repeated.flatten(startDim: place, endDim: place + 1)
    }
  }

  /// Each entry of a dimension repeated as often as a vector of counts says; without a dimension, of the flat tensor.
  ///
  /// - Parameters:
  ///   - counts: int64 or int32, one for each entry. On a GPU it waits for their values.
  ///   - dim: The dimension; a negative one counts from the last.
  public func repeatInterleave(_ counts: Tensor, dim: Int? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "repeatInterleave"
      guard let dim else { return flatten().repeatInterleave(counts, dim: 0) }
      let place = try resolve(dim: dim, rank: rank, operation: name)
      let values = try indexVector(counts, on: self, operation: name).array(as: Int.self)
      guard values.count == layout.shape[place], values.allSatisfy({ $0 >= 0 }) else {
        throw TensorError(
          .value, name,
          "expects a count of at least 0 for each of the \(layout.shape[place]) entries of dimension \(place), "
            + "but got \(values)")
      }
      let index = values.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
      return indexSelect(dim: place, index: Tensor(index, device: device))
    }
  }

  /// A copy with the order of the entries reversed along some dimensions.
  public func flip(dims: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      if dims.isEmpty || rank == 0 { return try run(Clone(), self) }
      var result = self
      for dim in try resolve(dims: dims, rank: rank, operation: "flip") {
        // Strides are never negative, so it takes a copy.
        let backward = Tensor.arange(layout.shape[dim] - 1, -1, -1, device: device)
        result = result.indexSelect(dim: dim, index: backward)
      }
      return result
    }
  }

  /// A copy with the order of the entries reversed along some dimensions.
  public func flip(dims: Int...) -> Tensor { flip(dims: dims) }

  /// A copy whose entries move along dimensions; what leaves at an end comes in at the other.
  ///
  /// - Parameters:
  ///   - shifts: By how much, toward larger indices when positive.
  ///   - dims: Along which dimensions, one for each shift.
  public func roll(_ shifts: [Int], dims: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      guard shifts.count == dims.count, !shifts.isEmpty else {
        throw TensorError(.value, "roll", "shifts \(shifts) and dims \(dims) must pair up")
      }
      if rank == 0 { throw TensorError(.index, "roll", "a zero-dim tensor has none of the dims \(dims)") }
      var result = self
      for (shift, dim) in zip(shifts, dims) {
        let dim = try resolve(dim: dim, rank: rank, operation: "roll")
        if count == 0 { return try run(Clone(), self) }
        let size = layout.shape[dim]
        let start = (size - shift % size) % size
        let parts = [
          result.narrow(dim: dim, start: start, length: size - start), result.narrow(dim: dim, start: 0, length: start),
        ]
        result = cat(parts, dim: dim)
      }
      return result
    }
  }

  /// A copy whose entries move along a dimension; without one, along the flat tensor.
  public func roll(_ shift: Int, dim: Int? = nil) -> Tensor {
    if let dim { return roll([shift], dims: [dim]) }
    return flatten().roll([shift], dims: [0]).reshape(shape)
  }

  /// The plane of two dimensions turned by so many quarter turns, from the first toward the second.
  public func rot90(_ turns: Int = 1, dims: (Int, Int) = (0, 1)) -> Tensor {
    checked { () throws(TensorError) in
      let first = try resolve(dim: dims.0, rank: rank, operation: "rot90")
      let second = try resolve(dim: dims.1, rank: rank, operation: "rot90")
      if first == second || rank < 2 {
        throw TensorError(.index, "rot90", "dims \(dims) are not two dimensions of a tensor of shape \(shape)")
      }
      switch (turns % 4 + 4) % 4 {
      case 1: return flip(dims: second).transpose(first, second)
      case 2: return flip(dims: first, second)
      case 3: return flip(dims: first).transpose(first, second)
      default: return clone()
      }
    }
  }

  /// A vector as the diagonal of a new matrix, or a copy of a matrix's diagonal.
  ///
  /// - Parameter offset: 0 for the main diagonal, above it when positive, below it when negative.
  public func diag(offset: Int = 0) -> Tensor {
    checked { () throws(TensorError) in
      guard rank == 1 || rank == 2 else {
        throw TensorError(.shape, "diag", "expects a vector or a matrix, but got shape \(shape)")
      }
      if rank == 2 { return diagonal(offset: offset).clone() }
      let (side, overflow) = count.addingReportingOverflow(Int(clamping: offset.magnitude))
      if overflow { throw TensorError(.value, "diag", "the offset \(offset) is too large") }
      let output = Tensor.zeros([side, side], dtype: dtype, device: device)
      output.diagonal(offset: offset).copy(from: self)
      return output
    }
  }

  /// A copy when the elements are another's own: what is returned must not share them.
  private func clone(ifSharing other: Tensor) -> Tensor { storage === other.storage ? clone() : self }
}
