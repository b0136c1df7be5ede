import Tensor

/// What nodes that are going away still hold, released in a loop.
///
/// A node's deinit moves its references here instead of leaving them to implicit destruction: a chain of a million nodes
/// would otherwise be released by recursion. The outermost deinit on a thread owns the queue and drains it.
struct ReleaseQueue {
  private var objects: [AnyObject] = []
  private var operations: [any Differentiable] = []

  /// The queue that a deinit further down this thread's stack drains; nil in the outermost.
  @inline(__always)
  static func current(
    in slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> UnsafeMutablePointer<ReleaseQueue>? {
    slot.pointee?.assumingMemoryBound(to: ReleaseQueue.self)
  }

  mutating func append(_ object: consuming AnyObject) { objects.append(object) }

  mutating func append(operation: any Differentiable) { operations.append(operation) }

  /// Releases what `release` lets go of, and all that is appended meanwhile, from the outermost deinit.
  @inline(__always)
  static func drain(_ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ release: () -> Void) {
    var queue = ReleaseQueue()
    withUnsafeMutablePointer(to: &queue) { queue in
      slot.pointee = UnsafeMutableRawPointer(queue)
      release()
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
