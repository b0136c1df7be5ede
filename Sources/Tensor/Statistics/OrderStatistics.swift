// Elements by their place in the order: medians, quantiles, the most frequent.

extension Tensor {
  /// The k-th smallest elements along a dimension, from 1 on, and the int64 indices at which they stand; NaN is the largest.
  public func kthvalue(_ k: Int, dim: Int = -1, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picked("kthvalue", dim, keepDim) { (x, dim) throws(TensorError) in
      let size = x.layout.shape[dim]
      if k < 1 || k > size {
        throw TensorError(.index, "kthvalue", "k = \(k) is out of range for dimension \(dim) with size \(size)")
      }
      return x.argsort(dim: dim).narrow(dim: dim, start: k - 1, length: 1)
    }
  }

  /// The medians along a dimension, the lower of two, and the int64 indices at which they stand; NaN where there is one.
  public func median(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picked("median", dim, keepDim) { (x, dim) throws(TensorError) in
      let middle = (x.layout.shape[dim] - 1) / 2
      let index = x.argsort(dim: dim).narrow(dim: dim, start: middle, length: 1)
      if !x.dtype.isFloatingPoint { return index }
      let isNaN = x.isNaN()
      return choose(isNaN.any(dim: dim, keepDim: true), isNaN.to(.uint8).argmax(dim: dim, keepDim: true), index)
    }
  }

  /// The medians along a dimension of the elements that are not NaN, the lower of two, and the indices at which they stand.
  public func nanmedian(dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picked("nanmedian", dim, keepDim) { (x, dim) throws(TensorError) in
      let order = x.argsort(dim: dim)
      let counts = x.isNaN().logicalNot().sum(dim: dim, keepDim: true)
      return order.gather(dim: dim, index: (counts - 1).clamp(min: 0).floorDivide(2))
    }
  }

  /// The median of all elements, the lower of two; equal ones share the gradient.
  ///
  /// NaN where one of them is, or there is none; of whole numbers the dtype's smallest then.
  public func median() -> Tensor { middle("median") { $0.median(dim: 0) } }

  /// The median of all elements that are not NaN, the lower of two; equal ones share the gradient.
  public func nanmedian() -> Tensor { middle("nanmedian") { $0.nanmedian(dim: 0) } }

  private func middle(_ name: String, _ pick: (Tensor) -> (values: Tensor, indices: Tensor)) -> Tensor {
    checked { () throws(TensorError) in
      if dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
      if count == 0 {
        return Tensor.full(
          [], dtype.isFloatingPoint ? Double.nan : Double(dtype.integers!.lowerBound), dtype: dtype, device: device)
      }
      let value = try Scope.with(isGradEnabled: false).run { () throws(TensorError) in pick(flatten()).values }
      return isRecorded ? carryingGradient(to: value) : value
    }
  }

  /// A value that some elements have, which share its gradient.
  private func carryingGradient(to value: Tensor) -> Tensor {
    let isEqual = (self .== value).logicalOr(isNaN().logicalAnd(value.isNaN()))
    let mean = choose(isEqual, self, 0).sum() / isEqual.sum().to(dtype)
    // The mean may be rounded, so only its gradient is taken.
    return choose(value.isFinite(), value + (mean - Tensor(aliasing: mean)), mean)
  }

  /// The most frequent elements along a dimension, the smallest of several, and int64 indices at which they stand.
  public func mode(dim: Int = -1, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    picked("mode", dim, keepDim, takesBool: true) { (x, dim) throws(TensorError) in
      let size = x.layout.shape[dim]
      let (sorted, order) = x.sort(dim: dim)
      var single = Array(repeating: 1, count: x.rank)
      single[dim] = size
      let places = Tensor.arange(size, device: x.device).reshape(single)
      let first = Tensor.ones([1], dtype: .bool, device: x.device).expand(Array(x.layout.shape.with(1, at: dim)))
      let later = sorted.narrow(dim: dim, start: 1, length: size - 1)
      let isStart = cat([first, later .!= sorted.narrow(dim: dim, start: 0, length: size - 1)], dim: dim)
      // How far an element is from the beginning of its run.
      let starts = choose(isStart, places, 0).cummax(dim: dim).values
      return order.gather(dim: dim, index: (places - starts).argmax(dim: dim, keepDim: true))
    }
  }

  /// The elements along a dimension, or of all, in rising order of dimension 0: `sort(dim: 0)` without the indices.
  public func msort() -> Tensor { sort(dim: 0).values }

  /// The elements that an index of size 1 along a dimension names; found outside the graph.
  private func picked(
    _ name: String, _ dim: Int, _ keepDim: Bool, takesBool: Bool = false,
    _ find: (Tensor, Int) throws(TensorError) -> Tensor
  ) -> (values: Tensor, indices: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      if dtype == .bool && !takesBool { throw TensorError(.dtype, name, "not implemented for .bool") }
      let x = rank == 0 ? reshape([1]) : self
      if x.layout.shape[dim] == 0 {
        throw TensorError(
          .shape, name, "expected dimension \(dim) to have elements to reduce, but got shape \(shape)")
      }
      let index = try Scope.with(isGradEnabled: false).run { () throws(TensorError) in try find(x, dim) }
      let values = try run(Gather(dim: dim), x, index)
      if rank == 0 { return (values.reshape([]), index.reshape([])) }
      return keepDim ? (values, index.contiguous()) : (values.squeeze(dim: dim), index.squeeze(dim: dim).contiguous())
    }
  }
}

extension Dims {
  /// The sizes with another at one dimension.
  func with(_ size: Int, at dim: Int) -> Dims {
    var result = self
    result[dim] = size
    return result
  }
}
