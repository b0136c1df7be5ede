/// Overwrites every element with a draw, in the order in which the memory runs.
package struct RandomFill: UnaryWrite {
  package let distribution: Distribution
  /// Nil for the device's own.
  package let generator: Generator?
  private let caller: String?

  /// - Parameter caller: The public function, for errors; nil when it is named as the distribution.
  package init(distribution: Distribution, generator: Generator? = nil, caller: String? = nil) {
    self.distribution = distribution
    self.generator = generator
    self.caller = caller
  }

  package var name: String { caller ?? distribution.name }

  package func write(to target: Tensor) throws(TensorError) {
    try distribution.check(target.dtype, operation: name)
    let generator = if let generator { generator } else { try Generator.standard(for: target.device) }
    guard generator.device == target.device else {
      throw TensorError(
        .device, name, "a generator of \(generator.device) cannot fill a tensor on \(target.device)")
    }
    try target.backend.random(distribution, target, generator: generator)
  }
}

extension Distribution {
  package var name: String {
    switch self {
    case .uniform: "uniform"
    case .normal: "normal"
    case .integers, .raw: "random"
    case .bernoulli, .bernoulliEach: "bernoulli"
    case .exponential: "exponential"
    case .permutation: "randperm"
    }
  }

  /// Refuses dtypes and parameters that PyTorch refuses.
  fileprivate func check(_ dtype: DType, operation: String) throws(TensorError) {
    switch self {
    case .uniform(let from, let to):
      try checkFloating(dtype, operation)
      let greatest = dtype.greatestFinite
      guard Swift.abs(from) <= greatest, Swift.abs(to) <= greatest else {
        throw TensorError(.value, operation, "the bounds \(from) and \(to) must be finite in \(dtype)")
      }
      guard from <= to else {
        throw TensorError(.value, operation, "expected from <= to, but got from \(from) > to \(to)")
      }
      guard to - from <= greatest else {
        throw TensorError(.value, operation, "the distance from \(from) to \(to) is not finite in \(dtype)")
      }
    case .normal(_, let std):
      try checkFloating(dtype, operation)
      guard std >= 0 else { throw TensorError(.value, operation, "expected std >= 0, but got \(std)") }
    case .integers(let from, let range):
      let last = from &+ Int64(bitPattern: range &- 1)
      let fits =
        dtype.integers.map { $0.contains(from) && $0.contains(last) }
        ?? (Swift.max(Double(from.magnitude), Double(last.magnitude)) <= dtype.greatestFinite)
      guard fits else {
        throw TensorError(.value, operation, "the bounds \(from) and \(last) must be within the range of \(dtype)")
      }
    case .bernoulli(let probability):
      guard probability >= 0, probability <= 1 else {
        throw TensorError(.value, operation, "expected a probability from 0 to 1, but got \(probability)")
      }
    case .exponential(let rate):
      try checkFloating(dtype, operation)
      guard rate > 0 else { throw TensorError(.value, operation, "expected a rate > 0, but got \(rate)") }
    case .bernoulliEach(let probabilities): try checkFloating(probabilities.dtype, operation)
    case .raw, .permutation: break
    }
  }

  private func checkFloating(_ dtype: DType, _ operation: String) throws(TensorError) {
    if !dtype.isFloatingPoint {
      throw TensorError(.dtype, operation, "not implemented for \(dtype): it takes floating dtypes")
    }
  }

  /// Whole numbers from `from` up to, not including, `to`.
  static func integers(from: Int, to: Int, operation: String) throws(TensorError) -> Distribution {
    guard from < to else {
      throw TensorError(.value, operation, "expected low < high, but got \(from) and \(to)")
    }
    return .integers(from: Int64(from), range: UInt64(bitPattern: Int64(to) &- Int64(from)))
  }
}

// MARK: - In place

extension Tensor {
  /// Overwrites every element with a uniform draw from `from` up to, not including, `to`, and returns the tensor.
  ///
  /// Takes floating dtypes. `generator` nil means the device's own.
  @discardableResult
  public func uniform(from: Double = 0, to: Double = 1, generator: Generator? = nil) -> Tensor {
    apply(RandomFill(distribution: .uniform(from: from, to: to), generator: generator), on: self)
  }

  /// Overwrites every element with a draw from the normal distribution, and returns the tensor.
  ///
  /// Takes floating dtypes. `generator` nil means the device's own.
  @discardableResult
  public func normal(mean: Double = 0, std: Double = 1, generator: Generator? = nil) -> Tensor {
    apply(RandomFill(distribution: .normal(mean: mean, std: std), generator: generator), on: self)
  }

  /// Overwrites every element with 1 by the given probability, else 0, and returns the tensor.
  ///
  /// Takes any dtype. `generator` nil means the device's own.
  @discardableResult
  public func bernoulli(_ probability: Double = 0.5, generator: Generator? = nil) -> Tensor {
    apply(RandomFill(distribution: .bernoulli(probability), generator: generator), on: self)
  }

  /// Overwrites every element with a draw from the exponential distribution of density `rate * exp(-rate * x)`, and returns
  /// the tensor.
  ///
  /// Takes floating dtypes. `generator` nil means the device's own.
  @discardableResult
  public func exponential(rate: Double = 1, generator: Generator? = nil) -> Tensor {
    apply(RandomFill(distribution: .exponential(rate: rate), generator: generator), on: self)
  }

  /// Overwrites every element with a whole number from `from` up to, not including, `to`, and returns the tensor.
  ///
  /// Takes any dtype that can hold the bounds. `generator` nil means the device's own.
  @discardableResult
  public func random(from: Int = 0, to: Int, generator: Generator? = nil) -> Tensor {
    checked(or: ()) { () throws(TensorError) in
      let distribution = try Distribution.integers(from: from, to: to, operation: "random")
      try run(RandomFill(distribution: distribution, generator: generator), on: self)
    }
    return self
  }

  /// Overwrites every element with a draw from the whole range of an integer dtype, from 0 up, and returns the tensor.
  ///
  /// Floating dtypes get the whole numbers up to the largest below which each is exact, bool either truth value.
  /// `generator` nil means the device's own.
  @discardableResult
  public func random(generator: Generator? = nil) -> Tensor {
    apply(RandomFill(distribution: .raw, generator: generator), on: self)
  }
}
