import NN
import TestSupport
import Testing

private struct Reference: Decodable {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let grads: [[String]]
    let maxNorm: Double
    let normType: String
    let returned: String
    let after: [String]
    var testDescription: String { "\(grads) \(maxNorm) \(normType)" }
  }
  let clipGradNorm: [Case]
  enum CodingKeys: String, CodingKey { case clipGradNorm = "clipGradNorm_" }

  static let all: Reference = try! Fixture.decode(from: "clip.json")
}

@Suite(.everyDevice)
struct GradientClippingTests {
  @Test(arguments: Reference.all.clipGradNorm)
  private func normsArePyTorchs(row: Reference.Case) {
    let parameters = row.grads.map { grads in
      let p = Tensor.zeros(grads.count, requiresGrad: true)
      p.grad = Tensor(grads.map { Double($0)! }, dtype: .float32)
      return p
    }
    let norm = clipGradNorm(parameters, maxNorm: row.maxNorm, normType: Double(row.normType)!)
    expectEqual(norm, [Double(row.returned)!], shape: [], dtype: .float32)
    for (p, after) in zip(parameters, row.after) {
      let expected = bytes(hex: after, itemSize: 4)
      // A NaN's sign is the processor's choice.
      let values = stride(from: 0, to: expected.count, by: 4).map { start in
        Double(Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(expected[start + $1]) << (8 * UInt32($1)) }))
      }
      expectEqual(p.grad!, values, "\(row)")
    }
  }

  @Test func nothingToClip() {
    expectEqual(clipGradNorm([Tensor.zeros(2, requiresGrad: true)], maxNorm: 1), [0])
  }

  @Test func nonfiniteNormsCanBeErrors() {
    let p = Tensor.zeros(2, requiresGrad: true)
    p.grad = Tensor([Double.infinity, 1])
    expectError(.value, "clipGradNorm", "not finite") { clipGradNorm([p], maxNorm: 1, errorIfNonfinite: true) }
    // Nothing was changed.
    expectEqual(p.grad!, [.infinity, 1])
  }

  @Test func valuesAreLimited() {
    let p = Tensor.zeros(3, requiresGrad: true)
    p.grad = Tensor([-3.0, 0.5, 2.0])
    clipGradValue([p, Tensor.zeros(1, requiresGrad: true)], clipValue: 1)
    expectEqual(p.grad!, [-1, 0.5, 1])
  }
}
