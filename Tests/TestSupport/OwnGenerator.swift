internal import Tensor
package import Testing

/// Runs each test with a random generator of its own, so that draws of tests that run at the same time do not mix.
package struct OwnGenerator: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withGenerator(Generator(seed: 0)) { try await function() }
  }
}

extension Trait where Self == OwnGenerator {
  /// Seeds and draws of the test are its own.
  package static var ownGenerator: Self { Self() }
}
