import Tensor

/// What nodes that are going away still hold, released in a loop.
///
/// A node's deinit moves its references here instead of leaving them to implicit destruction: a chain of a million nodes
/// would otherwise be released by recursion. The outermost deinit on a thread owns the queue and drains it.
struct ReleaseQueue {
  // Unmanaged, because an array of references is appended to by code for any type.
  private var objects: [Unmanaged<AnyObject>] = []

  /// The queue that a deinit further down this thread's stack drains; nil in the outermost.
  @inline(__always)
  static func current(
    in slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> UnsafeMutablePointer<ReleaseQueue>? {
    slot.pointee?.assumingMemoryBound(to: ReleaseQueue.self)
  }

  @inline(never)
  mutating func append(_ object: consuming AnyObject) { objects.append(.passRetained(object)) }

  /// Releases what `release` lets go of, and all that is appended meanwhile, from the outermost deinit.
  @inline(__always)
  static func drain(_ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ release: () -> Void) {
    var queue = ReleaseQueue()
    withUnsafeMutablePointer(to: &queue) { queue in
      slot.pointee = UnsafeMutableRawPointer(queue)
      release()
      // Each release may append.
      while let object = queue.pointee.objects.popLast() { object.release() }
      slot.pointee = nil
    }
  }
}
