// Reading and writing with an index for each element along one dimension.

/// `output[i][j] = x[index[i][j]][j]` for dim 0: for each place of `index`, the element it names along the dimension.
package struct Gather: BinaryOperation {
  package let dim: Int
  package init(dim: Int) { self.dim = dim }
  package var name: String { "gather" }

  package func forward(_ x: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
    let index = try indexTensor(index, on: x, operation: name)
    let output = try Tensor(
      uninitialized: Layout(contiguous: index.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    // An index without entries may have any number of dimensions.
    if index.count == 0 { return output }
    try checkIndex(index.layout.shape, of: x.layout.shape, along: dim, operation: name)
    try x.backend.gather(x, index: index, dim: dim, to: output)
    return output
  }
}

/// A copy with `output[index[i][j]][j] = source[i][j]`, or `+=`, for dim 0; where indices repeat, the last wins.
package struct Scatter: TernaryOperation {
  package let dim: Int
  package let adding: Bool

  package init(dim: Int, adding: Bool) {
    self.dim = dim
    self.adding = adding
  }

  package var name: String { adding ? "scatterAdd" : "scatter" }

  package func forward(_ x: Tensor, _ index: Tensor, _ source: Tensor?) throws(TensorError) -> Tensor {
    let source = source!
    let index = try indexTensor(index, on: x, operation: name)
    if index.count == 0 { return try Clone().forward(x) }
    try checkIndex(index.layout.shape, of: x.layout.shape, along: dim, operation: name)
    try checkIndex(index.layout.shape, of: source.layout.shape, along: nil, operation: name)
    if source.dtype != x.dtype {
      throw TensorError(.dtype, name, "expected a source of dtype \(x.dtype), but got \(source.dtype)")
    }
    let output = try Clone().forward(x)
    try x.backend.scatter(source.converted(like: x), index: index, dim: dim, adding: adding, to: output)
    return output
  }
}

/// Refuses an index with more entries than a tensor has, in any dimension but `dim`.
private func checkIndex(_ index: Dims, of shape: Dims, along dim: Int?, operation: String) throws(TensorError) {
  var fits = index.count == shape.count
  if fits {
    for i in 0..<index.count where i != dim && index[i] > shape[i] { fits = false }
  }
  if !fits {
    let exception = dim.map { " apart from dimension \($0)" } ?? ""
    throw TensorError(
      .shape, operation, "expected an index of shape \(index) no larger than shape \(shape)\(exception)")
  }
}

/// Whether some are zero-dim and the others vectors, which stand for each other here.
func mixesZeroDims(_ tensors: Tensor...) -> Bool {
  tensors.contains { $0.rank == 0 } && tensors.contains { $0.rank == 1 } && tensors.allSatisfy { $0.rank <= 1 }
}

/// A zero-dim tensor as a vector.
func vector(_ x: Tensor) -> Tensor { x.rank == 0 ? x.reshape([1]) : x }

extension Tensor {
  /// For each place of `index` the element that it names along a dimension: `output[i][j] = x[index[i][j]][j]` for dim 0.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - index: int64 or int32, as many dimensions as the tensor, no larger than it but along `dim`; a zero-dim index or
  ///     tensor counts as a vector.
  public func gather(dim: Int, index: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if mixesZeroDims(self, index) {
        return vector(self).gather(dim: dim, index: vector(index)).reshape(index.shape)
      }
      return try run(Gather(dim: resolve(dim: dim, rank: rank, operation: "gather")), self, index)
    }
  }

  /// A copy with `output[index[i][j]][j] = source[i][j]` for dim 0; where indices repeat, the last wins.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - index: int64 or int32, as many dimensions as the tensor, no larger than it but along `dim`.
  ///   - source: At least as large as the index, of this tensor's dtype.
  public func scatter(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if mixesZeroDims(self, index, source) {
        return vector(self).scatter(dim: dim, index: vector(index), source: vector(source)).reshape(shape)
      }
      let dim = try resolve(dim: dim, rank: rank, operation: "scatter")
      return try run(Scatter(dim: dim, adding: false), self, index, source)
    }
  }

  /// A copy with `output[index[i][j]][j] = value` for dim 0.
  public func scatter(dim: Int, index: Tensor, value: some Scalar) -> Tensor {
    checked { () throws(TensorError) in
      let element = try zeroDim(value.number, operation: "scatter")
      return scatter(dim: dim, index: index, source: element.expand(index.shape))
    }
  }

  /// A copy with `output[index[i][j]][j] += source[i][j]` for dim 0; where indices repeat, all are added.
  public func scatterAdd(dim: Int, index: Tensor, source: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if mixesZeroDims(self, index, source) {
        return vector(self).scatterAdd(dim: dim, index: vector(index), source: vector(source)).reshape(shape)
      }
      let dim = try resolve(dim: dim, rank: rank, operation: "scatterAdd")
      return try run(Scatter(dim: dim, adding: true), self, index, source)
    }
  }

  /// Elements along a dimension by indices that broadcast against the tensor, such as `argmax(keepDim: true)` gives;
  /// negative ones count from the end.
  public func takeAlongDim(_ index: Tensor, dim: Int) -> Tensor {
    checked { () throws(TensorError) in
      let name = "takeAlongDim"
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      var (own, other) = (layout.shape, index.layout.shape)
      guard own.count == other.count, rank > 0 else {
        throw TensorError(
          .shape, name, "expected an index of \(rank) dimensions, but got shape \(index.shape) for shape \(shape)")
      }
      (own[dim], other[dim]) = (1, 1)
      guard var common = Dims.broadcast(own, other) else {
        throw shapeMismatch(layout.shape, index.layout.shape, operation: name)
      }
      common[dim] = layout.shape[dim]
      let source = expand(Array(common))
      common[dim] = index.layout.shape[dim]
      let places = choose(index .< 0, index + layout.shape[dim], index).expand(Array(common))
      return try run(Gather(dim: dim), source, places)
    }
  }

  /// The elements that indices name in the flat tensor, as a vector: `takeAlongDim` without a dimension.
  public func takeAlongDim(_ index: Tensor) -> Tensor { flatten().takeAlongDim(index.flatten(), dim: 0) }
}
