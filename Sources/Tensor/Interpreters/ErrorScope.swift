import Synchronization

/// Keeps the first error of a `withThrowingErrors` scope.
package final class ErrorSink: Sendable {
  private let state = Mutex<TensorError?>(nil)
  private let failed = Atomic<Bool>(false)
  /// What a GPU's work is told of the scope that it was launched in; never 0.
  let number: UInt64

  private static let count = Atomic<UInt64>(0)
  private struct Weak: Sendable { weak let sink: ErrorSink? }
  private static let open = Mutex<[UInt64: Weak]>([:])

  package init() {
    number = ErrorSink.count.add(1, ordering: .relaxed).newValue
    ErrorSink.open.withLock { $0[number] = Weak(sink: self) }
  }

  deinit { _ = ErrorSink.open.withLock { $0.removeValue(forKey: number) } }

  /// The sink of a scope that is still open.
  static func withNumber(_ number: UInt64) -> ErrorSink? { open.withLock { $0[number]?.sink } }

  /// Records what work of the scope on GPUs has met; waits for it.
  fileprivate func collect() {
    for backend in CUDABackend.inUse { backend.collect { record($0) } }
  }

  package var hasFailed: Bool {
    @inline(__always) get { failed.load(ordering: .relaxed) }
  }

  package var first: TensorError? { state.withLock { $0 } }

  package func record(_ error: TensorError) {
    state.withLock { if $0 == nil { $0 = error } }
    failed.store(true, ordering: .relaxed)
  }
}

/// Runs `body`, and throws the first error that a tensor operation in it met.
///
/// After that error the operations in the scope do nothing: they return a zero-dim tensor that reads as 0, so code in the
/// scope must not index by what it read. Outside such a scope an error ends the program with its text. At its end the
/// scope waits for the GPUs that were used, whose work may have met an error.
///
/// - Throws: The first `TensorError`, or whatever `body` throws.
public func withThrowingErrors<Result>(_ body: () throws -> Result) throws -> Result {
  let sink = ErrorSink()
  let result = try Scope.$current.withValue(Scope.with(errors: sink)) {
    // An error that body throws itself may only follow from an earlier one of an operation.
    defer { sink.collect() }
    do { return try body() } catch { throw sink.first ?? error }
  }
  if let error = sink.first { throw error }
  return result
}

/// Runs an asynchronous `body`, and throws the first error that a tensor operation in it met.
///
/// - Throws: The first `TensorError`, or whatever `body` throws.
public func withThrowingErrors<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async throws -> Result {
  let sink = ErrorSink()
  let result = try await Scope.$current.withValue(
    Scope.with(errors: sink),
    operation: {
      defer { sink.collect() }
      do { return try await body() } catch { throw sink.first ?? error }
    }, isolation: isolation)
  if let error = sink.first { throw error }
  return result
}

/// Hands an error to the active error scope, or ends the program with its text.
package func fail(_ error: TensorError) {
  guard let errors = Scope.current?.errors else { fatalError(error.description) }
  errors.record(error)
}

/// Hands an error to the active error scope and returns the tensor that stands for a missing result: shape [], reads as 0.
package func failed(_ error: TensorError) -> Tensor {
  fail(error)
  return .poisoned
}

/// Runs a throwing body, for public functions that do not throw: an error goes to the active scope or ends the program.
///
/// The body receives the active scope, which it has not to look up again.
@inline(__always)
package func checked(_ body: (Scope?) throws(TensorError) -> Tensor) -> Tensor {
  let scope = Scope.current
  if let errors = scope?.errors, errors.hasFailed { return .poisoned }
  do { return try body(scope) } catch { return failed(error) }
}

/// The same for functions that return something else; `fallback` stands for a missing result.
@inline(__always)
package func checked<Result>(
  or fallback: @autoclosure () -> Result, _ body: (Scope?) throws(TensorError) -> Result
) -> Result {
  let scope = Scope.current
  if let errors = scope?.errors, errors.hasFailed { return fallback() }
  do { return try body(scope) } catch {
    fail(error)
    return fallback()
  }
}

/// The same for bodies that do not need the scope.
@inline(__always)
package func checked(_ body: () throws(TensorError) -> Tensor) -> Tensor {
  checked { (_: Scope?) throws(TensorError) in try body() }
}

/// The same for bodies that do not need the scope.
@inline(__always)
package func checked<Result>(
  or fallback: @autoclosure () -> Result, _ body: () throws(TensorError) -> Result
) -> Result {
  checked(or: fallback()) { (_: Scope?) throws(TensorError) in try body() }
}
