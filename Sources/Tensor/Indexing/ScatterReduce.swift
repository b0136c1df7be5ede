/// What becomes of the values that meet at one place.
public enum ScatterReduction: Sendable {
  /// Their sum.
  case sum
  /// Their product.
  case prod
  /// Their mean; whole numbers round down.
  case mean
  /// The largest.
  case amax
  /// The smallest.
  case amin
}

extension Tensor {
  /// A copy in which the elements of `source` are combined with those where the index leads: for dim 0,
  /// `output[index[i][j]][j] = reduce(output[index[i][j]][j], source[i][j])`.
  ///
  /// Of equal largest or smallest elements each has a share of the gradient. Products and extremes sort the index first.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - index: int64 or int32, as many dimensions as the tensor, no larger than it but along `dim`.
  ///   - source: At least as large as the index, of this tensor's dtype.
  ///   - reduce: How values are combined.
  ///   - includeSelf: Whether the tensor's own elements take part where the index leads.
  public func scatterReduce(
    dim: Int, index: Tensor, source: Tensor, reduce: ScatterReduction, includeSelf: Bool = true
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "scatterReduce"
      if mixesZeroDims(self, index, source) {
        return vector(self).scatterReduce(
          dim: dim, index: vector(index), source: vector(source), reduce: reduce, includeSelf: includeSelf
        ).reshape(shape)
      }
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let index = try indexTensor(index, on: self, operation: name)
      // A gather makes the same checks of shapes and indices, on the source too.
      try named("scatterReduce") { () throws(TensorError) in
        try checkScatter(dim: dim, index: index, source: source, operation: name)
        try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
          _ = try run(Gather(dim: dim), self, index)
        }
      }
      if rank == 0 {
        return try reshape([1]).combined(
          dim: 0, index: index.reshape([index.count]), source: source.reshape([source.count]), reduce, includeSelf
        ).reshape([])
      }
      return try combined(dim: dim, index: index, source: source, reduce, includeSelf)
    }
  }

  /// A copy in which the entries of `source` are combined with those of a dimension that `index` names.
  ///
  /// - Parameters:
  ///   - dim: The dimension; a negative one counts from the last.
  ///   - index: A vector of int64 or int32.
  ///   - source: Of this tensor's shape and dtype, with as many entries along `dim` as the index has.
  ///   - reduce: How values are combined.
  ///   - includeSelf: Whether the tensor's own entries take part where the index leads.
  public func indexReduce(
    dim: Int, index: Tensor, source: Tensor, reduce: ScatterReduction, includeSelf: Bool = true
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "indexReduce"
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let index = try indexVector(index, on: self, operation: name)
      var expected = layout.shape
      if rank > 0 { expected[dim] = index.count }
      guard source.layout.shape == expected || rank == 0 && source.count == index.count else {
        throw TensorError(.shape, name, "expected a source of shape \(expected), but got shape \(source.shape)")
      }
      if rank == 0 {
        return reshape([1]).indexReduce(
          dim: 0, index: index, source: source.reshape([index.count]), reduce: reduce, includeSelf: includeSelf
        ).reshape([])
      }
      var single = Array(repeating: 1, count: rank)
      single[dim] = index.count
      return scatterReduce(
        dim: dim, index: index.reshape(single).expand(source.shape), source: source, reduce: reduce,
        includeSelf: includeSelf)
    }
  }

  private func checkScatter(dim: Int, index: Tensor, source: Tensor, operation: String) throws(TensorError) {
    if source.dtype != dtype {
      throw TensorError(.dtype, operation, "expected a source of dtype \(dtype), but got \(source.dtype)")
    }
    try checkSameDevice(self, source, operation: operation)
    var fits = index.rank == source.rank
    for i in 0..<(fits ? index.rank : 0) where index.layout.shape[i] > source.layout.shape[i] { fits = false }
    if !fits {
      throw TensorError(
        .shape, operation, "expected an index of shape \(index.shape) no larger than the source of \(source.shape)")
    }
  }

  private func combined(
    dim: Int, index: Tensor, source: Tensor, _ reduce: ScatterReduction, _ includeSelf: Bool
  ) throws(TensorError) -> Tensor {
    var source = source
    for i in 0..<rank { source = source.narrow(dim: i, start: 0, length: index.layout.shape[i]) }
    if index.count == 0 { return try run(Clone(), self) }
    switch reduce {
    case .sum: return summed(dim, index, source, includeSelf)
    case .mean: return averaged(dim, index, source, includeSelf)
    case .prod: return try multiplied(dim, index, source, includeSelf)
    case .amax, .amin: return try extreme(dim, index, source, includeSelf, largest: reduce == .amax)
    }
  }

  private func summed(_ dim: Int, _ index: Tensor, _ source: Tensor, _ includeSelf: Bool) -> Tensor {
    let start = includeSelf ? self : scatter(dim: dim, index: index, value: 0)
    return start.scatterAdd(dim: dim, index: index, source: source)
  }

  private func averaged(_ dim: Int, _ index: Tensor, _ source: Tensor, _ includeSelf: Bool) -> Tensor {
    let sum = summed(dim, index, source, includeSelf)
    let ones = Tensor.ones(index.shape, dtype: dtype == .bool ? .int64 : dtype, device: device)
    let own = includeSelf ? Tensor.onesLike(self, dtype: ones.dtype) : Tensor.zerosLike(self, dtype: ones.dtype)
    let counts = own.scatterAdd(dim: dim, index: index, source: ones).clamp(min: 1)
    return dtype.isFloatingPoint ? sum / counts : sum.floorDivide(counts)
  }

  private func multiplied(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ includeSelf: Bool
  ) throws(TensorError) -> Tensor {
    let (places, products) = byPlace(dim, index, source) { $0 * $1 }
    let flat = contiguous().reshape([count])
    let values = includeSelf ? flat.indexSelect(dim: 0, index: places) * products : products
    return flat.indexCopy(dim: 0, index: places, source: values.to(dtype)).reshape(shape)
  }

  /// The extremes are found outside the graph; then each element equal to its place's has a share of its gradient.
  private func extreme(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ includeSelf: Bool, largest: Bool
  ) throws(TensorError) -> Tensor {
    let result = try Scope.with(isGradEnabled: false).run { () throws(TensorError) -> Tensor in
      func extreme(_ a: Tensor, _ b: Tensor) -> Tensor { largest ? a.maximum(b) : a.minimum(b) }
      let (places, extremes) = byPlace(dim, index, source, extreme)
      let flat = contiguous().reshape([count])
      let values = includeSelf ? extreme(flat.indexSelect(dim: 0, index: places), extremes) : extremes
      return flat.indexCopy(dim: 0, index: places, source: values).reshape(shape)
    }
    guard isRecorded || source.isRecorded else { return result }
    let there = result.gather(dim: dim, index: index)
    let isSource = source .== there
    let isReached = Tensor.zeros(shape, dtype: .bool, device: device).scatter(dim: dim, index: index, value: true)
    let isOwn = includeSelf ? self .== result : isReached.logicalNot()
    let shares = isSource.to(dtype)
    let counts = isOwn.to(dtype).scatterAdd(dim: dim, index: index, source: shares).clamp(min: 1)
    // Differences of equal elements: 0 beside the result, they only carry the gradient.
    let own = choose(isOwn, self - result, 0)
    let others = choose(isSource, source - there, 0)
    let carried = own.scatterAdd(dim: dim, index: index, source: others) / counts
    return choose(result.isFinite(), result + carried, result)
  }

  /// For each place of the flat tensor that the index names, in rising order: what its values combine to.
  private func byPlace(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ combine: (Tensor, Tensor) -> Tensor
  ) -> (places: Tensor, values: Tensor) {
    let strides = Layout(contiguous: layout.shape).strides
    var place = index * strides[dim]
    for i in 0..<rank where i != dim {
      var single = Array(repeating: 1, count: rank)
      single[i] = index.layout.shape[i]
      place = place + (Tensor.arange(single[i], device: device) * strides[i]).reshape(single)
    }
    let (keys, order) = place.flatten().sort(dim: 0)
    var values = source.flatten().indexSelect(dim: 0, index: order)
    let total = keys.count
    // Each round doubles how many equal keys an entry has combined, itself the last.
    var step = 1
    while step < total {
      let isSame = tail(keys, from: step) .== head(keys, of: total - step)
      let (earlier, later) = (head(values, of: total - step), tail(values, from: step))
      values = cat([head(values, of: step), choose(isSame, combine(earlier, later), later)], dim: 0)
      step *= 2
    }
    let last = Tensor.ones([1], dtype: .bool, device: device)
    let isLast = total == 1 ? last : cat([tail(keys, from: 1) .!= head(keys, of: total - 1), last], dim: 0)
    let ends = isLast.nonzero().reshape([-1])
    return (keys.indexSelect(dim: 0, index: ends), values.indexSelect(dim: 0, index: ends))
  }
}

private func head(_ vector: Tensor, of count: Int) -> Tensor { vector.narrow(dim: 0, start: 0, length: count) }
private func tail(_ vector: Tensor, from start: Int) -> Tensor {
  vector.narrow(dim: 0, start: start, length: vector.count - start)
}
