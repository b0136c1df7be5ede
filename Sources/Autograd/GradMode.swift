import Tensor

/// Runs `body` without recording: results do not require grad, and leaves may be written in place.
///
/// The scope belongs to the current task and reaches the child tasks started in it.
public func noGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
  try withGradEnabled(false, body)
}

/// Runs `body` with recording, also inside `noGrad`.
public func enableGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
  try withGradEnabled(true, body)
}

/// Runs `body` with or without recording.
public func withGradEnabled<Result>(_ isEnabled: Bool, _ body: () throws -> Result) rethrows -> Result {
  try Scope.$current.withValue(Scope.with(isGradEnabled: isEnabled), operation: body)
}

/// Runs an asynchronous `body` without recording.
public func noGrad<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await withGradEnabled(false, body)
}

/// Runs an asynchronous `body` with recording, also inside `noGrad`.
public func enableGrad<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await withGradEnabled(true, body)
}

/// Runs an asynchronous `body` with or without recording.
public func withGradEnabled<Result>(
  _ isEnabled: Bool, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await Scope.with(isGradEnabled: isEnabled).run(isolation: isolation, body)
}

/// Whether operations on tensors that require grad are recorded at this point.
public var isGradEnabled: Bool { Scope.isGradEnabled }
