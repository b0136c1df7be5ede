internal import CTensorKernels

/// The cross entropy of logits or log-probabilities [N, C, ...] or [C], classes without the dimension C, and weights [C] or
/// nil; floats only.
///
/// Logits are read, and never turned into log-probabilities in memory. What the derivative needs goes to tensors that the
/// operation holds.
package struct CrossEntropy: TernaryOperation {
  package let reduction: Reduction
  /// The class whose rows count for nothing.
  package let ignoreIndex: Int
  /// The share of each target that is spread over all classes evenly.
  package let labelSmoothing: Double
  /// Whether the input is the logarithm of a softmax.
  package let takesLogProbabilities: Bool
  /// The sum of the targets' weights, of one element; nil when no derivative will be asked for.
  package let totalWeight: Tensor?
  /// [rows, 2]: each row's largest logit, and the logarithm of the sum of exponentials less it.
  package let statistics: Tensor?

  package init(
    reduction: Reduction, ignoreIndex: Int = -100, labelSmoothing: Double = 0, takesLogProbabilities: Bool = false,
    totalWeight: Tensor? = nil, statistics: Tensor? = nil
  ) {
    self.reduction = reduction
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    self.takesLogProbabilities = takesLogProbabilities
    self.totalWeight = totalWeight
    self.statistics = statistics
  }

  package var name: String { takesLogProbabilities ? "nllLoss" : "crossEntropy" }
  package var graphName: String { takesLogProbabilities ? "NLLLoss" : "CrossEntropy" }
  package func precision(on kind: Device.Kind) -> Precision { .full }

  fileprivate var options: st_cross_entropy_options {
    let kernel =
      switch reduction {
      case .none: ST_LOSS_NONE
      case .mean: ST_LOSS_MEAN
      case .sum: ST_LOSS_SUM
      }
    return st_cross_entropy_options(
      ignore_index: Int64(ignoreIndex), label_smoothing: labelSmoothing, reduction: Int32(kernel),
      log_probabilities: takesLogProbabilities)
  }

  package func forward(_ x: Tensor, _ target: Tensor, _ weight: Tensor?) throws(TensorError) -> Tensor {
    try checkClasses(x, target, weight, operation: name)
    let rows = try ClassRows(x, target, weight)
    let isReduced = if case .none = reduction { false } else { true }
    let output = try Tensor(
      uninitialized: Layout(contiguous: isReduced ? [] : target.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.crossEntropy(
      rows.x, classes: rows.classes, weight: rows.weight, options: options, to: output, totalWeight: totalWeight,
      statistics: statistics)
    return output
  }
}

/// Of the result's gradient and the input of a cross entropy, the input's gradient.
package struct CrossEntropyBackward: BinaryOperation {
  package let loss: CrossEntropy
  package let target: Tensor
  package let weight: Tensor?

  package init(_ loss: CrossEntropy, target: Tensor, weight: Tensor?) {
    self.loss = loss
    self.target = target
    self.weight = weight
  }

  package var name: String { loss.name + "Backward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    guard let totalWeight = loss.totalWeight, let statistics = loss.statistics else {
      throw TensorError(.autograd, name, "the operation kept nothing for its derivative")
    }
    let rows = try ClassRows(x, target, weight)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    var slopes = try cast(gradient, to: x.dtype)
    if case .none = loss.reduction { slopes = try ClassRows.places(slopes, hasBatch: x.rank > 1) }
    try x.backend.crossEntropyBackward(
      gradient: slopes, rows.x, classes: rows.classes, weight: rows.weight, options: loss.options,
      totalWeight: totalWeight, statistics: statistics, xGradient: output.viewed(as: rows.x.layout.shape))
    return output
  }
}

/// The operands of a loss as backends take them: [N, C, S] of any strides, int64 classes [N, S], and weights of the dtype
/// that is computed in.
private struct ClassRows {
  let x: Tensor
  let classes: Tensor
  let weight: Tensor?

  init(_ x: Tensor, _ target: Tensor, _ weight: Tensor?) throws(TensorError) {
    var input = x
    if x.rank > 3 && !x.isContiguous { input = try Contiguous().forward(x) }
    var layout = input.layout
    if x.rank == 1 {
      layout.shape.insert(1, at: 0)
      layout.strides.insert(0, at: 0)
    }
    if x.rank < 3 {
      layout.shape.append(1)
      layout.strides.append(1)
    }
    self.x =
      x.rank > 3 ? input.viewed(as: channelShape(x)) : Tensor(storage: input.storage, layout: layout, dtype: x.dtype)
    classes = try ClassRows.places(cast(target, to: .int64), hasBatch: x.rank > 1)
    self.weight = try weight.map { (weight) throws(TensorError) in
      try dense(cast(weight, to: x.dtype == .float64 ? .float64 : .float32))!
    }
  }

  /// A tensor without the dimension of classes, as [N, S].
  static func places(_ x: Tensor, hasBatch: Bool) throws(TensorError) -> Tensor {
    var layout = x.layout
    switch x.rank {
    case 0:
      layout.shape = [1, 1]
      layout.strides = [0, 0]
    case 1 where hasBatch:
      layout.shape.append(1)
      layout.strides.append(0)
    case 2: break
    default:
      let rowMajor = x.isContiguous ? x : try Contiguous().forward(x)
      return rowMajor.viewed(as: [x.layout.shape[0], x.layout.shape.dropFirst().reduce(1, *)])
    }
    return Tensor(storage: x.storage, layout: layout, dtype: x.dtype)
  }
}

/// Checks that targets are classes of an input's rows, and that there is a weight for each class, if any.
func checkClasses(
  _ x: Tensor, _ target: Tensor, _ weight: Tensor?, operation: String
) throws(TensorError) {
  try checkFloating(x, operation: operation)
  try checkSameDevice(x, target, operation: operation)
  if let weight { try checkSameDevice(x, weight, operation: operation) }
  let (shape, classes) = (x.layout.shape, target.layout.shape)
  if target.dtype != .int64 && target.dtype != .uint8 {
    throw TensorError(.dtype, operation, "expected a target of dtype .int64 or .uint8, but got \(target.dtype)")
  }
  guard shape.count > 0 else {
    throw TensorError(.shape, operation, "expected an input of shape [N, C, ...] or [C], but got \(shape)")
  }
  let dim = Swift.min(shape.count - 1, 1)
  if dim == 1, classes.count > 0, shape[0] != classes[0] {
    throw TensorError(
      .shape, operation,
      "expected the input's batch size (\(shape[0])) to match the target's (\(classes[0])): shapes \(shape) and \(classes)"
    )
  }
  var expected = shape
  expected.remove(at: dim)
  if classes != expected {
    throw TensorError(
      .shape, operation, "expected a target of shape \(expected) for an input of shape \(shape), but got \(classes)")
  }
  if let weight, weight.layout.shape != [shape[dim]] {
    throw TensorError(
      .shape, operation, "expected a weight for each of \(shape[dim]) classes, but got shape \(weight.layout.shape)")
  }
}

/// Runs a cross entropy, which keeps what a derivative needs where one may be asked for.
func classLoss(
  _ x: Tensor, _ target: Tensor, _ weight: Tensor?, reduction: Reduction, ignoreIndex: Int, labelSmoothing: Double = 0,
  takesLogProbabilities: Bool = false, in scope: Scope?
) throws(TensorError) -> Tensor {
  var totalWeight: Tensor?
  var statistics: Tensor?
  if scope?.isGradEnabled ?? true, x.isRecorded || weight?.isRecorded ?? false {
    let name = takesLogProbabilities ? "nllLoss" : "crossEntropy"
    totalWeight = try normStatistics([], of: x, operation: name)
    statistics = try normStatistics([takesLogProbabilities ? 0 : target.count, 2], of: x, operation: name)
  }
  return try run(
    CrossEntropy(
      reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing,
      takesLogProbabilities: takesLogProbabilities, totalWeight: totalWeight, statistics: statistics),
    x, target, weight, in: scope)
}
