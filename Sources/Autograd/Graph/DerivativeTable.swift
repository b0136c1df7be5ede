import Synchronization
import Tensor

/// Which operations have derivatives.
///
/// The dynamic cast that finds out costs as much as the rest of recording, so its outcome is kept per operation type, in a
/// table that is read without a lock.
enum DerivativeTable {
  private struct Slot: ~Copyable {
    let key = Atomic<UInt>(0)
    var derivative: (any Differentiable.Type)?
  }

  private static let capacity = 1024
  nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Slot> = {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    for i in 0..<capacity { (slots + i).initialize(to: Slot()) }
    return slots
  }()
  private static let writing = Mutex(())

  /// The type as one with a derivative; nil when it has none.
  static func derivative<O: Operation>(of type: O.Type) -> (any Differentiable.Type)? {
    let key = UInt(bitPattern: ObjectIdentifier(type))
    var position = Int(key >> 4) % capacity
    for _ in 0..<capacity {
      let found = slots[position].key.load(ordering: .acquiring)
      if found == key { return slots[position].derivative }
      if found == 0 { break }
      position = (position + 1) % capacity
    }
    return add(type, key)
  }

  private static func add<O: Operation>(_ type: O.Type, _ key: UInt) -> (any Differentiable.Type)? {
    let derivative = type as? any Differentiable.Type
    writing.withLock { _ in
      var position = Int(key >> 4) % capacity
      for _ in 0..<capacity {
        let found = slots[position].key.load(ordering: .relaxed)
        if found == key { return }
        if found == 0 {
          slots[position].derivative = derivative
          slots[position].key.store(key, ordering: .releasing)
          return
        }
        position = (position + 1) % capacity
      }
    }
    return derivative
  }
}

/// The operation as one with a derivative; one without is an error, so that no gradient is lost in silence.
func differentiable<O: Operation>(_ operation: O) throws(TensorError) -> any Differentiable {
  guard let type = DerivativeTable.derivative(of: O.self) else {
    throw TensorError(
      .autograd, operation.name,
      "the derivative of \(operation.graphName) is not implemented; detach() the inputs or run it inside noGrad")
  }
  return adopt(operation, as: type)
}

/// Reads a value as the type that it is known to have.
private func adopt<D: Differentiable>(_ operation: some Operation, as type: D.Type) -> any Differentiable {
  withUnsafePointer(to: operation) { UnsafeRawPointer($0).assumingMemoryBound(to: D.self).pointee }
}
