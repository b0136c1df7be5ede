import Tensor
import TestSupport
import Testing

/// empty, zeros, ones, full and their like forms.
@Suite(.everyDevice)
struct FilledTests {
  @Test(arguments: DType.allCases) func zerosAndOnesOfEveryDType(dtype: DType) {
    expectEqual(.zeros(2, 3, dtype: dtype), [0, 0, 0, 0, 0, 0], shape: [2, 3], dtype: dtype)
    expectEqual(.ones([3], dtype: dtype), [1, 1, 1], shape: [3], dtype: dtype)
    expectEqual(.full([2], 1, dtype: dtype), [1, 1], shape: [2], dtype: dtype)
    #expect(Tensor.empty(4, 0, dtype: dtype).shape == [4, 0])
  }

  @Test func dtypesWhenNoneIsGiven() {
    #expect(Tensor.zeros(1).dtype == .float32 && Tensor.empty([2]).dtype == .float32)
    withDefaultDType(.bfloat16) { #expect(Tensor.ones(1).dtype == .bfloat16) }
    expectEqual(.full([2], 7), [7, 7], dtype: .int64)
    expectEqual(.full([2], 1.5), [1.5, 1.5], dtype: .float32)
    expectEqual(.full([], true), [1], shape: [], dtype: .bool)
    #expect(Tensor.zeros().shape == [])
  }

  @Test func fullChecksItsNumber() {
    expectError(.value, "full", "300", "uint8") { _ = Tensor.full([2], 300, dtype: .uint8) }
    expectError(.value, "full", "1e+40") { _ = Tensor.full([2], 1e40) }
    expectError(.value, "70000", "float16") { _ = Tensor.full([2], 70000, dtype: .float16) }
    expectError(.value, "-1.5", "uint8") { Tensor.zeros(1, dtype: .uint8).fill(-1.5) }
    expectError(.value, "1e+39", "bfloat16") { Tensor.zeros(2, dtype: .bfloat16).fill(1e39) }
    expectError(.value, "nan", "int32") { _ = Tensor.full([2], Double.nan, dtype: .int32) }
    expectError(.value, "int64") { _ = Tensor.full([2], 9.25e18, dtype: .int64) }
    expectEqual(.full([1], 70000, dtype: .float16), [.infinity])
    expectEqual(.full([2], -1, dtype: .uint8), [255, 255])
    expectEqual(.full([2], 1.7, dtype: .int32), [1, 1])
    expectEqual(.full([1], Double.infinity, dtype: .float16), [.infinity])
  }

  @Test func impossibleSizesAreErrors() {
    expectError(.shape, "zeros", "negative", "[2, -1]") { _ = Tensor.zeros(2, -1) }
    expectError(.memory, "ones", "[1099511627776, 1099511627776]") { _ = Tensor.ones(1 << 40, 1 << 40) }
    expectError(.memory, "empty") { _ = Tensor.empty(.max) }
    expectError(.memory) { _ = Tensor.empty(1 << 46) }
  }

  /// Shapes and strides with gaps or repeats, and the strides that PyTorch gives a fresh tensor.
  @Test(arguments: [
    ([2, 2, 3], [2, 12, 4], [1, 6, 2]), ([2, 1, 3, 1, 2], [12, 12, 4, 4, 2], [6, 6, 2, 2, 1]),
    ([3, 3], [1, 5], [1, 3]),
    ([4, 3], [1, 0], [3, 1]), ([3, 2, 4], [1, 0, 3], [1, 3, 6]), ([2, 5], [0, 1], [5, 1]),
    ([3, 4, 2], [1, 0, 3], [1, 3, 12]),
  ]) func freshLayoutsFollowTheModelsMemory(shape: [Int], strides: [Int], fresh: [Int]) {
    let model = Tensor(viewOf: .zeros(64), layout: Layout(shape: Dims(shape), strides: Dims(strides)))
    #expect(Tensor.zerosLike(model).strides == fresh)
    #expect(model.exp().strides == fresh)
  }

  @Test(arguments: LayoutCase.allCases) func likeKeepsTheModelsForm(layout: LayoutCase) {
    let model = layout.make(.make([1, 2, 3, 4, 5, 6], [2, 3], dtype: .int16))
    let zeros = Tensor.zerosLike(model)
    expectEqual(zeros, [0, 0, 0, 0, 0, 0], shape: [2, 3], dtype: .int16)
    #expect(zeros.strides == (layout == .transposed ? [1, 2] : [3, 1]))
    expectEqual(.onesLike(model, dtype: .float64), [1, 1, 1, 1, 1, 1], shape: [2, 3], dtype: .float64)
    expectEqual(.fullLike(model, 3), [3, 3, 3, 3, 3, 3], dtype: .int16)
    #expect(Tensor.emptyLike(model).strides == zeros.strides)
    expectError(.value, "fullLike", "40000", "int16") { _ = Tensor.fullLike(model, 40000) }
  }
}
