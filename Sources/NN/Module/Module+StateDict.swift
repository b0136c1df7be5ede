extension Module {
  /// The parameters and buffers by name, a module's own before its children's.
  ///
  /// The tensors share the module's memory and do not require grad. One that is held under two names has two entries.
  public func stateDict() -> StateDict { StateDict(state.lazy.map { (key: $0.name, value: $0.tensor.detach()) }) }

  /// Copies a state's values into the module's tensors, which keep their identity, dtype and device.
  ///
  /// Everything is checked first: unlike PyTorch, which stops half-way, nothing is copied when an error is thrown.
  /// - Parameters:
  ///   - state: The tensors by name.
  ///   - strict: Whether every name must match; with `false` only those that do are copied.
  /// - Returns: The names that did not match.
  /// - Throws: A `TensorError` that lists missing and unexpected names (when strict) and shapes that differ (always).
  @discardableResult
  public func load(_ state: StateDict, strict: Bool = true) throws(TensorError) -> LoadResult {
    let targets = self.state
    let names = Set(targets.map(\.name))
    let result = LoadResult(
      missingKeys: targets.map(\.name).filter { state[$0] == nil },
      unexpectedKeys: state.keys.filter { !names.contains($0) })
    var problems: [String] = []
    if strict {
      if !result.missingKeys.isEmpty { problems.append("missing keys: \(quoted(result.missingKeys))") }
      if !result.unexpectedKeys.isEmpty { problems.append("unexpected keys: \(quoted(result.unexpectedKeys))") }
    }
    for (name, target) in targets {
      if let source = state[name], source.shape != target.shape {
        problems.append(
          "size mismatch for \(name): shape \(source.shape) in the state, \(target.shape) in the model")
      }
    }
    if !problems.isEmpty {
      throw TensorError(
        .value, "\(Self.self).load", "the state does not fit:\n\t" + problems.joined(separator: "\n\t"))
    }
    try Scope.with(isGradEnabled: false, autocast: .some(nil)).run { () throws(TensorError) in
      // What lies in the module's own memory is read before any of that is written.
      let written = Set(targets.map { ObjectIdentifier($0.tensor.storage) })
      var copies: [(target: Tensor, source: Tensor)] = []
      for (name, target) in targets {
        guard let source = state[name] else { continue }
        let isOwn = source.storage === target.storage && source.layout == target.layout && source.dtype == target.dtype
        let isRead = !isOwn && written.contains(ObjectIdentifier(source.storage))
        copies.append((target, isRead ? try run(Clone(), source) : source))
      }
      for (target, source) in copies { try run(Copy(), on: target, source) }
    }
    return result
  }
}

/// Which names of a state and a module did not match each other.
public struct LoadResult: Sendable, Hashable, CustomStringConvertible {
  /// Names of the module that the state lacks.
  public let missingKeys: [String]
  /// Names of the state that the module lacks.
  public let unexpectedKeys: [String]

  /// The names, or that all matched.
  public var description: String {
    if missingKeys.isEmpty && unexpectedKeys.isEmpty { return "<All keys matched successfully>" }
    return "LoadResult(missingKeys: \(missingKeys), unexpectedKeys: \(unexpectedKeys))"
  }
}

private func quoted(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
