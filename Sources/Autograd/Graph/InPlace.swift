package import Tensor

// Writes in place. A write to a tensor gives it a new node; a write to a view gives its base one, and the base's views make
// theirs anew when they are next read (`Tensor.recorder`).

extension Tensor: GradientSupport {
  package static func makeLeaf(_ tensor: Tensor) throws(TensorError) -> any Recorder {
    guard tensor.dtype.isFloatingPoint else {
      throw TensorError(
        .autograd, "requiresGrad", "only tensors of a floating-point dtype can require gradients, not \(tensor.dtype)")
    }
    return Leaf(tensor, requiresGrad: true)
  }

  package static func willWrite(
    _ operation: some Operation, to target: Tensor, _ other: Tensor?
  ) throws(TensorError) -> Tensor {
    if let base = target.base {
      if target.isMadeWithoutGrad {
        throw TensorError(
          .autograd, operation.name,
          "a view was created inside noGrad and is being modified in place with gradients on; "
            + "make both the view and the write inside noGrad, or both outside")
      }
      if base.isLeafRequiringGrad, target.isRecorded {
        throw TensorError(
          .autograd, operation.name,
          "a view of a leaf that requires grad is being used in an in-place operation; "
            + "write inside noGrad, or to a clone()")
      }
    }
    if target.isLeafRequiringGrad {
      throw TensorError(
        .autograd, operation.name,
        "a leaf that requires grad is being used in an in-place operation; write inside noGrad, or to a clone()")
    }
    var needed: Operands = target.isRecorded ? .first : []
    if other?.isRecorded ?? false { needed.insert(.second) }
    let saved = try OperationReference.with(operation) { (operation) throws(TensorError) in
      try DerivativeTable.node(for: operation).saved(operationAt: operation.address, for: needed)
    }
    let readsOld = saved.contains(.first) || other === target && saved.contains(.second)
    return readsOld ? try run(Clone(), target) : target
  }

  package static func didWrite(
    _ operation: some Operation, to target: Tensor, old: Tensor, _ other: Tensor?
  ) throws(TensorError) {
    let other = other === target ? old : other
    let node = try OperationReference.with(operation) { (operation) throws(TensorError) in
      try DerivativeTable.node(for: operation).make(
        operationAt: operation.address, old, other, nil, list: [], output: target, known: nil, at: 0)
    }
    guard let base = target.base else {
      target.moveRecorder(to: node)
      return
    }
    base.moveRecorder(
      to: link(
        WriteThroughView(view: target.layout, base: base.layout), InputRecord(base, vertex: base.vertex),
        InputRecord(target, vertex: node)))
  }

  /// Takes part in the graph as the result of a write in place; views follow when they are next read.
  private func moveRecorder(to node: Node) {
    // Hooks stay with the value from before, retainGrad goes with the tensor, as in PyTorch.
    if let old = vertex, !old.isLeaf, old.attached({ $0.retainsGrad ? true : nil }) != nil {
      old.attach { $0.retainsGrad = false }
      node.attach { $0.retainsGrad = true }
    }
    setRecorder(node)
    bumpGraphVersion()
  }
}
