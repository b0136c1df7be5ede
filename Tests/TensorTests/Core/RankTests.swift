import TestSupport
import Testing

@testable import Tensor

/// Tensors of more dimensions than are stored inline, up to the limit and beyond it.
struct RankTests {
  @Test(arguments: [7, 8, 9, 10, 20, 64]) func manyDimensions(rank: Int) {
    var shape = Array(repeating: 1, count: rank)
    shape[0] = 2
    shape[rank - 1] = 3
    let x = Tensor.arange(6, dtype: .float32).reshape(shape)
    #expect(x.shape == shape && x.rank == rank)
    let turned = x.transpose(0, -1)
    expectEqual((turned + 1).flatten(), [1, 4, 2, 5, 3, 6])
    expectEqual(x.sum(dim: 0).flatten(), [3, 5, 7])
    expectEqual(x.squeeze().t().flatten(), [0, 3, 1, 4, 2, 5])
  }

  @Test func tooManyDimensions() {
    let shape = Array(repeating: 1, count: 65)
    let full = Tensor.ones(Array(repeating: 1, count: 64))
    expectError(.shape, "zeros", "64 dimensions", "65") { _ = Tensor.zeros(shape) }
    expectError(.shape, "view", "65") { _ = full.view(shape) }
    expectError(.shape, "expand", "65") { _ = full.expand(shape) }
    expectError(.shape, "unsqueeze", "65") { _ = full.unsqueeze(dim: 0) }
    expectError(.shape, "asStrided", "65") { _ = full.asStrided(shape, strides: shape) }
  }

  @Test func dimsAcrossTheInlineCapacity() {
    var dims = Dims(0..<7)
    dims.append(7)
    dims.append(8)
    #expect(Array(dims) == Array(0..<9))
    dims.insert(-1, at: 0)
    #expect(Array(dims) == [-1] + Array(0..<9))
    dims.remove(at: 0)
    dims.remove(at: 8)
    #expect(dims == Dims(0..<8) && Array(dims) == Array(0..<8))
    dims.remove(at: 3)
    #expect(Array(dims) == [0, 1, 2, 4, 5, 6, 7])
  }
}
