extension Module {
  /// Calls `body` for the module and all below it, parents before children, once for every name that a module has.
  ///
  /// A reference back to a module above, such as to a parent, is not followed.
  func visit(_ body: (_ name: String, _ module: any Module, _ members: Members) -> Void) {
    var path: Set<ObjectIdentifier> = []
    func descend(_ module: any Module, _ name: String) {
      guard path.insert(ObjectIdentifier(module)).inserted else { return }
      let members = Members(of: module)
      body(name, module, members)
      for child in members.modules { descend(child.module, joined(name, child.name)) }
      path.remove(ObjectIdentifier(module))
    }
    descend(self, "")
  }

  /// Every tensor below with its name, a module's own before its children's; one that has two names comes twice.
  var state: [(name: String, tensor: Tensor)] {
    var state: [(name: String, tensor: Tensor)] = []
    visit { name, _, members in
      for entry in members.tensors where entry.tensor.isParameter || entry.tensor.isBuffer {
        state.append((joined(name, entry.name), entry.tensor))
      }
    }
    return state
  }

  private func namedTensors(where isIncluded: (Tensor) -> Bool) -> [(name: String, tensor: Tensor)] {
    var seen: Set<ObjectIdentifier> = []
    return state.filter { isIncluded($0.tensor) && seen.insert(ObjectIdentifier($0.tensor)).inserted }
  }
}

extension Tensor {
  /// Whether a module counts the tensor as a parameter: a leaf that requires grad, or did before it was frozen.
  fileprivate var isParameter: Bool { recorder?.isLeaf ?? false }
  /// Whether a module counts the tensor as a buffer; results of recorded operations are neither.
  fileprivate var isBuffer: Bool { recorder == nil }
}

// MARK: - Parameters and buffers

extension Module {
  /// The parameters of the module and all below it, each once: tensors that require grad, or did before they were frozen.
  public func parameters() -> [Tensor] { namedParameters().map(\.tensor) }

  /// The parameters with their names, such as "0.weight"; a shared one has the first of its names.
  public func namedParameters() -> [(name: String, tensor: Tensor)] { namedTensors(where: \.isParameter) }

  /// The tensors of the module and all below it that are state but not parameters, each once.
  public func buffers() -> [Tensor] { namedBuffers().map(\.tensor) }

  /// The buffers with their names; a shared one has the first of its names.
  public func namedBuffers() -> [(name: String, tensor: Tensor)] { namedTensors(where: \.isBuffer) }
}

// MARK: - Modules

extension Module {
  /// The modules that this one holds directly, each once.
  public func children() -> [any Module] { namedChildren().map(\.module) }

  /// The modules that this one holds directly with their names; those in an array are named "layers.0".
  public func namedChildren() -> [(name: String, module: any Module)] {
    var seen: Set<ObjectIdentifier> = []
    return Members(of: self).modules.filter { seen.insert(ObjectIdentifier($0.module)).inserted }
  }

  /// The module itself and all below it, each once, parents before children.
  public func modules() -> [any Module] { namedModules().map(\.module) }

  /// The module itself, named "", and all below it with their names, each once.
  public func namedModules() -> [(name: String, module: any Module)] {
    var seen: Set<ObjectIdentifier> = []
    var modules: [(name: String, module: any Module)] = []
    visit { name, module, _ in
      if seen.insert(ObjectIdentifier(module)).inserted { modules.append((name, module)) }
    }
    return modules
  }

  /// Calls `body` on every module below and then on this one, each once, children before parents; returns the module.
  ///
  /// ```swift
  /// model.apply { if let linear = $0 as? Linear { Init.xavierUniform(linear.weight) } }
  /// ```
  @discardableResult
  public func apply<Failure: Error>(_ body: (any Module) throws(Failure) -> Void) throws(Failure) -> Self {
    var seen: Set<ObjectIdentifier> = []
    func descend(_ module: any Module) throws(Failure) {
      guard seen.insert(ObjectIdentifier(module)).inserted else { return }
      for child in Members(of: module).modules { try descend(child.module) }
      try body(module)
    }
    try descend(self)
    return self
  }
}
