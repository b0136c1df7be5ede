/// `x / sqrt(mean(x^2) + eps) * weight` over the last dimensions; floats only.
///
/// The reciprocal root mean square of each row goes to a tensor that the operation holds, for its derivative.
package struct RMSNorm: BinaryOperation {
  /// The number of last dimensions that are normalised together.
  package let dims: Int
  package let eps: Double
  /// Of a number for each row, or nil when no derivative will be asked for.
  package let rstd: Tensor?

  package init(dims: Int, eps: Double, rstd: Tensor? = nil) {
    self.dims = dims
    self.eps = eps
    self.rstd = rstd
  }

  package var name: String { "rmsNorm" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor, _ weight: Tensor) throws(TensorError) -> Tensor {
    try checkNormParameters(weight, nil, of: x, operation: name)
    let rows = NormRows(x, dims: dims)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.rmsNorm(
      rows.of(x, operation: name), weight: rows.vector(weight, operation: name), eps: eps,
      to: output.viewed(as: rows.shape), rstd: rstd)
    return output
  }
}

/// Of the result's gradient and the input of an RMS norm, the input's gradient.
///
/// The weight's gradient goes to a tensor that the operation holds, where it is asked for.
package struct RMSNormBackward: BinaryOperation {
  package let dims: Int
  package let rstd: Tensor
  package let weight: Tensor
  package let weightGradient: Tensor?

  package init(dims: Int, rstd: Tensor, weight: Tensor, weightGradient: Tensor?) {
    self.dims = dims
    self.rstd = rstd
    self.weight = weight
    self.weightGradient = weightGradient
  }

  package var name: String { "rmsNormBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let rows = NormRows(x, dims: dims)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.rmsNormBackward(
      gradient: rows.of(cast(gradient, to: x.dtype), operation: name), rows.of(x, operation: name), rstd: rstd,
      weight: rows.vector(weight, operation: name), xGradient: output.viewed(as: rows.shape),
      weightGradient: weightGradient?.viewed(as: [rows.shape[1]]))
    return output
  }
}

/// Each group of elements over the last dimensions, divided by its root mean square: `x / sqrt(mean(x^2) + eps) * weight`.
///
/// Computed in float32 for 16-bit floats, in one pass for each group (Zhang and Sennrich, 2019).
///
/// - Parameters:
///   - x: Of shape [..., normalizedShape] and a floating dtype.
///   - normalizedShape: The last dimensions, at least one.
///   - weight: Of shape normalizedShape and the input's dtype, or float32 for inputs of 16 bits; nil stands for ones.
///   - eps: Added to the mean square; nil stands for the spacing of numbers beside 1, of float64 or else of float32.
public func rmsNorm(_ x: Tensor, normalizedShape: [Int], weight: Tensor? = nil, eps: Double? = nil) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "rmsNorm"
    let shape = Dims(normalizedShape)
    try checkNormalized(x, shape, operation: name)
    if let weight { try checkShape(of: weight, "weight", shape, operation: name) }
    let eps = eps ?? (x.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne))
    let scale = try normWeight(weight, shape, dtype: nil, of: x, operation: name)
    let records = scope?.isGradEnabled ?? true && (x.isRecorded || scale.isRecorded)
    let rows: Dims = [x.layout.shape.dropLast(shape.count).reduce(1, *)]
    let rstd = records ? try normStatistics(rows, of: x, operation: name) : nil
    return try run(RMSNorm(dims: shape.count, eps: eps, rstd: rstd), x, scale, in: scope)
  }
}
