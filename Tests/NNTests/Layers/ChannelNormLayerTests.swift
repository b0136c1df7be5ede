import NN
import TestSupport
import Testing

/// The layers of RMS, batch, group and instance norm.
@Suite struct ChannelNormLayerTests {
  @Test func state() throws {
    let keys = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    for layer in [BatchNorm1d(3), BatchNorm2d(3), BatchNorm3d(3)] as [any Layer] {
      #expect(layer.stateDict().keys == keys)
      #expect(layer.parameters().count == 2)
    }
    #expect(BatchNorm2d(3, affine: false).stateDict().keys == Array(keys[2...]))
    #expect(BatchNorm2d(3, trackRunningStats: false).stateDict().keys == ["weight", "bias"])
    #expect(InstanceNorm2d(3).stateDict().keys == [])
    #expect(InstanceNorm2d(3, affine: true, trackRunningStats: true).stateDict().keys == keys)
    #expect(NN.GroupNorm(2, 4).stateDict().keys == ["weight", "bias"])
    #expect(NN.RMSNorm(4).stateDict().keys == ["weight"])
    let trained = BatchNorm1d(2)
    _ = trained(Tensor([[1.0, 2], [3, 5]], dtype: .float32))
    let other = BatchNorm1d(2)
    try other.load(trained.stateDict())
    expectEqual(other.runningMean!, trained.runningMean!.doubles)
    #expect(other.numBatchesTracked!.item(as: Int.self) == 1)
  }

  @Test func descriptions() {
    #expect(
      "\(BatchNorm2d(3))"
        == "BatchNorm2d(3, eps: 1e-05, momentum: 0.1, affine: true, bias: true, trackRunningStats: true)")
    #expect("\(NN.GroupNorm(2, 4))" == "GroupNorm(2, 4, eps: 1e-05, affine: true, bias: true)")
    #expect("\(NN.RMSNorm(4))" == "RMSNorm([4], eps: nil, elementwiseAffine: true)")
  }

  /// PyTorch's figures of two batches.
  @Test func runningStatistics() {
    let batches = [
      Tensor([[1.0, 2], [3, 5], [8, 1]], dtype: .float64), Tensor([[0.0, 4], [2, -2], [1, 1]], dtype: .float64),
    ]
    let layer = BatchNorm1d(2, dtype: .float64)
    for batch in batches { _ = layer(batch) }
    expectClose(layer.runningMean!, [0.46, 0.34], rtol: 1e-12)
    expectClose(layer.runningVar!, [2.08, 2.1], rtol: 1e-12)
    let average = BatchNorm1d(2, momentum: nil, dtype: .float64)
    for batch in batches { _ = average(batch) }
    expectClose(average.runningMean!, [2.5, 11.0 / 6], rtol: 1e-12)
    #expect(average.numBatchesTracked!.item(as: Int.self) == 2)
    average.eval()
    let before = average.runningMean!.doubles
    let y = average(batches[0])
    #expect(average.runningMean!.doubles == before && average.numBatchesTracked!.item(as: Int.self) == 2)
    let variance = average.runningVar!.doubles
    expectClose(
      y[0], [(1 - 2.5) / (variance[0] + 1e-5).squareRoot(), (2 - 11.0 / 6) / (variance[1] + 1e-5).squareRoot()],
      rtol: 1e-12)
  }

  @Test func ranks() {
    expectError(.shape, "BatchNorm2d", "rank 4", "[2, 3]") { BatchNorm2d(3)(Tensor.ones(2, 3)) }
    expectError(.shape, "BatchNorm1d", "rank 2 or 3") { BatchNorm1d(3)(Tensor.ones(2, 3, 4, 5)) }
    expectError(.shape, "InstanceNorm2d", "4 channels") { InstanceNorm2d(4, affine: true)(Tensor.ones(2, 3, 4, 5)) }
    expectError(.value, "GroupNorm", "3", "2") { NN.GroupNorm(2, 3) }
    #expect(InstanceNorm2d(3)(Tensor.randn(3, 4, 5)).shape == [3, 4, 5])
    #expect(BatchNorm3d(2)(Tensor.randn(2, 2, 2, 2, 2)).shape == [2, 2, 2, 2, 2])
    #expect(InstanceNorm1d(2)(Tensor.randn(2, 2, 4)).shape == [2, 2, 4])
  }

  @Test func training() {
    let model = Sequential(Linear(4, 8), BatchNorm1d(8), ReLU(), Linear(8, 2))
    let x = Tensor.randn(16, 4)
    crossEntropy(model(x), Tensor((0..<16).map { $0 % 2 })).backward()
    for parameter in model.parameters() { #expect(parameter.grad != nil) }
  }
}
