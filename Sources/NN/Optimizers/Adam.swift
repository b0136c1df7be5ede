/// Adam: steps by the running mean of gradients over the root of that of their squares (Kingma and Ba, 2015).
///
/// In step t, with gradient g (to which weightDecay * p is added):
/// m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;
/// p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps).
public final class Adam: Optimizer {
  /// The settings of a group.
  public struct Options: OptimizerOptions {
    /// The learning rate.
    public var lr: Double
    /// How much of the running mean of the gradients stays in each step.
    public var beta1: Double
    /// How much of the running mean of their squares stays.
    public var beta2: Double
    /// Added to the denominator.
    public var eps: Double
    /// The factor of the parameters that is added to the gradients.
    public var weightDecay: Double
    /// Whether the largest running mean of squares so far is used (Reddi et al., 2018).
    public var amsgrad: Bool
    /// Whether the objective is to grow.
    public var maximize: Bool

    /// PyTorch's settings.
    public init(
      lr: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
      amsgrad: Bool = false, maximize: Bool = false
    ) {
      self.lr = lr
      (beta1, beta2) = betas
      self.eps = eps
      self.weightDecay = weightDecay
      self.amsgrad = amsgrad
      self.maximize = maximize
    }
  }

  private let core: OptimizerCore<Options, AdamMemory>

  /// Makes an optimizer whose parameters share all settings.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    let options = Options(
      lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
    self.init(groups: [ParameterGroup(parameters, options)])
  }

  /// Makes an optimizer whose groups of parameters have settings of their own.
  public init(groups: [ParameterGroup<Options>]) { core = OptimizerCore("Adam", groups) }

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
    core.step(unless: foundInf) { (group) throws(TensorError) in
      try AdamMemory.step(&group.slots, options: group.options, isDecoupled: false, unless: foundInf)
    }
  }

  /// The settings and, of each parameter, "step", "exp_avg", "exp_avg_sq" and, with amsgrad, "max_exp_avg_sq".
  public func stateDict() -> OptimizerState { core.stateDict(\.tensors) }

  /// Takes over settings and running means; values are copied.
  ///
  /// - Throws: A `TensorError` when the state does not fit; nothing is changed then.
  public func load(_ state: OptimizerState) throws(TensorError) { try core.load(state, AdamMemory.init) }
}

/// Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019).
///
/// In each step p -= lr * weightDecay * p comes first; the running means see the plain gradient. Else as `Adam`.
public final class AdamW: Optimizer {
  /// The settings of a group: Adam's, with another default for the weight decay.
  public typealias Options = Adam.Options

  private let core: OptimizerCore<Options, AdamMemory>

  /// Makes an optimizer whose parameters share all settings.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0.01, amsgrad: Bool = false, maximize: Bool = false
  ) {
    let options = Options(
      lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
    self.init(groups: [ParameterGroup(parameters, options)])
  }

  /// Makes an optimizer whose groups of parameters have settings of their own.
  public init(groups: [ParameterGroup<Options>]) { core = OptimizerCore("AdamW", groups) }

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
    core.step(unless: foundInf) { (group) throws(TensorError) in
      try AdamMemory.step(&group.slots, options: group.options, isDecoupled: true, unless: foundInf)
    }
  }

  /// The settings and, of each parameter, "step", "exp_avg", "exp_avg_sq" and, with amsgrad, "max_exp_avg_sq".
  public func stateDict() -> OptimizerState { core.stateDict(\.tensors) }

  /// Takes over settings and running means; values are copied.
  ///
  /// - Throws: A `TensorError` when the state does not fit; nothing is changed then.
  public func load(_ state: OptimizerState) throws(TensorError) { try core.load(state, AdamMemory.init) }
}

extension Adam.Options {
  /// The settings by PyTorch's names; "betas" is two of them here.
  public var values: [String: Number] {
    [
      "lr": .float(lr), "beta1": .float(beta1), "beta2": .float(beta2), "eps": .float(eps),
      "weight_decay": .float(weightDecay), "amsgrad": .bool(amsgrad), "maximize": .bool(maximize),
    ]
  }

  /// The same settings with those replaced that are named.
  public func replacing(_ values: [String: Number]) -> Adam.Options {
    Adam.Options(
      lr: values["lr"]?.double ?? lr,
      betas: (values["beta1"]?.double ?? beta1, values["beta2"]?.double ?? beta2),
      eps: values["eps"]?.double ?? eps, weightDecay: values["weight_decay"]?.double ?? weightDecay,
      amsgrad: values["amsgrad"].map { $0.double != 0 } ?? amsgrad,
      maximize: values["maximize"].map { $0.double != 0 } ?? maximize)
  }

  /// Throws a `TensorError` for the first setting that is out of its range.
  public func check() throws(TensorError) {
    try atLeastZero(lr, "learning rate", "Adam")
    try atLeastZero(eps, "epsilon value", "Adam")
    try atLeastZero(weightDecay, "weight decay value", "Adam")
    for (i, beta) in [beta1, beta2].enumerated() where !(beta >= 0 && beta < 1) {
      throw TensorError(.value, "Adam", "invalid beta parameter at index \(i): \(beta)")
    }
  }
}
