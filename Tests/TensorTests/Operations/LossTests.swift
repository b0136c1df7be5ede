import Tensor
import TestSupport
import Testing

/// Losses against PyTorch's figures in float64, in every reduction.
@Suite(.everyDevice)
struct LossTests {
  static let figures = try! Fixture.decode([String: [String: [Double]]].self, from: "losses.json")
  static let reductions: [String: Reduction] = ["none": .none, "mean": .mean, "sum": .sum]

  static func logits(_ shape: [Int]) -> Tensor {
    .make((0..<shape.reduce(1, *)).map { Double(($0 * 7) % 11) / 3 - 1.5 }, shape)
  }
  static var input: Tensor { logits([5, 3]) }
  static var stacked: Tensor { logits([2, 3, 4]) }
  static var classes: Tensor { Tensor.make([0, 2, 1, 2, -100], [5], dtype: .int64) }
  static var stackedClasses: Tensor { Tensor.make([0, 1, 2, -100, 2, 2, 0, 1], [2, 4], dtype: .int64) }
  static var weight: Tensor { Tensor.make([0.5, 1, 2], [3]) }
  static var probabilities: Tensor { Tensor.make((0..<15).map { Double(($0 * 5) % 7) / 10 }, [5, 3]) }

  static let rows: [String: @Sendable (Reduction) -> Tensor] = [
    "classes": { crossEntropy(input, classes, reduction: $0) },
    "weighted": { crossEntropy(input, classes, weight: weight, reduction: $0) },
    "smoothed": { crossEntropy(input, classes, reduction: $0, labelSmoothing: 0.1) },
    "weighted smoothed": { crossEntropy(input, classes, weight: weight, reduction: $0, labelSmoothing: 0.1) },
    "ignored": { crossEntropy(input, classes.clamp(min: 0), ignoreIndex: 2, reduction: $0) },
    "probabilities": { crossEntropy(input, probabilities, reduction: $0) },
    "weighted smoothed probabilities": {
      crossEntropy(input, probabilities, weight: weight, reduction: $0, labelSmoothing: 0.2)
    },
    "stacked": { crossEntropy(stacked, stackedClasses, weight: weight, reduction: $0) },
    "stacked smoothed": {
      crossEntropy(stacked, stackedClasses, weight: weight, reduction: $0, labelSmoothing: 0.1)
    },
    "stacked probabilities": {
      crossEntropy(stacked, stacked.abs(), weight: weight, reduction: $0, labelSmoothing: 0.1)
    },
    "single": { crossEntropy(logits([3]), Tensor.make([0], [], dtype: .int64), reduction: $0) },
    "nll": { nllLoss(input, classes, weight: weight, reduction: $0) },
    "mse": { mseLoss(input, probabilities, reduction: $0) },
    "l1": { l1Loss(input, probabilities, reduction: $0) },
    "smooth l1": { smoothL1Loss(input, probabilities, reduction: $0, beta: 0.5) },
    "logits": { binaryCrossEntropyWithLogits(input, probabilities, reduction: $0) },
    "weighted logits": {
      binaryCrossEntropyWithLogits(input * 30, probabilities, weight: weight, posWeight: weight, reduction: $0)
    },
  ]

  @Test(arguments: figures.keys.sorted(), rows.keys.sorted())
  func values(reduction: String, loss: String) throws {
    let expected = try #require(Self.figures[reduction]?[loss])
    let found = Self.rows[loss]!(Self.reductions[reduction]!)
    expectClose(found, expected, rtol: 1e-13, atol: 1e-14)
    if reduction != "none" { #expect(found.shape == []) }
  }

  @Test func everythingIgnored() {
    let none = Tensor.make([-100, -100], [2], dtype: .int64)
    expectEqual(crossEntropy(Self.logits([2, 3]), none), [.nan])
    expectEqual(crossEntropy(Self.logits([2, 3]), none, reduction: .sum), [0])
    // An infinite logarithm in an ignored row does not count either.
    let infinite = Tensor.make([-.infinity, 0, 1, 2], [2, 2])
    expectEqual(nllLoss(infinite, .make([-100, 1], [2], dtype: .int64)), [-2])
  }

  @Test func targetsThatDoNotFit() {
    let x = Self.logits([2, 3])
    func target(_ values: [Double], _ dtype: DType = .int64) -> Tensor { .make(values, [values.count], dtype: dtype) }
    expectError(.index, "crossEntropy: target 5 is out of bounds for 3 classes") { crossEntropy(x, target([1, 5])) }
    expectError(.index, "crossEntropy: target -1 is out of bounds for 3 classes") { crossEntropy(x, target([1, -1])) }
    expectError(.index, "target 3 is out of bounds for 3 classes") {
      crossEntropy(x, target([3, 1]), weight: Self.weight)
    }
    expectError(.index, "nllLoss: target 4 is out of bounds for 3 classes") { nllLoss(x, target([1, 4])) }
    // Another class is ignored, if it is no class.
    #expect(crossEntropy(x, target([1, 5]), ignoreIndex: 5).item(as: Double.self).isFinite)
    expectError(.shape, "crossEntropy", "batch size (2)", "(3)") { crossEntropy(x, target([1, 1, 2])) }
    expectError(.shape, "crossEntropy", "[2, 3]") { crossEntropy(x, target([1, 2], .float64)) }
    expectError(.dtype, "crossEntropy", ".int32") { crossEntropy(x, target([1, 2], .int32)) }
    expectError(.dtype, "crossEntropy", ".int64") { crossEntropy(.make([1], [1, 1], dtype: .int64), target([0])) }
    expectError(.shape, "crossEntropy", "3 classes", "[2]") {
      crossEntropy(x, target([1, 2]), weight: .make([1, 1], [2]))
    }
    expectError(.value, "crossEntropy", "labelSmoothing", "1.5") {
      crossEntropy(x, target([1, 2]), labelSmoothing: 1.5)
    }
    expectError(.shape, "mseLoss", "[2, 3]", "[2]") { mseLoss(x, target([1, 2], .float64)) }
    expectError(.dtype, "mseLoss", ".int64") { mseLoss(target([1]), target([1])) }
    expectError(.shape, "binaryCrossEntropyWithLogits", "[2, 3]") { binaryCrossEntropyWithLogits(x, target([1])) }
    #expect(crossEntropy(x, target([1, 2], .uint8)).dtype == .float64)
  }
}
