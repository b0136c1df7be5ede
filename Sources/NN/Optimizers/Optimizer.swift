/// Changes parameters by their gradients, a step at a time.
///
/// An optimizer keeps the tensors that it was given; moving or casting their module keeps it valid. Parameters without a
/// gradient are left out of a step.
///
/// ```swift
/// let optimizer = SGD(model.parameters(), lr: 0.01, momentum: 0.9)
/// optimizer.zeroGrad()
/// MSELoss()(model(x), y).backward()
/// optimizer.step()
/// ```
public protocol Optimizer: AnyObject, Sendable {
  /// The settings of a group of parameters.
  associatedtype Options: OptimizerOptions

  /// The groups of parameters with their settings; settings may be changed between steps, the tensors not.
  var groups: [ParameterGroup<Options>] { get set }

  /// All parameters, group by group.
  var parameters: [Tensor] { get }

  /// Adds parameters with settings of their own.
  func addGroup(_ group: ParameterGroup<Options>)

  /// Forgets the gradients of all parameters, or fills them with zeros.
  func zeroGrad(setToNil: Bool)

  /// Changes the parameters by their gradients.
  func step()

  /// Changes the parameters by their gradients, unless `foundInf` (float32, zero-dim) holds anything but 0.
  ///
  /// `GradScaler` calls it. What comes with the protocol waits for the value; the library's optimizers leave the decision
  /// to the parameters' device.
  func step(unless foundInf: Tensor)

  /// The settings and what the optimizer remembers of each parameter, such as momentum; the tensors are shared.
  func stateDict() -> OptimizerState

  /// Takes over settings and memory of an optimizer of the same kind whose groups have the same sizes; values are copied.
  ///
  /// - Throws: A `TensorError` when the state does not fit; nothing is changed then.
  func load(_ state: OptimizerState) throws(TensorError)
}

/// The settings of an optimizer: a value that every group of parameters has its own of.
public protocol OptimizerOptions: Sendable, Hashable {
  /// The learning rate: the size of a step.
  var lr: Double { get set }

  /// The settings by PyTorch's names.
  var values: [String: Number] { get }

  /// The same settings with those replaced that are named.
  func replacing(_ values: [String: Number]) -> Self

  /// Throws a `TensorError` for the first setting that is out of its range.
  func check() throws(TensorError)
}

/// Parameters that share settings.
public struct ParameterGroup<Options: OptimizerOptions>: Sendable {
  /// The tensors that are changed.
  public let parameters: [Tensor]
  /// Their settings.
  public var options: Options

  /// Makes a group.
  public init(_ parameters: [Tensor], _ options: Options) {
    self.parameters = parameters
    self.options = options
  }
}

extension Optimizer {
  /// Changes the parameters by their gradients, unless `foundInf` holds anything but 0; waits for its value.
  public func step(unless foundInf: Tensor) {
    if foundInf.item() == 0 { step() }
  }

  /// Forgets the gradients of all parameters.
  public func zeroGrad() { zeroGrad(setToNil: true) }

  /// The learning rate of each group.
  public var learningRates: [Double] {
    get { groups.map(\.options.lr) }
    set {
      var groups = self.groups
      for (i, lr) in newValue.prefix(groups.count).enumerated() { groups[i].options.lr = lr }
      self.groups = groups
    }
  }
}
