import Foundation
import Tensor
import TestSupport
import Testing

/// Losses against PyTorch's figures in float64, in every reduction.
@Suite(.everyDevice)
struct LossTests {
  static let figures = try! Fixture.decode([String: [String: [Double]]].self, from: "losses.json")
  static let reductions: [String: Reduction] = ["none": .none, "mean": .mean, "sum": .sum]

  static func logits(_ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    return .make((0..<count).map { place -> Double in Double((place * 7) % 11) / 3 - 1.5 }, shape)
  }
  static var input: Tensor { logits([5, 3]) }
  static var stacked: Tensor { logits([2, 3, 4]) }
  static var classes: Tensor { Tensor.make([0, 2, 1, 2, -100], [5], dtype: .int64) }
  static var stackedClasses: Tensor { Tensor.make([0, 1, 2, -100, 2, 2, 0, 1], [2, 4], dtype: .int64) }
  static var weight: Tensor { Tensor.make([0.5, 1, 2], [3]) }
  static var probabilities: Tensor { Tensor.make((0..<15).map { Double(($0 * 5) % 7) / 10 }, [5, 3]) }

  typealias Loss = @Sendable (Reduction) -> Tensor
  static let rows: [String: Loss] = {
    var rows: [String: Loss] = [:]
    rows["classes"] = { crossEntropy(input, classes, reduction: $0) }
    rows["weighted"] = { crossEntropy(input, classes, weight: weight, reduction: $0) }
    rows["smoothed"] = { crossEntropy(input, classes, reduction: $0, labelSmoothing: 0.1) }
    rows["weighted smoothed"] = { crossEntropy(input, classes, weight: weight, reduction: $0, labelSmoothing: 0.1) }
    rows["ignored"] = { crossEntropy(input, classes.clamp(min: 0), ignoreIndex: 2, reduction: $0) }
    rows["probabilities"] = { crossEntropy(input, probabilities, reduction: $0) }
    rows["weighted smoothed probabilities"] = {
      crossEntropy(input, probabilities, weight: weight, reduction: $0, labelSmoothing: 0.2)
    }
    rows["stacked"] = { crossEntropy(stacked, stackedClasses, weight: weight, reduction: $0) }
    rows["stacked smoothed"] = {
      crossEntropy(stacked, stackedClasses, weight: weight, reduction: $0, labelSmoothing: 0.1)
    }
    rows["stacked probabilities"] = {
      crossEntropy(stacked, stacked.abs(), weight: weight, reduction: $0, labelSmoothing: 0.1)
    }
    rows["single"] = { crossEntropy(logits([3]), Tensor.make([0], [], dtype: .int64), reduction: $0) }
    rows["nll"] = { nllLoss(input, classes, weight: weight, reduction: $0) }
    rows["mse"] = { mseLoss(input, probabilities, reduction: $0) }
    rows["l1"] = { l1Loss(input, probabilities, reduction: $0) }
    rows["smooth l1"] = { smoothL1Loss(input, probabilities, reduction: $0, beta: 0.5) }
    rows["logits"] = { binaryCrossEntropyWithLogits(input, probabilities, reduction: $0) }
    rows["weighted logits"] = {
      binaryCrossEntropyWithLogits(input * 30, probabilities, weight: weight, posWeight: weight, reduction: $0)
    }
    return rows
  }()

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

  @Test func linearCrossEntropyIsTheLossOfTheProducts() {
    let (x, w) = (Self.logits([2, 3]), Self.logits([4, 3]) / 2)
    let (bias, target) = (Self.logits([4]), Tensor.make([1, 3], [2], dtype: .int64))
    let logits = x.matmul(w.t()) + bias
    expectClose(
      linearCrossEntropy(x, w, target, linearBias: bias, ignoreIndex: 3, labelSmoothing: 0.1),
      crossEntropy(logits, target, ignoreIndex: 3, labelSmoothing: 0.1).doubles, rtol: 1e-12)
    // A loss at each of two places: the weight's rows are those of class 0 at both places, then class 1.
    expectClose(
      linearCrossEntropy(x, w.reshape(2, 2, 3), .make([0, 1, 1, 0], [2, 2], dtype: .int64), reduction: .none),
      crossEntropy(x.matmul(w.t()).reshape(2, 2, 2), .make([0, 1, 1, 0], [2, 2], dtype: .int64), reduction: .none)
        .doubles, rtol: 1e-12)
    expectError(.shape, "linearCrossEntropy", "[2, 3]", "[1, 1]") { linearCrossEntropy(x, .make([1], [1, 1]), target) }
    expectError(.shape, "linearCrossEntropy", "[3]") { linearCrossEntropy(x, x[0], target) }
    expectError(.shape, "linearCrossEntropy", "[5]") { linearCrossEntropy(x, w, target, linearBias: Self.logits([5])) }
    expectError(.shape, "linearCrossEntropy", "[2, 2, 3]") { linearCrossEntropy(x[0], w.reshape(2, 2, 3), target) }
    expectError(.value, "linearCrossEntropy", "ignoreIndex 0") {
      linearCrossEntropy(x, w, logits.softmax(dim: 1), ignoreIndex: 0)
    }
  }

  /// Many classes, in rows that vectors fit and do not fit, and along another dimension than the last.
  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64], [[3, 1000], [300, 7], [2, 130, 5], [3, 9, 40]])
  func manyClasses(dtype: DType, shape: [Int]) {
    let count = shape.reduce(1, *)
    let x = Tensor.make((0..<count).map { Double(($0 * 37) % 101) / 10 - 5 }, shape, dtype: dtype)
    let rows = count / shape[1], places = rows / shape[0]
    let targets = (0..<rows).map { $0 % 5 == 4 ? -100 : ($0 * 13) % shape[1] }
    let target = Tensor.make(targets.map(Double.init), [shape[0]] + shape[2...], dtype: .int64)
    let values = x.doubles
    let expected = (0..<rows).map { row -> Double in
      if targets[row] < 0 { return 0 }
      let start = row / places * shape[1] * places + row % places
      let logits = (0..<shape[1]).map { values[start + $0 * places] }
      let most = logits.max()!
      let sum = logits.reduce(0) { $0 + exp($1 - most) }
      return most + log(sum) - logits[targets[row]]
    }
    let tolerance = ElementwiseTests.tolerance(dtype)
    expectClose(crossEntropy(x, target, reduction: .none), expected, rtol: tolerance, atol: tolerance)
    let counted = Double(targets.count { $0 >= 0 })
    expectClose(crossEntropy(x, target), [expected.reduce(0, +) / counted], rtol: tolerance)
    let logs = x.logSoftmax(dim: 1)
    expectClose(nllLoss(logs, target, reduction: .none), expected, rtol: tolerance * 2, atol: tolerance * 2)
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    for (x, classes) in [(Self.input, Self.classes), (Self.stacked, Self.stackedClasses)] {
      let (view, target) = (layout.make(x), layout.make(classes))
      let expected = crossEntropy(
        .make(view.doubles, view.shape), .make(target.doubles, target.shape, dtype: .int64), reduction: .none)
      expectClose(crossEntropy(view, target, reduction: .none), expected.doubles, rtol: 1e-13, atol: 1e-13)
    }
  }

  /// Logits far from 0 lose nothing.
  @Test func largeLogits() {
    let x = Tensor.make([30000, 30001, 30002], [1, 3], dtype: .float32)
    expectClose(crossEntropy(x, .make([0], [1], dtype: .int64)), [2.4076059644443806], rtol: 1e-6)
  }

  /// A row's loss has the target's shape.
  @Test func marginsOfOneRow() {
    let x = Tensor.make([0.1, 0.2, 0.4], [3])
    for shape in [[], [1]] {
      let target = Tensor.make([2], shape, dtype: .int64)
      expectClose(multiMarginLoss(x, target, reduction: .none), [0.5], rtol: 1e-12)
      #expect(multiMarginLoss(x, target, reduction: .none).shape == shape)
    }
  }

  @Test func noRows() {
    let (none, classes) = (Tensor.make([], [0, 3]), Tensor.make([], [0], dtype: .int64))
    expectEqual(crossEntropy(none, classes), [.nan])
    expectEqual(crossEntropy(none, classes, reduction: .sum), [0])
    #expect(crossEntropy(none, classes, reduction: .none).shape == [0])
    expectError(.index, "target 0 is out of bounds for 0 classes") {
      crossEntropy(.make([], [2, 0]), .make([0, 0], [2], dtype: .int64))
    }
  }
}
