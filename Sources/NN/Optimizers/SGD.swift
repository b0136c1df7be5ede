internal import CTensorKernels

/// Stochastic gradient descent, with momentum where wanted.
///
/// With gradient g, parameter p and momentum buffer b:
/// g += weightDecay * p; b = momentum * b + (1 - dampening) * g (b = g in the first step);
/// p -= lr * b, or p -= lr * (g + momentum * b) with `nesterov`.
public final class SGD: Optimizer {
  /// The settings of a group.
  public struct Options: OptimizerOptions {
    /// The learning rate.
    public var lr: Double
    /// The share of the buffer that stays in each step; 0 for none.
    public var momentum: Double
    /// The share of the gradient that does not go to the buffer.
    public var dampening: Double
    /// The factor of the parameters that is added to the gradients.
    public var weightDecay: Double
    /// Whether the step looks ahead by the momentum; needs momentum and no dampening.
    public var nesterov: Bool
    /// Whether the objective is to grow.
    public var maximize: Bool

    /// PyTorch's settings.
    public init(
      lr: Double = 0.001, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false,
      maximize: Bool = false
    ) {
      self.lr = lr
      self.momentum = momentum
      self.dampening = dampening
      self.weightDecay = weightDecay
      self.nesterov = nesterov
      self.maximize = maximize
    }
  }

  private let core: OptimizerCore<Options, SGDMemory>

  /// Makes an optimizer whose parameters share all settings.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 0.001, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    nesterov: Bool = false, maximize: Bool = false
  ) {
    let options = Options(
      lr: lr, momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: nesterov,
      maximize: maximize)
    self.init(groups: [ParameterGroup(parameters, options)])
  }

  /// Makes an optimizer whose groups of parameters have settings of their own.
  public init(groups: [ParameterGroup<Options>]) { core = OptimizerCore("SGD", groups) }

  /// The groups of parameters with their settings; settings may be changed between steps, the tensors not.
  public var groups: [ParameterGroup<Options>] {
    get { core.groups }
    set { core.groups = newValue }
  }

  /// All parameters, group by group.
  public var parameters: [Tensor] { core.parameters }

  /// Adds parameters with settings of their own.
  public func addGroup(_ group: ParameterGroup<Options>) { core.add(group) }

  /// Forgets the gradients of all parameters, or fills them with zeros.
  public func zeroGrad(setToNil: Bool) { core.zeroGrad(setToNil: setToNil) }

  /// Changes the parameters by their gradients.
  public func step() { step(foundInf: nil) }

  /// Changes the parameters by their gradients, unless `foundInf` holds anything but 0; does not wait to know.
  public func step(unless foundInf: Tensor) { step(foundInf: foundInf) }

  private func step(foundInf: Tensor?) {
    core.step(unless: foundInf) { (group) throws(TensorError) in try SGD.step(&group, unless: foundInf) }
  }

  private static func step(
    _ group: inout OptimizerCore<Options, SGDMemory>.States.Group, unless foundInf: Tensor?
  ) throws(TensorError) {
    let options = group.options
    var batches: [StepBatch] = []
    for i in group.slots.indices {
      let parameter = group.slots[i].parameter
      guard let gradient = parameter.grad else { continue }
      let operands = try StepOperands(parameter, gradient)
      let batch = batches.position(of: parameter)
      batches[batch].add(parameter, operands)
      if options.momentum != 0 {
        var memory =
          if let old = group.slots[i].memory { old } else { try SGDMemory(of: operands.target) }
        memory.momentum = try memory.momentum.matching(operands.target)
        memory.steps = try memory.steps.moved(to: operands.target)
        group.slots[i].memory = memory
        batches[batch].first.append(memory.momentum)
        batches[batch].steps.append(memory.steps)
      }
    }
    for batch in batches {
      try batch.backend.sgd(
        SGDStep(
          parameters: batch.targets, gradients: batch.gradients, momenta: batch.first, steps: batch.steps),
        options: st_sgd_options(
          lr: options.lr, momentum: options.momentum, dampening: options.dampening, weight_decay: options.weightDecay,
          nesterov: options.nesterov, maximize: options.maximize, first_step: false),
        foundInf: foundInf?.moved(to: batch.targets[0]))
      try batch.finish()
    }
  }

  /// The settings and the momentum of each parameter, named "momentum_buffer".
  public func stateDict() -> OptimizerState { core.stateDict { [("momentum_buffer", $0.momentum)] } }

  /// Takes over settings and momentum; values are copied.
  ///
  /// - Throws: A `TensorError` when the state does not fit; nothing is changed then.
  public func load(_ state: OptimizerState) throws(TensorError) {
    try core.load(state) { (reader) throws(TensorError) in
      SGDMemory(momentum: try reader.required("momentum_buffer"), steps: try reader.steps(1))
    }
  }
}

/// What SGD with momentum remembers of a parameter.
struct SGDMemory: Sendable {
  var momentum: Tensor
  /// How many steps were made: float32 and zero-dim, on the parameter's device, where a step may be left out.
  var steps: Tensor

  init(momentum: Tensor, steps: Tensor) {
    self.momentum = momentum
    self.steps = steps
  }

  init(of parameter: Tensor) throws(TensorError) {
    momentum = try parameter.emptyTwin(for: "SGD")
    try momentum.backend.fill(momentum, with: .int(0))
    steps = try zeroSteps(like: parameter)
  }
}

extension SGD.Options {
  /// The settings by PyTorch's names.
  public var values: [String: Number] {
    [
      "lr": .float(lr), "momentum": .float(momentum), "dampening": .float(dampening),
      "weight_decay": .float(weightDecay), "nesterov": .bool(nesterov), "maximize": .bool(maximize),
    ]
  }

  /// The same settings with those replaced that are named.
  public func replacing(_ values: [String: Number]) -> SGD.Options {
    SGD.Options(
      lr: values["lr"]?.double ?? lr, momentum: values["momentum"]?.double ?? momentum,
      dampening: values["dampening"]?.double ?? dampening, weightDecay: values["weight_decay"]?.double ?? weightDecay,
      nesterov: values["nesterov"].map { $0.double != 0 } ?? nesterov,
      maximize: values["maximize"].map { $0.double != 0 } ?? maximize)
  }

  /// Throws a `TensorError` for the first setting that is out of its range.
  public func check() throws(TensorError) {
    try atLeastZero(lr, "learning rate", "SGD")
    try atLeastZero(momentum, "momentum value", "SGD")
    try atLeastZero(weightDecay, "weight decay value", "SGD")
    if nesterov && (momentum <= 0 || dampening != 0) {
      throw TensorError(.value, "SGD", "Nesterov momentum requires a momentum and zero dampening")
    }
  }
}

/// Refuses settings below zero and NaN.
func atLeastZero(_ value: Double, _ name: String, _ optimizer: String) throws(TensorError) {
  if !(value >= 0) { throw TensorError(.value, optimizer, "invalid \(name): \(value)") }
}
