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

  /// The queue that an outer deinit on this thread drains; nil when there is none.
  @inline(__always)
  static var current: UnsafeMutablePointer<ReleaseQueue>? {
    threadSlot().pointee?.assumingMemoryBound(to: ReleaseQueue.self)
  }

  /// Runs `drop`, which releases, and then releases what nodes that died by it put in the thread's queue.
  @inline(__always)
  static func drain(after drop: () -> Void) {
    let slot = threadSlot()
    var queue = ReleaseQueue()
    withUnsafeMutablePointer(to: &queue) { queue in
      slot.pointee = UnsafeMutableRawPointer(queue)
      drop()
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
