// The public losses. Autocast runs each in float32, on the CPU too.

/// The mean, or the chosen reduction, of squared differences; floats only, shapes broadcast.
public func mseLoss(_ input: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  apply(MSELoss(reduction: reduction), input, target)
}

/// The mean, or the chosen reduction, of absolute differences; floats only, shapes broadcast.
public func l1Loss(_ input: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  checked { () throws(TensorError) in
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    return try reduced(run(Unary<Abs>(), run(Binary<Subtract>(), x, y)), reduction)
  }
}

/// Squared differences below `beta` and absolute ones above, joined smoothly; floats only, shapes broadcast.
///
/// `0.5 * d * d / beta` where the absolute difference d is below beta, else `d - 0.5 * beta`.
public func smoothL1Loss(
  _ input: Tensor, _ target: Tensor, reduction: Reduction = .mean, beta: Double = 1
) -> Tensor {
  checked { () throws(TensorError) in
    if !(beta >= 0) { throw TensorError(.value, "smoothL1Loss", "beta must not be negative, but got \(beta)") }
    if beta == 0 { return l1Loss(input, target, reduction: reduction) }
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    let distance = try run(Unary<Abs>(), run(Binary<Subtract>(), x, y))
    let isNear = try run(Binary<Less>(), distance, Tensor(number: .float(beta)))
    let near = distance.square() * (0.5 / beta)
    return try reduced(run(Ternary<Where>(), isNear, near, distance - 0.5 * beta), reduction)
  }
}

/// The cross entropy of truth values or probabilities and logits: of `sigmoid(input)`, computed without overflow.
///
/// - Parameters:
///   - input: Logits, of any shape.
///   - target: Probabilities of the same shape.
///   - weight: What each value is multiplied by, broadcast to the shape.
///   - posWeight: What the positive part is multiplied by, broadcast to the shape.
///   - reduction: Whether the mean, the sum or every value is returned.
public func binaryCrossEntropyWithLogits(
  _ input: Tensor, _ target: Tensor, weight: Tensor? = nil, posWeight: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "binaryCrossEntropyWithLogits"
    if input.layout.shape != target.layout.shape {
      throw TensorError(
        .shape, name, "expected a target of the input's shape \(input.shape), but got \(target.shape)")
    }
    try checkFloating(input, operation: name)
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    // log(sigmoid(x)) = -softplus(-x); past 40 the addend is below a double's precision.
    let softplus = Unary<Softplus>(Parameters(1, 40))
    var logarithm = try run(softplus, run(Unary<Negative>(), x))
    if let posWeight { logarithm = logarithm * ((try fullPrecision(posWeight) - 1) * y + 1) }
    var losses = (1 - y) * x + logarithm
    if let weight { losses = losses * (try fullPrecision(weight)) }
    return try reduced(losses, reduction)
  }
}

/// The negative log-probability of each row's target class.
///
/// - Parameters:
///   - input: Log-probabilities [N, C, ...] or [C], as `logSoftmax` gives.
///   - target: Classes as int64, without the dimension C; one outside 0..<C is an error.
///   - weight: A weight per class [C].
///   - ignoreIndex: The class whose rows count nothing.
///   - reduction: `.mean` divides by the sum of the rows' weights.
public func nllLoss(
  _ input: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean
) -> Tensor {
  checked { (scope) throws(TensorError) in
    try classLoss(
      input, target, weight, reduction: reduction, ignoreIndex: ignoreIndex, takesLogProbabilities: true, in: scope)
  }
}

/// The cross entropy of logits and target classes or probabilities.
///
/// Of classes it is computed in one go: no log-probabilities are kept in memory.
///
/// - Parameters:
///   - input: Logits [N, C, ...] or [C].
///   - target: int64 classes without the dimension C, or probabilities of the input's shape and a floating dtype.
///   - weight: A weight per class [C].
///   - ignoreIndex: The class whose rows count nothing; only for classes.
///   - reduction: `.mean` divides by the sum of the rows' weights for classes, by the number of rows for probabilities.
///   - labelSmoothing: The share of each target, from 0 to 1, that is spread over all classes evenly.
public func crossEntropy(
  _ input: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean,
  labelSmoothing: Double = 0
) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "crossEntropy"
    if !(labelSmoothing >= 0 && labelSmoothing <= 1) {
      throw TensorError(.value, name, "labelSmoothing must be from 0 to 1, but got \(labelSmoothing)")
    }
    try checkFloating(input, operation: name)
    if input.rank == 0 {
      throw TensorError(.shape, name, "expected an input of shape [N, C, ...] or [C], but got \(input.shape)")
    }
    let dim = Swift.min(input.rank - 1, 1)
    let logits = try fullPrecision(input)
    let weight = try weight.map { (weight) throws(TensorError) in try fullPrecision(weight) }
    if target.dtype.isFloatingPoint {
      return try probabilityLoss(logits, fullPrecision(target), weight, dim, reduction, labelSmoothing)
    }
    return try classLoss(
      logits, target, weight, reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing, in: scope)
  }
}

private func probabilityLoss(
  _ logits: Tensor, _ target: Tensor, _ weight: Tensor?, _ dim: Int, _ reduction: Reduction, _ labelSmoothing: Double
) throws(TensorError) -> Tensor {
  let shape = logits.layout.shape
  if target.layout.shape != shape {
    throw TensorError(
      .shape, "crossEntropy",
      "expected target probabilities of the input's shape \(shape), but got \(target.layout.shape)")
  }
  if let weight, weight.layout.shape != [shape[dim]] {
    throw TensorError(
      .shape, "crossEntropy",
      "expected a weight for each of \(shape[dim]) classes, but got shape \(weight.layout.shape)")
  }
  let logs = try run(LogSoftmax(dim: dim), logits)
  var goal = target
  if labelSmoothing > 0 { goal = goal * (1 - labelSmoothing) + labelSmoothing / Double(shape[dim]) }
  var products = logs * goal
  if let weight { products = products * column(weight, logs, dim) }
  let losses = -products.sum(dim: dim)
  if case .mean = reduction { return losses.sum() / Swift.max(shape.elementCount / Swift.max(shape[dim], 1), 0) }
  return try reduced(losses, reduction)
}

/// Weights per class, shaped to broadcast along the class dimension.
private func column(_ weight: Tensor, _ x: Tensor, _ dim: Int) -> Tensor {
  var layout = weight.layout
  for _ in 0..<(x.rank - dim - 1) {
    layout.shape.append(1)
    layout.strides.append(0)
  }
  return Tensor(storage: weight.storage, layout: layout, dtype: weight.dtype)
}

func reduced(_ losses: Tensor, _ reduction: Reduction) throws(TensorError) -> Tensor {
  let all = Dims(0..<losses.rank)
  return switch reduction {
  case .none: losses
  case .mean: try run(Mean(dims: all, keepDim: false), losses)
  case .sum: try run(Sum(dims: all, keepDim: false), losses)
  }
}

/// The tensor as autocast gives it to losses: float32 when it is eligible and autocast is on for its device.
func fullPrecision(_ x: Tensor) throws(TensorError) -> Tensor {
  let kind = x.device.kind
  guard let autocast = Scope.current?.autocast, autocast.lower(on: kind) != nil else { return x }
  return try autocast.cast(x, to: (.float32, kind))
}
