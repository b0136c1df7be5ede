// Scans made of other operations: in each round an element takes in twice as many of those before it.

extension Tensor {
  /// For each element the largest of those up to it along a dimension, and the int64 index of the last such; NaN stays.
  public func cummax(dim: Int) -> (values: Tensor, indices: Tensor) { runningExtreme("cummax", dim) { $0 .>= $1 } }

  /// For each element the smallest of those up to it along a dimension, and the int64 index of the last such; NaN stays.
  public func cummin(dim: Int) -> (values: Tensor, indices: Tensor) { runningExtreme("cummin", dim) { $0 .<= $1 } }

  private func runningExtreme(
    _ name: String, _ dim: Int, _ replaces: (Tensor, Tensor) -> Tensor
  ) -> (values: Tensor, indices: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let x = rank == 0 ? reshape([1]) : self
      let indices = try Scope.with(isGradEnabled: false).run { () throws(TensorError) -> Tensor in
        var single = Array(repeating: 1, count: x.rank)
        single[dim] = x.layout.shape[dim]
        let places = Tensor.arange(single[dim], device: device).reshape(single).expand(x.shape)
        let parts = scanned([x, places], dim: dim) { earlier, later in
          var takesLater = replaces(later[0], earlier[0])
          if dtype.isFloatingPoint {
            takesLater = later[0].isNaN().logicalOr(earlier[0].isNaN().logicalNot().logicalAnd(takesLater))
          }
          return [choose(takesLater, later[0], earlier[0]), choose(takesLater, later[1], earlier[1])]
        }
        return parts[1].contiguous()
      }
      let values = try run(Gather(dim: dim), x, indices)
      return rank == 0 ? (values.reshape([]), indices.reshape([])) : (values, indices)
    }
  }

  /// For each element the logarithm of the sum of exponentials of those up to it along a dimension, without overflow.
  ///
  /// Floats only; 16-bit ones are computed in float32.
  public func logcumsumexp(dim: Int) -> Tensor {
    checked { () throws(TensorError) in
      let name = "logcumsumexp"
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      try checkFloating(self, operation: name)
      if rank == 0 || count == 0 { return try run(Clone(), self) }
      let wide = dtype.itemSize == 2 ? try run(Cast(dtype: .float32), self) : self
      return scanned([wide], dim: dim) { [$0[0].logAddExp(with: $1[0])] }[0].to(dtype)
    }
  }

  /// log(exp(a) + exp(b)), shifted by the larger, which needs no gradient.
  private func logAddExp(with other: Tensor) -> Tensor {
    let shift = checked { () throws(TensorError) in
      try Scope.with(isGradEnabled: false).run { () throws(TensorError) -> Tensor in
        let larger = maximum(other)
        return choose(larger.isFinite(), larger, 0)
      }
    }
    return ((self - shift).exp() + (other - shift).exp()).log() + shift
  }
}

/// Tensors in which each entry along a dimension is combined with all before it, by a rule that is associative.
private func scanned(_ parts: [Tensor], dim: Int, _ combine: ([Tensor], [Tensor]) -> [Tensor]) -> [Tensor] {
  let size = parts[0].layout.shape[dim]
  var parts = parts
  var step = 1
  while step < size {
    let earlier = parts.map { $0.narrow(dim: dim, start: 0, length: size - step) }
    let later = parts.map { $0.narrow(dim: dim, start: step, length: size - step) }
    let combined = combine(earlier, later)
    parts = zip(parts, combined).map { cat([$0.narrow(dim: dim, start: 0, length: step), $1], dim: dim) }
    step *= 2
  }
  return parts
}
