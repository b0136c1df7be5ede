// Factorisations of stacks of matrices, computed in float64 and rounded once. Results of several parts lie packed in one
// tensor, see `Parts`.

/// The lower factor L of `a = L Lᵀ`; of the input only the lower triangle is read.
package struct Cholesky: UnaryOperation {
  /// int32 [batch...]: 0, or the order of the leading minor that is not positive.
  package let info: Tensor
  package init(info: Tensor) { self.info = info }

  package var name: String { "cholesky" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: x, operation: name)
    try stack.backend.cholesky(stack.matrices, info: info.viewed(as: [stack.count]))
    return try stack.result(stack.matrices)
  }
}

/// L below a diagonal of ones and U on and above it, with rows exchanged by pivots that the operation receives.
package struct LUFactor: UnaryOperation {
  /// int32 [batch..., min(rows, columns)], counted from 1.
  package let pivots: Tensor
  /// int32 [batch...]: 0, or the number of the first pivot that is zero.
  package let info: Tensor
  package init(pivots: Tensor, info: Tensor) {
    self.pivots = pivots
    self.info = info
  }

  package var name: String { "luFactor" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: x, operation: name)
    let steps = Swift.min(stack.rows, stack.columns)
    try stack.backend.lu(
      stack.matrices, pivots: pivots.viewed(as: [stack.count, steps]), info: info.viewed(as: [stack.count]))
    return try stack.result(stack.matrices)
  }
}

/// Q and R of `a = Q R`, packed: Q of orthonormal columns, R upper triangular.
package struct QR: UnaryOperation {
  /// Whether Q is square, rows by rows; else it is rows by min(rows, columns).
  package let complete: Bool
  package init(complete: Bool) { self.complete = complete }

  package var name: String { "qr" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func parts(_ rows: Int, _ columns: Int) -> Parts {
    let inner = complete ? rows : Swift.min(rows, columns)
    return Parts([rows, inner], [inner, columns])
  }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: x, operation: name)
    let (rows, columns) = (stack.rows, stack.columns)
    let k = Swift.min(rows, columns)
    let inner = complete ? rows : k
    let tau = try stack.empty([k])
    try stack.backend.qr(stack.matrices, tau: tau)
    let q = try stack.empty([rows, inner])
    let copied = Swift.min(inner, columns)
    try stack.backend.copy(
      stack.matrices.narrow(dim: 2, start: 0, length: copied), to: q.narrow(dim: 2, start: 0, length: copied))
    try stack.backend.householderProduct(q, tau: tau)
    let r = try Contiguous().forward(
      Scope.with(isGradEnabled: false).run { stack.matrices.narrow(dim: 1, start: 0, length: inner).triu() })
    return try stack.packed(q, r)
  }
}

/// The eigenvalues, rising, and the eigenvectors, as columns, of symmetric matrices of which the lower triangle is read.
package struct Eigh: UnaryOperation {
  /// Whether the vectors are wanted too; they are computed in any case, but a derivative need not be theirs.
  package let vectors: Bool
  /// Whether the upper triangle is read.
  package let upper: Bool
  package init(vectors: Bool, upper: Bool) {
    self.vectors = vectors
    self.upper = upper
  }

  package var name: String { vectors ? "eigh" : "eigvalsh" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }
  package func parts(_ n: Int) -> Parts { Parts([n], [n, n]) }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: upper ? Linalg.noRecording { x.transposed } : x, operation: name)
    let values = try stack.empty([stack.rows])
    let info = try stack.empty([], dtype: .int32)
    try stack.backend.eigh(stack.matrices, values: values, info: info)
    try checkInfo(info, operation: name) { _ in
      "the iteration for eigenvalues did not converge: does the matrix hold infinities or NaN?"
    }
    return try stack.packed(values, stack.matrices)
  }
}

/// U, S and Vᵀ of `a = U diag(S) Vᵀ`, packed, with min(rows, columns) singular values, which fall.
package struct SVD: UnaryOperation {
  /// Whether the vectors are wanted too; they are computed in any case, but a derivative need not be theirs.
  package let vectors: Bool
  package init(vectors: Bool) { self.vectors = vectors }

  package var name: String { vectors ? "svd" : "svdvals" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .full : .untouched }

  package func parts(_ rows: Int, _ columns: Int) -> Parts {
    let k = Swift.min(rows, columns)
    return Parts([rows, k], [k], [k, columns])
  }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let stack = try MatrixStack(copying: x, operation: name)
    let k = Swift.min(stack.rows, stack.columns)
    let (u, values, vt) = try (
      stack.empty([stack.rows, k]), stack.empty([k]), stack.empty([k, stack.columns])
    )
    let info = try stack.empty([], dtype: .int32)
    try stack.backend.svd(stack.matrices, u: u, values: values, vt: vt, info: info)
    try checkInfo(info, operation: name) { _ in
      "the iteration for singular values did not converge: does the matrix hold infinities or NaN?"
    }
    return try stack.packed(u, values, vt)
  }
}
