import NN
import TestSupport
import Testing

@Suite(.everyDevice)
struct LayerTests {
  @Test(arguments: [[], [5], [2, 5], [0]])
  func linearTakesLeadingDims(lead: [Int]) {
    let layer = Linear(3, 2)
    let x = Tensor.randn(lead + [3])
    let y = layer(x)
    #expect(y.shape == lead + [2])
    let (w, b, values) = (layer.weight.doubles, layer.bias!.doubles, x.doubles)
    var expected: [Double] = []
    for start in stride(from: 0, to: values.count, by: 3) {
      for j in 0..<2 {
        var sum = b[j]
        for k in 0..<3 { sum += values[start + k] * w[3 * j + k] }
        expected.append(sum)
      }
    }
    expectClose(y, expected, rtol: 1e-6, atol: 1e-6)
  }

  @Test func linearRefusesOtherSizes() {
    expectError(.shape, "linear", "[2, 4]") { _ = Linear(3, 2)(Tensor.zeros(2, 4)) }
  }

  @Test func activationsAreTheirFunctions() {
    let x = Tensor([-2.0, -0.5, 0, 0.5, 30])
    let layers: [(any Layer, Tensor)] = [
      (ReLU(), x.relu()), (NN.Sigmoid(), x.sigmoid()), (NN.Tanh(), x.tanh()), (GELU(), x.gelu()),
      (GELU(approximate: .tanh), x.gelu(approximate: .tanh)), (SiLU(), x.silu()), (NN.Softplus(), x.softplus()),
      (LeakyReLU(negativeSlope: 0.2), x.leakyRelu(negativeSlope: 0.2)), (NN.Softmax(dim: 0), x.softmax(dim: 0)),
      (LogSoftmax(dim: -1), x.logSoftmax(dim: -1)), (Identity(), x),
    ]
    for (layer, expected) in layers { #expect(layer(x).doubles == expected.doubles, "\(layer)") }
    #expect("\(NN.Softplus(beta: 2))" == "Softplus(beta: 2.0, threshold: 20.0)")
    #expect("\(GELU(approximate: .tanh))" == "GELU(approximate: .tanh)")
  }

  @Test func flattenKeepsTheBatch() {
    #expect(Flatten()(Tensor.zeros(2, 3, 4)).shape == [2, 12])
    #expect(Flatten(startDim: 0, endDim: 1)(Tensor.zeros(2, 3, 4)).shape == [6, 4])
  }

  @Test func sequentialIsACollection() {
    let model = Sequential {
      Linear(2, 3)
      for _ in 0..<2 {
        ReLU()
        Linear(3, 3)
      }
    }
    #expect(model.count == 5)
    #expect((model[4] as? Linear)?.outFeatures == 3)
    #expect(model(Tensor.zeros(4, 2)).shape == [4, 3])
    #expect(Sequential([Identity(), Identity()])(Tensor([1.0])).doubles == [1])
  }

  @Test func lossesAreTheirFunctions() {
    let (x, y) = (Tensor.randn(4, 3), Tensor.rand(4, 3))
    let classes = Tensor([0, 2, 1, 2])
    for reduction in [Reduction.none, .mean, .sum] {
      #expect(
        NN.MSELoss(reduction: reduction)(x, y).doubles == mseLoss(x, y, reduction: reduction).doubles)
      #expect(L1Loss(reduction: reduction)(x, y).doubles == l1Loss(x, y, reduction: reduction).doubles)
      #expect(
        BCEWithLogitsLoss(reduction: reduction)(x, y).doubles
          == binaryCrossEntropyWithLogits(x, y, reduction: reduction).doubles)
      let logs = x.logSoftmax(dim: 1)
      #expect(
        NN.NLLLoss(reduction: reduction)(logs, classes).doubles == nllLoss(logs, classes, reduction: reduction).doubles)
      #expect(
        CrossEntropyLoss(reduction: reduction, labelSmoothing: 0.1)(x, classes).doubles
          == crossEntropy(x, classes, reduction: reduction, labelSmoothing: 0.1).doubles)
    }
    #expect(CrossEntropyLoss(weight: Tensor.ones(3)).stateDict().keys == ["weight"])
  }
}

@Suite(.everyDevice)
struct DropoutTests {
  // Reference values: F.dropout(torch.ones(...), p) after torch.manual_seed(0).
  @Test func maskIsPyTorchs() {
    manualSeed(0)
    let mask = dropout(Tensor.ones(2, 5), p: 0.5)
    expectEqual(mask, mask.device == .cpu ? [0, 0, 2, 0, 0, 0, 2, 2, 0, 2] : [2, 0, 0, 0, 2, 0, 0, 2, 0, 0])
  }

  @Test func maskFollowsMemory() {
    manualSeed(0)
    let mask = dropout(Tensor.ones(5, 2).t(), p: 0.5)
    manualSeed(0)
    let other = dropout(Tensor.ones(5, 2), p: 0.5)
    #expect(mask.t().doubles == other.doubles)
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
  func keptElementsAreScaled(dtype: DType) {
    let x = Tensor.ones(1000, dtype: dtype, requiresGrad: true)
    let y = dropout(x, p: 0.25)
    #expect(y.dtype == dtype)
    let scaled = Tensor([1 / 0.75]).to(dtype).doubles[0]
    let kept = y.doubles.count { abs($0 - scaled) < 0.01 }
    #expect(kept + y.doubles.count { $0 == 0 } == 1000)
    #expect((650...850).contains(kept))
    y.sum().backward()
    #expect(x.grad!.doubles == y.doubles)
  }

  @Test func edges() {
    let x = Tensor([1.0, 2.0])
    #expect(dropout(x, p: 0.5, training: false) === x)
    #expect(dropout(x, p: 0) === x)
    expectEqual(dropout(x, p: 1), [0, 0])
    #expect(dropout(Tensor.ones(0)).shape == [0])
    expectError(.value, "dropout", "1.5") { _ = dropout(x, p: 1.5) }
    expectError(.value, "-0.1") { _ = Dropout(p: -0.1) }
    expectError(.dtype, "dropout", "int64") { _ = dropout(Tensor([1, 2])) }
  }
}
