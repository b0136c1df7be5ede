// Systems of linear equations. Both operands have the same batch dimensions.

/// x of `a x = b` for square a; a singular one is an error unless `info` receives it.
package struct Solve: BinaryOperation {
  package let operation: String
  /// int32 [batch...]: 0, or the number of the pivot that is zero.
  package let info: Tensor?

  package init(operation: String = "solve", info: Tensor? = nil) {
    self.operation = operation
    self.info = info
  }

  package var name: String { operation }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: a, operation: name)
    let right = try MatrixStack(copying: b, operation: name)
    let pivots = try stack.empty([stack.rows], dtype: .int32)
    let failures: Tensor
    if let info { failures = info.viewed(as: [stack.count]) } else { failures = try stack.empty([], dtype: .int32) }
    try stack.backend.lu(stack.matrices, pivots: pivots, info: failures)
    if info == nil {
      try checkInfo(failures, operation: name) { "the matrix is singular: pivot \($0) is zero" }
    }
    try stack.backend.luSolve(stack.matrices, pivots: pivots, right.matrices, transposed: false)
    return try right.result(right.matrices)
  }
}

/// x of `a x = b`, or of `aᵀ x = b`, from the result of `LUFactor`; no derivative.
package struct LUSolve: TernaryOperation {
  package let transposed: Bool
  package init(transposed: Bool) { self.transposed = transposed }

  package var name: String { "luSolve" }
  package var isDifferentiable: Bool { false }

  package func forward(_ lu: Tensor, _ b: Tensor, _ pivots: Tensor?) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: lu, operation: name)
    let right = try MatrixStack(copying: b, operation: name)
    guard let pivots = try pivots.map({ (x) throws(TensorError) in try Contiguous().forward(x) }) else { return b }
    try stack.backend.luSolve(
      stack.matrices, pivots: pivots.viewed(as: [stack.count, stack.rows]), right.matrices, transposed: transposed)
    return try right.result(right.matrices)
  }
}

/// x of `a x = b` for triangular a, of which the other half is not read.
package struct TriangularSolve: BinaryOperation {
  package let upper: Bool
  /// Whether the diagonal counts as ones, unread.
  package let unitriangular: Bool

  package init(upper: Bool, unitriangular: Bool = false) {
    self.upper = upper
    self.unitriangular = unitriangular
  }

  package var name: String { "solveTriangular" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: a, operation: name)
    let right = try MatrixStack(copying: b, operation: name)
    try stack.backend.triangularSolve(
      stack.matrices, right.matrices, upper: upper, unitriangular: unitriangular)
    return try right.result(right.matrices)
  }
}

/// x of `L Lᵀ x = b`, or of `Uᵀ U x = b`, for b and a Cholesky factor, of which the other triangle is not read.
package struct CholeskySolve: BinaryOperation {
  package let upper: Bool
  package init(upper: Bool) { self.upper = upper }

  package var name: String { "choleskySolve" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ b: Tensor, _ factor: Tensor) throws(TensorError) -> Tensor {
    let right = try MatrixStack(copying: b, operation: name)
    let lower = try MatrixStack(copying: upper ? factor.viewTransposed : factor, operation: name)
    let turned = try MatrixStack(copying: upper ? factor : factor.viewTransposed, operation: name)
    let backend = right.backend
    try backend.triangularSolve(lower.matrices, right.matrices, upper: false, unitriangular: false)
    try backend.triangularSolve(turned.matrices, right.matrices, upper: true, unitriangular: false)
    return try right.result(right.matrices)
  }
}

extension Tensor {
  /// The last two dimensions exchanged, outside any graph.
  fileprivate var viewTransposed: Tensor { Scope.with(isGradEnabled: false).run { transposed } }
}

/// `log|det a|` of square matrices.
package struct LogAbsDeterminant: UnaryOperation {
  /// Of the input's batch shape; receives the sign of the determinant: 1, -1, or 0 for a singular matrix.
  package let sign: Tensor
  package init(sign: Tensor) { self.sign = sign }

  package var name: String { "slogdet" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let (sign, diagonal, stack) = try pivotDiagonal(x, operation: name)
    let signs = try Product(dims: [1], keepDim: false, dtype: nil).forward(Unary<Sign>().forward(diagonal))
    try stack.backend.copy(
      Binary<Multiply>().forward(sign, signs), to: self.sign.viewed(as: [stack.count]))
    let logarithms = try Unary<Log>().forward(Unary<Abs>().forward(diagonal))
    return try stack.result(Sum(dims: [1], keepDim: false, dtype: nil).forward(logarithms))
  }
}

/// The determinant of square matrices.
package struct Determinant: UnaryOperation {
  package init() {}
  package var name: String { "det" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let (sign, diagonal, stack) = try pivotDiagonal(x, operation: name)
    let products = try Product(dims: [1], keepDim: false, dtype: nil).forward(diagonal)
    return try stack.result(Binary<Multiply>().forward(sign, products))
  }
}

/// The diagonal of U, [count, n], and the sign of the exchange of rows, [count].
private func pivotDiagonal(
  _ x: Tensor, operation: String
) throws(TensorError) -> (sign: Tensor, diagonal: Tensor, stack: MatrixStack) {
  let stack = try MatrixStack(copying: x, operation: operation)
  let pivots = try stack.empty([stack.rows], dtype: .int32)
  let info = try stack.empty([], dtype: .int32)
  try stack.backend.lu(stack.matrices, pivots: pivots, info: info)
  return try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
    let places = Tensor.arange(1, stack.rows + 1, dtype: .int32, device: x.device)
    let exchanges = (pivots .!= places).sum(dim: 1)
    return (((exchanges % 2) * -2 + 1).to(.float64), stack.matrices.diagonal(dim1: 1, dim2: 2), stack)
  }
}

/// The Moore-Penrose inverse of matrices, singular values of at most `max(atol, rtol * largest)` counting as zeros.
package struct PseudoInverse: UnaryOperation {
  package let atol: Double
  /// nil: max(rows, columns) times the dtype's epsilon, unless an absolute tolerance is given.
  package let rtol: Double?
  package init(atol: Double, rtol: Double?) {
    self.atol = atol
    self.rtol = rtol
  }

  package var name: String { "pinv" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try checkMatrix(x, operation: name)
    let (rows, columns) = x.matrixSize
    return try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
      let wide = try cast(x, to: .float64)
      let svd = SVD(vectors: true)
      let packed = try svd.forward(wide)
      let parts = svd.parts(rows, columns)
      let s = parts.part(1, of: packed)
      if s.shape.contains(0) {
        return try cast(
          Tensor.zeros(x.shape.dropLast(2) + [columns, rows], dtype: x.dtype, device: x.device), to: x.dtype)
      }
      let tolerance = s.amax(dim: -1, keepDim: true) * (rtol ?? x.dtype.rankTolerance(rows, columns, atol: atol))
      let inverse = `where`(s .> tolerance.maximum(Tensor(number: .float(atol))), s.reciprocal(), 0)
      let v = parts.part(2, of: packed).transposed * inverse.unsqueeze(dim: -2)
      return try cast(v.matmul(parts.part(0, of: packed).transposed), to: x.dtype)
    }
  }
}

extension DType {
  /// PyTorch's relative tolerance of singular values: max(rows, columns) times epsilon, or 0 beside an absolute one.
  func rankTolerance(_ rows: Int, _ columns: Int, atol: Double) -> Double {
    atol > 0 ? 0 : Double(Swift.max(rows, columns)) * (self == .float64 ? 0x1p-52 : 0x1p-23)
  }
}
