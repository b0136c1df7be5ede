/// Factorisations of matrices: a family that a backend may lack.
///
/// Matrices are row-major float64 stacks [count, rows, columns], changed in place; vectors are [count, n]. `info` [count],
/// int32, receives 0 or the step that failed, counted from 1; pivots are int32, counted from 1.
package protocol LinearAlgebraBackend: Backend {
  /// L below a diagonal of ones, U on and above it; row k was exchanged with row `pivots[k]`.
  func lu(_ a: Tensor, pivots: Tensor, info: Tensor) throws(TensorError)
  /// `b` becomes the solution of `a x = b`, or of `a' x = b`, for what `lu` made of a square `a`.
  func luSolve(_ lu: Tensor, pivots: Tensor, _ b: Tensor, transposed: Bool) throws(TensorError)
  /// Reads the lower triangle; the upper one becomes 0.
  func cholesky(_ a: Tensor, info: Tensor) throws(TensorError)
  /// `b` becomes the solution of `a x = b`, of whose triangle the other half is not read.
  func triangularSolve(_ a: Tensor, _ b: Tensor, upper: Bool, unitriangular: Bool) throws(TensorError)
  /// R on and above the diagonal, reflectors below it, their factors in `tau` [count, min(rows, columns)].
  func qr(_ a: Tensor, tau: Tensor) throws(TensorError)
  /// `q`, whose first columns hold reflectors, becomes the first columns of their product.
  func householderProduct(_ q: Tensor, tau: Tensor) throws(TensorError)
  /// Reads the lower triangle; `a` becomes the eigenvectors, as columns, and `values` [count, n] rise.
  func eigh(_ a: Tensor, values: Tensor, info: Tensor) throws(TensorError)
  /// With k = min(rows, columns): `u` [count, rows, k], `values` [count, k] falling, `vt` [count, k, columns].
  func svd(_ a: Tensor, u: Tensor, values: Tensor, vt: Tensor, info: Tensor) throws(TensorError)
}

extension Backend {
  /// The backend's factorisations, for an operation that needs them.
  func linearAlgebra(for operation: String) throws(TensorError) -> any LinearAlgebraBackend {
    guard let backend = self as? any LinearAlgebraBackend else {
      throw TensorError(.device, operation, "not available on \(device): move the matrices to .cpu")
    }
    return backend
  }
}
