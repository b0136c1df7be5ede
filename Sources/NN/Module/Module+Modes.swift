extension Module {
  /// Sets the module and all below it to train, or to evaluate with `false`; returns the module.
  @discardableResult
  public func train(_ isTraining: Bool = true) -> Self {
    visit { _, _, members in
      for mode in members.modes { mode.isTraining = isTraining }
    }
    return self
  }

  /// Sets the module and all below it to evaluate: dropout lets everything pass; returns the module.
  @discardableResult
  public func eval() -> Self { train(false) }

  /// Whether the module trains: true unless a layer in it that knows the difference evaluates.
  public var isTraining: Bool {
    var isTraining = true
    visit { _, _, members in
      for mode in members.modes where !mode.isTraining { isTraining = false }
    }
    return isTraining
  }

  /// Freezes all parameters with `false`, or lets them require grad again; returns the module.
  @discardableResult
  public func requiresGrad(_ flag: Bool = true) -> Self {
    for parameter in parameters() { parameter.requiresGrad(flag) }
    return self
  }

  /// Forgets the gradients of all parameters, or fills them with zeros.
  public func zeroGrad(setToNil: Bool = true) {
    for parameter in parameters() { parameter.zeroGrad(setToNil: setToNil) }
  }
}
