import NN
import TestSupport
import Testing

/// A row of the reference: the tensor's bits, whole or by their ends and checksum, and the draw that follows.
private struct Row: Decodable {
  let shape: [Int]
  let hex: String?
  let first8: String?
  let last8: String?
  let fnv1a64: String?
  let next: String?

  func check(_ tensor: Tensor, _ name: String) {
    #expect(tensor.shape == shape, "\(name)")
    let found = tensor.elementBytes
    if let hex {
      #expect(found == bytes(hex: hex, itemSize: 4), "\(name) \(shape)")
    } else {
      #expect(Array(found.prefix(32)) == bytes(hex: first8!, itemSize: 4), "\(name) \(shape)")
      #expect(Array(found.suffix(32)) == bytes(hex: last8!, itemSize: 4), "\(name) \(shape)")
      #expect(TestSupport.fnv1a64(found) == UInt64(fnv1a64!, radix: 16), "\(name) \(shape)")
    }
    checkNext(name)
  }

  /// The stream stands where PyTorch's does.
  func checkNext(_ name: String) {
    if let next { #expect(Tensor.rand(1).elementBytes == bytes(hex: next, itemSize: 4), "\(name) \(shape) next") }
  }
}

private struct Reference: Decodable {
  struct ModuleRow: Decodable {
    let params: [String: Row]
    let next: String
  }
  let modules: [String: ModuleRow]
  let `init`: [String: [Row]]
  let gains: [String: Double]

  static let all: Reference = try! Fixture.decode(from: "init.json")
}

@Suite(.ownGenerator)
struct InitTests {
  private static let functions: [(String, @Sendable (Tensor) -> Tensor)] = [
    ("uniform_(0,1)", { Init.uniform($0) }), ("normal_(0,1)", { Init.normal($0) }),
    ("xavier_uniform_", { Init.xavierUniform($0) }),
    ("xavier_uniform_(gain=sqrt2)", { Init.xavierUniform($0, gain: 2.0.squareRoot()) }),
    ("xavier_normal_", { Init.xavierNormal($0) }), ("kaiming_uniform_", { Init.kaimingUniform($0) }),
    ("kaiming_uniform_(relu,fan_out)", { Init.kaimingUniform($0, mode: .fanOut, nonlinearity: .relu) }),
    ("kaiming_uniform_(a=sqrt5)", { Init.kaimingUniform($0, a: 5.0.squareRoot()) }),
    ("kaiming_normal_", { Init.kaimingNormal($0) }),
    ("kaiming_normal_(relu,fan_out)", { Init.kaimingNormal($0, mode: .fanOut, nonlinearity: .relu) }),
    ("trunc_normal_", { Init.truncNormal($0) }), ("trunc_normal_(std=.02)", { Init.truncNormal($0, std: 0.02) }),
    ("trunc_normal_(0,1,-.5,.5)", { Init.truncNormal($0, from: -0.5, to: 0.5) }),
    ("trunc_normal_(0,1,.1,.3)", { Init.truncNormal($0, from: 0.1, to: 0.3) }),
    ("trunc_normal_(0,1,1,1.5)", { Init.truncNormal($0, from: 1, to: 1.5) }),
    ("eye_", { Init.eye($0) }), ("dirac_", { Init.dirac($0) }), ("dirac_(groups=2)", { Init.dirac($0, groups: 2) }),
    ("constant_(.3)", { Init.constant($0, 0.3) }), ("sparse_(.5)", { Init.sparse($0, sparsity: 0.5) }),
    ("ones_", { Init.ones($0) }), ("zeros_", { Init.zeros($0) }),
  ]

  @Test(arguments: functions.indices)
  func functionsGivePyTorchsBits(i: Int) throws {
    let (name, function) = InitTests.functions[i]
    for row in try #require(Reference.all.`init`[name]) {
      let tensor = Tensor.empty(row.shape)
      manualSeed(0)
      #expect(function(tensor) === tensor)
      row.check(tensor, name)
    }
  }

  @Test(arguments: [("orthogonal_", 1.0), ("orthogonal_(gain=2)", 2)])
  func orthogonalIsPyTorchsUpToRounding(name: String, gain: Double) throws {
    for row in try #require(Reference.all.`init`[name]) {
      let tensor = Tensor.empty(row.shape)
      manualSeed(0)
      Init.orthogonal(tensor, gain: gain)
      let bits = bytes(hex: row.hex!, itemSize: 4)
      let expected = stride(from: 0, to: bits.count, by: 4).map { start in
        let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bits[start + $1]) << (8 * UInt32($1)) }
        return Double(Float(bitPattern: word))
      }
      expectClose(tensor, expected, atol: 1e-6 * gain, "\(row.shape)")
      row.checkNext(name)
    }
  }

  @Test(arguments: [[40, 60], [60, 40], [50, 50]])
  func orthogonalMeansOrthogonal(shape: [Int]) {
    let tensor = Tensor.empty(shape, dtype: .float64)
    Init.orthogonal(tensor)
    let product = shape[0] <= shape[1] ? tensor.matmul(tensor.t()) : tensor.t().matmul(tensor)
    expectClose(product, Tensor.eye(shape.min()!).doubles, atol: 1e-12)
  }

  @Test(arguments: [
    ("Linear(10,1)", 10, 1, true), ("Linear(10,50)", 10, 50, true), ("Linear(784,128)", 784, 128, true),
    ("Linear(1,1)", 1, 1, true), ("Linear(3,4,bias=False)", 3, 4, false),
  ])
  func linearHoldsPyTorchsWeights(name: String, inputs: Int, outputs: Int, bias: Bool) throws {
    let reference = try #require(Reference.all.modules[name])
    manualSeed(0)
    let layer = Linear(inputs, outputs, bias: bias)
    #expect(Tensor.rand(1).elementBytes == bytes(hex: reference.next, itemSize: 4))
    for (key, tensor) in layer.stateDict() { try #require(reference.params[key]).check(tensor, "\(name) \(key)") }
    #expect(layer.stateDict().count == reference.params.count)
  }

  @Test func bilinearAndBagsHoldPyTorchsWeights() throws {
    let modules: [(String, () -> any Module)] = [
      ("Bilinear(2,3,4)", { Bilinear(2, 3, 4) }), ("EmbeddingBag(10,3)", { EmbeddingBag(10, 3) }),
    ]
    for (name, make) in modules {
      let reference = try #require(Reference.all.modules[name])
      manualSeed(0)
      let module = make()
      #expect(Tensor.rand(1).elementBytes == bytes(hex: reference.next, itemSize: 4))
      for (key, tensor) in module.stateDict() { try #require(reference.params[key]).check(tensor, "\(name) \(key)") }
      #expect(module.stateDict().count == reference.params.count)
    }
  }

  @Test func sequentialDrawsInOrder() throws {
    let reference = try #require(Reference.all.modules["Sequential(Linear(4,3),ReLU,Linear(3,2))"])
    manualSeed(0)
    let model = Sequential(Linear(4, 3), ReLU(), Linear(3, 2))
    for (key, tensor) in model.stateDict() { try #require(reference.params[key]).check(tensor, key) }
  }

  @Test func gainsArePyTorchs() {
    let gains = Reference.all.gains
    #expect(Init.calculateGain(.linear) == gains["linear"])
    #expect(Init.calculateGain(.sigmoid) == gains["sigmoid"])
    #expect(Init.calculateGain(.tanh) == gains["tanh"])
    #expect(Init.calculateGain(.relu) == gains["relu"])
    #expect(Init.calculateGain(.leakyReLU()) == gains["leaky_relu"])
    #expect(Init.calculateGain(.leakyReLU(slope: 0.2)) == gains["leaky_relu 0.2"])
    #expect(Init.calculateGain(.selu) == gains["selu"])
  }

  @Test func parametersAreFilledUnrecorded() {
    let weight = Tensor.empty(3, 4, requiresGrad: true)
    Init.xavierUniform(weight)
    #expect(weight.isLeaf && weight.requiresGrad)
    let layer = Linear(3, 4)
    Init.orthogonal(layer.weight)
    Init.zeros(layer.bias!)
    #expect(layer.weight.isLeaf)
  }

  @Test func generatorsAreUsed() {
    let (a, b) = (Tensor.empty(20), Tensor.empty(20))
    Init.normal(a, generator: Generator(seed: 7))
    Init.normal(b, generator: Generator(seed: 7))
    #expect(a.doubles == b.doubles)
  }

  @Test func wrongShapesAreErrors() {
    expectError(.shape, "Init.xavierUniform", "[3]") { Init.xavierUniform(Tensor.empty(3)) }
    expectError(.shape, "Init.kaimingNormal", "2 dimensions") { Init.kaimingNormal(Tensor.empty([])) }
    expectError(.shape, "Init.eye", "[2, 2, 2]") { Init.eye(Tensor.empty(2, 2, 2)) }
    expectError(.shape, "Init.orthogonal", "[2]") { Init.orthogonal(Tensor.empty(2)) }
    expectError(.shape, "Init.dirac", "[2, 2]") { Init.dirac(Tensor.empty(2, 2)) }
    expectError(.value, "Init.dirac", "groups 2") { Init.dirac(Tensor.empty(3, 2, 3), groups: 2) }
    expectError(.value, "Init.truncNormal") { Init.truncNormal(Tensor.empty(2), from: 1, to: 1) }
    expectError(.value, "Init.sparse", "1.5") { Init.sparse(Tensor.empty(2, 2), sparsity: 1.5) }
    #expect(Init.kaimingUniform(Tensor.empty(0, 3)).shape == [0, 3])
  }
}
