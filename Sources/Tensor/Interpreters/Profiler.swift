/// Receives each operation that ran inside a `profile` scope.
public protocol ProfilerSink: Sendable {
  /// Called after an operation, with its name, the inputs' shapes and the time it took on the host.
  func didRun(_ operation: String, shapes: [[Int]], duration: Duration)

  /// Called after a layer of a model ran, with its type, its input's shape and the time of all operations in it.
  func didRun(layer: String, shape: [Int], duration: Duration)
}

extension ProfilerSink {
  /// Ignores layers: their operations are reported too.
  public func didRun(layer: String, shape: [Int], duration: Duration) {}
}

/// Runs `body` and reports every operation in it to `sink`.
public func profile<Result>(_ sink: any ProfilerSink, _ body: () throws -> Result) rethrows -> Result {
  try Scope.$current.withValue(Scope.with(profiler: .some(sink)), operation: body)
}

extension ProfilerSink {
  /// Runs an operation and reports it; kept out of the doors, whose usual path has no profiler.
  @inline(never)
  func timed<Result>(
    _ operation: some Operation, _ a: Tensor? = nil, _ b: Tensor? = nil, _ c: Tensor? = nil, list: [Tensor] = [],
    _ body: () throws(TensorError) -> Result
  ) throws(TensorError) -> Result {
    let start = ContinuousClock.now
    let result = try body()
    let inputs = [a, b, c].compactMap { $0 } + list
    didRun(operation.name, shapes: inputs.map(\.shape), duration: .now - start)
    return result
  }
}
