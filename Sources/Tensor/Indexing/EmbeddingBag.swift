/// How `embeddingBag` joins the rows of a bag.
public enum EmbeddingBagMode: Sendable {
  /// By their sum, of weights if there are any.
  case sum
  /// By their mean.
  case mean
  /// By the largest element of each column.
  case max
}

/// The rows of a weight that bags of indices name, joined to one row for each bag: [bags, columns].
///
/// - Parameters:
///   - index: int64 or int32: [bags, size], or all bags one after the other with their `offsets`.
///   - weight: Of shape [rows, columns].
///   - offsets: Where each bag begins in a vector of indices; the first is 0.
///   - mode: How rows are joined; an empty bag gives zeros.
///   - perSampleWeights: What each row is multiplied by, of the index's shape; only for sums.
///   - includeLastOffset: Whether `offsets` has one entry more, where the last bag ends.
///   - paddingIndex: A row that counts nothing and gets no gradient; a negative one counts from the end.
///   - maxNorm: Rows that are looked up are shortened to this norm first, in place.
///   - normType: Which p-norm it is.
public func embeddingBag(
  _ index: Tensor, _ weight: Tensor, offsets: Tensor? = nil, mode: EmbeddingBagMode = .mean,
  perSampleWeights: Tensor? = nil, includeLastOffset: Bool = false, paddingIndex: Int? = nil, maxNorm: Double? = nil,
  normType: Double = 2
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "embeddingBag"
    guard weight.rank == 2 else {
      throw TensorError(.shape, name, "expected a weight of shape [rows, columns], but got \(weight.shape)")
    }
    guard index.rank == 2 && offsets == nil || index.rank == 1 && offsets?.rank == 1 else {
      throw TensorError(
        .shape, name,
        "expected indices [bags, size], or a vector and offsets, but got shapes \(index.shape) and "
          + "\(offsets.map { "\($0.shape)" } ?? "no offsets")")
    }
    if let perSampleWeights {
      if mode != .sum { throw TensorError(.value, name, "perSampleWeights are only supported for sums") }
      if perSampleWeights.shape != index.shape {
        throw TensorError(
          .shape, name, "expected perSampleWeights of shape \(index.shape), but got \(perSampleWeights.shape)")
      }
    }
    let padding = try paddingIndex.map { (row) throws(TensorError) in
      try paddingRow(row, rows: weight.layout.shape[0], operation: name)
    }
    let flat = try indexTensor(index, on: weight, operation: name).flatten()
    if let maxNorm { try shorten(weight, flat, maxNorm, normType) }

    // The bag of each index: how many begin up to it, less one.
    let count = flat.count
    let bags: Tensor
    var bagCount: Int
    if let offsets {
      let starts = try indexTensor(offsets, on: weight, operation: name)
      bagCount = starts.count
      let begun = Tensor.zeros([count + 1], dtype: .int64, device: weight.device)
        .scatterAdd(dim: 0, index: starts, source: Tensor.onesLike(starts))
      bags = begun.cumsum(dim: 0).narrow(dim: 0, start: 0, length: count) - 1
    } else {
      bagCount = index.shape[0]
      bags = Tensor.arange(bagCount, device: weight.device).unsqueeze(dim: 1).expand(index.shape).flatten()
    }
    var rows = embedding(flat, weight, paddingIndex: paddingIndex)
    let counts = padding.map { flat .!= $0 }
    if let perSampleWeights { rows = rows * perSampleWeights.flatten().unsqueeze(dim: 1) }
    var result: Tensor
    switch mode {
    case .sum: result = sums(counts.map { rows.where($0.unsqueeze(dim: 1), 0) } ?? rows, bags, bagCount)
    case .mean:
      let ones = counts?.to(weight.dtype) ?? Tensor.ones([count], dtype: weight.dtype, device: weight.device)
      let sizes = sums(ones.unsqueeze(dim: 1), bags, bagCount)
      result = sums(counts.map { rows.where($0.unsqueeze(dim: 1), 0) } ?? rows, bags, bagCount) / sizes.clamp(min: 1)
    case .max: result = greatest(rows, counts, bags, bagCount)
    }
    if includeLastOffset && offsets != nil {
      bagCount -= 1
      result = result.narrow(dim: 0, start: 0, length: bagCount)
    }
    return result
  }
}

/// The sums of the rows of each bag.
private func sums(_ rows: Tensor, _ bags: Tensor, _ count: Int) -> Tensor {
  Tensor.zeros([count, rows.shape[1]], dtype: rows.dtype, device: rows.device)
    .indexAdd(dim: 0, index: bags, source: rows)
}

/// The greatest elements of the rows of each bag, which are laid side by side for it: that waits for the device.
private func greatest(_ rows: Tensor, _ counts: Tensor?, _ bags: Tensor, _ bagCount: Int) -> Tensor {
  let count = rows.shape[0]
  let columns = rows.shape[1]
  let none = Tensor.zeros([bagCount, columns], dtype: rows.dtype, device: rows.device)
  if count == 0 || bagCount == 0 { return none }
  let places = Tensor.arange(count, device: rows.device)
  // Each row's place in its bag.
  let firsts = Tensor.full([bagCount], count, dtype: .int64, device: rows.device)
  let isFirst = cat([places.narrow(dim: 0, start: 0, length: 1) .== 0, bags[1...] .!= bags[0..<(count - 1)]])
  let begins = isFirst.nonzero().flatten()
  let starts = firsts.indexPut([bags.indexSelect(dim: 0, index: begins)], begins)
  let offsets = places - starts.indexSelect(dim: 0, index: bags)
  let longest = offsets.max().item(as: Int.self) + 1
  let table = Tensor.full([bagCount, longest], count, dtype: .int64, device: rows.device)
    .indexPut([bags, offsets], counts.map { places.where($0, count) } ?? places)
  // A last row below all others fills the gaps.
  let lowest = Tensor.full([1, columns], -Double.infinity, dtype: rows.dtype, device: rows.device)
  let laid = cat([rows, lowest]).indexSelect(dim: 0, index: table.flatten()).reshape([bagCount, longest, columns])
  let isEmpty = (table .== count).all(dim: 1, keepDim: true)
  return none.where(isEmpty, laid.max(dim: 1).values)
}

/// Shortens the rows of a weight that indices name to a norm, in place.
private func shorten(
  _ weight: Tensor, _ index: Tensor, _ maxNorm: Double, _ p: Double
) throws(TensorError) {
  try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
    let norms = weight.norm(p: p, dim: 1)
    let named = Tensor.zeros([weight.shape[0]], dtype: .int64, device: weight.device)
      .scatterAdd(dim: 0, index: index, source: Tensor.onesLike(index))
    let factors = (maxNorm / (norms + 1e-7)).where((named .> 0).logicalAnd(norms .> maxNorm), 1)
    try run(Binary<Multiply>(), on: weight, factors.unsqueeze(dim: 1))
  }
}
