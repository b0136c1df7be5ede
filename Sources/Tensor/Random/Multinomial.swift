extension Tensor {
  /// Indices drawn with probabilities proportional to the weights of each row, int64 [rows, samples].
  ///
  /// - Parameters:
  ///   - samples: How many are drawn of each row.
  ///   - replacement: Whether an index may be drawn again; if not, no more can be drawn than there are weights.
  ///   - generator: Where random numbers come from; nil for the device's own.
  ///
  /// The weights [rows, categories] or [categories], of a floating dtype, are finite and not negative, and no row is all
  /// zero; a vector gives [samples]. The draws are PyTorch's for the CPU's generator.
  public func multinomial(_ samples: Int, replacement: Bool = false, generator: Generator? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "multinomial"
      try checkFloating(self, operation: name)
      guard rank == 1 || rank == 2 else {
        throw TensorError(.shape, name, "expected weights [rows, categories] or [categories], but got shape \(shape)")
      }
      let categories = layout.shape[rank - 1]
      guard samples > 0, replacement || samples <= categories else {
        throw TensorError(
          .value, name,
          "expected samples from 1\(replacement ? "" : " to \(categories), without replacement"), but got \(samples)")
      }
      return try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
        try checkWeights(operation: name)
        return replacement
          ? try search(samples, generator: generator) : race(samples, generator: generator)
      }
    }
  }

  private func checkWeights(operation: String) throws(TensorError) {
    if count == 0 { return }
    let all = Dims(0..<rank)
    let least = try Extremes(largest: false, dims: all, keepDim: false).forward(self).number(for: operation).double
    let greatest = try Extremes(largest: true, dims: all, keepDim: false).forward(self).number(for: operation).double
    guard least >= 0, greatest < .infinity else {
      throw TensorError(.value, operation, "expected finite weights of 0 or more, but got \(least) to \(greatest)")
    }
    let sums = try run(Sum(dims: [rank - 1], keepDim: false), self)
    let smallest = try Extremes(largest: false, dims: Dims(0..<sums.rank), keepDim: false).forward(sums)
    if try smallest.number(for: operation).double <= 0 {
      throw TensorError(.value, operation, "expected a positive sum of each row's weights")
    }
  }

  /// Without replacement: each index arrives after an exponential time, the heavier the sooner, and the first ones win.
  private func race(_ samples: Int, generator: Generator?) -> Tensor {
    let weights = contiguous()
    let times = Tensor.emptyLike(weights).exponential(generator: generator)
    let scores = weights / times
    return samples == 1
      ? scores.argmax(dim: -1, keepDim: true) : scores.topk(samples, dim: -1).indices
  }

  /// With replacement: the first index at which the running sum reaches a uniform draw, found by bisection for all draws at
  /// once.
  private func search(_ samples: Int, generator: Generator?) throws(TensorError) -> Tensor {
    let categories = layout.shape[rank - 1]
    var sums = contiguous().cumsum(dim: -1)
    sums = sums / sums.narrow(dim: -1, start: categories - 1, length: 1)
    sums.narrow(dim: -1, start: categories - 1, length: 1).fill(1)
    let shape = Array(self.shape.dropLast()) + [samples]
    let draws = Tensor.empty(shape, dtype: .float64, device: device).uniform(generator: generator)
    var low = Tensor.zeros(shape, dtype: .int64, device: device)
    var high = Tensor.full(shape, categories - 1, dtype: .int64, device: device)
    var width = categories
    while width > 1 {
      let middle = (low + high).floorDivide(2)
      let isBelow = sums.gather(dim: -1, index: middle) .< draws
      low = (middle + 1).minimum(high).where(isBelow, low)
      high = high.where(isBelow, middle)
      width = (width + 1) / 2
    }
    return low
  }
}
