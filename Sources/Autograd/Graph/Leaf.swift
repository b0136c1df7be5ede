package import Tensor

/// A tensor that the user made, where gradients accumulate.
package final class Leaf: Vertex, @unchecked Sendable {
  /// The layout that a first gradient takes: the leaf's own when dense, else row-major.
  private let layout: Layout

  init(_ tensor: Tensor, requiresGrad: Bool) {
    layout = tensor.layout.fresh
    super.init(isLeaf: true, requiresGrad: requiresGrad)
  }

  /// Adds to the stored gradient, as PyTorch does: the first is stored, later ones are added to it in place.
  ///
  /// - Parameter gradient: Of the leaf's shape and dtype; its memory is taken when nobody else holds it.
  func accumulate(_ gradient: consuming Tensor, createGraph: Bool) throws(TensorError) {
    var new = consume gradient
    try attach { (attachments) throws(TensorError) in
      if let sum = attachments.grad {
        if createGraph {
          attachments.grad = try run(Binary<Add>(), sum, new)
        } else {
          try run(Binary<Add>(), on: sum, new)
        }
        return
      }
      let isOwn =
        !createGraph && isKnownUniquelyReferenced(&new) && new.ownsMemoryAlone && new.layout == layout
      attachments.grad = isOwn ? new : try copy(new, createGraph: createGraph)
    }
  }

  /// The gradient in memory of its own with the leaf's strides.
  private func copy(_ gradient: Tensor, createGraph: Bool) throws(TensorError) -> Tensor {
    if createGraph || gradient.layout.fresh == layout { return try run(Clone(), gradient) }
    let copy = try Tensor(uninitialized: layout, dtype: gradient.dtype, on: gradient.backend, for: "backward")
    try run(Copy(), on: copy, gradient)
    return copy
  }

  /// Runs the hooks that wait for the gradient to be stored.
  func didAccumulate() {
    guard let hooks = attached({ $0.accumulationHooks.isEmpty ? nil : $0.accumulationHooks }) else { return }
    for hook in hooks { hook.body() }
  }

  package override func didReplaceBody(of tensor: Tensor) {
    guard let grad else { return }
    let moved = Scope.with(isGradEnabled: false, autocast: .some(nil)).run {
      checked { () throws(TensorError) in
        var moved = grad
        if moved.device != tensor.device { moved = try run(Move(device: tensor.device), moved) }
        if moved.dtype != tensor.dtype { moved = try run(Cast(dtype: tensor.dtype), moved) }
        return moved
      }
    }
    if moved !== grad { grad.replaceBody(storage: moved.storage, dtype: moved.dtype) }
  }
}
