/// Parameters of one dtype and device, whose steps are equal but for their tensors: one call to the backend.
struct StepBatch {
  let dtype: DType
  let backend: any Backend
  /// The parameters, or dense copies of them.
  var targets: [Tensor] = []
  var gradients: [Tensor] = []
  /// Tensors that the optimizer remembers, a list for each kind.
  var first: [Tensor] = []
  var second: [Tensor] = []
  var third: [Tensor] = []
  /// How many steps each parameter has made.
  var steps: [Tensor] = []
  /// Parameters whose target is a copy.
  private var copied: [(parameter: Tensor, target: Tensor)] = []

  init(dtype: DType, backend: any Backend) {
    self.dtype = dtype
    self.backend = backend
  }

  @inline(__always)
  mutating func add(_ parameter: Tensor, _ operands: StepOperands) {
    targets.append(operands.target)
    gradients.append(operands.gradient)
    if operands.target !== parameter { copied.append((parameter, operands.target)) }
  }

  /// Counts the writes of a step, and brings what it wrote to copies back to their parameters.
  func finish() throws(TensorError) {
    for target in targets { target.storage.bumpVersion() }
    for (parameter, target) in copied { try run(Copy(), on: Tensor(aliasing: parameter), target) }
  }
}

extension [StepBatch] {
  /// The batch for a parameter's step; there is one for nearly every group, so that a search by looking is fastest.
  mutating func position(of parameter: Tensor) -> Int {
    for i in indices where self[i].dtype == parameter.dtype && self[i].backend === parameter.backend { return i }
    append(StepBatch(dtype: parameter.dtype, backend: parameter.backend))
    return count - 1
  }
}

/// A count of no steps, on a parameter's device.
func zeroSteps(like parameter: Tensor) throws(TensorError) -> Tensor {
  let steps = try Tensor(uninitialized: Layout(contiguous: []), dtype: .float32, on: parameter.backend, for: "step")
  try steps.backend.fill(steps, with: .int(0))
  return steps
}

/// A parameter and its gradient as the backends' steps take them: dense, in one stride order.
struct StepOperands {
  /// The parameter itself, or a dense copy of it.
  let target: Tensor
  let gradient: Tensor

  @inline(__always)
  init(_ parameter: Tensor, _ gradient: Tensor) throws(TensorError) {
    if parameter.isContiguous && gradient.isContiguous && gradient.dtype == parameter.dtype
      && gradient.backend === parameter.backend && gradient.layout.shape == parameter.layout.shape
    {
      target = parameter
      self.gradient = gradient
    } else {
      (target, self.gradient) = try StepOperands.aligned(parameter, gradient)
    }
  }

  private static func aligned(_ parameter: Tensor, _ gradient: Tensor) throws(TensorError) -> (Tensor, Tensor) {
    let target = parameter.layout.isDense ? parameter : try run(Clone(), Tensor(aliasing: parameter))
    return (target, try gradient.matching(target))
  }
}

extension Tensor {
  /// The tensor itself where it has another's dtype, device and strides, else a copy that does.
  @inline(__always)
  func matching(_ target: Tensor) throws(TensorError) -> Tensor {
    if dtype == target.dtype && backend === target.backend && layout.shape == target.layout.shape
      && layout.strides == target.layout.strides
    {
      return self
    }
    let copy = try target.emptyTwin(for: "step")
    try run(Copy(), on: copy, Tensor(aliasing: self))
    return copy
  }

  /// The tensor itself where it is on another's device, else a copy there.
  @inline(__always)
  func moved(to target: Tensor) throws(TensorError) -> Tensor {
    backend === target.backend ? self : try run(Move(device: target.device), Tensor(aliasing: self))
  }

  /// A tensor of the same shape, dtype, device and, where dense, stride order, with arbitrary elements.
  func emptyTwin(for operation: String) throws(TensorError) -> Tensor {
    try Tensor(uninitialized: layout.fresh, dtype: dtype, on: backend, for: operation)
  }
}
