/// Linear algebra on matrices and stacks of them, as `torch.linalg`: functions of the last two dimensions.
///
/// Factorisations take float32 and float64, compute in float64 on the CPU and round once, so that float32 results are more
/// accurate than LAPACK's; other dtypes and devices are an error. All but those that return indices or ranks have
/// derivatives of any order. Vectors and signs that a factorisation leaves open are not fixed: gradients are right for
/// losses that do not depend on them.
public enum Linalg {}

extension Linalg {
  /// The Cholesky factor L of symmetric positive definite matrices [..., n, n]: `a = L Lᵀ`, or U of `a = Uᵀ U`.
  ///
  /// Only one triangle of the input is read, the upper one when `upper`. A matrix that is not positive definite is an error.
  public static func cholesky(_ a: Tensor, upper: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let (factor, info) = try choleskyFactor(a, upper: upper, operation: "cholesky")
      try checkInfo(info, operation: "cholesky") { "the leading minor of order \($0) is not positive definite" }
      return factor
    }
  }

  /// As `cholesky`, and int32 [...] that are 0 or the order of the leading minor that is not positive definite.
  public static func choleskyEx(_ a: Tensor, upper: Bool = false) -> (factor: Tensor, info: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try choleskyFactor(a, upper: upper, operation: "choleskyEx")
    }
  }

  private static func choleskyFactor(
    _ a: Tensor, upper: Bool, operation: String
  ) throws(TensorError) -> (factor: Tensor, info: Tensor) {
    try checkSquare(a, operation: operation)
    let info = try integers(Dims(a.layout.shape.dropLast(2)), on: a, operation: operation)
    let factor = try run(Cholesky(info: info), upper ? a.transposed : a)
    return (upper ? factor.transposed : factor, info)
  }

  /// Which shapes `qr` gives its factors.
  public enum QRMode: Sendable {
    /// Q of min(rows, columns) columns.
    case reduced
    /// A square Q.
    case complete
    /// R alone, as reduced; Q is empty.
    case r
  }

  /// Q of orthonormal columns and upper triangular R of matrices [..., m, n]: `a = Q R`, by Householder's reflections.
  ///
  /// The derivative needs m >= n, or the reduced mode.
  public static func qr(_ a: Tensor, mode: QRMode = .reduced) -> (q: Tensor, r: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try checkMatrix(a, operation: "qr")
      let operation = QR(complete: mode == .complete)
      let packed = try run(operation, a)
      let parts = operation.parts(a.matrixSize.rows, a.matrixSize.columns)
      let q = mode == .r ? Tensor.empty([0], dtype: a.dtype, device: a.device) : parts.separate(0, of: packed)
      return (q, parts.separate(1, of: packed))
    }
  }

  /// The eigenvalues [..., n], rising, and the eigenvectors [..., n, n], as columns, of symmetric matrices.
  ///
  /// Only one triangle of the input is read, the upper one when `upper`.
  public static func eigh(_ a: Tensor, upper: Bool = false) -> (eigenvalues: Tensor, eigenvectors: Tensor) {
    checked(or: (.poisoned, .poisoned)) { () throws(TensorError) in
      try checkSquare(a, operation: "eigh")
      let operation = Eigh(vectors: true, upper: upper)
      let packed = try run(operation, a)
      let parts = operation.parts(a.matrixSize.rows)
      return (parts.separate(0, of: packed), parts.separate(1, of: packed))
    }
  }

  /// The eigenvalues [..., n], rising, of symmetric matrices, of which one triangle is read.
  public static func eigvalsh(_ a: Tensor, upper: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      try checkSquare(a, operation: "eigvalsh")
      let operation = Eigh(vectors: false, upper: upper)
      return operation.parts(a.matrixSize.rows).separate(0, of: try run(operation, a))
    }
  }

  /// The singular value decomposition of matrices [..., m, n]: `a = U diag(S) Vᵀ`, with S falling; by one-sided Jacobi
  /// rotations (Hestenes, 1958).
  ///
  /// - Parameters:
  ///   - a: Of float32 or float64.
  ///   - fullMatrices: Whether U and Vᵀ are square; else they have min(m, n) columns and rows.
  public static func svd(_ a: Tensor, fullMatrices: Bool = true) -> (u: Tensor, s: Tensor, vt: Tensor) {
    checked(or: (.poisoned, .poisoned, .poisoned)) { () throws(TensorError) in
      try checkMatrix(a, operation: "svd")
      let (rows, columns) = a.matrixSize
      let packed = try run(SVD(vectors: true), a)
      let parts = SVD(vectors: true).parts(rows, columns)
      var (u, vt) = (parts.separate(0, of: packed), parts.separate(2, of: packed))
      if fullMatrices {
        u = completed(u)
        vt = completed(vt.transposed).transposed
      }
      return (u, parts.separate(1, of: packed), vt)
    }
  }

  /// The singular values [..., min(m, n)], falling, of matrices [..., m, n].
  public static func svdvals(_ a: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkMatrix(a, operation: "svdvals")
      let packed = try run(SVD(vectors: false), a)
      return SVD(vectors: false).parts(a.matrixSize.rows, a.matrixSize.columns).separate(1, of: packed)
    }
  }

  /// Orthonormal columns and, after them, columns that make the matrix square.
  private static func completed(_ u: Tensor) -> Tensor {
    let (rows, columns) = u.matrixSize
    if columns >= rows { return u }
    let basis = noRecording { qr(u, mode: .complete).q }
    return cat([u, basis.narrow(dim: -1, start: columns, length: rows - columns)], dim: -1)
  }

  // MARK: LU

  /// P, L and U of matrices [..., m, n]: `a = P L U`, with partial pivoting.
  public static func lu(_ a: Tensor) -> (p: Tensor, l: Tensor, u: Tensor) {
    let (factors, pivots) = luFactor(a)
    return luUnpack(factors, pivots)
  }

  /// The LU factorisation of matrices [..., m, n] in one tensor, L below its diagonal of ones and U on and above it, and
  /// the int32 pivots [..., min(m, n)]: row i was exchanged with row `pivots[i]`, counted from 1.
  public static func luFactor(_ a: Tensor) -> (lu: Tensor, pivots: Tensor) {
    let (lu, pivots, _) = luFactorEx(a)
    return (lu, pivots)
  }

  /// As `luFactor`, and int32 [...] that are 0 or the number of the first pivot that is zero.
  public static func luFactorEx(_ a: Tensor) -> (lu: Tensor, pivots: Tensor, info: Tensor) {
    checked(or: (.poisoned, .poisoned, .poisoned)) { () throws(TensorError) in
      try checkMatrix(a, operation: "luFactor")
      let batch = Dims(a.layout.shape.dropLast(2))
      let (rows, columns) = a.matrixSize
      let pivots = try integers(batch + [Swift.min(rows, columns)], on: a, operation: "luFactor")
      let info = try integers(batch, on: a, operation: "luFactor")
      return (try run(LUFactor(pivots: pivots, info: info), a), pivots, info)
    }
  }

  /// The P, L and U of what `luFactor` returned.
  public static func luUnpack(_ lu: Tensor, _ pivots: Tensor) -> (p: Tensor, l: Tensor, u: Tensor) {
    checked(or: (.poisoned, .poisoned, .poisoned)) { () throws(TensorError) in
      try checkMatrix(lu, operation: "luUnpack")
      let (rows, columns) = lu.matrixSize
      let k = Swift.min(rows, columns)
      let l =
        lu.narrow(dim: -1, start: 0, length: k).tril(diagonal: -1)
        + Tensor.eye(rows, k, dtype: lu.dtype, device: lu.device)
      return (
        try permutation(pivots, rows: rows, dtype: lu.dtype), l, lu.narrow(dim: -2, start: 0, length: k).triu()
      )
    }
  }

  /// The solution x of `a x = b` from what `luFactor` made of a.
  ///
  /// - Parameters:
  ///   - lu: Of shape [..., n, n].
  ///   - pivots: int32 [..., n].
  ///   - b: Of shape [..., n, k], or [..., k, n] when not `left`.
  ///   - left: Whether a stands left of x; else `x a = b`.
  ///   - adjoint: Whether a is transposed.
  public static func luSolve(
    _ lu: Tensor, _ pivots: Tensor, _ b: Tensor, left: Bool = true, adjoint: Bool = false
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "luSolve"
      try checkSquare(lu, operation: name)
      try checkMatrix(b, operation: name)
      if !left { return luSolve(lu, pivots, b.transposed, adjoint: !adjoint).transposed }
      let (factors, right) = try broadcastStacks(lu, b, operation: name)
      if factors.matrixSize.rows != right.matrixSize.rows {
        throw TensorError(.shape, name, "factors of shape \(lu.shape) do not fit a right side of shape \(b.shape)")
      }
      if pivots.shape != lu.shape.dropLast() || pivots.dtype != .int32 {
        throw TensorError(
          .shape, name,
          "expected pivots of shape \(lu.shape.dropLast()) and dtype .int32, but got \(pivots.shape) and \(pivots.dtype)"
        )
      }
      let places = pivots.expand(Array(factors.shape.dropLast()))
      if factors.isRecorded || right.isRecorded {
        // By the factors, which have derivatives.
        let p = try permutation(places, rows: factors.matrixSize.rows, dtype: lu.dtype)
        let lower = factors.tril(diagonal: -1)
        if adjoint {
          let y = try run(TriangularSolve(upper: false), factors.triu().transposed, right)
          return p.matmul(try run(TriangularSolve(upper: true, unitriangular: true), lower.transposed, y))
        }
        let y = try run(TriangularSolve(upper: false, unitriangular: true), lower, p.transposed.matmul(right))
        return try run(TriangularSolve(upper: true), factors.triu(), y)
      }
      return try run(LUSolve(transposed: adjoint), factors, right, places)
    }
  }

  /// The matrices [..., rows, rows] that exchange rows as the pivots of an LU factorisation undo it.
  package static func permutation(_ pivots: Tensor, rows: Int, dtype: DType) throws(TensorError) -> Tensor {
    if pivots.dtype != .int32 || pivots.rank == 0 || pivots.shape[pivots.rank - 1] > rows {
      throw TensorError(
        .shape, "luUnpack", "pivots of shape \(pivots.shape) and dtype \(pivots.dtype) do not fit \(rows) rows")
    }
    let steps = pivots.shape[pivots.rank - 1]
    let batch = pivots.shape.dropLast()
    let numbers = pivots.contiguous().array(as: Int.self)
    var rowsOf: [Int64] = []
    for start in stride(from: 0, to: batch.reduce(1, *) * Swift.max(steps, 1), by: Swift.max(steps, 1)) {
      var order = Array(0..<rows)
      for i in 0..<steps {
        let pivot = numbers[start + i] - 1
        guard pivot >= 0, pivot < rows else {
          throw TensorError(.index, "luUnpack", "pivot \(pivot + 1) is out of range for \(rows) rows")
        }
        order.swapAt(i, pivot)
      }
      rowsOf += order.map(Int64.init)
    }
    // Column i of P has its 1 in the row that stands at i after the exchanges.
    let order = Tensor(rowsOf, device: pivots.device).reshape(batch + [1, rows])
    let places = Tensor.arange(rows, device: pivots.device).unsqueeze(dim: 1)
    return (places .== order).to(dtype)
  }

  /// The first columns of the product of Householder's reflectors `I - tau v vᵀ`, as LAPACK's geqrf leaves them.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., m, n], m >= n, column i holding v below the diagonal, on which it is 1.
  ///   - tau: Of shape [..., k], k <= n.
  /// - Returns: A tensor of a's shape.
  public static func householderProduct(_ a: Tensor, _ tau: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let name = "householderProduct"
      try checkMatrix(a, operation: name)
      let (rows, columns) = a.matrixSize
      guard rows >= columns, tau.rank == a.rank - 1, tau.shape.dropLast() == a.shape.dropLast(2),
        tau.shape[tau.rank - 1] <= columns, tau.dtype == a.dtype
      else {
        throw TensorError(
          .shape, name, "factors of shape \(tau.shape) do not fit reflectors of shape \(a.shape), dtype \(a.dtype)")
      }
      // In float64, as the other factorisations.
      let v = a.double().tril(diagonal: -1) + Tensor.eye(rows, columns, dtype: .float64, device: a.device)
      let tau = tau.double()
      var q = Tensor.eye(rows, columns, dtype: .float64, device: a.device).expand(a.shape)
      for i in (0..<tau.shape[tau.rank - 1]).reversed() {
        let reflector = v.narrow(dim: -1, start: i, length: 1)
        let scaled = tau.narrow(dim: -1, start: i, length: 1).unsqueeze(dim: -1) * reflector
        q = q - scaled.matmul(reflector.transposed.matmul(q))
      }
      return q.to(a.dtype)
    }
  }

  static func integers(_ shape: Dims, on x: Tensor, operation: String) throws(TensorError) -> Tensor {
    try Tensor(uninitialized: Layout(contiguous: shape), dtype: .int32, on: x.backend, for: operation)
  }

  static func noRecording<Result>(_ body: () -> Result) -> Result {
    Scope.with(isGradEnabled: false).run { body() }
  }

  /// Both stacks expanded to common batch dimensions.
  static func broadcastStacks(
    _ a: Tensor, _ b: Tensor, operation: String
  ) throws(TensorError) -> (Tensor, Tensor) {
    try checkSameDevice(a, b, operation: operation)
    if a.dtype != b.dtype {
      throw TensorError(.dtype, operation, "expected operands of one dtype, but got \(a.dtype) and \(b.dtype)")
    }
    guard let batch = Dims.broadcast(Dims(a.layout.shape.dropLast(2)), Dims(b.layout.shape.dropLast(2))) else {
      throw TensorError(
        .shape, operation, "the leading dimensions of shapes \(a.shape) and \(b.shape) do not broadcast")
    }
    return (a.expand(batch + a.shape.suffix(2)), b.expand(batch + b.shape.suffix(2)))
  }
}
