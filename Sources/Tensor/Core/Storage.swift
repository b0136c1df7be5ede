import Synchronization

/// A block of a device's memory that tensors and their views share.
///
/// `address` belongs to the device: only its backend may read or write there.
package final class Storage: Sendable {
  nonisolated(unsafe) package let address: UnsafeMutableRawPointer
  package let byteCount: Int
  package let backend: any Backend
  /// Counts writes in place, so that backward can tell when a value it needs was overwritten.
  private let writes = Atomic<Int>(0)
  /// Whoever owns the memory when the backend does not, such as a mapped file.
  private let owner: OptionalReference<AnyObject & Sendable>

  /// - Parameter owner: Keeps memory alive that the backend has not allocated; nil when the backend shall free it.
  package init(
    address: UnsafeMutableRawPointer, byteCount: Int, backend: any Backend, owner: (AnyObject & Sendable)? = nil
  ) {
    self.address = address
    self.byteCount = byteCount
    self.backend = backend
    self.owner = OptionalReference(owner)
  }

  deinit {
    if owner.isNil { backend.free(address, byteCount: byteCount) }
  }

  package var version: Int {
    @inline(__always) get { writes.load(ordering: .relaxed) }
  }

  @inline(__always)
  package func bumpVersion() { writes.add(1, ordering: .relaxed) }

  /// Continues the count of a storage that this one replaces, so that values saved before count as overwritten.
  package func succeed(_ old: Storage) { writes.store(old.version + 1, ordering: .relaxed) }
}
