import NN
import TestSupport
import Testing

@Suite(.ownGenerator)
struct EmbeddingLayerTests {
  @Test func weightIsDrawnAsPyTorchDraws() {
    manualSeed(3)
    let layer = NN.Embedding(5, 4)
    manualSeed(3)
    let draws = Tensor.empty([5, 4])
    Init.normal(draws)
    #expect(layer.weight.doubles == draws.doubles)
    #expect(layer.stateDict().keys == ["weight"])
    #expect(layer.weight.requiresGrad && layer.weight.isLeaf)
    #expect("\(layer)" == "Embedding(numEmbeddings: 5, embeddingDim: 4)")
  }

  @Test(arguments: [2, -3])
  func paddingRowStaysZero(index: Int) {
    let layer = NN.Embedding(5, 4, paddingIndex: index)
    #expect(layer.paddingIndex == 2)
    expectEqual(layer.weight[2], [0, 0, 0, 0])
    layer(Tensor([2, 1, 2, 1])).sum().backward()
    expectEqual(layer.weight.grad!.sum(dim: 1), [0, 8, 0, 0, 0])
    #expect("\(layer)" == "Embedding(numEmbeddings: 5, embeddingDim: 4, paddingIndex: 2)")
  }

  @Test func sharesAGivenWeight() {
    let head = Linear(4, 5, bias: false)
    let layer = NN.Embedding(weight: head.weight)
    #expect(layer.weight === head.weight)
    #expect(layer(Tensor([0])).requiresGrad)
    expectError(.index, "Embedding", "paddingIndex 5", "5 rows") { _ = NN.Embedding(5, 4, paddingIndex: 5) }
  }
}
