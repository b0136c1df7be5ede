// Rows along one dimension, each made to sum to 1.

/// `exp(x) / sum(exp(x))` along a dimension; floats only.
package struct Softmax: UnaryOperation {
  package let dim: Int
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dim: Int, dtype: DType? = nil) {
    self.dim = dim
    self.dtype = dtype
  }

  package var name: String { "softmax" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try rows(x, dim: dim, dtype: dtype, logarithm: false, operation: name)
  }
}

/// `x - log(sum(exp(x)))` along a dimension; floats only.
package struct LogSoftmax: UnaryOperation {
  package let dim: Int
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dim: Int, dtype: DType? = nil) {
    self.dim = dim
    self.dtype = dtype
  }

  package var name: String { "logSoftmax" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try rows(x, dim: dim, dtype: dtype, logarithm: true, operation: name)
  }
}

/// Of the gradient and the result of a softmax, or of its logarithm.
package struct SoftmaxBackward: BinaryOperation {
  package let dim: Int
  package let logarithm: Bool

  package init(dim: Int, logarithm: Bool) {
    self.dim = dim
    self.logarithm = logarithm
  }

  package var name: String { logarithm ? "logSoftmaxBackward" : "softmaxBackward" }

  package func forward(_ gradient: Tensor, _ result: Tensor) throws(TensorError) -> Tensor {
    guard gradient.layout.shape == result.layout.shape else {
      throw shapeMismatch(gradient.layout.shape, result.layout.shape, operation: name)
    }
    let gradient = try cast(gradient, to: result.dtype)
    let backend = try commonBackend(gradient, result, operation: name)
    let output = try Tensor(
      uninitialized: Layout(contiguous: result.layout.shape), dtype: result.dtype, on: backend, for: name)
    try backend.softmaxBackward(gradient: gradient, result: result, dim: dim, logarithm: logarithm, to: output)
    return output
  }
}

private func rows(
  _ x: Tensor, dim: Int, dtype: DType?, logarithm: Bool, operation: String
) throws(TensorError) -> Tensor {
  let x = try cast(x, to: dtype ?? x.dtype)
  try checkFloating(x, operation: operation)
  let output = try Tensor(
    uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: operation)
  if x.layout.rank == 0 {
    // A zero-dim tensor is a row of one element.
    try x.backend.softmax(x.viewed(as: [1]), dim: 0, logarithm: logarithm, to: output.viewed(as: [1]))
  } else {
    try x.backend.softmax(x, dim: dim, logarithm: logarithm, to: output)
  }
  return output
}

extension Tensor {
  /// The exponentials of elements along a dimension, divided by their sum, computed without overflow; floats only.
  ///
  /// Elements are cast to `dtype` first when one is given.
  public func softmax(dim: Int, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(Softmax(dim: resolve(dim: dim, rank: rank, operation: "softmax"), dtype: dtype), self, in: scope)
    }
  }

  /// The logarithm of `softmax(dim:)`, computed without overflow; floats only.
  ///
  /// Elements are cast to `dtype` first when one is given.
  public func logSoftmax(dim: Int, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(LogSoftmax(dim: resolve(dim: dim, rank: rank, operation: "logSoftmax"), dtype: dtype), self, in: scope)
    }
  }
}
