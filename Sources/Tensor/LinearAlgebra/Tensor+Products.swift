// Products beyond `matmul`: composites of it.

extension Tensor {
  /// `beta * self + alpha * (matrix @ vector)` for a matrix [n, m] and a vector [m]; the term broadcasts to [n].
  public func addmv(_ matrix: Tensor, _ vector: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      try adding(matrix.mv(vector), beta: beta, alpha: alpha, operation: "addmv")
    }
  }

  /// `beta * self + alpha * outer(a, b)` for vectors; the term broadcasts to [n, m].
  public func addr(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      try adding(a.outer(b), beta: beta, alpha: alpha, operation: "addr")
    }
  }

  /// `beta * self + alpha * (a @ b)` for equally long stacks [k, n, p] and [k, p, m]; the term broadcasts to [k, n, m].
  public func baddbmm(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      try adding(a.bmm(b), beta: beta, alpha: alpha, operation: "baddbmm")
    }
  }

  /// `beta * self + alpha * sum(a @ b)` over equally long stacks [k, n, p] and [k, p, m]; the term broadcasts to [n, m].
  public func addbmm(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      guard a.rank == 3, b.rank == 3, a.shape[0] == b.shape[0], a.shape[2] == b.shape[1] else {
        throw TensorError(.shape, "addbmm", "stacks of shapes \(a.shape) and \(b.shape) cannot be multiplied")
      }
      // One product over the stack and the inner dimension together.
      let left = a.permute(1, 0, 2).reshape([a.shape[1], a.shape[0] * a.shape[2]])
      let right = b.reshape([b.shape[0] * b.shape[1], b.shape[2]])
      return try adding(left.mm(right), beta: beta, alpha: alpha, operation: "addbmm")
    }
  }

  /// `beta * self + alpha * product`, self broadcast.
  func adding(
    _ product: Tensor, beta: Double, alpha: Double, operation: String
  ) throws(TensorError) -> Tensor {
    if dtype != product.dtype {
      throw TensorError(
        .dtype, operation, "expected operands of the same dtype, but got \(dtype) and \(product.dtype)")
    }
    try checkBroadcast(of: self, into: product, operation: operation)
    // Integers take the factor's whole part, as in PyTorch.
    func scaled(_ x: Tensor, _ factor: Double) throws(TensorError) -> Tensor {
      if factor == 1 { return x }
      if dtype.isFloatingPoint { return x * factor }
      guard let whole = Int64(exactly: factor.rounded(.towardZero)) else {
        throw TensorError(.value, operation, "the factor \(factor) does not fit \(dtype)")
      }
      return x * Tensor(number: dtype == .bool ? .bool(whole != 0) : .int(whole))
    }
    let term = try scaled(product, alpha)
    // A factor of 0 hides infinities and NaN of the term.
    return beta == 0 ? term : try scaled(self, beta) + term
  }

  /// The sums of products along the last dimensions: [..., n] and [..., n] to both others side by side; a zero-dim operand
  /// multiplies the other.
  public func inner(_ other: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if rank == 0 || other.rank == 0 { return self * other }
      guard shape[rank - 1] == other.shape[other.rank - 1] else {
        throw TensorError(
          .shape, "inner", "the last dimensions of shapes \(shape) and \(other.shape) are not equally long")
      }
      return tensordot(other, dims: ([-1], [-1]))
    }
  }

  /// The inner product of two vectors: `dot`, as no dtype is complex.
  public func vdot(_ other: Tensor) -> Tensor { dot(other) }

  /// The sums of products over pairs of dimensions; the others stand side by side, this tensor's first.
  ///
  /// - Parameters:
  ///   - other: Of this tensor's dtype.
  ///   - dims: This tensor's dimensions, and as many of the other's of the same sizes.
  public func tensordot(_ other: Tensor, dims: ([Int], [Int])) -> Tensor {
    checked { () throws(TensorError) in
      let name = "tensordot"
      guard dims.0.count == dims.1.count else {
        throw TensorError(.shape, name, "dims \(dims.0) and \(dims.1) are not equally many")
      }
      var pairs: [(Int, Int)] = []
      for (i, j) in zip(dims.0, dims.1) {
        let pair = (
          try resolve(dim: i, rank: rank, operation: name), try resolve(dim: j, rank: other.rank, operation: name)
        )
        if pairs.contains(where: { $0.0 == pair.0 || $0.1 == pair.1 }) {
          throw TensorError(.index, name, "a dimension appears twice in dims \(dims.0) and \(dims.1)")
        }
        pairs.append(pair)
      }
      var (a, b) = (self, other)
      for (i, j) in pairs where a.shape[i] != b.shape[j] {
        // A size of 1 stands for any, as in PyTorch.
        if a.shape[i] == 1 {
          b = b.sum(dim: j, keepDim: true).to(b.dtype)
        } else if b.shape[j] == 1 {
          a = a.sum(dim: i, keepDim: true).to(a.dtype)
        } else {
          throw TensorError(
            .shape, name, "dimension \(i) of shape \(shape) and dimension \(j) of shape \(other.shape) differ in size")
        }
      }
      let kept = (0..<a.rank).filter { i in !pairs.contains { $0.0 == i } }
      let others = (0..<b.rank).filter { j in !pairs.contains { $0.1 == j } }
      let (rows, columns) = (kept.map { a.shape[$0] }, others.map { b.shape[$0] })
      let inner = pairs.map { a.shape[$0.0] }.reduce(1, *)
      let left = a.permute(kept + pairs.map(\.0)).reshape([rows.reduce(1, *), inner])
      let right = b.permute(pairs.map(\.1) + others).reshape([inner, columns.reduce(1, *)])
      return left.mm(right).reshape(rows + columns)
    }
  }

  /// The sums of products over this tensor's last and the other's first `dims` dimensions.
  public func tensordot(_ other: Tensor, dims: Int = 2) -> Tensor {
    checked { () throws(TensorError) in
      guard dims >= 0, dims <= rank, dims <= other.rank else {
        throw TensorError(.value, "tensordot", "dims: \(dims) do not fit shapes \(shape) and \(other.shape)")
      }
      return tensordot(other, dims: (Array((rank - dims)..<rank), Array(0..<dims)))
    }
  }

  /// The Kronecker product: each element times the whole other tensor, as blocks.
  public func kron(_ other: Tensor) -> Tensor {
    let rank = Swift.max(rank, other.rank)
    func padded(_ x: Tensor) -> [Int] { Array(repeating: 1, count: rank - x.rank) + x.shape }
    let (a, b) = (padded(self), padded(other))
    let left = reshape(a.flatMap { [$0, 1] })
    let right = other.reshape(b.flatMap { [1, $0] })
    return (left * right).reshape(zip(a, b).map { $0 * $1 })
  }

  /// The sum of the diagonal of a matrix; integers give int64.
  public func trace() -> Tensor {
    checked { () throws(TensorError) in
      if rank != 2 { throw TensorError(.shape, "trace", "expected a matrix, but got shape \(shape)") }
      return diagonal().sum()
    }
  }

  /// The p-norm of the difference from another tensor, broadcast; floats only.
  public func dist(_ other: Tensor, p: Double = 2) -> Tensor { (self - other).norm(p: p) }

  /// The tensor with each slice along a dimension shrunk to a p-norm of at most `maxNorm`; floats only.
  public func renorm(p: Double, dim: Int, maxNorm: Double) -> Tensor {
    checked { () throws(TensorError) in
      let name = "renorm"
      if !(p > 0) { throw TensorError(.value, name, "p must be positive, but got \(p)") }
      if !(maxNorm >= 0) { throw TensorError(.value, name, "maxNorm must not be negative, but got \(maxNorm)") }
      if rank < 2 { throw TensorError(.shape, name, "expected at least 2 dimensions, but got shape \(shape)") }
      try checkFloating(self, operation: name)
      let dim = try resolve(dim: dim, rank: rank, operation: name)
      let others = (0..<rank).filter { $0 != dim }
      let wide = dtype.itemSize == 2 ? float() : self
      let norms = wide.norm(p: p, dims: others, keepDim: true)
      return self * (maxNorm / (norms + 1e-7)).maskedFill(norms .<= maxNorm, 1).to(dtype)
    }
  }

  /// The p-norm distances of each row to each row of another tensor: [..., n, m] and [..., k, m] to [..., n, k].
  ///
  /// For p = 2 and more than 25 rows it goes by products, `|a|² + |b|² - 2ab`, which loses digits of small distances, as
  /// PyTorch's does; else it takes memory for n k m elements. Floats only.
  public func cdist(_ other: Tensor, p: Double = 2) -> Tensor {
    checked { () throws(TensorError) in
      let name = "cdist"
      guard rank >= 2, other.rank >= 2, shape[rank - 1] == other.shape[other.rank - 1] else {
        throw TensorError(.shape, name, "rows of shapes \(shape) and \(other.shape) are not equally long")
      }
      if !(p >= 0) { throw TensorError(.value, name, "p must not be negative, but got \(p)") }
      try checkFloating(self, operation: name)
      let (n, k) = (shape[rank - 2], other.shape[other.rank - 2])
      if p != 2 || n <= 25 && k <= 25 {
        return (unsqueeze(dim: -2) - other.unsqueeze(dim: -3)).norm(p: p, dim: -1)
      }
      let squares = square().sum(dim: -1, keepDim: true)
      let others = other.square().sum(dim: -1, keepDim: true).transposed
      let squared = squares + others - 2 * matmul(other.transposed)
      // A distance of 0 has the gradient 0.
      return squared.maskedFill(squared .<= 0, 1).sqrt().maskedFill(squared .<= 0, 0)
    }
  }
}
