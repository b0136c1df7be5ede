extension Init {
  /// Fills with draws from the normal distribution that lie between two bounds.
  ///
  /// Draws outside are drawn again, as PyTorch does it: for the whole tensor at a time. Where the bounds leave less than
  /// 0.3 of the distribution, uniform draws are accepted by the density instead.
  @discardableResult
  public static func truncNormal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, from low: Double = -2, to high: Double = 2,
    generator: Generator? = nil
  ) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      guard low < high, std > 0 else {
        throw TensorError(
          .value, "Init.truncNormal", "needs std > 0 and from < to, but got std \(std), from \(low), to \(high)")
      }
      if cumulative((high - mean) / std) - cumulative((low - mean) / std) > 0.3 {
        try drawNormal(tensor, mean, std, low, high, generator)
      } else {
        try drawAccepted(tensor, mean, std, low, high, generator)
      }
    }
  }

  /// The normal distribution function.
  private static func cumulative(_ x: Double) -> Double {
    (1 + Tensor(x / 2.0.squareRoot(), dtype: .float64).erf().item(as: Double.self)) / 2
  }

  private static func drawNormal(
    _ tensor: Tensor, _ mean: Double, _ std: Double, _ low: Double, _ high: Double, _ generator: Generator?
  ) throws(TensorError) {
    let normal = RandomFill(distribution: .normal(mean: mean, std: std), generator: generator)
    try run(normal, on: tensor)
    while true {
      let isOutside = (tensor .< low) .| (tensor .> high)
      if !isOutside.any().item(as: Bool.self) { return }
      let draws = Tensor.emptyLike(tensor)
      try run(normal, on: draws)
      tensor.copy(from: `where`(isOutside, draws, tensor))
    }
  }

  /// Draws from the bounds are kept with the density's height there, relative to its peak within the bounds.
  private static func drawAccepted(
    _ tensor: Tensor, _ mean: Double, _ std: Double, _ low: Double, _ high: Double, _ generator: Generator?
  ) throws(TensorError) {
    let offset = (Swift.max(low, Swift.min(mean, high)) - mean) / std
    let peak = -0.5 * (offset * offset)
    var isPending = Tensor.onesLike(tensor, dtype: .bool)
    while isPending.any().item(as: Bool.self) {
      let draws = Tensor.emptyLike(tensor)
      try run(RandomFill(distribution: .uniform(from: low, to: high), generator: generator), on: draws)
      tensor.copy(from: `where`(isPending, draws, tensor))
      let distance = (draws - mean) / std
      let logDensity = distance * distance * -0.5 - peak
      let levels = Tensor.emptyLike(tensor)
      try run(RandomFill(distribution: .uniform(from: 0, to: 1), generator: generator), on: levels)
      isPending = isPending .& (levels.log() .> logDensity)
    }
  }

  /// Fills with a matrix whose rows, or columns when there are fewer, are orthogonal and of length `gain`.
  ///
  /// The orthogonal part of a normal draw (Saxe et al., 2013); it is found in float64.
  /// - Parameters:
  ///   - tensor: At least two dimensions; those after the first count as one.
  ///   - gain: What the spread is multiplied by.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func orthogonal(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      guard tensor.rank >= 2 else { throw wrongRank("orthogonal", "at least 2 dimensions", tensor) }
      if tensor.count == 0 { return }
      let rows = tensor.layout.shape[0]
      let draws = Tensor.empty([rows, tensor.count / rows], dtype: tensor.dtype, device: tensor.device)
      try run(RandomFill(distribution: .normal(mean: 0, std: 1), generator: generator), on: draws)
      // Vectors to make orthogonal lie in rows, of which there must not be more than columns.
      let isTall = rows >= draws.layout.shape[1]
      let vectors = (isTall ? draws.t() : draws).to(.float64).contiguous()
      orthogonaliseRows(vectors)
      let result = (isTall ? vectors.t() : vectors) * gain
      tensor.copy(from: result.reshape(tensor.shape))
    }
  }

  /// The modified Gram-Schmidt process: each row is made a unit vector and taken out of those below it.
  ///
  /// The result is the Q of a QR decomposition whose R has a positive diagonal.
  private static func orthogonaliseRows(_ vectors: Tensor) {
    let count = vectors.layout.shape[0]
    for i in 0..<count {
      let row = vectors.select(dim: 0, index: i)
      row /= row.square().sum().sqrt()
      if i + 1 == count { break }
      let below = vectors.narrow(dim: 0, start: i + 1, length: count - i - 1)
      below -= (below * row).sum(dim: 1, keepDim: true) * row
    }
  }

  /// Fills a matrix with N(0, std^2) and then zeroes a share of each column, at random places.
  ///
  /// - Parameters:
  ///   - tensor: What is filled.
  ///   - sparsity: The share of zeros, rounded up to whole elements.
  ///   - std: The standard deviation of the elements that are not zero.
  ///   - generator: Where random numbers come from; nil for the default generator.
  @discardableResult
  public static func sparse(
    _ tensor: Tensor, sparsity: Double, std: Double = 0.01, generator: Generator? = nil
  ) -> Tensor {
    initialised(tensor) { () throws(TensorError) in
      guard tensor.rank == 2 else { throw wrongRank("sparse", "exactly 2 dimensions", tensor) }
      let (rows, columns) = (tensor.layout.shape[0], tensor.layout.shape[1])
      let zeroCount = Int((sparsity * Double(rows)).rounded(.up))
      guard zeroCount >= 0, zeroCount <= rows else {
        throw TensorError(.value, "Init.sparse", "the sparsity has to be between 0 and 1, but got \(sparsity)")
      }
      try run(RandomFill(distribution: .normal(mean: 0, std: std), generator: generator), on: tensor)
      let zeros = Tensor.zeros([zeroCount], dtype: tensor.dtype, device: tensor.device)
      for column in 0..<columns {
        let order = Tensor.randperm(rows, generator: generator).to(tensor.device)
        tensor.select(dim: 1, index: column).indexPut([order.narrow(dim: 0, start: 0, length: zeroCount)], zeros)
      }
    }
  }
}
