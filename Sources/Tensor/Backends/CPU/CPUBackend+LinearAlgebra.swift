internal import CTensorKernels

extension CPUBackend: LinearAlgebraBackend {
  package func lu(_ a: Tensor, pivots: Tensor, info: Tensor) throws(TensorError) {
    try check(st_lu(matrices(a), integers(pivots), integers(info)), "lu", a.dtype)
  }

  package func luSolve(_ lu: Tensor, pivots: Tensor, _ b: Tensor, transposed: Bool) throws(TensorError) {
    try check(st_lu_solve(matrices(lu), integers(pivots), matrices(b), transposed), "luSolve", lu.dtype)
  }

  package func cholesky(_ a: Tensor, info: Tensor) throws(TensorError) {
    try check(st_cholesky(matrices(a), integers(info)), "cholesky", a.dtype)
  }

  package func triangularSolve(_ a: Tensor, _ b: Tensor, upper: Bool, unitriangular: Bool) throws(TensorError) {
    st_triangular_solve(matrices(a), matrices(b), upper, unitriangular)
  }

  package func qr(_ a: Tensor, tau: Tensor) throws(TensorError) {
    try withInfo(a) { st_qr(matrices(a), doubles(tau), $0) }
  }

  package func householderProduct(_ q: Tensor, tau: Tensor) throws(TensorError) {
    try withInfo(q) { st_householder_product(matrices(q), doubles(tau), tau.layout.shape[1], $0) }
  }

  package func eigh(_ a: Tensor, values: Tensor, info: Tensor) throws(TensorError) {
    try check(st_eigh(matrices(a), doubles(values), integers(info)), "eigh", a.dtype)
  }

  package func svd(_ a: Tensor, u: Tensor, values: Tensor, vt: Tensor, info: Tensor) throws(TensorError) {
    try check(st_svd(matrices(a), doubles(u), doubles(values), doubles(vt), integers(info)), "svd", a.dtype)
  }

  /// For factorisations that cannot fail but by a lack of memory.
  private func withInfo(_ a: Tensor, _ body: (UnsafeMutablePointer<Int32>) -> st_status) throws(TensorError) {
    let info = try Tensor(
      uninitialized: Layout(contiguous: [a.layout.shape[0]]), dtype: .int32, on: self, for: "linear algebra")
    try check(body(integers(info)), "linear algebra", a.dtype)
  }
}

private func matrices(_ x: Tensor) -> st_matrices {
  let shape = x.layout.shape
  precondition(x.isContiguous && x.dtype == .float64 && shape.count == 3)
  return st_matrices(data: doubles(x), count: shape[0], rows: shape[1], columns: shape[2])
}

private func doubles(_ x: Tensor) -> UnsafeMutablePointer<Double> {
  precondition(x.isContiguous && x.dtype == .float64)
  return (x.storage.address + x.layout.offset * 8).assumingMemoryBound(to: Double.self)
}

private func integers(_ x: Tensor) -> UnsafeMutablePointer<Int32> {
  precondition(x.isContiguous && x.dtype == .int32)
  return (x.storage.address + x.layout.offset * 4).assumingMemoryBound(to: Int32.self)
}
