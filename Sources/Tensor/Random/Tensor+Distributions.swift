// Distributions that others make up. Each draws float64 numbers in the order of the target's memory, as PyTorch's CPU does
// whatever the dtype is, and rounds once.

extension Tensor {
  /// Overwrites every element with the number of trials until the first success, and returns the tensor.
  ///
  /// A trial succeeds with probability `p`, from 0 to 1 without both. Takes integers and floats; `generator` nil means the
  /// device's own.
  @discardableResult
  public func geometric(_ p: Double, generator: Generator? = nil) -> Tensor {
    drawn("geometric", accepts: dtype != .bool, generator: generator) { (draws) throws(TensorError) in
      guard p > 0, p < 1 else {
        throw TensorError(.value, "geometric", "expected a probability between 0 and 1, but got \(p)")
      }
      return (draws.uniform(generator: generator).log() / Tensor(-p, dtype: .float64).log1p()).ceil()
    }
  }

  /// Overwrites every element with a draw from Cauchy's distribution, and returns the tensor.
  ///
  /// Takes floating dtypes. `generator` nil means the device's own.
  @discardableResult
  public func cauchy(median: Double = 0, sigma: Double = 1, generator: Generator? = nil) -> Tensor {
    drawn("cauchy", accepts: dtype.isFloatingPoint, generator: generator) { (draws) throws(TensorError) in
      guard sigma > 0 else { throw TensorError(.value, "cauchy", "expected sigma > 0, but got \(sigma)") }
      let slope = ((draws.uniform(generator: generator) - 0.5) * Double.pi).tan()
      // One rounding, as PyTorch's.
      return Tensor.full([], median, dtype: .float64, device: self.device)
        .addcmul(Tensor.full([], sigma, dtype: .float64, device: self.device), slope)
    }
  }

  /// Overwrites every element with the exponential of a draw from the normal distribution, and returns the tensor.
  ///
  /// Takes floating dtypes. `generator` nil means the device's own.
  @discardableResult
  public func logNormal(mean: Double = 1, std: Double = 2, generator: Generator? = nil) -> Tensor {
    drawn("logNormal", accepts: dtype.isFloatingPoint, generator: generator) { (draws) throws(TensorError) in
      guard std > 0 else { throw TensorError(.value, "logNormal", "expected std > 0, but got \(std)") }
      // PyTorch draws them one by one, as it does for memory with gaps.
      let spread = Tensor.empty(draws.shape + [2], dtype: .float64, device: self.device).select(dim: -1, index: 0)
      return spread.normal(mean: mean, std: std, generator: generator).exp()
    }
  }

  /// Overwrites the elements, in the order in which their memory runs, with the values that `make` makes of float64 memory.
  private func drawn(
    _ operation: String, accepts: Bool, generator: Generator?, _ make: (Tensor) throws(TensorError) -> Tensor
  ) -> Tensor {
    checked(or: self) { () throws(TensorError) in
      if !accepts { throw TensorError(.dtype, operation, "not implemented for \(dtype)") }
      let values = try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
        let draws = try Tensor(uninitialized: layout.fresh, dtype: .float64, on: backend, for: operation)
        let order = (0..<rank).sorted { draws.layout.strides[$0] > draws.layout.strides[$1] }
        let made = try make(draws.permute(order))
        return made.permute(order.indices.map { i in order.firstIndex(of: i)! })
      }
      try run(Copy(), on: self, values)
      return self
    }
  }
}
