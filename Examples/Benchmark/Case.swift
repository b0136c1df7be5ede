import NN

/// Something to time: a name, what it costs at least, and how it is set up.
struct Case: Sendable {
  let name: String
  /// Floating-point operations of one call.
  let flops: Double
  /// The least memory traffic of one call.
  let bytes: Double
  /// Makes the inputs.
  let build: @Sendable () throws -> Work

  /// All cases; a family is a file that adds its rows here.
  static let all: [Case] = eager + training
}

/// A case with its inputs made.
struct Work {
  /// What the first call must give, element by element.
  let expected: [Double]
  /// By how much it may differ, relative to the largest expected element.
  let tolerance: Double
  /// One call.
  let body: () -> Tensor

  init(_ expected: [Double], tolerance: Double = 0, _ body: @escaping () -> Tensor) {
    self.expected = expected
    self.tolerance = tolerance
    self.body = body
  }

  /// Runs the first call.
  ///
  /// - Throws: A `TensorError` when its result is not the expected one.
  func check(_ name: String) throws {
    let result = try withThrowingErrors { body().detach().to(.float64).array(as: Double.self) }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let fits =
      result.count == expected.count
      && zip(result, expected).allSatisfy { abs($0 - $1) <= tolerance * largest }
    if !fits {
      throw TensorError(
        .value, name, "wrong result: \(result.prefix(4)) instead of \(expected.prefix(4)) within \(tolerance)")
    }
  }
}
