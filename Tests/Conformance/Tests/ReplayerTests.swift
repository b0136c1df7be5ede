import Foundation
import Tensor
import TestSupport
import Testing

@testable import ConformanceSuite

/// What the replayer must notice: a suite that cannot fail shows nothing.
@Suite struct ReplayerTests {
  /// A directory with the cases of one operation on two vectors of float32.
  private func directory(_ operation: String, _ samples: String, errors: String = "") throws -> CaseDirectory {
    let folder = FileManager.default.temporaryDirectory.appending(path: "conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let json = "{\"op\": \"\(operation)\", \"samples\": [\(samples)], \"errors\": [\(errors)]}"
    try json.write(to: folder.appending(path: "\(operation).json"), atomically: true, encoding: .utf8)
    let tensors: [(key: String, value: Tensor)] = [
      ("a", Tensor([1.0, 2, 3], dtype: .float32, device: .cpu)),
      ("b", Tensor([2.0, 4, 6], dtype: .float32, device: .cpu)),
      ("c", Tensor([2.0, 4, 6.001], dtype: .float32, device: .cpu)),
    ]
    try Safetensors.save(tensors, to: folder.appending(path: "\(operation).safetensors").path)
    return try CaseDirectory(path: folder.path)
  }

  private func sample(_ id: String, _ arguments: String, out: String, _ more: String = "") -> String {
    "{\"id\": \"\(id)\", \"args\": [\(arguments)], \"out\": \(out)\(more)}"
  }

  private func vector(_ name: String, requiresGrad: Bool = false) -> String {
    "{\"$t\": \"\(name)\", \"dt\": \"float32\", \"sh\": [3]\(requiresGrad ? ", \"rg\": true" : "")}"
  }

  private func verdicts(_ directory: CaseDirectory, _ operation: String) throws -> [Bool] {
    try directory.replay(operation, by: Replayer(device: .cpu, tries: true)).map { outcome in
      if case .passed = outcome.verdict { true } else { false }
    }
  }

  @Test func valuesAreCompared() throws {
    let samples = [
      sample("s/0/float32", "\(vector("a")), 2", out: vector("b")),
      sample("s/1/float32", "\(vector("a")), 2", out: vector("c")),
      sample("s/2/float32", "\(vector("a")), 2", out: vector("c"), ", \"err64\": [0.001, 0]"),
    ]
    #expect(try verdicts(directory("mul", samples.joined(separator: ",")), "mul") == [true, false, true])
  }

  @Test func gradientsAreCompared() throws {
    func graded(_ expected: String) -> String {
      let more = ", \"grad\": {\"of\": [0], \"cot\": [\(vector("a"))], \"in\": [\(vector(expected))]}"
      return sample("s/0/float32", "\(vector("a", requiresGrad: true)), 2", out: vector("b"), more)
    }
    #expect(try verdicts(directory("mul", graded("b") + "," + graded("a")), "mul") == [true, false])
  }

  @Test func viewsAreNoCopies() throws {
    let alias = ", \"alias\": [0]"
    #expect(
      try verdicts(directory("clone", sample("s/0/float32", vector("a"), out: vector("a"), alias)), "clone") == [false])
    #expect(try verdicts(directory("t", sample("s/0/float32", vector("a"), out: vector("a"), alias)), "t") == [true])
  }

  @Test func badInputsAreRefused() throws {
    func bad(_ dim: Int) -> String {
      "{\"id\": \"e/\(dim)\", \"args\": [\(vector("a")), \(dim)], \"error\": {\"message\": \"out of range\"}}"
    }
    #expect(try verdicts(directory("cumsum", "", errors: bad(3) + "," + bad(0)), "cumsum") == [true, false])
  }

  @Test func unknownOperationsFail() throws {
    #expect(
      try verdicts(directory("frobnicate", sample("s/0/float32", vector("a"), out: vector("a"))), "frobnicate")
        == [false])
  }
}
