import Foundation
import Tensor
import TestSupport
import Testing

/// Batch, group and instance norm against their formulas in doubles.
@Suite(.everyDevice)
struct ChannelNormTests {
  /// The elements of each of some groups, which hold the numbers of elements.
  static func normalised(
    _ x: [Double], _ groups: [[Int]], channel: (Int) -> Int, weight: [Double], bias: [Double], eps: Double
  ) -> (values: [Double], means: [Double], squares: [Double]) {
    var (y, means, squares) = (x, [Double](), [Double]())
    for group in groups {
      let mean = group.reduce(0) { $0 + x[$1] } / Double(group.count)
      let square = group.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) }
      let rstd = 1 / (square / Double(group.count) + eps).squareRoot()
      for i in group { y[i] = (x[i] - mean) * rstd * weight[channel(i)] + bias[channel(i)] }
      means.append(mean)
      squares.append(square)
    }
    return (y, means, squares)
  }

  /// [N, C, S]: the numbers of the elements of each channel, or of `groups` parts of the channels of each sample.
  static func groups(_ shape: [Int], parts: Int?) -> [[Int]] {
    let (n, c, s) = (shape[0], shape[1], shape[2...].reduce(1, *))
    if let parts {
      let size = c / parts * s
      return (0..<(n * parts)).map { Array(($0 * size)..<(($0 + 1) * size)) }
    }
    return (0..<c).map { channel in (0..<n).flatMap { i in (0..<s).map { (i * c + channel) * s + $0 } } }
  }

  static let shapes = [[4, 6, 5], [5, 3], [37, 34], [2, 4, 2, 8], [3, 2, 1000], [3, 2, 3, 700]]

  struct Case {
    let x: Tensor, weight: Tensor, bias: Tensor
    let channel: (Int) -> Int
    init(_ shape: [Int], _ dtype: DType, _ layout: LayoutCase = .contiguous) {
      x = layout.make(.make(LayerNormTests.values(shape.reduce(1, *)), shape, dtype: dtype))
      weight = layout.make(.make(LayerNormTests.values(shape[1], seed: 1), [shape[1]], dtype: dtype))
      bias = layout.make(.make(LayerNormTests.values(shape[1], seed: 2), [shape[1]], dtype: dtype))
      let (c, s) = (shape[1], shape[2...].reduce(1, *))
      channel = { $0 / s % c }
    }
  }

  @Test(arguments: LayerNormTests.floats, shapes)
  func batchNormTraining(dtype: DType, shape: [Int]) {
    let c = Case(shape, dtype)
    let running = [Tensor.ones([shape[1]], dtype: dtype), Tensor.full([shape[1]], 2.0, dtype: dtype)]
    let y = batchNorm(
      c.x, runningMean: running[0], runningVar: running[1], weight: c.weight, bias: c.bias, training: true,
      momentum: 0.25, eps: 1e-3)
    let groups = Self.groups(shape, parts: nil)
    let expected = Self.normalised(
      c.x.doubles, groups, channel: c.channel, weight: c.weight.doubles, bias: c.bias.doubles, eps: 1e-3)
    let tolerance = ElementwiseTests.tolerance(dtype)
    #expect(y.shape == shape && y.dtype == dtype)
    expectClose(y, expected.values, rtol: tolerance, atol: tolerance * 4)
    expectClose(running[0], expected.means.map { 0.75 + 0.25 * $0 }, rtol: tolerance, atol: tolerance)
    let degrees = Double(groups[0].count - 1)
    expectClose(running[1], expected.squares.map { 1.5 + 0.25 * $0 / degrees }, rtol: tolerance, atol: tolerance)
  }

  @Test(arguments: LayerNormTests.floats, shapes)
  func batchNormEvaluation(dtype: DType, shape: [Int]) {
    let c = Case(shape, dtype)
    let running = [Tensor.full([shape[1]], 0.5, dtype: dtype), Tensor.full([shape[1]], 2.0, dtype: dtype)]
    let y = batchNorm(c.x, runningMean: running[0], runningVar: running[1], weight: c.weight, bias: c.bias)
    let (w, b) = (c.weight.doubles, c.bias.doubles)
    let expected = c.x.doubles.enumerated().map { i, x in
      (x - 0.5) / (2 + 1e-5).squareRoot() * w[c.channel(i)] + b[c.channel(i)]
    }
    expectClose(y, expected, rtol: ElementwiseTests.tolerance(dtype), atol: ElementwiseTests.tolerance(dtype))
    expectEqual(running[0], [Double](repeating: 0.5, count: shape[1]))
  }

  @Test(arguments: LayerNormTests.floats, shapes)
  func groupNorms(dtype: DType, shape: [Int]) {
    let c = Case(shape, dtype)
    for parts in [1, 2, shape[1]] where shape[1] % parts == 0 {
      let groups = Self.groups(shape, parts: parts)
      if groups[0].count == 1 { continue }
      let y = groupNorm(c.x, numGroups: parts, weight: c.weight, bias: c.bias, eps: 1e-3)
      let expected = Self.normalised(
        c.x.doubles, groups, channel: c.channel, weight: c.weight.doubles, bias: c.bias.doubles, eps: 1e-3)
      let tolerance = ElementwiseTests.tolerance(dtype)
      expectClose(y, expected.values, rtol: tolerance, atol: tolerance * 4, "\(parts) groups")
      if parts != shape[1] { continue }
      let instances = instanceNorm(c.x, weight: c.weight, bias: c.bias, eps: 1e-3)
      expectEqual(instances, y.doubles)
    }
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    let c = Case([3, 4, 5], .float64, layout)
    let plain = [c.x, c.weight, c.bias].map { Tensor.make($0.doubles, $0.shape) }
    func norms(_ t: [Tensor]) -> [Tensor] {
      [
        batchNorm(t[0], runningMean: nil, runningVar: nil, weight: t[1], bias: t[2], training: true),
        groupNorm(t[0], numGroups: 2, weight: t[1], bias: t[2]),
      ]
    }
    for (found, expected) in zip(norms([c.x, c.weight, c.bias]), norms(plain)) {
      expectClose(found, expected.doubles, rtol: 1e-13, atol: 1e-13)
    }
  }

  @Test func instanceNormTracks() {
    let c = Case([3, 2, 4], .float64)
    let running = [Tensor.zeros([2], dtype: .float64), Tensor.ones([2], dtype: .float64)]
    _ = instanceNorm(c.x, runningMean: running[0], runningVar: running[1], momentum: 0.5)
    let expected = Self.normalised(
      c.x.doubles, Self.groups([3, 2, 4], parts: 2), channel: c.channel, weight: [1, 1], bias: [0, 0], eps: 0)
    // The groups are those of sample 0, then 1 and 2: averaged over samples.
    let means = (0..<2).map { c in (0..<3).reduce(0) { $0 + expected.means[2 * $1 + c] } / 3 }
    let variances = (0..<2).map { c in (0..<3).reduce(0) { $0 + expected.squares[2 * $1 + c] / 3 } / 3 }
    expectClose(running[0], means.map { 0.5 * $0 }, rtol: 1e-12, atol: 1e-12)
    expectClose(running[1], variances.map { 0.5 + 0.5 * $0 }, rtol: 1e-12, atol: 1e-12)
    let evaluated = instanceNorm(c.x, runningMean: running[0], runningVar: running[1], useInputStats: false)
    expectEqual(evaluated, batchNorm(c.x, runningMean: running[0], runningVar: running[1]).doubles)
  }

  /// Running statistics may be views.
  @Test func statisticsInViews() {
    let c = Case([3, 2, 4], .float64)
    let (table, plain) = (Tensor.zeros([2, 3], dtype: .float64), Tensor.zeros([2, 3], dtype: .float64))
    let columns = [table[0..., 0], table[0..., 2]]
    _ = batchNorm(c.x, runningMean: columns[0], runningVar: columns[1], training: true)
    let (mean, variance) = (plain[0, 0..<2].clone(), plain[1, 0..<2].clone())
    _ = batchNorm(c.x, runningMean: mean, runningVar: variance, training: true)
    expectEqual(columns[0], mean.doubles)
    expectEqual(columns[1], variance.doubles)
    expectEqual(table[0..., 1], [0, 0])
  }

  @Test func shortInputsWithFloatParameters() {
    let x = Tensor.make(LayerNormTests.values(24), [2, 3, 4], dtype: .bfloat16)
    let (zeros, ones) = (Tensor.zeros([3], dtype: .float32), Tensor.ones([3], dtype: .float32))
    let y = batchNorm(
      x, runningMean: zeros, runningVar: ones, weight: ones.clone(), bias: zeros.clone(), training: true)
    #expect(y.dtype == .bfloat16 && zeros.doubles.contains { $0 != 0 })
    #expect(groupNorm(x, numGroups: 3, weight: ones, bias: zeros).dtype == .bfloat16)
  }

  @Test func emptyBatches() {
    let running = [Tensor.zeros([3], dtype: .float64), Tensor.ones([3], dtype: .float64)]
    let x = Tensor.make([], [0, 3, 2])
    #expect(batchNorm(x, runningMean: running[0], runningVar: running[1], training: true).shape == [0, 3, 2])
    expectEqual(running[1], [1, 1, 1])
    #expect(groupNorm(x, numGroups: 3).shape == [0, 3, 2])
  }

  @Test func whatDoesNotFit() {
    let x = Tensor.make(LayerNormTests.values(12), [2, 3, 2])
    let three = Tensor.ones([3], dtype: .float64)
    func batch(_ x: Tensor, _ mean: Tensor?, _ variance: Tensor?, weight: Tensor? = nil, training: Bool = false)
      -> Tensor
    {
      batchNorm(x, runningMean: mean, runningVar: variance, weight: weight, training: training)
    }
    expectError(.shape, "batchNorm", "more than 1 value", "[1, 3]") {
      batch(x[0..<1, 0..., 0], nil, nil, training: true)
    }
    expectError(.value, "batchNorm", "runningMean and runningVar") { batch(x, nil, nil) }
    expectError(.value, "batchNorm", "runningMean and runningVar") { batch(x, three, nil, training: true) }
    expectError(.shape, "batchNorm", "runningMean", "[3]", "[2]") { batch(x, .ones([2], dtype: .float64), three) }
    expectError(.shape, "batchNorm", "weight", "[3]", "[2]") {
      batch(x, three, three, weight: .ones([2], dtype: .float64))
    }
    expectError(.shape, "batchNorm", "[N, C, ...]", "[12]") { batch(x.reshape(12), three, three) }
    expectError(.dtype, "batchNorm", ".float64", ".float32") {
      batch(x, three, three, weight: .ones([3], dtype: .float32))
    }
    expectError(.dtype, "batchNorm", ".int64") { batch(x.to(.int64), three, three) }
    expectError(.shape, "groupNorm", "numGroups 2", "3 channels") { groupNorm(x, numGroups: 2) }
    expectError(.shape, "groupNorm", "elements in each channel") { groupNorm(.make([], [1, 2, 0]), numGroups: 1) }
    expectError(.shape, "groupNorm", "weight", "[3]", "[4]") {
      groupNorm(x, numGroups: 3, weight: .ones([4], dtype: .float64))
    }
    expectError(.shape, "groupNorm", "[N, C, ...]") { groupNorm(.make([1], [1]), numGroups: 1) }
    expectError(.shape, "instanceNorm", "more than 1 value") { instanceNorm(x[0..., 0..., 0]) }
    expectError(.value, "instanceNorm", "runningMean") { instanceNorm(x, useInputStats: false) }
  }
}
