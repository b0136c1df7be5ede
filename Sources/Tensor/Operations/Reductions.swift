package import CTensorKernels

// Reductions over some dimensions or all. The structs take resolved dimensions in rising order; the public functions in
// Tensor+Reductions.swift resolve them. Sums and means of 16-bit floats accumulate in float32.

/// The sum of elements; bool and integers give int64.
package struct Sum: UnaryOperation {
  package let dims: Dims
  package let keepDim: Bool
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dims: Dims, keepDim: Bool, dtype: DType? = nil) {
    self.dims = dims
    self.keepDim = keepDim
    self.dtype = dtype
  }

  package var name: String { "sum" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try summed(ST_SUM, x, dims, keepDim: keepDim, dtype: dtype, operation: name)
  }
}

/// The product of elements; bool and integers give int64.
package struct Product: UnaryOperation {
  package let dims: Dims
  package let keepDim: Bool
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dims: Dims, keepDim: Bool, dtype: DType? = nil) {
    self.dims = dims
    self.keepDim = keepDim
    self.dtype = dtype
  }

  package var name: String { "prod" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try summed(ST_PROD, x, dims, keepDim: keepDim, dtype: dtype, operation: name)
  }
}

/// The mean of elements; floats only, NaN for none.
package struct Mean: UnaryOperation {
  package let dims: Dims
  package let keepDim: Bool
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(dims: Dims, keepDim: Bool, dtype: DType? = nil) {
    self.dims = dims
    self.keepDim = keepDim
    self.dtype = dtype
  }

  package var name: String { "mean" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let x = try cast(x, to: dtype ?? x.dtype)
    try checkFloating(x, operation: name)
    return try reduced(ST_MEAN, x, dims, keepDim: keepDim, operation: name)
  }
}

/// The largest or smallest elements; equal ones share the gradient, and none at all is an error.
package struct Extremes: UnaryOperation {
  package let largest: Bool
  package let dims: Dims
  package let keepDim: Bool
  /// Whether the gradient of a result that is NaN goes to the elements that are, as of PyTorch's `max` and not its `amax`.
  package let nanIsExtreme: Bool

  package init(largest: Bool, dims: Dims, keepDim: Bool, nanIsExtreme: Bool = false) {
    self.largest = largest
    self.dims = dims
    self.keepDim = keepDim
    self.nanIsExtreme = nanIsExtreme
  }

  package var name: String { largest ? "amax" : "amin" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    for dim in dims where x.layout.shape[dim] == 0 {
      throw TensorError(
        .shape, name, "expected dimension \(dim) to have elements to reduce, but got shape \(x.layout.shape)")
    }
    return try reduced(largest ? ST_AMAX : ST_AMIN, x, dims, keepDim: keepDim, operation: name)
  }
}

/// Whether all or any elements are not zero; uint8 gives uint8, any other dtype bool.
package struct Predicate: UnaryOperation {
  package let all: Bool
  package let dims: Dims
  package let keepDim: Bool

  package init(all: Bool, dims: Dims, keepDim: Bool) {
    self.all = all
    self.dims = dims
    self.keepDim = keepDim
  }

  package var name: String { all ? "all" : "any" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try reduced(
      all ? ST_ALL : ST_ANY, x, dims, keepDim: keepDim, dtype: x.dtype == .uint8 ? .uint8 : .bool, operation: name)
  }
}

/// The p-norm of elements; floats only.
package struct Norm: UnaryOperation {
  package let p: Double
  package let dims: Dims
  package let keepDim: Bool
  /// What the elements are cast to first, if anything.
  package let dtype: DType?

  package init(p: Double, dims: Dims, keepDim: Bool, dtype: DType? = nil) {
    self.p = p
    self.dims = dims
    self.keepDim = keepDim
    self.dtype = dtype
  }

  package var name: String { "norm" }
  package func precision(on kind: Device.Kind) -> Precision { dtype == nil && kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try checkFloating(x, operation: name)
    let x = try cast(x, to: dtype ?? x.dtype)
    try checkFloating(x, operation: name)
    if p < 0 || p == .infinity {
      for dim in dims where x.layout.shape[dim] == 0 {
        throw TensorError(
          .shape, name,
          "the \(p)-norm of no elements has no value: dimension \(dim) of shape \(x.layout.shape) is empty")
      }
    }
    return try reduced(ST_NORM, x, dims, keepDim: keepDim, parameter: p, operation: name)
  }
}

/// The variance of elements: the sum of squared distances from the mean over `count - correction`; floats only.
package struct Variance: UnaryOperation {
  package let dims: Dims
  package let correction: Double
  package let keepDim: Bool

  package init(dims: Dims, correction: Double, keepDim: Bool) {
    self.dims = dims
    self.correction = correction
    self.keepDim = keepDim
  }

  package var name: String { "var" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try checkFloating(x, operation: name)
    return try reduced(ST_VAR, x, dims, keepDim: keepDim, parameter: correction, operation: name)
  }
}

/// The square root of the variance; floats only.
package struct StandardDeviation: UnaryOperation {
  package let dims: Dims
  package let correction: Double
  package let keepDim: Bool

  package init(dims: Dims, correction: Double, keepDim: Bool) {
    self.dims = dims
    self.correction = correction
    self.keepDim = keepDim
  }

  package var name: String { "std" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try checkFloating(x, operation: name)
    return try reduced(ST_STD, x, dims, keepDim: keepDim, parameter: correction, operation: name)
  }
}

/// The int64 index of the first largest or smallest element, along a dimension or in row-major order.
package struct ArgExtreme: UnaryOperation {
  package let largest: Bool
  /// Nil for the whole tensor.
  package let dim: Int?
  package let keepDim: Bool

  package init(largest: Bool, dim: Int?, keepDim: Bool) {
    self.largest = largest
    self.dim = dim
    self.keepDim = keepDim
  }

  package var name: String { largest ? "argmax" : "argmin" }
  package var isDifferentiable: Bool { false }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let shape = x.layout.shape
    let isEmpty = dim.map { !shape.isEmpty && shape[$0] == 0 } ?? (shape.elementCount == 0)
    if isEmpty {
      throw TensorError(
        .shape, name,
        dim.map { "expected dimension \($0) to have elements to reduce, but got shape \(shape)" }
          ?? "expected a tensor with elements, but got shape \(shape)")
    }
    let dims = dim.map { shape.isEmpty ? [] : Dims([$0]) } ?? Dims(0..<shape.count)
    let output = try Tensor(
      uninitialized: Layout(contiguous: shape.reduced(over: dims, keepDim: keepDim)), dtype: .int64, on: x.backend,
      for: name)
    let kept = output.viewed(as: shape.reduced(over: dims, keepDim: true))
    try x.backend.extremum(largest: largest, x, dim: shape.isEmpty ? nil : dim, values: nil, indices: kept)
    return output
  }
}

/// Sums the dimensions away that broadcasting to the present shape had added or widened: the reverse of `expand`.
package struct SumTo: UnaryOperation {
  package let shape: Dims

  package init(shape: Dims) { self.shape = shape }

  package var name: String { "sum" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    guard Dims.broadcast(shape, x.layout.shape) == x.layout.shape else {
      throw TensorError(.shape, name, "shape \(shape) does not broadcast to \(x.layout.shape)")
    }
    let lead = x.layout.rank - shape.count
    var dims = Dims()
    for dim in 0..<x.layout.rank where dim < lead || shape[dim - lead] == 1 && x.layout.shape[dim] != 1 {
      dims.append(dim)
    }
    let x = try cast(x, to: x.dtype.isFloatingPoint ? x.dtype : .int64)
    return try reduced(ST_SUM, x, dims, to: shape, operation: name)
  }
}

extension Tensor {
  /// The sum over the dimensions that broadcasting `shape` to this tensor's shape had widened; itself when there are none.
  package func sum(to shape: Dims) throws(TensorError) -> Tensor {
    layout.shape == shape ? self : try run(SumTo(shape: shape), self)
  }
}

// MARK: - What reductions share

/// Runs a reduction over `dims`, which rise, into a fresh row-major tensor of `dtype`, the input's if nil.
package func reduced(
  _ reduction: st_reduce_op, _ x: Tensor, _ dims: Dims, keepDim: Bool, parameter: Double = 0, dtype: DType? = nil,
  operation: @autoclosure () -> String
) throws(TensorError) -> Tensor {
  try reduced(
    reduction, x, dims, to: x.layout.shape.reduced(over: dims, keepDim: keepDim), parameter: parameter, dtype: dtype,
    operation: operation())
}

/// The same with the output's shape, which differs from the input's with size 1 in `dims` by dimensions of size 1 only.
private func reduced(
  _ reduction: st_reduce_op, _ x: Tensor, _ dims: Dims, to shape: Dims, parameter: Double = 0, dtype: DType? = nil,
  operation: @autoclosure () -> String
) throws(TensorError) -> Tensor {
  let output = try Tensor(
    uninitialized: Layout(contiguous: shape), dtype: dtype ?? x.dtype, on: x.backend, for: operation())
  let kept = output.count == 1 ? output : output.viewed(as: x.layout.shape.reduced(over: dims, keepDim: true))
  try x.backend.reduce(reduction, x, to: kept, parameter: parameter)
  return output
}

/// Adds or multiplies elements cast to `dtype`, by default int64 for bool and integers.
private func summed(
  _ reduction: st_reduce_op, _ x: Tensor, _ dims: Dims, keepDim: Bool, dtype: DType?, operation: String
) throws(TensorError) -> Tensor {
  let result = dtype ?? (x.dtype.isFloatingPoint ? x.dtype : .int64)
  // The kernels accumulate in the wider dtype anyway: only what changes the elements needs a copy.
  let isWidening = x.dtype.isFloatingPoint ? x.dtype.itemSize == 2 && result == .float32 : result == .int64
  return try reduced(
    reduction, isWidening ? x : cast(x, to: result), dims, keepDim: keepDim, dtype: result, operation: operation)
}

extension Tensor {
  /// The same memory in another row-major shape, outside any graph: for a kernel's eyes.
  func viewed(as shape: Dims) -> Tensor {
    layout.shape == shape
      ? self
      : Tensor(storage: storage, layout: Layout(contiguous: shape, offset: layout.offset), dtype: dtype)
  }
}

/// The tensor itself or a cast, for use inside a forward.
func cast(_ x: Tensor, to dtype: DType) throws(TensorError) -> Tensor {
  x.dtype == dtype ? x : try Cast(dtype: dtype).forward(x)
}

func checkFloating(_ x: Tensor, operation: @autoclosure () -> String) throws(TensorError) {
  if !x.dtype.isFloatingPoint {
    throw TensorError(
      .dtype, operation(), "expected a floating-point dtype, but got \(x.dtype) of shape \(x.layout.shape)")
  }
}
