import Synchronization
import Tensor

/// Which operations have derivatives, as the nodes that record them.
///
/// The dynamic cast that finds out costs as much as the rest of recording, so its outcome is kept per operation type, in a
/// table that is read without a lock.
enum DerivativeTable {
  private struct Slot: ~Copyable {
    let key = Atomic<UInt>(0)
    var node: Node.Type?
  }

  private static let capacity = 1024
  nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Slot> = {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    for i in 0..<capacity { (slots + i).initialize(to: Slot()) }
    return slots
  }()
  private static let writing = Mutex(())

  /// The node of an operation; one without a derivative is an error, so that no gradient is lost in silence.
  @inline(__always)
  static func node(for operation: OperationReference) throws(TensorError) -> Node.Type {
    let key = UInt(bitPattern: ObjectIdentifier(operation.type))
    let slots = slots
    var position = Int(key >> 4) % capacity
    for _ in 0..<capacity {
      let found = slots[position].key.load(ordering: .acquiring)
      if found == key, let node = slots[position].node { return node }
      if found == 0 || found == key { break }
      position = (position + 1) % capacity
    }
    if let node = find(operation.type, key) { return node }
    let operation = operation.value
    throw TensorError(
      .autograd, operation.name,
      "the derivative of \(operation.graphName) is not implemented; detach() the inputs or run it inside noGrad")
  }

  private static func find(_ type: any Operation.Type, _ key: UInt) -> Node.Type? {
    guard let derivative = type as? any Differentiable.Type else { return nil }
    let node = nodeType(for: derivative)
    writing.withLock { _ in
      var position = Int(key >> 4) % capacity
      for _ in 0..<capacity {
        let found = slots[position].key.load(ordering: .relaxed)
        if found == key { return }
        if found == 0 {
          slots[position].node = node
          slots[position].key.store(key, ordering: .releasing)
          return
        }
        position = (position + 1) % capacity
      }
    }
    return node
  }
}
