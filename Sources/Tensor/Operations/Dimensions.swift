// What operations along dimensions share: negative dimensions count from the end.

/// The dimension that `dim` names in a tensor of this rank; a zero-dim tensor takes 0 and -1, as in PyTorch.
package func resolve(dim: Int, rank: Int, operation: @autoclosure () -> String) throws(TensorError) -> Int {
  let limit = Swift.max(rank, 1)
  guard dim >= -limit && dim < limit else {
    throw TensorError(
      .index, operation(),
      "dimension out of range (expected to be in range of [\(-limit), \(limit - 1)], but got \(dim))")
  }
  return dim < 0 ? dim + limit : dim
}

/// The dimensions that `dims` names, in rising order; nil or an empty list stands for all.
package func resolve(dims: [Int]?, rank: Int, operation: @autoclosure () -> String) throws(TensorError) -> Dims {
  guard let dims, !dims.isEmpty else { return Dims(0..<rank) }
  if rank == 0 {
    for dim in dims { _ = try resolve(dim: dim, rank: 0, operation: operation()) }
    return []
  }
  var named = Dims(repeating: 0, count: rank)
  for dim in dims {
    let resolved = try resolve(dim: dim, rank: rank, operation: operation())
    if named[resolved] != 0 {
      throw TensorError(.index, operation(), "dimension \(resolved) appears twice in the list of dims \(dims)")
    }
    named[resolved] = 1
  }
  var rising = Dims()
  for dim in 0..<rank where named[dim] != 0 { rising.append(dim) }
  return rising
}

extension Dims {
  /// The shape after a reduction of `dims`, which rise: size 1 there, or gone.
  package func reduced(over dims: Dims, keepDim: Bool) -> Dims {
    if dims.count == count { return Dims(repeating: 1, count: keepDim ? count : 0) }
    var shape = self
    for dim in dims.reversed() {
      if keepDim { shape[dim] = 1 } else { shape.remove(at: dim) }
    }
    return shape
  }
}
