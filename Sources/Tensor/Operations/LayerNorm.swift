// Layer normalisation, as rows: all but the normalised dimensions in one, the normalised ones in the other.

/// `(x - mean) / sqrt(variance + eps) * weight + bias` over the last dimensions; floats only.
///
/// The mean and the reciprocal deviation of each row go to tensors that the operation holds, for its derivative.
package struct LayerNorm: TernaryOperation {
  /// The number of last dimensions that are normalised together.
  package let dims: Int
  package let eps: Double
  /// Of a number for each row, or nil when no derivative will be asked for.
  package let mean: Tensor?
  package let rstd: Tensor?

  package init(dims: Int, eps: Double, mean: Tensor? = nil, rstd: Tensor? = nil) {
    self.dims = dims
    self.eps = eps
    self.mean = mean
    self.rstd = rstd
  }

  package var name: String { "layerNorm" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .full : .untouched }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkNormParameters(weight, bias, of: x, operation: name)
    let rows = NormRows(x, dims: dims)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.layerNorm(
      rows.of(x, operation: name), weight: rows.vector(weight, operation: name),
      bias: bias.map { (bias) throws(TensorError) in try rows.vector(bias, operation: name) }, eps: eps,
      to: output.viewed(as: rows.shape), mean: mean, rstd: rstd)
    return output
  }
}

/// Of the result's gradient and the input of a layer norm, the input's gradient.
///
/// The gradients of weight and bias go to tensors that the operation holds, where they are asked for.
package struct LayerNormBackward: BinaryOperation {
  package let dims: Int
  package let mean: Tensor
  package let rstd: Tensor
  package let weight: Tensor
  package let weightGradient: Tensor?
  package let biasGradient: Tensor?

  package init(
    dims: Int, mean: Tensor, rstd: Tensor, weight: Tensor, weightGradient: Tensor?, biasGradient: Tensor?
  ) {
    self.dims = dims
    self.mean = mean
    self.rstd = rstd
    self.weight = weight
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
  }

  package var name: String { "layerNormBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let rows = NormRows(x, dims: dims)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    let flat = Dims([rows.shape[1]])
    try x.backend.layerNormBackward(
      gradient: rows.of(cast(gradient, to: x.dtype), operation: name), rows.of(x, operation: name), mean: mean,
      rstd: rstd, weight: rows.vector(weight, operation: name), xGradient: output.viewed(as: rows.shape),
      weightGradient: weightGradient?.viewed(as: flat), biasGradient: biasGradient?.viewed(as: flat))
    return output
  }
}

/// Each group of elements over the last dimensions, shifted and scaled to mean 0 and variance 1, then times a weight and
/// plus a bias: `(x - mean) / sqrt(variance + eps) * weight + bias`, with the variance that divides by the count.
///
/// Computed in float32 for 16-bit floats, in one pass for each group (Ba, Kiros and Hinton, 2016).
///
/// - Parameters:
///   - x: Of shape [..., normalizedShape] and a floating dtype.
///   - normalizedShape: The last dimensions, at least one.
///   - weight: Of shape normalizedShape and the input's dtype, or float32 for inputs of 16 bits; nil stands for ones.
///   - bias: The same; nil stands for none.
///   - eps: Added to the variance.
public func layerNorm(
  _ x: Tensor, normalizedShape: [Int], weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "layerNorm"
    let shape = Dims(normalizedShape)
    try checkNormalized(x, shape, operation: name)
    if let weight { try checkShape(of: weight, "weight", shape, operation: name) }
    if let bias { try checkShape(of: bias, "bias", shape, operation: name) }
    let scale = try normWeight(weight, shape, dtype: bias?.dtype, of: x, operation: name)
    let records =
      scope?.isGradEnabled ?? true && (x.isRecorded || scale.isRecorded || (bias?.isRecorded ?? false))
    if !records { return try run(LayerNorm(dims: shape.count, eps: eps), x, scale, bias, in: scope) }
    let rows: Dims = [x.layout.shape.dropLast(shape.count).reduce(1, *)]
    let mean = try normStatistics(rows, of: x, operation: name)
    let rstd = try normStatistics(rows, of: x, operation: name)
    return try run(LayerNorm(dims: shape.count, eps: eps, mean: mean, rstd: rstd), x, scale, bias, in: scope)
  }
}
