/// Entries picked by tensors of indices: the inputs are the tensor, then one int64 index tensor per position.
///
/// The index tensors broadcast together. Their dimensions take the place of the indexed ones when those are neighbours,
/// and lead otherwise.
package struct Index: ListOperation {
  /// Which dimensions the index tensors belong to, rising.
  package let positions: [Int]
  package init(positions: [Int]) { self.positions = positions }
  package var name: String { "subscript" }

  package func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let x = inputs[0]
    let plan = try IndexPlan(x, positions: positions, indices: Array(inputs.dropFirst()))
    let output = try Tensor(
      uninitialized: Layout(contiguous: plan.resultShape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.index(plan.indexedFirst(x), by: plan.indices, to: plan.indexFirst(output))
    return output
  }
}

/// Overwrites, or adds to, the entries that tensors of indices pick.
///
/// The values broadcast to what `Index` would give. Without `accumulate` the last of several values for one entry stays.
package struct IndexPut: BinaryWrite {
  package let positions: [Int]
  package let indices: [Tensor]
  package let accumulate: Bool

  package init(positions: [Int], indices: [Tensor], accumulate: Bool = false) {
    self.positions = positions
    self.indices = indices
    self.accumulate = accumulate
  }

  package var name: String { "subscript" }

  package func write(to target: Tensor, _ values: Tensor) throws(TensorError) {
    let plan = try IndexPlan(target, positions: positions, indices: indices)
    guard Dims.broadcast(plan.resultShape, values.layout.shape) == plan.resultShape else {
      throw TensorError(
        .shape, name,
        "values of shape \(values.layout.shape) do not broadcast to the indexed shape \(plan.resultShape)")
    }
    var values = try withoutOverlap(values, target, operation: name)
    if values.device != target.device { values = try run(Move(device: target.device), values) }
    if values.dtype != target.dtype { values = try run(Cast(dtype: target.dtype), values) }
    let spread = Tensor(viewOf: values, layout: values.layout.broadcast(to: plan.resultShape))
    try target.backend.indexPut(
      plan.indexFirst(spread), by: plan.indices, accumulate: accumulate, to: plan.indexedFirst(target))
  }
}

/// How a tensor and its index tensors lie for the backend, which wants the indexed dimensions first.
private struct IndexPlan {
  let indices: [Tensor]
  let resultShape: Dims
  /// The dimensions of the tensor, the indexed ones first.
  private let order: Dims
  /// The dimensions of the result, those of the indices first.
  private let resultOrder: Dims

  init(_ x: Tensor, positions: [Int], indices: [Tensor]) throws(TensorError) {
    var shape: Dims = []
    for index in indices {
      guard let next = Dims.broadcast(shape, index.layout.shape) else {
        throw TensorError(
          .shape, "subscript",
          "index tensors of shapes \(indices.map(\.shape)) do not broadcast together")
      }
      shape = next
    }
    var resolved: [Tensor] = []
    for index in indices {
      var index = index
      if index.device != x.device { index = try run(Move(device: x.device), index) }
      if index.dtype != .int64 { index = try run(Cast(dtype: .int64), index) }
      resolved.append(Tensor(viewOf: index, layout: index.layout.broadcast(to: shape)))
    }
    self.indices = resolved

    let others = (0..<x.rank).filter { !positions.contains($0) }
    order = Dims(positions + others)
    let areNeighbours = positions.last! - positions.first! == positions.count - 1
    let lead = areNeighbours ? positions.first! : 0
    var result = Dims(others.map { x.layout.shape[$0] })
    for (i, size) in shape.enumerated() { result.insert(size, at: lead + i) }
    resultShape = result
    let indexDims = lead..<(lead + shape.count)
    resultOrder = Dims(Array(indexDims) + (0..<result.count).filter { !indexDims.contains($0) })
  }

  /// A view of the indexed tensor with the indexed dimensions first.
  func indexedFirst(_ x: Tensor) -> Tensor { reordered(x, order) }

  /// A view of a tensor of the result's shape with the index tensors' dimensions first.
  func indexFirst(_ result: Tensor) -> Tensor { reordered(result, resultOrder) }

  private func reordered(_ x: Tensor, _ order: Dims) -> Tensor {
    var layout = x.layout
    for (i, dim) in order.enumerated() {
      layout.shape[i] = x.layout.shape[dim]
      layout.strides[i] = x.layout.strides[dim]
    }
    return Tensor(viewOf: x, layout: layout)
  }
}

/// Entries along a dimension at the indices that a tensor of the result's shape holds.
package struct Gather: BinaryOperation {
  package let dim: Int
  package init(dim: Int) { self.dim = dim }
  package var name: String { "gather" }

  package func forward(_ x: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
    let index = try checkedIndex(index, of: x, dim: dim, operation: name)
    let output = try Tensor(
      uninitialized: Layout(contiguous: index.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.gather(x, index: index, dim: dim, to: output)
    return output
  }
}

/// A copy with a source's entries written, or added, at indices along a dimension.
package struct Scatter: TernaryOperation {
  package let dim: Int
  package let adding: Bool

  package init(dim: Int, adding: Bool) {
    self.dim = dim
    self.adding = adding
  }

  package var name: String { adding ? "scatterAdd" : "scatter" }

  package func forward(_ x: Tensor, _ index: Tensor, _ source: Tensor?) throws(TensorError) -> Tensor {
    guard let source else { throw TensorError(.value, name, "expects a source") }
    let index = try checkedIndex(index, of: x, dim: dim, operation: name)
    guard source.dtype == x.dtype else {
      throw TensorError(.dtype, name, "expected a source of dtype \(x.dtype), but got \(source.dtype)")
    }
    let fits = zip(index.layout.shape, source.layout.shape).allSatisfy { $0 <= $1 }
    guard index.count == 0 || (source.rank == index.rank && fits) else {
      throw TensorError(
        .shape, name, "an index of shape \(index.shape) reaches beyond the source of shape \(source.shape)")
    }
    let output = try run(Clone(), x)
    try x.backend.scatter(source, index: index, dim: dim, adding: adding, to: output)
    return output
  }
}

/// The index as int64 on the tensor's device, of its rank and within its sizes but for `dim`.
private func checkedIndex(
  _ index: Tensor, of x: Tensor, dim: Int, operation: String
) throws(TensorError) -> Tensor {
  guard index.dtype == .int64 || index.dtype == .int32 else {
    throw TensorError(.dtype, operation, "expected an index of dtype .int64 or .int32, but got \(index.dtype)")
  }
  guard index.device == x.device else {
    throw TensorError(
      .device, operation, "expected the index on \(x.device), but it is on \(index.device)")
  }
  let fits =
    index.rank == x.rank
    && (0..<x.rank).allSatisfy { $0 == dim || index.layout.shape[$0] <= x.layout.shape[$0] }
  guard fits || index.count == 0 && index.rank == x.rank else {
    throw TensorError(
      .shape, operation,
      "an index of shape \(index.shape) does not fit a tensor of shape \(x.shape) apart from dimension \(dim)")
  }
  return index.dtype == .int64 ? index : try run(Cast(dtype: .int64), index)
}
