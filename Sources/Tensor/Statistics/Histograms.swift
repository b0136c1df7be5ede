extension Tensor {
  /// How often each whole number from 0 on occurs in a vector, or the sums of the weights where it does.
  ///
  /// - Parameters:
  ///   - weights: A weight for each element.
  ///   - minLength: The least number of entries of the result.
  public func bincount(weights: Tensor? = nil, minLength: Int = 0) -> Tensor {
    checked { () throws(TensorError) in
      let name = "bincount"
      guard rank == 1, dtype.isInteger else {
        throw TensorError(.shape, name, "expects a vector of whole numbers, but got \(dtype) of shape \(shape)")
      }
      if minLength < 0 { throw TensorError(.value, name, "expects a length of at least 0, but got \(minLength)") }
      if let weights, weights.layout.shape != layout.shape {
        throw TensorError(.shape, name, "expects weights of shape \(shape), but got shape \(weights.shape)")
      }
      let range = count == 0 ? (min: 0, max: -1) : (min: amin().item(as: Int.self), max: amax().item(as: Int.self))
      if range.min < 0 { throw TensorError(.value, name, "expects no negative numbers, but got \(range.min)") }
      let dtype = weights.map { $0.dtype == .float32 ? .float32 : .float64 } ?? DType.int64
      let ones = weights?.to(dtype) ?? Tensor.ones([count], dtype: dtype, device: device)
      let output = Tensor.zeros([Swift.max(range.max + 1, minLength)], dtype: dtype, device: device)
      return output.scatterAdd(dim: 0, index: to(.int64), source: ones)
    }
  }

  /// How many elements fall into each of equally wide bins; those outside the range and NaN into none.
  ///
  /// Integers are taken on every device, by PyTorch on GPUs alone.
  ///
  /// - Parameters:
  ///   - bins: The number of bins.
  ///   - min: The lower end of the range; with both ends 0 the smallest and largest elements are taken.
  ///   - max: The upper end, which belongs to the last bin.
  /// - Returns: [bins], of this tensor's dtype.
  public func histc(bins: Int = 100, min: Double = 0, max: Double = 0) -> Tensor {
    checked { () throws(TensorError) in
      let name = "histc"
      if bins <= 0 { throw TensorError(.value, name, "expects at least one bin, but got \(bins)") }
      if dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
      var (low, high) = (min, max)
      if low == high, count > 0 { (low, high) = (amin().item(), amax().item()) }
      if low == high { (low, high) = (low - 1, high + 1) }
      guard low.isFinite, high.isFinite, low < high else {
        throw TensorError(.value, name, "the range from \(low) to \(high) is not finite and rising")
      }
      let x = flatten().to(dtype == .float64 || dtype.isInteger ? .float64 : .float32)
      let isInside = (x .>= low).logicalAnd(x .<= high)
      let scaled: Tensor = (x - low) * Double(bins) / (high - low)
      let bin = choose(isInside, scaled.floor(), 0).clamp(max: bins - 1)
      let output = Tensor.zeros([bins], dtype: .int64, device: device)
      return output.scatterAdd(dim: 0, index: bin.to(.int64), source: isInside.to(.int64)).to(dtype)
    }
  }

  /// How many elements fall into each of equally wide bins, and the bins' edges; those outside the range fall into none.
  ///
  /// - Parameters:
  ///   - bins: The number of bins.
  ///   - range: The ends of the first and the last bin; nil for the smallest and largest elements.
  ///   - weight: A weight for each element, of this tensor's shape and dtype.
  ///   - density: Whether the result is divided so that its integral is 1.
  public func histogram(
    bins: Int, range: (Double, Double)? = nil, weight: Tensor? = nil, density: Bool = false
  ) -> (hist: Tensor, binEdges: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let name = "histogram"
      try checkFloating(self, operation: name)
      if bins <= 0 { throw TensorError(.value, name, "expects at least one bin, but got \(bins)") }
      var (low, high) = range ?? (count == 0 ? (0, 1) : (amin().item(), amax().item()))
      guard low.isFinite, high.isFinite, low <= high else {
        throw TensorError(.value, name, "the range from \(low) to \(high) is not finite and rising")
      }
      if low == high { (low, high) = (low - 0.5, high + 0.5) }
      return histogram(
        bins: Tensor.linspace(low, high, steps: bins + 1, dtype: dtype, device: device), weight: weight,
        density: density)
    }
  }

  /// How many elements fall between neighbours of a vector of rising edges, and these edges.
  ///
  /// - Parameters:
  ///   - bins: The edges; the last belongs to the last bin.
  ///   - weight: A weight for each element, of this tensor's shape and dtype.
  ///   - density: Whether the result is divided so that its integral is 1.
  public func histogram(
    bins: Tensor, weight: Tensor? = nil, density: Bool = false
  ) -> (hist: Tensor, binEdges: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let name = "histogram"
      try checkFloating(self, operation: name)
      if bins.rank != 1 || bins.count < 2 || bins.dtype != dtype {
        throw TensorError(
          .shape, name, "expects a vector of at least two edges of \(dtype), but got \(bins.dtype) of \(bins.shape)")
      }
      if let weight, weight.layout.shape != layout.shape || weight.dtype != dtype {
        throw TensorError(
          .shape, name, "expects weights of \(dtype) and shape \(shape), but got \(weight.dtype) of \(weight.shape)")
      }
      let last = bins.count - 2
      let x = flatten()
      let edges = bins.unbind()
      let isInside = (x .>= edges[0]).logicalAnd(x .<= edges[last + 1])
      let bin = (bins.searchSorted(x, right: true) - 1).clamp(min: 0, max: last)
      let weights = weight?.flatten() ?? Tensor.ones([count], dtype: dtype, device: device)
      var hist = Tensor.zeros([last + 1], dtype: dtype, device: device)
        .scatterAdd(dim: 0, index: bin, source: choose(isInside, weights, 0))
      if density { hist = hist / (hist.sum() * bins.diff()) }
      return (hist, bins.clone())
    }
  }
}
