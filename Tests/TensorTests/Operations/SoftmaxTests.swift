import Foundation
import Tensor
import TestSupport
import Testing

/// Rows that sum to one, and tensors joined.
@Suite(.everyDevice)
struct SoftmaxTests {
  @Test(arguments: LayoutCase.allCases, [0, 1, 2, -1])
  func values(layout: LayoutCase, dim: Int) {
    let x = layout.make(.make((0..<24).map { Double(($0 * 5) % 7) }, [2, 3, 4]))
    let e = x.exp()
    let sums = e.sum(dim: dim, keepDim: true)
    expectClose(x.softmax(dim: dim), (e / sums).doubles, rtol: 1e-14)
    expectClose(x.logSoftmax(dim: dim), (x - sums.log()).doubles, rtol: 1e-13, atol: 1e-13)
    expectClose(softmax(x, dim: dim), (e / sums).doubles, rtol: 1e-14)
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32])
  func shortFloats(dtype: DType) {
    let x = Tensor.make([1, 2, 3, 100, 101, 99], [2, 3], dtype: dtype)
    let exact = Tensor.make([1, 2, 3, 100, 101, 99], [2, 3]).softmax(dim: 1)
    #expect(x.softmax(dim: 1).dtype == dtype)
    expectClose(x.softmax(dim: 1), exact.doubles, rtol: ElementwiseTests.tolerance(dtype))
    expectClose(x.logSoftmax(dim: 1), exact.log().doubles, rtol: ElementwiseTests.tolerance(dtype))
  }

  @Test func edges() {
    let inf = Double.infinity
    expectEqual(Tensor.make([-inf, 0, 0], [3]).softmax(dim: 0), [0, 0.5, 0.5])
    expectEqual(Tensor.make([-inf, -inf], [2]).softmax(dim: 0), [.nan, .nan])
    expectEqual(Tensor.make([1e300, 0], [2]).softmax(dim: 0), [1, 0])
    #expect(Tensor.make([], [2, 0]).softmax(dim: 1).shape == [2, 0])
    #expect(Tensor.make([1, 2], [2], dtype: .float16).softmax(dim: 0, dtype: .float64).dtype == .float64)
    #expect(Tensor.make([1, 2], [2], dtype: .int64).softmax(dim: 0, dtype: .float32).dtype == .float32)
    expectError(.dtype, "softmax", ".int64") { Tensor.make([1], [1], dtype: .int64).softmax(dim: 0) }
    expectError(.dtype, "softmax", ".bool") { Tensor.make([1], [1], dtype: .bool).softmax(dim: 0) }
    expectError(.index, "logSoftmax", "[-1, 0]", "got 1") { Tensor.make([1], [1]).logSoftmax(dim: 1) }
  }

  @Test func joining() {
    let a = Tensor.make([1, 2, 3, 4], [2, 2], dtype: .float32)
    let b = LayoutCase.transposed.make(.make([5, 6, 7, 8], [2, 2], dtype: .int64))
    expectEqual(cat([a, b]), [1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2], dtype: .float32)
    expectEqual(cat([a, b], dim: 1), [1, 2, 5, 6, 3, 4, 7, 8], shape: [2, 4])
    expectEqual(cat([a, b], dim: -1), [1, 2, 5, 6, 3, 4, 7, 8], shape: [2, 4])
    expectEqual(cat([a, .make([], [0]), b]), [1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2])
    expectEqual(cat([.make([], [0]), .make([], [0])]), [], shape: [0])
    expectEqual(cat([a, .make([], [0, 2])]), [1, 2, 3, 4], shape: [2, 2], dtype: .float64)
    expectEqual(stack([a, b]), [1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 2, 2])
    expectEqual(stack([a, b], dim: 1), [1, 2, 5, 6, 3, 4, 7, 8], shape: [2, 2, 2])
    expectEqual(stack([a, b], dim: -1), [1, 5, 2, 6, 3, 7, 4, 8], shape: [2, 2, 2])
    expectEqual(stack([.make([1], []), .make([2], [])]), [1, 2], shape: [2])
  }

  @Test func joiningWhatDoesNotFit() {
    let a = Tensor.make([1, 2, 3, 4], [2, 2])
    expectError(.shape, "cat", "expected size 2 but got size 3", "number 1") { cat([a, .make([1, 2, 3], [1, 3])]) }
    expectError(.shape, "cat", "2 and 1") { cat([a, .make([1], [1])]) }
    expectError(.shape, "cat", "zero-dim", "position 1") { cat([a, .make([1], [])]) }
    expectError(.value, "cat", "at least one") { cat([]) }
    expectError(.index, "cat", "[-2, 1]", "got 2") { cat([a], dim: 2) }
    expectError(.shape, "stack", "[2, 2]", "[1, 3]", "entry 1") { stack([a, .make([1, 2, 3], [1, 3])]) }
    expectError(.value, "stack", "at least one") { stack([]) }
    expectError(.index, "stack", "[-3, 2]", "got 3") { stack([a], dim: 3) }
  }
}
