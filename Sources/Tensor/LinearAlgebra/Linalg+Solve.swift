// Systems of equations, inverses, determinants.

extension Linalg {
  /// The solution x of `a x = b` for square matrices; a singular one is an error.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., n, n].
  ///   - b: Of shape [..., n, k], or vectors [..., n] whose leading dimensions are a's; [..., k, n] when not `left`. Leading
  ///     dimensions broadcast.
  ///   - left: Whether a stands left of x; else `x a = b`.
  public static func solve(_ a: Tensor, _ b: Tensor, left: Bool = true) -> Tensor {
    checked { () throws(TensorError) in try solution(a, b, left: left, info: nil, operation: "solve") }
  }

  /// As `solve`, and int32 [...] that are 0 or the number of the pivot that is zero; x is not finite there.
  public static func solveEx(_ a: Tensor, _ b: Tensor, left: Bool = true) -> (result: Tensor, info: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try checkSquare(a, operation: "solveEx")
      let info = try integers(Dims(a.layout.shape.dropLast(2)), on: a, operation: "solveEx")
      return (try solution(a, b, left: left, info: info, operation: "solveEx"), info)
    }
  }

  private static func solution(
    _ a: Tensor, _ b: Tensor, left: Bool, info: Tensor?, operation: String
  ) throws(TensorError) -> Tensor {
    try checkSquare(a, operation: operation)
    let isVector = b.rank == 1 || b.rank == a.rank - 1 && b.shape == Array(a.shape.dropLast())
    if isVector && !left {
      throw TensorError(.shape, operation, "a right side of vectors, shape \(b.shape), needs left: true")
    }
    let matrix = isVector ? b.unsqueeze(dim: -1) : b
    try checkMatrix(matrix, operation: operation)
    if !left {
      return try solution(a.transposed, matrix.transposed, left: true, info: info, operation: operation).transposed
    }
    if a.matrixSize.rows != matrix.matrixSize.rows {
      throw TensorError(.shape, operation, "matrices of shape \(a.shape) do not fit a right side of shape \(b.shape)")
    }
    let (coefficients, right) = try broadcastStacks(a, matrix, operation: operation)
    // Where a is repeated, its info is too.
    let infos = try info.map { (x) throws(TensorError) in
      coefficients.rank == a.rank && coefficients.shape == a.shape
        ? x : try integers(Dims(coefficients.layout.shape.dropLast(2)), on: a, operation: operation)
    }
    let x = try run(Solve(operation: operation, info: infos), coefficients, right)
    if let info, let infos, info !== infos { info.copy(from: noRecording { solveEx(a, unit(a)).info }) }
    return isVector ? x.squeeze(dim: -1) : x
  }

  /// The solution x of `a x = b` for triangular matrices, of which the other half is not read.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., n, n].
  ///   - b: Of shape [..., n, k], or [..., k, n] when not `left`. Leading dimensions broadcast.
  ///   - upper: Whether the upper triangle is given, else the lower.
  ///   - left: Whether a stands left of x; else `x a = b`.
  ///   - unitriangular: Whether the diagonal counts as ones and is not read.
  public static func solveTriangular(
    _ a: Tensor, _ b: Tensor, upper: Bool, left: Bool = true, unitriangular: Bool = false
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "solveTriangular"
      try checkSquare(a, operation: name)
      try checkMatrix(b, operation: name)
      if a.matrixSize.rows != (left ? b.matrixSize.rows : b.matrixSize.columns) {
        throw TensorError(.shape, name, "matrices of shape \(a.shape) do not fit a right side of shape \(b.shape)")
      }
      if !left {
        let (coefficients, right) = try broadcastStacks(a.transposed, b.transposed, operation: name)
        let operation = TriangularSolve(upper: !upper, unitriangular: unitriangular)
        return try run(operation, coefficients, right).transposed
      }
      let (coefficients, right) = try broadcastStacks(a, b, operation: name)
      return try run(TriangularSolve(upper: upper, unitriangular: unitriangular), coefficients, right)
    }
  }

  /// The inverses of square matrices [..., n, n]; a singular one is an error.
  public static func inv(_ a: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkSquare(a, operation: "inv")
      return try run(Solve(operation: "inv"), a, unit(a))
    }
  }

  /// As `inv`, and int32 [...] that are 0 or the number of the pivot that is zero.
  public static func invEx(_ a: Tensor) -> (inverse: Tensor, info: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try checkSquare(a, operation: "invEx")
      let info = try integers(Dims(a.layout.shape.dropLast(2)), on: a, operation: "invEx")
      return (try run(Solve(operation: "invEx", info: info), a, unit(a)), info)
    }
  }

  private static func unit(_ a: Tensor) -> Tensor {
    Tensor.eye(a.matrixSize.rows, dtype: a.dtype, device: a.device).expand(a.shape)
  }

  /// The determinants [...] of square matrices [..., n, n].
  public static func det(_ a: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkSquare(a, operation: "det")
      return try run(Determinant(), a)
    }
  }

  /// The signs and the logarithms of the absolute values of determinants, [...], of square matrices [..., n, n].
  ///
  /// A singular matrix has the sign 0 and the logarithm -inf.
  public static func slogdet(_ a: Tensor) -> (sign: Tensor, logabsdet: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try checkSquare(a, operation: "slogdet")
      let sign = Tensor.empty(Array(a.shape.dropLast(2)), dtype: a.dtype, device: a.device)
      return (sign, try run(LogAbsDeterminant(sign: sign), a))
    }
  }

  /// The Moore-Penrose inverses [..., n, m] of matrices [..., m, n].
  ///
  /// - Parameters:
  ///   - a: Of float32 or float64.
  ///   - atol: Singular values up to it count as zeros.
  ///   - rtol: Those up to it times the largest do; by default max(m, n) times the dtype's epsilon, or 0 with an `atol`.
  ///   - hermitian: Whether the matrices are symmetric, of which the lower triangle is read.
  public static func pinv(_ a: Tensor, atol: Double = 0, rtol: Double? = nil, hermitian: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      try checkMatrix(a, operation: "pinv")
      return try run(PseudoInverse(atol: atol, rtol: rtol), hermitian ? try mirrored(a, "pinv") : a)
    }
  }

  /// The symmetric matrix of a lower triangle.
  private static func mirrored(_ a: Tensor, _ operation: String) throws(TensorError) -> Tensor {
    try checkSquare(a, operation: operation)
    return a.tril() + a.tril(diagonal: -1).transposed
  }

  /// The ranks [...], int64, of matrices [..., m, n]: how many singular values exceed `max(atol, rtol * largest)`.
  ///
  /// - Parameters:
  ///   - a: Of float32 or float64.
  ///   - atol: The absolute tolerance.
  ///   - rtol: The relative one; by default max(m, n) times the dtype's epsilon, or 0 with an `atol`.
  ///   - hermitian: Whether the matrices are symmetric, of which the lower triangle is read.
  public static func matrixRank(
    _ a: Tensor, atol: Double = 0, rtol: Double? = nil, hermitian: Bool = false
  ) -> Tensor {
    checked { () throws(TensorError) in
      try checkMatrix(a, operation: "matrixRank")
      let relative = rtol ?? a.dtype.rankTolerance(a.matrixSize.rows, a.matrixSize.columns, atol: atol)
      return matrixRank(
        a, atol: Tensor(number: .float(atol)), rtol: Tensor(number: .float(relative)), hermitian: hermitian)
    }
  }

  /// The same with tolerances of each matrix's own: tensors that broadcast with [...].
  public static func matrixRank(_ a: Tensor, atol: Tensor, rtol: Tensor, hermitian: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      try checkMatrix(a, operation: "matrixRank")
      let values = noRecording { hermitian ? eigvalsh(a).abs() : svdvals(a) }
      if values.shape.last == 0 { return Tensor.zeros(values.shape.dropLast(), dtype: .int64, device: a.device) }
      let tolerance = (values.amax(dim: -1) * rtol).maximum(atol)
      return (values .> tolerance.unsqueeze(dim: -1)).sum(dim: -1)
    }
  }

  /// How `lstsq` is asked to work: named after LAPACK's drivers, which differ in what else they return.
  public enum LeastSquaresDriver: Sendable {
    /// Matrices of full rank; no rank is returned.
    case gels
    /// Any rank.
    case gelsy
    /// Any rank; singular values are returned.
    case gelsd, gelss
  }

  /// The x of least norm among those that minimise `|a x - b|`.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., m, n].
  ///   - b: Of shape [..., m, k], or [..., m] where a's is [..., m, n].
  ///   - rcond: Singular values up to it times the largest count as zeros; by default max(m, n) times epsilon.
  ///   - driver: What else is returned.
  /// - Returns: The solution [..., n, k]; the squared residuals [..., k] where m > n and the ranks are full, else and for `.gelsy` empty; the
  ///   ranks [...], int64, empty for `.gels`; the singular values for `.gelsd` and `.gelss`, else empty.
  public static func lstsq(
    _ a: Tensor, _ b: Tensor, rcond: Double? = nil, driver: LeastSquaresDriver = .gelsy
  ) -> (solution: Tensor, residuals: Tensor, rank: Tensor, singularValues: Tensor) {
    checked(or: (.poisoned, .poisoned, .poisoned, .poisoned)) { () throws(TensorError) in
      let name = "lstsq"
      try checkMatrix(a, operation: name)
      let isVector = b.rank == a.rank - 1
      let right = isVector ? b.unsqueeze(dim: -1) : b
      try checkMatrix(right, operation: name)
      let (rows, columns) = a.matrixSize
      if right.matrixSize.rows != rows {
        throw TensorError(.shape, name, "matrices of shape \(a.shape) do not fit a right side of shape \(b.shape)")
      }
      let (coefficients, targets) = try broadcastStacks(a, right, operation: name)
      let tolerance = rcond ?? a.dtype.rankTolerance(rows, columns, atol: 0)
      var solution = pinv(coefficients, rtol: Swift.max(tolerance, 0)).matmul(targets)
      let none = Tensor.empty([0], dtype: a.dtype, device: a.device)
      let ranks = driver == .gels ? nil : matrixRank(coefficients, rtol: Swift.max(tolerance, 0))
      let isFull = ranks.map { ($0 .== columns).all().item(as: Bool.self) } ?? true
      let residuals =
        driver != .gelsy && rows > columns && isFull
        ? (coefficients.matmul(solution) - targets).square().sum(dim: -2) : none
      if isVector { solution = solution.squeeze(dim: -1) }
      let values = driver == .gelsd || driver == .gelss ? noRecording { svdvals(coefficients) } : none
      return (
        solution, residuals, ranks ?? Tensor.empty([0], dtype: .int64, device: a.device), values
      )
    }
  }

  /// The inverse of a tensor seen as a matrix of its first `ind` dimensions by the others.
  ///
  /// - Returns: A tensor of shape [others..., first...].
  public static func tensorinv(_ a: Tensor, ind: Int = 2) -> Tensor {
    checked { () throws(TensorError) in
      guard ind > 0 else { throw TensorError(.value, "tensorinv", "ind must be positive, but got \(ind)") }
      let (first, rest) = (Array(a.shape.prefix(ind)), Array(a.shape.dropFirst(ind)))
      let (rows, columns) = (first.reduce(1, *), rest.reduce(1, *))
      if rows != columns {
        throw TensorError(
          .shape, "tensorinv", "shape \(a.shape) is not a square matrix when cut after \(ind) dimensions")
      }
      return inv(a.reshape([rows, columns])).reshape(rest + first)
    }
  }

  /// x of `tensordot(a, x, dims: x.rank) = b`.
  ///
  /// - Parameters:
  ///   - a: Of shape b.shape + x.shape, after `dims` were moved to its end.
  ///   - b: The right side.
  ///   - dims: Dimensions of a to be moved to its end first.
  public static func tensorsolve(_ a: Tensor, _ b: Tensor, dims: [Int]? = nil) -> Tensor {
    checked { () throws(TensorError) in
      var a = a
      if let dims { a = a.movedim(dims, Array((a.rank - dims.count)..<a.rank)) }
      let shape = Array(a.shape.dropFirst(b.rank))
      let size = shape.reduce(1, *)
      if size != b.count || a.count != size * size {
        throw TensorError(
          .shape, "tensorsolve", "a of shape \(a.shape) and b of shape \(b.shape) do not make a square system")
      }
      return solve(a.reshape([size, size]), b.reshape([size])).reshape(shape)
    }
  }
}

extension Tensor {
  /// The determinants of square matrices, as `Linalg.det`.
  public func det() -> Tensor { Linalg.det(self) }
  /// The signs and logarithms of the absolute values of determinants, as `Linalg.slogdet`.
  public func slogdet() -> (sign: Tensor, logabsdet: Tensor) { Linalg.slogdet(self) }
  /// The logarithms of determinants, NaN where one is negative.
  public func logdet() -> Tensor {
    let (sign, logabsdet) = Linalg.slogdet(self)
    return logabsdet.maskedFill(sign .== -1, Double.nan)
  }
  /// The inverses of square matrices, as `Linalg.inv`.
  public func inverse() -> Tensor { Linalg.inv(self) }
  /// The Moore-Penrose inverses of matrices, as `Linalg.pinv`.
  public func pinverse(rcond: Double = 1e-15) -> Tensor { Linalg.pinv(self, rtol: rcond) }

  /// The inverse of `L Lᵀ`, or of `Uᵀ U` when `upper`, for Cholesky factors [..., n, n].
  public func choleskyInverse(upper: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      try checkSquare(self, operation: "choleskyInverse")
      let unit = Tensor.eye(matrixSize.rows, dtype: dtype, device: device).expand(shape)
      return unit.choleskySolve(self, upper: upper)
    }
  }

  /// x of `L Lᵀ x = self`, or of `Uᵀ U x = self` when `upper`, for a Cholesky factor [..., n, n] and right sides [..., n, k].
  public func choleskySolve(_ factor: Tensor, upper: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      try checkSquare(factor, operation: "choleskySolve")
      try checkMatrix(self, operation: "choleskySolve")
      if factor.matrixSize.rows != matrixSize.rows {
        throw TensorError(
          .shape, "choleskySolve", "factors of shape \(factor.shape) do not fit a right side of shape \(shape)")
      }
      let (right, factors) = try Linalg.broadcastStacks(self, factor, operation: "choleskySolve")
      return try run(CholeskySolve(upper: upper), right, factors)
    }
  }

  /// x of `a x = self` for a triangular matrix a, and a itself.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., n, n].
  ///   - upper: Whether the upper triangle is given.
  ///   - transpose: Whether a is transposed.
  ///   - unitriangular: Whether the diagonal counts as ones.
  public func triangularSolve(
    _ a: Tensor, upper: Bool = true, transpose: Bool = false, unitriangular: Bool = false
  ) -> (solution: Tensor, clonedCoefficient: Tensor) {
    let x = Linalg.solveTriangular(
      transpose ? a.transpose(-1, -2) : a, self, upper: upper != transpose, unitriangular: unitriangular)
    return (x, a.clone())
  }
}
