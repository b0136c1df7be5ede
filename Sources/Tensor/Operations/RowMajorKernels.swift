// Kernels over images take row-major operands, int64 or floats.

/// A new row-major tensor that `body` fills, in the dtype that kernels have: whole numbers go through int64.
func filled(
  _ shape: Dims, like x: Tensor, _ name: String, _ body: (DType, Tensor) throws(TensorError) -> Void
) throws(TensorError) -> Tensor {
  let dtype = x.dtype.isFloatingPoint ? x.dtype : .int64
  let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: dtype, on: x.backend, for: name)
  try body(dtype, output)
  return try cast(output, to: x.dtype)
}

/// An operand as these kernels take it.
func rowMajor(_ x: Tensor, _ dtype: DType) throws(TensorError) -> Tensor {
  let x = try cast(x, to: dtype)
  return x.isContiguous ? x : try Contiguous().forward(x)
}

/// An operand that may be missing.
func rowMajor(_ x: Tensor?, _ dtype: DType) throws(TensorError) -> Tensor? {
  guard let x else { return nil }
  let present: Tensor = try rowMajor(x, dtype)
  return present
}
