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
  package let defaultDevice: Device
  /// What draws random numbers instead of their devices' default generators, at most one of each device.
  package let generators: [Generator]

  package init(
    isGradEnabled: Bool, autocast: AutocastState?, errors: ErrorSink?, profiler: (any ProfilerSink)?,
    defaultDType: DType, defaultDevice: Device, generators: [Generator]
  ) {
    self.isGradEnabled = isGradEnabled
    self.autocast = autocast
    self.errors = errors
    self.profiler = profiler
    self.defaultDType = defaultDType
    self.defaultDevice = defaultDevice
    self.generators = generators
  }

  private static let initial = Scope(
    isGradEnabled: true, autocast: nil, errors: nil, profiler: nil, defaultDType: .float32, defaultDevice: .cpu,
    generators: [])

  /// The active scope with some of its parts replaced.
  package static func with(
    isGradEnabled: Bool? = nil, autocast: AutocastState?? = .none, errors: ErrorSink?? = .none,
    profiler: (any ProfilerSink)?? = .none, defaultDType: DType? = nil, defaultDevice: Device? = nil,
    generators: [Generator] = []
  ) -> Scope {
    let old = current ?? initial
    return Scope(
      isGradEnabled: isGradEnabled ?? old.isGradEnabled, autocast: autocast ?? old.autocast,
      errors: errors ?? old.errors, profiler: profiler ?? old.profiler, defaultDType: defaultDType ?? old.defaultDType,
      defaultDevice: defaultDevice ?? old.defaultDevice,
      generators: generators + old.generators.filter { own in !generators.contains { $0.device == own.device } })
  }

  package static var isGradEnabled: Bool { current?.isGradEnabled ?? true }

  /// The dtype of floating literals and of creation functions.
  package static var defaultDType: DType { current?.defaultDType ?? .float32 }

  /// The device of creation functions that are given none.
  package static var defaultDevice: Device { current?.defaultDevice ?? .cpu }

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

/// Runs `body` with another device for creation functions and layers that are given none.
///
/// ```swift
/// let model = withDefaultDevice(.cuda) { Linear(10, 1) }
/// ```
/// Tensors that exist stay where they are. A GPU that is missing is an error of the first function that makes a tensor
/// there.
public func withDefaultDevice<Result>(_ device: Device, _ body: () throws -> Result) rethrows -> Result {
  try Scope.$current.withValue(Scope.with(defaultDevice: device), operation: body)
}

/// Runs an asynchronous `body` with another device for creation functions and layers that are given none.
public func withDefaultDevice<Result>(
  _ device: Device, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await Scope.$current.withValue(Scope.with(defaultDevice: device), operation: body, isolation: isolation)
}
