import Synchronization

/// Everything that scopes such as `noGrad` or `autocast` change, as one immutable value.
///
/// One task-local holds it, nil when no scope is active: an operation reads a single task-local, and only once.
package final class Scope: Sendable {
  @TaskLocal package static var current: Scope?

  /// Whether operations are recorded for backward.
  package let isGradEnabled: Bool
  /// What autocast does, by kind of device; nil when it was never turned on.
  package let autocast: AutocastState?
  /// Where errors go instead of ending the program.
  package let errors: ErrorSink?
  package let profiler: (any ProfilerSink)?
  package let defaultDType: DType
  /// What draws random numbers instead of its device's default generator.
  package let generator: Generator?

  package init(
    isGradEnabled: Bool, autocast: AutocastState?, errors: ErrorSink?, profiler: (any ProfilerSink)?,
    defaultDType: DType, generator: Generator?
  ) {
    self.isGradEnabled = isGradEnabled
    self.autocast = autocast
    self.errors = errors
    self.profiler = profiler
    self.defaultDType = defaultDType
    self.generator = generator
  }

  private static let initial = Scope(
    isGradEnabled: true, autocast: nil, errors: nil, profiler: nil, defaultDType: .float32, generator: nil)

  /// The active scope with some of its parts replaced.
  package static func with(
    isGradEnabled: Bool? = nil, autocast: AutocastState?? = .none, errors: ErrorSink?? = .none,
    profiler: (any ProfilerSink)?? = .none, defaultDType: DType? = nil, generator: Generator?? = .none
  ) -> Scope {
    let old = current ?? initial
    return Scope(
      isGradEnabled: isGradEnabled ?? old.isGradEnabled, autocast: autocast ?? old.autocast,
      errors: errors ?? old.errors, profiler: profiler ?? old.profiler, defaultDType: defaultDType ?? old.defaultDType,
      generator: generator ?? old.generator)
  }

  package static var isGradEnabled: Bool { current?.isGradEnabled ?? true }

  /// The dtype of floating literals and of creation functions.
  package static var defaultDType: DType { current?.defaultDType ?? .float32 }

  /// Runs `body` inside a scope.
  package func run<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    // TaskLocal.withValue does not carry typed errors.
    do { return try Scope.$current.withValue(self, operation: body) } catch { throw error as! Failure }
  }

  /// Runs an asynchronous `body` inside a scope.
  package func run<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await Scope.$current.withValue(self, operation: body, isolation: isolation)
  }
}

/// Runs `body` with another dtype for floating literals and creation functions.
///
/// The dtype must be a floating one; any other is an error.
public func withDefaultDType<Result>(_ dtype: DType, _ body: () throws -> Result) rethrows -> Result {
  if !dtype.isFloatingPoint {
    fail(TensorError(.dtype, "withDefaultDType", "only floating-point dtypes can be the default, but got \(dtype)"))
  }
  return try Scope.$current.withValue(Scope.with(defaultDType: dtype.isFloatingPoint ? dtype : nil), operation: body)
}
