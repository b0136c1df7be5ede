internal import CTensorKernels

// Running sums and products along one dimension. Bool and integers give int64 unless a dtype is asked for.

/// For each element the sum of those up to it along a dimension.
package struct Cumsum: UnaryOperation {
  package let dim: Int
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dim: Int, dtype: DType? = nil) {
    self.dim = dim
    self.dtype = dtype
  }

  package var name: String { "cumsum" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try scanned(x, ST_CUMSUM, dim: dim, dtype: dtype, operation: name)
  }
}

/// For each element the product of those up to it along a dimension.
package struct Cumprod: UnaryOperation {
  package let dim: Int
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dim: Int, dtype: DType? = nil) {
    self.dim = dim
    self.dtype = dtype
  }

  package var name: String { "cumprod" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try scanned(x, ST_CUMPROD, dim: dim, dtype: dtype, operation: name)
  }
}

private func scanned(
  _ x: Tensor, _ scan: st_scan_op, dim: Int, dtype: DType?, operation: String
) throws(TensorError) -> Tensor {
  let dtype = dtype ?? (x.dtype.isFloatingPoint ? x.dtype : .int64)
  if dtype == .bool { throw TensorError(.dtype, operation, "not implemented for .bool") }
  let x = try cast(x, to: dtype)
  let output = try Tensor(
    uninitialized: Layout(contiguous: x.layout.shape), dtype: dtype, on: x.backend, for: operation)
  if x.layout.rank == 0 {
    try x.backend.copy(x, to: output)
  } else {
    try x.backend.scan(scan, x, dim: dim, to: output)
  }
  return output
}

extension Tensor {
  /// For each element the sum of those up to it along a dimension, itself included.
  ///
  /// Bool and integers give int64. Elements are cast to `dtype` first when one is given.
  public func cumsum(dim: Int, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(Cumsum(dim: resolve(dim: dim, rank: rank, operation: "cumsum"), dtype: dtype), self, in: scope)
    }
  }

  /// For each element the product of those up to it along a dimension, itself included.
  ///
  /// Bool and integers give int64. Elements are cast to `dtype` first when one is given.
  public func cumprod(dim: Int, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(Cumprod(dim: resolve(dim: dim, rank: rank, operation: "cumprod"), dtype: dtype), self, in: scope)
    }
  }
}
