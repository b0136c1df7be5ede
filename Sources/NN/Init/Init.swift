/// Fills tensors with starting values for training, in place and unrecorded; each function returns its tensor.
///
/// The draws are PyTorch's: with the same seed the weights are the same bits.
///
/// ```swift
/// let weight = Tensor.empty(50, 10)
/// Init.kaimingUniform(weight, nonlinearity: .relu)
/// ```
public enum Init {
  /// Fills with draws from the uniform distribution on [from, to).
  @discardableResult
  public static func uniform(
    _ tensor: Tensor, from low: Double = 0, to high: Double = 1, generator: Generator? = nil
  ) -> Tensor {
    fill(tensor, .uniform(from: low, to: high), generator)
  }

  /// Fills with draws from the normal distribution.
  @discardableResult
  public static func normal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, generator: Generator? = nil
  ) -> Tensor {
    fill(tensor, .normal(mean: mean, std: std), generator)
  }

  /// Fills with one number.
  @discardableResult
  public static func constant(_ tensor: Tensor, _ value: some Scalar) -> Tensor {
    initialised(tensor) { () throws(TensorError) in try run(Fill(value.number), on: tensor) }
  }

  /// Fills with zeros.
  @discardableResult
  public static func zeros(_ tensor: Tensor) -> Tensor { constant(tensor, 0) }

  /// Fills with ones.
  @discardableResult
  public static func ones(_ tensor: Tensor) -> Tensor { constant(tensor, 1) }

  /// Fills a matrix with ones on the diagonal and zeros elsewhere: as a linear layer's weight it keeps the inputs.
  @discardableResult
  public static func eye(_ tensor: Tensor) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      guard tensor.rank == 2 else { throw wrongRank("eye", "exactly 2 dimensions", tensor) }
      try run(Fill(.int(0)), on: tensor)
      try run(Fill(.int(1)), on: run(Diagonal(offset: 0, dim1: 0, dim2: 1), tensor))
    }
  }

  /// Fills a convolution's weight so that it keeps its inputs: 1 at the centre of channel i's filter for channel i.
  ///
  /// - Parameters:
  ///   - tensor: [out, in / groups, size, ...] with 1 to 3 sizes.
  ///   - groups: The convolution's groups; it must divide `out`.
  @discardableResult
  public static func dirac(_ tensor: Tensor, groups: Int = 1) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      guard (3...5).contains(tensor.rank) else { throw wrongRank("dirac", "3, 4 or 5 dimensions", tensor) }
      let shape = tensor.layout.shape
      guard groups > 0, shape[0] % groups == 0 else {
        throw TensorError(.value, "Init.dirac", "the first size \(shape[0]) must be divisible by groups \(groups)")
      }
      try run(Fill(.int(0)), on: tensor)
      let perGroup = shape[0] / groups
      for out in 0..<shape[0] where out % perGroup < shape[1] {
        var entry = try run(Select(dim: 0, index: out), tensor)
        entry = try run(Select(dim: 0, index: out % perGroup), entry)
        for size in shape.dropFirst(2) { entry = try run(Select(dim: 0, index: size / 2), entry) }
        try run(Fill(.int(1)), on: entry)
      }
    }
  }
}

// MARK: - What the functions share

extension Init {
  static func fill(_ tensor: Tensor, _ distribution: Distribution, _ generator: Generator?) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      try run(RandomFill(distribution: distribution, generator: generator), on: tensor)
    }
  }

  /// Runs `body` without recording, and returns the tensor.
  static func initialised(_ tensor: Tensor, _ body: () throws(TensorError) -> Void) -> Tensor {
    checked(or: ()) { () throws(TensorError) in
      try Scope.with(isGradEnabled: false, autocast: .some(nil)).run(body)
    }
    return tensor
  }

  static func wrongRank(_ function: String, _ expected: String, _ tensor: Tensor) -> TensorError {
    TensorError(.shape, "Init.\(function)", "expected a tensor of \(expected), but got shape \(tensor.shape)")
  }
}
