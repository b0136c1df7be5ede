import Tensor
import TestSupport
import Testing

/// Rows looked up by indices.
struct EmbeddingTests {
  static var weight: Tensor { Tensor.make((0..<12).map(Double.init), [4, 3]) }

  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64], [DType.int64, .int32])
  func values(dtype: DType, index: DType) {
    let weight = Tensor.make((0..<12).map(Double.init), [4, 3], dtype: dtype)
    let rows = embedding(.make([3, 0, 1, 3], [2, 2], dtype: index), weight)
    expectEqual(rows, [9, 10, 11, 0, 1, 2, 3, 4, 5, 9, 10, 11], shape: [2, 2, 3], dtype: dtype)
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    let weight = layout.make(Self.weight)
    let index = layout.make(.make([3, 0, 1, 2, 2, 1], [2, 3], dtype: .int64))
    let expected = index.doubles.flatMap { weight[Int($0)].doubles }
    expectEqual(embedding(index, weight), expected, shape: [2, 3, 3])
  }

  @Test func shapes() {
    expectEqual(embedding(.make([2], [], dtype: .int64), Self.weight), [6, 7, 8], shape: [3])
    expectEqual(embedding(.make([], [2, 0], dtype: .int64), Self.weight), [], shape: [2, 0, 3])
    expectEqual(embedding(.make([1], [1], dtype: .int64), .make([], [4, 0])), [], shape: [1, 0])
    expectEqual(embedding(.make([1], [1], dtype: .int64), Self.weight, paddingIndex: 1), [3, 4, 5])
  }

  @Test func whatDoesNotFit() {
    let index = Tensor.make([0, 4], [2], dtype: .int64)
    expectError(.index, "embedding", "index 4", "4 rows") { embedding(index, Self.weight) }
    expectError(.index, "embedding", "index -1", "4 rows") { embedding(index - 1, Self.weight) }
    expectError(.index, "embedding", "index 0", "0 rows") { embedding(index - index, .make([], [0, 3])) }
    expectError(.dtype, "embedding", ".float32") { embedding(index.float(), Self.weight) }
    expectError(.shape, "embedding", "[rows, columns]", "[2]") { embedding(index, index) }
    expectError(.index, "embedding", "paddingIndex 4", "4 rows") {
      embedding(index, Self.weight, paddingIndex: 4)
    }
  }
}
