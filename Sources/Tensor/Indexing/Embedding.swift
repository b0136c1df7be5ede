/// The rows of a weight [rows, columns] that indices of any shape name: [..., columns].
///
/// Its derivative adds up what repeated indices took, and leaves out the padding row.
package struct Embedding: BinaryOperation {
  /// The row that learns nothing, counted from the first.
  package let paddingIndex: Int?

  package init(paddingIndex: Int? = nil) { self.paddingIndex = paddingIndex }

  package var name: String { "embedding" }

  package func forward(_ weight: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
    let rows = weight.layout.shape[0]
    var shape = index.layout.shape
    shape.append(weight.layout.shape[1])
    let output = try Tensor(
      uninitialized: Layout(contiguous: shape), dtype: weight.dtype, on: weight.backend, for: name)
    // The kernel would take a negative index from the end.
    let zero = Tensor(number: .int(0))
    let chosen = try Ternary<Where>().forward(
      Binary<Less>().forward(index, zero), Tensor(number: .int(Int64(rows))), index)
    do {
      try weight.backend.index(weight, by: [chosen], dims: [0], to: output)
    } catch {
      guard error.kind == .index else { throw error }
      let (low, high) = try (least(index), greatest(index))
      throw TensorError(
        .index, name, "index \(low < 0 ? low : high) is out of range for a weight of \(rows) rows")
    }
    return output
  }

  private func least(_ index: Tensor) throws(TensorError) -> Int {
    try Extremes(largest: false, dims: Dims(0..<index.rank), keepDim: false).forward(index).item(as: Int.self)
  }

  private func greatest(_ index: Tensor) throws(TensorError) -> Int {
    try Extremes(largest: true, dims: Dims(0..<index.rank), keepDim: false).forward(index).item(as: Int.self)
  }
}

/// The rows of a weight that indices name, such as the vectors of a text's words.
///
/// - Parameters:
///   - index: int64 or int32 of any shape, from 0 up to, not including, the number of rows.
///   - weight: Of shape [rows, columns].
///   - paddingIndex: A row whose gradient is zero; negative ones count from the end. It is looked up as any other.
///   - maxNorm: Rows that are looked up and have a larger norm are first scaled down to it, in the weight itself.
///   - normType: Which p-norm that is.
///   - scaleGradByFreq: Whether a row's gradient is divided by how often it is looked up.
/// - Returns: A tensor of the index's shape and a last dimension of `columns`.
public func embedding(
  _ index: Tensor, _ weight: Tensor, paddingIndex: Int? = nil, maxNorm: Double? = nil, normType: Double = 2,
  scaleGradByFreq: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "embedding"
    guard weight.rank == 2 else {
      throw TensorError(.shape, name, "expected a weight of shape [rows, columns], but got \(weight.shape)")
    }
    try checkSameDevice(index, weight, operation: name)
    let padding = try paddingIndex.map { (row) throws(TensorError) in
      try paddingRow(row, rows: weight.layout.shape[0], operation: name)
    }
    let index = try indexTensor(index, on: weight, operation: name)
    if let maxNorm { try shorten(weight, at: index, maxNorm: maxNorm, normType: normType) }
    let rows = try run(Embedding(paddingIndex: padding), weight, index)
    if !scaleGradByFreq || !weight.isRecorded { return rows }
    let counts = index.flatten().bincount(minLength: weight.layout.shape[0])
    let values = Tensor(aliasing: rows)
    // The difference is 0 and carries the gradient.
    return values + (rows - values) / counts.take(index).unsqueeze(dim: -1)
  }
}

/// Scales the rows that indices name down to a norm, in place and outside the graph.
private func shorten(
  _ weight: Tensor, at index: Tensor, maxNorm: Double, normType: Double
) throws(TensorError) {
  try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
    let rows = index.flatten().unique().values
    let part = weight.indexSelect(dim: 0, index: rows)
    _ = weight.indexPut([rows], part.renorm(p: normType, dim: 0, maxNorm: maxNorm))
  }
}

/// The row that a padding index names; a negative one counts from the end.
package func paddingRow(_ index: Int, rows: Int, operation: String) throws(TensorError) -> Int {
  guard index >= -rows && index < rows else {
    throw TensorError(.index, operation, "paddingIndex \(index) is out of range for a weight of \(rows) rows")
  }
  return index < 0 ? index + rows : index
}
