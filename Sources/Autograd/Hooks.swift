public import Tensor

/// A registered hook, which can be removed.
public struct HookHandle: Sendable {
  private let undo: @Sendable () -> Void

  package init(_ undo: @escaping @Sendable () -> Void) { self.undo = undo }

  /// Takes the hook away; a second call does nothing.
  public func remove() { undo() }
}

extension Tensor {
  /// Calls `hook` in backward with this tensor's whole gradient, before it flows on or accumulates.
  ///
  /// Hooks run in the order of their registration, each on what the one before returned.
  ///
  /// - Parameter hook: Gets the gradient, and returns another of its shape to replace it, or nil.
  @discardableResult
  public func registerHook(_ hook: @escaping @Sendable (Tensor) -> Tensor?) -> HookHandle {
    checked(or: HookHandle {}) { () throws(TensorError) in
      guard let vertex else {
        throw TensorError(.autograd, "registerHook", "cannot register a hook on a tensor that doesn't require gradient")
      }
      let id = vertex.attach { attachments in
        attachments.nextID += 1
        attachments.hooks.append((attachments.nextID, hook))
        return attachments.nextID
      }
      return HookHandle { [weak vertex] in vertex?.attach { $0.hooks.removeAll { $0.id == id } } }
    }
  }

  /// Calls `hook` with this leaf each time after backward added to its `grad`.
  ///
  /// With it an optimizer can step, and free the gradient, while backward goes on.
  @discardableResult
  public func registerPostAccumulateGradHook(_ hook: @escaping @Sendable (Tensor) -> Void) -> HookHandle {
    checked(or: HookHandle {}) { () throws(TensorError) in
      guard let vertex, vertex.isLeaf else {
        throw TensorError(
          .autograd, "registerPostAccumulateGradHook",
          "post accumulate grad hooks cannot be registered on non-leaf tensors")
      }
      let id = vertex.attach { attachments in
        attachments.nextID += 1
        // The leaf's vertex must not hold the tensor that holds it.
        attachments.accumulationHooks.append((attachments.nextID, { [weak self] in if let self { hook(self) } }))
        return attachments.nextID
      }
      return HookHandle { [weak vertex] in vertex?.attach { $0.accumulationHooks.removeAll { $0.id == id } } }
    }
  }
}
