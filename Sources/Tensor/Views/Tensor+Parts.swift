// Parts of a tensor, as views.

extension Tensor {
  /// One entry of a dimension, which is dropped; a negative index counts from the end.
  public func select(dim: Int, index: Int) -> Tensor {
    checked { (scope) throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "select", "a zero-dim tensor has no entries; item() reads its number") }
      let dim = try resolve(dim: dim, rank: rank, operation: "select")
      return try run(Select(index, of: self, dim: dim, operation: "select"), self, in: scope)
    }
  }

  /// `length` entries of a dimension from `start` on, which may be negative; reaching outside is an error.
  public func narrow(dim: Int, start: Int, length: Int) -> Tensor {
    checked { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "narrow", "a zero-dim tensor cannot be narrowed") }
      let dim = try resolve(dim: dim, rank: rank, operation: "narrow")
      let size = layout.shape[dim]
      let first = start < 0 ? start + size : start
      guard first >= 0, first <= size, length >= 0, length <= size - first else {
        throw TensorError(
          .index, "narrow",
          "start \(start) and length \(length) exceed dimension \(dim) with size \(size)")
      }
      return try run(Slice(dim: dim, start: first, end: first + length), self)
    }
  }

  /// Entries of a dimension from `start` up to before `end`, every `step`-th; bounds may be negative and are clamped.
  public func slice(dim: Int, _ start: Int? = nil, _ end: Int? = nil, by step: Int = 1) -> Tensor {
    checked { (scope) throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "slice", "a zero-dim tensor cannot be sliced") }
      let dim = try resolve(dim: dim, rank: rank, operation: "slice")
      return try run(Slice(start, end, by: step, of: self, dim: dim, operation: "slice"), self, in: scope)
    }
  }

  /// The entries of two dimensions whose indices differ by `offset`, as the last dimension.
  public func diagonal(offset: Int = 0, dim1: Int = 0, dim2: Int = 1) -> Tensor {
    checked { () throws(TensorError) in
      let first = try resolve(dim: dim1, rank: rank, operation: "diagonal")
      let second = try resolve(dim: dim2, rank: rank, operation: "diagonal")
      if rank < 2 || first == second {
        throw TensorError(
          .index, "diagonal", "dims \(dim1) and \(dim2) are not two dimensions of a tensor of shape \(shape)")
      }
      // A diagonal outside is empty however far away it is.
      let offset = Swift.max(-layout.shape[first], Swift.min(layout.shape[second], offset))
      return try run(Diagonal(offset: offset, dim1: first, dim2: second), self)
    }
  }

  /// The entries of a dimension, each a view without it.
  public func unbind(dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "unbind", "a zero-dim tensor has no entries") }
      let dim = try resolve(dim: dim, rank: rank, operation: "unbind")
      var parts: [Tensor] = []
      for i in 0..<layout.shape[dim] { parts.append(try run(Select(dim: dim, index: i), self)) }
      return parts
    }
  }

  /// Views of `size` entries along a dimension; the last may be smaller.
  public func split(_ size: Int, dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "split", "a zero-dim tensor cannot be split") }
      let dim = try resolve(dim: dim, rank: rank, operation: "split")
      let total = layout.shape[dim]
      guard size > 0 || (size == 0 && total == 0) else {
        throw TensorError(
          .value, "split", "the size \(size) of a part must be positive for dimension \(dim) of \(total)")
      }
      if total == 0 { return [self] }
      return try parts(Array(stride(from: 0, to: total, by: size)) + [total], dim: dim)
    }
  }

  /// Views of these sizes along a dimension; they must add up to its size.
  public func split(_ sizes: [Int], dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "split", "a zero-dim tensor cannot be split") }
      let dim = try resolve(dim: dim, rank: rank, operation: "split")
      let total = layout.shape[dim]
      var bounds = [0]
      for size in sizes {
        guard size >= 0, size <= total - bounds.last! else { break }
        bounds.append(bounds.last! + size)
      }
      guard bounds.count == sizes.count + 1, bounds.last == total else {
        throw TensorError(
          .shape, "split", "sizes \(sizes) do not add up to the \(total) entries of dimension \(dim)")
      }
      return try parts(bounds, dim: dim)
    }
  }

  /// At most `count` views of equal size along a dimension; the last may be smaller.
  public func chunk(_ count: Int, dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "chunk", "a zero-dim tensor cannot be cut into chunks") }
      if count <= 0 { throw TensorError(.value, "chunk", "expects at least one chunk, but got \(count)") }
      let dim = try resolve(dim: dim, rank: rank, operation: "chunk")
      let total = layout.shape[dim]
      if total == 0 { return try parts(Array(repeating: 0, count: count + 1), dim: dim) }
      return split((total + count - 1) / count, dim: dim)
    }
  }

  /// Exactly `count` views along a dimension whose sizes differ by at most one.
  public func tensorSplit(_ count: Int, dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "tensorSplit", "a zero-dim tensor cannot be split") }
      if count <= 0 { throw TensorError(.value, "tensorSplit", "expects at least one part, but got \(count)") }
      let dim = try resolve(dim: dim, rank: rank, operation: "tensorSplit")
      let (size, extra) = layout.shape[dim].quotientAndRemainder(dividingBy: count)
      return try parts((0...count).map { $0 * size + Swift.min($0, extra) }, dim: dim)
    }
  }

  /// Views between positions along a dimension: `tensorSplit(at: [1, 3])` gives entries 0..<1, 1..<3 and 3...
  public func tensorSplit(at positions: [Int], dim: Int = 0) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      if rank == 0 { throw TensorError(.index, "tensorSplit", "a zero-dim tensor cannot be split") }
      let dim = try resolve(dim: dim, rank: rank, operation: "tensorSplit")
      var parts: [Tensor] = []
      for i in 0...positions.count {
        let start = i == 0 ? nil : positions[i - 1]
        let end = i == positions.count ? nil : positions[i]
        parts.append(try run(Slice(start, end, by: 1, of: self, dim: dim, operation: "tensorSplit"), self))
      }
      return parts
    }
  }

  /// All windows of `size` entries along a dimension, `step` apart; the window becomes the last dimension.
  public func unfold(dim: Int, size: Int, step: Int) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "unfold")
      let total = rank == 0 ? 1 : layout.shape[dim]
      guard size >= 0, size <= total, step > 0 else {
        throw TensorError(
          .value, "unfold",
          "windows of size \(size) and step \(step) do not fit dimension \(dim) with size \(total)")
      }
      var windows = layout
      if rank > 0 {
        windows.shape[dim] = (total - size) / step + 1
        if windows.shape[dim] > 1 { windows.strides[dim] *= step }
      }
      windows.shape.append(size)
      windows.strides.append(rank == 0 ? 1 : layout.strides[dim])
      return try run(AsStrided(layout: windows), self)
    }
  }

  private func parts(_ bounds: [Int], dim: Int) throws(TensorError) -> [Tensor] {
    var parts: [Tensor] = []
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      parts.append(try run(Slice(dim: dim, start: start, end: end), self))
    }
    return parts
  }
}
