extension Tensor {
  /// The places in sorted sequences, this tensor's last dimension, at which values would keep them sorted.
  ///
  /// - Parameters:
  ///   - values: A tensor of the same dtype, whose leading dimensions are this one's; any shape for one sequence.
  ///   - right: Whether the place is behind equal elements instead of before.
  ///   - sorter: int64 indices that sort this tensor, where it is not sorted itself.
  ///   - outInt32: Whether the result is int32 instead of int64.
  public func searchSorted(
    _ values: Tensor, right: Bool = false, sorter: Tensor? = nil, outInt32: Bool = false
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "searchSorted"
      if rank == 0 { throw TensorError(.shape, name, "expects at least 1 dimension, but got a zero-dim sequence") }
      if rank > 1, values.rank != rank || values.shape.dropLast() != shape.dropLast() {
        throw TensorError(
          .shape, name,
          "values of shape \(values.shape) do not fit sequences of shape \(shape): leading dimensions differ")
      }
      if values.dtype != dtype {
        throw TensorError(.dtype, name, "expected values of dtype \(dtype), but got \(values.dtype)")
      }
      try checkSameDevice(self, values, operation: name)
      var sequence = self
      if let sorter {
        if sorter.layout.shape != layout.shape || sorter.dtype != .int64 {
          throw TensorError(
            .shape, name, "expected a sorter of int64 and shape \(shape), but got \(sorter.dtype) of \(sorter.shape)")
        }
        sequence = gather(dim: -1, index: sorter)
      }
      let places = try Scope.with(isGradEnabled: false).run { () throws(TensorError) -> Tensor in
        if rank > 1 { return sequence.places(of: values, right: right) }
        return sequence.places(of: values.flatten(), right: right).reshape(values.shape)
      }
      return outInt32 ? places.to(.int32) : places
    }
  }

  /// The place of a number in sorted sequences: zero-dim for one sequence.
  public func searchSorted(
    _ value: some Scalar, right: Bool = false, sorter: Tensor? = nil, outInt32: Bool = false
  ) -> Tensor {
    checked { () throws(TensorError) in
      if rank != 1 {
        throw TensorError(.shape, "searchSorted", "a number takes a vector as sequence, but got shape \(shape)")
      }
      let value = try zeroDim(value.number, operation: "searchSorted")
      return searchSorted(value, right: right, sorter: sorter, outInt32: outInt32)
    }
  }

  /// The intervals between sorted boundaries, a vector, into which the elements fall: 0 for those below the first.
  ///
  /// - Parameters:
  ///   - boundaries: Rising, of this tensor's dtype.
  ///   - right: Whether an element equal to a boundary falls above it.
  ///   - outInt32: Whether the result is int32 instead of int64.
  public func bucketize(_ boundaries: Tensor, right: Bool = false, outInt32: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      if boundaries.rank != 1 {
        throw TensorError(.shape, "bucketize", "expects boundaries as a vector, but got shape \(boundaries.shape)")
      }
      return boundaries.searchSorted(self, right: right, outInt32: outInt32)
    }
  }

  /// Halves the range in which each value's place lies until one is left.
  private func places(of values: Tensor, right: Bool) -> Tensor {
    let size = layout.shape[rank - 1]
    var low = Tensor.zeros(values.shape, dtype: .int64, device: device)
    var high = Tensor.full(values.shape, size, dtype: .int64, device: device)
    if size == 0 { return low }
    var remaining = size
    while remaining > 0 {
      let middle = (low + high).floorDivide(2)
      let found = gather(dim: -1, index: middle.clamp(max: size - 1))
      let isOpen = low .< high
      // Written so that NaN goes behind all.
      let goesOn = (right ? found .> values : found .>= values).logicalNot().logicalAnd(isOpen)
      (low, high) = (choose(goesOn, middle + 1, low), choose(goesOn.logicalOr(isOpen.logicalNot()), high, middle))
      remaining /= 2
    }
    return low
  }
}
