internal import Tensor
package import Testing

/// Runs each test of a GPU that has cuDNN twice, with it and without; suites that have it must be serialized.
///
/// Tests of other suites that run meanwhile are computed by the one or the other.
package struct EachConvolutionLibrary: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let device = Scope.defaultDevice
    guard device.kind == .cuda, CUDA.properties(device)?.hasCuDNN == true else { return try await function() }
    let before = CUDA.allowsCuDNN
    defer { CUDA.allowsCuDNN = before }
    for allows in [false, true] {
      CUDA.allowsCuDNN = allows
      try await function()
    }
  }
}

extension Trait where Self == EachConvolutionLibrary {
  /// The test runs with cuDNN and without, where it runs on a GPU: after `.everyDevice`.
  package static var eachConvolutionLibrary: Self { Self() }
}
