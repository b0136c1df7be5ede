import Synchronization
internal import Tensor

private let seeding = Mutex(())

/// Seeds the default generator and runs `body`, while no other such body runs.
///
/// Tests run at the same time and share the default generator: whatever draws from it belongs inside, or takes a
/// generator of its own.
package func withSeed<Result>(_ seed: some BinaryInteger, _ body: () throws -> Result) rethrows -> Result {
  nonisolated(unsafe) let body = body
  return try seeding.withLock { _ in
    manualSeed(seed)
    nonisolated(unsafe) let result = try body()
    return result
  }
}
