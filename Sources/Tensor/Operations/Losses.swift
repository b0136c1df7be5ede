internal import CTensorKernels

/// What a loss does with its values, one per element or per row.
public enum Reduction: Sendable {
  /// Gives them all.
  case none
  /// Gives their mean, weighted where the loss has weights.
  case mean
  /// Gives their sum.
  case sum
}

/// The squared differences of two floating tensors, reduced.
package struct MSELoss: BinaryOperation {
  package let reduction: Reduction

  package init(reduction: Reduction) { self.reduction = reduction }

  package var name: String { "mseLoss" }
  package func precision(on kind: Device.Kind) -> Precision { .full }

  package func forward(_ input: Tensor, _ target: Tensor) throws(TensorError) -> Tensor {
    let backend = try commonBackend(input, target, operation: name)
    let dtype = promotedDType(input, target)
    if !dtype.isFloatingPoint {
      throw TensorError(
        .dtype, name, "expected floating-point operands, but got \(input.dtype) and \(target.dtype)")
    }
    let layout = try broadcastLayout(input, target, operation: name)
    // Differences and squares of 16-bit floats are rounded once, not twice.
    let wide = dtype == .float64 ? dtype : .float32
    let squares = try Tensor(uninitialized: layout, dtype: wide, on: backend, for: name)
    try backend.binary(ST_SUBTRACT, input, target, to: squares, compute: wide, parameters: .none)
    try backend.unary(ST_SQUARE, squares, to: squares, compute: wide, parameters: .none)
    let values = try cast(squares, to: dtype)
    if case .none = reduction { return values }
    return try reduced(
      reduction == .mean ? ST_MEAN : ST_SUM, values, Dims(0..<values.layout.rank), keepDim: false, operation: name)
  }
}

/// The negative log-probabilities of target classes: of log-probabilities [N, C, ...] or [C], int64 classes without the
/// dimension C, and weights [C] or nil.
package struct NLLLoss: TernaryOperation {
  package let reduction: Reduction
  /// The class whose rows count nothing.
  package let ignoreIndex: Int

  package init(reduction: Reduction, ignoreIndex: Int = -100) {
    self.reduction = reduction
    self.ignoreIndex = ignoreIndex
  }

  package var name: String { "nllLoss" }
  package func precision(on kind: Device.Kind) -> Precision { .full }

  package func forward(_ logs: Tensor, _ target: Tensor, _ weight: Tensor?) throws(TensorError) -> Tensor {
    try NLLLoss.check(logs, target, weight, operation: name)
    return try named("nllLoss") { () throws(TensorError) in try losses(logs, target, weight) }
  }

  private func losses(_ logs: Tensor, _ target: Tensor, _ weight: Tensor?) throws(TensorError) -> Tensor {
    let dim = Swift.min(logs.layout.rank - 1, 1)
    let picked = try PickedClasses(target, count: logs.layout.shape[dim], ignoreIndex: ignoreIndex, operation: name)
    var index = target.layout.shape
    index.insert(1, at: dim)
    let values = try Tensor(uninitialized: Layout(contiguous: index), dtype: logs.dtype, on: logs.backend, for: name)
    try picked.locating { () throws(TensorError) in
      try logs.backend.gather(logs, index: picked.classes.viewed(as: index), dim: dim, to: values)
    }
    let weights = try picked.weights(weight, dtype: logs.dtype)
    let losses = try Unary<Negative>().forward(
      Binary<Multiply>().forward(values.viewed(as: target.layout.shape), weights))
    // A row that counts nothing must not turn an infinite logarithm into NaN.
    let zero = Tensor(number: .int(0))
    let counted = try Ternary<Where>().forward(picked.isCounted, losses, zero)
    let all = Dims(0..<target.layout.rank)
    switch reduction {
    case .none: return counted
    case .sum: return try Sum(dims: all, keepDim: false).forward(counted)
    case .mean:
      return try Binary<Divide>().forward(
        Sum(dims: all, keepDim: false).forward(counted), Sum(dims: all, keepDim: false).forward(weights))
    }
  }

  static func check(
    _ logs: Tensor, _ target: Tensor, _ weight: Tensor?, operation: String
  ) throws(TensorError) {
    try checkFloating(logs, operation: operation)
    try checkSameDevice(logs, target, operation: operation)
    if let weight { try checkSameDevice(logs, weight, operation: operation) }
    let (shape, classes) = (logs.layout.shape, target.layout.shape)
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
}

/// Target classes ready to index by.
package struct PickedClasses {
  /// The classes as int64, with 0 for ignored rows and `count`, out of range, for negative ones.
  package let classes: Tensor
  /// Which rows count.
  package let isCounted: Tensor
  private let target: Tensor
  private let count: Int
  private let ignoreIndex: Int
  private let operation: String

  package init(_ target: Tensor, count: Int, ignoreIndex: Int, operation: String) throws(TensorError) {
    let target = try cast(target, to: .int64)
    isCounted = try Binary<NotEqual>().forward(target, Tensor(number: .int(Int64(ignoreIndex))))
    let zero = Tensor(number: .int(0))
    let kept = try Ternary<Where>().forward(isCounted, target, zero)
    let isNegative = try Binary<Less>().forward(kept, zero)
    // An index kernel would take a negative class from the end.
    let chosen = try Ternary<Where>().forward(isNegative, Tensor(number: .int(Int64(count))), kept)
    classes = chosen.isContiguous ? chosen : try Contiguous().forward(chosen)
    self.target = target
    self.count = count
    self.ignoreIndex = ignoreIndex
    self.operation = operation
  }

  /// The weight of each row's class, 1 without weights, and 0 for ignored rows.
  package func weights(_ weight: Tensor?, dtype: DType) throws(TensorError) -> Tensor {
    guard let weight else { return try cast(isCounted, to: dtype) }
    let flat = classes.viewed(as: [classes.layout.elementCount])
    let values = try Tensor(uninitialized: flat.layout, dtype: weight.dtype, on: weight.backend, for: operation)
    try locating { () throws(TensorError) in try weight.backend.gather(weight, index: flat, dim: 0, to: values) }
    return try Ternary<Where>().forward(
      isCounted, cast(values.viewed(as: classes.layout.shape), to: dtype), Tensor(number: .int(0)))
  }

  /// Runs a step that indexes by the classes, and names the class that is out of range.
  package func locating(_ body: () throws(TensorError) -> Void) throws(TensorError) {
    do { try body() } catch {
      guard error.kind == .index else { throw error }
      let host = try Contiguous().forward(target)
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: host.layout.elementCount * 8, alignment: 8)
      defer { bytes.deallocate() }
      try host.backend.copy(from: host.storage, byteOffset: host.layout.offset * 8, to: bytes)
      let values = bytes.bindMemory(to: Int64.self)
      guard let wrong = values.first(where: { $0 != ignoreIndex && !(0..<count).contains(Int($0)) }) else {
        throw error
      }
      throw TensorError(.index, operation, "target \(wrong) is out of bounds for \(count) classes")
    }
  }
}
