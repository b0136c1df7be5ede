import NN
import TestSupport
import Testing

@Suite(.everyDevice)
struct ActivationTests {
  @Test func layersAreTheirFunctions() {
    let x = Tensor([[-4.0, -2, -0.5, -0.25], [0, 0.5, 2, 30]])
    let layers: [(any Layer, Tensor)] = [
      (ELU(alpha: 2), x.elu(alpha: 2)), (CELU(alpha: 2), x.celu(alpha: 2)), (SELU(), x.selu()),
      (NN.Mish(), x.mish()), (NN.LogSigmoid(), x.logSigmoid()), (NN.Hardsigmoid(), x.hardsigmoid()),
      (NN.Hardswish(), x.hardswish()), (NN.Hardshrink(lambda: 0.3), x.hardshrink(lambda: 0.3)),
      (NN.Softshrink(lambda: 0.3), x.softshrink(lambda: 0.3)), (Softsign(), x.softsign()),
      (Tanhshrink(), x.tanhshrink()), (NN.Threshold(0.25, -1), x.threshold(0.25, -1)),
      (Hardtanh(min: -2, max: 1), x.hardtanh(min: -2, max: 1)), (ReLU6(), x.relu6()), (GLU(), x.glu()),
      (Softmin(dim: 1), x.softmin(dim: 1)), (PReLU(), x.prelu(Tensor([0.25]))),
      (Softmax2d(), x),
    ]
    for (layer, expected) in layers.dropLast() { #expect(layer(x).doubles == expected.doubles, "\(layer)") }
    let images = Tensor.rand(2, 3, 2, 2)
    #expect(Softmax2d()(images).doubles == images.softmax(dim: 1).doubles)
    expectError(.shape, "Softmax2d", "[2, 4]") { Softmax2d()(x) }
    #expect("\(NN.Threshold(0.25, -1))" == "Threshold(threshold: 0.25, value: -1.0)")
    #expect("\(PReLU(3))" == "PReLU(numParameters: 3)")
    #expect(PReLU(3).stateDict().keys == ["weight"])
  }

  @Test func channelsHaveSlopesOfTheirOwn() {
    let x = -Tensor.ones(2, 3, 2)
    let weight = Tensor([1.0, 2, 3])
    expectEqual(x.prelu(weight), [-1, -1, -2, -2, -3, -3, -1, -1, -2, -2, -3, -3])
    expectError(.shape, "prelu", "3 channels", "[2]") { x.prelu(Tensor([1.0, 2])) }
    expectError(.dtype, "prelu", "float64") { x.prelu(weight.double()) }
  }

  @Test func badArguments() {
    let x = Tensor([1.0, 2, 3])
    expectError(.shape, "glu", "[3]") { x.glu() }
    expectError(.value, "celu") { x.celu(alpha: 0) }
    expectError(.value, "softshrink", "-1") { x.softshrink(lambda: -1) }
    expectError(.value, "hardtanh") { x.hardtanh(min: 1, max: 0) }
    expectError(.dtype, "elu", "int64") { Tensor([1]).elu() }
    #expect(Tensor([-1, 3, 9]).relu6().dtype == .int64)
  }

  // Reference values: F.rrelu and torch.manual_seed(0) on the CPU.
  @Test func randomSlopes() {
    let x = Tensor([-1.0, 2, -3, 0, -5])
    manualSeed(0)
    let y = rrelu(x, training: true)
    if x.device == .cpu {
      expectClose(y, [-0.3270944, 2, -0.8173875, 0, -1.5841122], rtol: 1e-6)
    } else {
      for (value, input) in zip(y.doubles, x.doubles) where input < 0 {
        #expect((0.125...0.3334).contains(value / input))
      }
    }
    let layer = RReLU()
    layer.eval()
    expectClose(layer(x), x.leakyRelu(negativeSlope: (0.125 + 1.0 / 3) / 2).doubles)
    let leaf = Tensor([-1.0, 1], requiresGrad: true)
    let result = rrelu(leaf, training: true)
    result.sum().backward()
    #expect(leaf.grad!.doubles == [-result.doubles[0], 1])
  }
}

@Suite(.everyDevice)
struct DropoutVariantTests {
  // Reference values: PyTorch's functions and torch.manual_seed(0) on the CPU.
  static let rows: [(name: String, draw: @Sendable () -> Tensor, expected: [Double])] = [
    (
      "dropout1d", { dropout1d(Tensor.ones(2, 4, 2)) }, [0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2]
    ),
    ("dropout1d of one", { dropout1d(Tensor.ones(4, 2)) }, [0, 0, 0, 0, 2, 2, 0, 0]),
    (
      "dropout2d", { dropout2d(Tensor.ones(2, 4, 1, 2)) }, [0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2]
    ),
    (
      "dropout3d of one", { dropout3d(Tensor.ones(4, 1, 1, 2), p: 0.25) },
      [0, 0, 1.3333334, 1.3333334, 1.3333334, 1.3333334, 0, 0]
    ),
    (
      "featureAlphaDropout", { featureAlphaDropout(Tensor.ones(1, 4, 2)) },
      [-0.7791939, -0.7791939, -0.7791939, -0.7791939, 1.6655989, 1.6655989, -0.7791939, -0.7791939]
    ),
    (
      "alphaDropout", { alphaDropout(Tensor.arange(4.0), p: 0.25) }, [-1.1435442, 1.2484393, 2.1156974, -1.1435442]
    ),
  ]

  @Test(arguments: rows.indices)
  func masksArePyTorchs(row: Int) {
    let (name, draw, expected) = Self.rows[row]
    manualSeed(0)
    let found = draw()
    #expect(found.count == expected.count)
    if found.device == .cpu { expectClose(found, expected, rtol: 1e-6, name) }
  }

  @Test func edges() {
    let x = Tensor.ones(2, 2, 2)
    for layer in [Dropout1d(), Dropout2d(), Dropout3d(), AlphaDropout(), FeatureAlphaDropout()] as [any Layer] {
      layer.eval()
      #expect(layer(x) === x)
      #expect("\(layer)".hasSuffix("(p: 0.5)"))
    }
    expectEqual(dropout2d(x, p: 1), Array(repeating: 0, count: 8))
    expectError(.value, "alphaDropout", "1.5") { alphaDropout(x, p: 1.5) }
    expectError(.shape, "dropout2d", "[3]") { dropout2d(Tensor.ones(3)) }
    expectError(.shape, "dropout1d") { dropout1d(Tensor.ones(1, 1, 1, 1)) }
  }
}
