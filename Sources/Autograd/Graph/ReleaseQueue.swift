import Tensor

/// What nodes that are going away still hold, released in a loop.
///
/// A node's deinit moves its references here instead of leaving them to implicit destruction: a chain of a million nodes
/// would otherwise be released by recursion. The outermost deinit on a thread owns the queue and drains it.
struct ReleaseQueue {
  private var objects: [AnyObject] = []
  private var operations: [any Differentiable] = []

  mutating func append(_ object: AnyObject) { objects.append(object) }
  mutating func append(_ operation: any Differentiable) { operations.append(operation) }

  /// Calls `move` with the thread's queue; the outermost call drains it.
  @inline(__always)
  static func withCurrent(_ move: (inout ReleaseQueue) -> Void) {
    let slot = threadSlot()
    if let current = slot.pointee {
      move(&current.assumingMemoryBound(to: ReleaseQueue.self).pointee)
      return
    }
    var queue = ReleaseQueue()
    withUnsafeMutablePointer(to: &queue) { queue in
      slot.pointee = UnsafeMutableRawPointer(queue)
      move(&queue.pointee)
      // What is popped is released at the end of each turn, which may append.
      while true {
        if queue.pointee.objects.popLast() != nil { continue }
        if queue.pointee.operations.popLast() != nil { continue }
        break
      }
      slot.pointee = nil
    }
  }
}
