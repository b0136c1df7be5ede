import Foundation
import Tensor
import TestSupport
import Testing

/// Reductions against plain loops over doubles.
@Suite(.everyDevice)
struct ReductionTests {
  /// The values of each group that a reduction of `dims` joins, in the result's order.
  static func groups(_ x: Tensor, _ dims: [Int]) -> [[Double]] {
    let shape = x.shape
    let kept = shape.indices.filter { !dims.contains($0) }
    var groups = [[Double]](repeating: [], count: kept.map { shape[$0] }.reduce(1, *))
    for (i, value) in x.doubles.enumerated() {
      var (rest, position) = (i, [Int](repeating: 0, count: shape.count))
      for d in shape.indices.reversed() {
        position[d] = rest % shape[d]
        rest /= shape[d]
      }
      groups[kept.reduce(0) { $0 * shape[$1] + position[$1] }].append(value)
    }
    return groups
  }

  static func variance(_ values: [Double], _ correction: Double) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (Double(values.count) - correction)
  }

  static let dimLists: [[Int]] = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2], [-1], [-3, 1]]

  @Test(arguments: LayoutCase.allCases, dimLists)
  func values(layout: LayoutCase, dims: [Int]) {
    let x = layout.make(.make((0..<24).map { Double(($0 * 7) % 11) - 4.5 }, [2, 3, 4]))
    let resolved = dims.isEmpty ? [0, 1, 2] : dims.map { $0 < 0 ? $0 + 3 : $0 }
    let groups = Self.groups(x, resolved)
    let kept = x.shape.indices.map { resolved.contains($0) ? 1 : x.shape[$0] }
    let dropped = x.shape.indices.filter { !resolved.contains($0) }.map { x.shape[$0] }
    func check(_ name: String, _ found: (Bool) -> Tensor, _ reference: ([Double]) -> Double) {
      for keepDim in [false, true] {
        #expect(found(keepDim).shape == (keepDim ? kept : dropped), "\(name)")
        expectClose(found(keepDim), groups.map(reference), rtol: 1e-13, atol: 1e-13, name)
      }
    }
    check("sum", { x.sum(dims: dims, keepDim: $0) }) { $0.reduce(0, +) }
    check("mean", { x.mean(dims: dims, keepDim: $0) }) { $0.reduce(0, +) / Double($0.count) }
    check("amax", { x.amax(dims: dims, keepDim: $0) }) { $0.max()! }
    check("amin", { x.amin(dims: dims, keepDim: $0) }) { $0.min()! }
    check("var", { x.var(dims: dims, correction: 0.5, keepDim: $0) }) { Self.variance($0, 0.5) }
    check("std", { x.std(dims: dims, correction: 0, keepDim: $0) }) { Self.variance($0, 0).squareRoot() }
    check("norm", { x.norm(dims: dims, keepDim: $0) }) { $0.map { $0 * $0 }.reduce(0, +).squareRoot() }
    check("norm 1", { x.norm(p: 1, dims: dims, keepDim: $0) }) { $0.map(abs).reduce(0, +) }
    check("norm inf", { x.norm(p: .infinity, dims: dims, keepDim: $0) }) { $0.map(abs).max()! }
    check("all", { (x .> -4).all(dims: dims, keepDim: $0) }) { $0.allSatisfy { $0 > -4 } ? 1 : 0 }
    check("any", { (x .> 5).any(dims: dims, keepDim: $0) }) { $0.contains { $0 > 5 } ? 1 : 0 }
    check("logSumExp", { x.logSumExp(dims: dims, keepDim: $0) }) {
      Foundation.log($0.map { Foundation.exp($0) }.reduce(0, +))
    }
    if resolved.count == 1 {
      check("prod", { x.prod(dim: resolved[0], keepDim: $0) }) { $0.reduce(1, *) }
      check("argmax", { x.argmax(dim: resolved[0], keepDim: $0) }) { Double($0.firstIndex(of: $0.max()!)!) }
      check("argmin", { x.argmin(dim: resolved[0], keepDim: $0) }) { Double($0.firstIndex(of: $0.min()!)!) }
      check("max", { x.max(dim: resolved[0], keepDim: $0).values }) { $0.max()! }
      check("min", { x.min(dim: resolved[0], keepDim: $0).values }) { $0.min()! }
      check("max index", { x.max(dim: dims[0], keepDim: $0).indices }) { Double($0.firstIndex(of: $0.max()!)!) }
    }
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32])
  func shortFloatsAccumulateInMore(dtype: DType) {
    let count = 5000
    let x = Tensor.make(Array(repeating: 1, count: count), [count], dtype: dtype)
    expectClose(x.sum(), [Double(count)], rtol: 0x1p-8)
    expectEqual(x.mean(), [1], dtype: dtype)
    expectEqual(x.sum(dtype: .float64), [Double(count)], dtype: .float64)
  }

  @Test func wholeNumbers() {
    let x = Tensor.make([200, 100, 1, 0], [2, 2], dtype: .uint8)
    expectEqual(x.sum(), [301], shape: [], dtype: .int64)
    expectEqual(x.prod(dim: 0), [200, 0], dtype: .int64)
    expectEqual(x.sum(dtype: .uint8), [45], dtype: .uint8)
    expectEqual(x.sum(dtype: .float32), [301], dtype: .float32)
    expectEqual(x.mean(dtype: .float32), [75.25], dtype: .float32)
    expectEqual(x.amax(), [200], dtype: .uint8)
    expectEqual(x.all(dim: 1), [1, 0], dtype: .uint8)
    expectEqual(x.any(), [1], dtype: .uint8)
    expectEqual(x.countNonzero(), [3], dtype: .int64)
    expectEqual(x.countNonzero(dim: 1), [2, 1], dtype: .int64)
    expectEqual(Tensor.make([1, 0, 1], [3], dtype: .bool).sum(), [2], dtype: .int64)
    expectEqual(Tensor.make([3, 5], [2], dtype: .int32).argmax(), [1], shape: [], dtype: .int64)
  }

  @Test func ofNoElements() {
    let none = Tensor.make([], [2, 0], dtype: .float32)
    expectEqual(none.sum(), [0], shape: [])
    expectEqual(none.sum(dim: 1), [0, 0], shape: [2])
    #expect(none.sum(dim: 0).shape == [0])
    expectEqual(none.prod(), [1])
    expectEqual(none.mean(), [.nan])
    expectEqual(none.var(), [.nan])
    expectEqual(none.all(), [1], dtype: .bool)
    expectEqual(none.any(), [0], dtype: .bool)
    expectEqual(none.norm(), [0])
    expectEqual(none.logSumExp(dim: 1), [-.infinity, -.infinity])
    #expect(none.amax(dim: 0).shape == [0])
    expectError(.shape, "amax", "dimension 1", "[2, 0]") { none.amax(dim: 1) }
    expectError(.shape, "amax", "[2, 0]") { none.max() }
    expectError(.shape, "amin", "[2, 0]") { none.min() }
    expectError(.shape, "argmax", "[2, 0]") { none.argmax() }
    expectError(.shape, "argmin", "dimension 1") { none.argmin(dim: 1) }
    expectError(.shape, "norm", "inf", "[2, 0]") { none.norm(p: .infinity) }
  }

  @Test func zeroDim() {
    let x = Tensor.make([-3], [])
    expectEqual(x.sum(dim: 0), [-3], shape: [])
    expectEqual(x.sum(dim: -1, keepDim: true), [-3], shape: [])
    expectEqual(x.argmax(dim: 0), [0], shape: [])
    expectEqual(x.max(dim: 0).values, [-3], shape: [])
    expectEqual(x.norm(), [3])
    expectEqual(x.softmax(dim: 0), [1], shape: [])
    expectError(.index, "sum", "[-1, 0]", "got 1") { x.sum(dim: 1) }
  }

  @Test func notANumberIsExtreme() {
    let x = Tensor.make([1, .nan, 3], [3])
    expectEqual(x.max(), [.nan])
    expectEqual(x.amin(), [.nan])
    expectEqual(x.argmax(), [1])
    expectEqual(x.argmin(), [1])
  }

  @Test func infiniteExponents() {
    let inf = Double.infinity
    expectEqual(Tensor.make([-inf, -inf], [2]).logSumExp(), [-inf])
    expectEqual(Tensor.make([inf, 1], [2]).logSumExp(), [inf])
    expectClose(Tensor.make([1000, 1000], [2]).logSumExp(), [1000 + Foundation.log(2.0)], rtol: 1e-15)
    expectEqual(Tensor.make([.nan, 1], [2]).logSumExp(), [.nan])
  }

  @Test func sumsToBroadcastShapes() throws {
    let x = Tensor.make((0..<24).map(Double.init), [2, 3, 4])
    try expectEqual(x.sum(to: [3, 1]), Self.groups(x, [0, 2]).map { $0.reduce(0, +) }, shape: [3, 1])
    try expectEqual(x.sum(to: []), [276], shape: [])
    try expectEqual(x.sum(to: [1, 1, 4]), Self.groups(x, [0, 1]).map { $0.reduce(0, +) }, shape: [1, 1, 4])
    let same = try x.sum(to: [2, 3, 4])
    #expect(same === x)
    #expect(throws: TensorError.self) { try x.sum(to: [2, 4]) }
  }

  @Test func badDimensions() {
    let x = Tensor.make([1, 2], [1, 2])
    expectError(.index, "sum", "[-2, 1]", "got 2") { x.sum(dim: 2) }
    expectError(.index, "mean", "twice") { x.mean(dims: [0, -2]) }
    expectError(.dtype, "mean", ".int64") { Tensor.make([1], [1], dtype: .int64).mean() }
    expectError(.dtype, "var", ".bool") { Tensor.make([1], [1], dtype: .bool).var() }
    expectError(.dtype, "norm", ".int32") { Tensor.make([1], [1], dtype: .int32).norm() }
    expectError(.dtype, "argmax", ".bool") { Tensor.make([1], [1], dtype: .bool).argmax() }
  }
}
