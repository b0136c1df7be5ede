import NN
import TestSupport
import Testing

/// Result dtypes by PyTorch: op, without autocast on low inputs, then under bfloat16 and float16 on float32 and low inputs.
private let reference: [String: [String]] = {
  let json = try! Fixture.json("autocast_cpu.json") as! [String: Any]
  var rows: [String: [String]] = [:]
  for row in json["rows"] as! [[Any]] {
    if let texts = row as? [String] { rows[texts[0]] = Array(texts.dropFirst()) }
  }
  return rows
}()

@Suite(.ownGenerator)
struct AutocastTests {
  private typealias Op = @Sendable (_ a: Tensor, _ b: Tensor) -> Tensor

  /// Operations on a square matrix `a` of the tested dtype and `b`, the same or of the low dtype for "(f32,low)".
  private static let operations: [(String, Op)] = [
    ("add", { a, b in a + b }), ("mul", { a, b in a * b }), ("div", { a, b in a / b }),
    ("add(f32,low)", { a, b in a.float() + b }), ("mm", { a, b in a.mm(b) }), ("matmul", { a, b in a.matmul(b) }),
    ("matmul 1d", { a, b in row(a).matmul(row(b)) }), ("mv", { a, b in a.mv(row(b)) }),
    ("dot", { a, b in row(a).dot(row(b)) }),
    ("linear", { a, b in linear(a, b) }), ("exp", { a, _ in a.exp() }), ("log", { a, _ in a.log() }),
    ("log1p", { a, _ in a.log1p() }), ("pow2", { a, _ in a ** 2 }), ("reciprocal", { a, _ in a.reciprocal() }),
    ("rsqrt", { a, _ in a.rsqrt() }), ("sqrt", { a, _ in a.sqrt() }), ("sin", { a, _ in a.sin() }),
    ("tanh", { a, _ in a.tanh() }), ("sigmoid", { a, _ in a.sigmoid() }), ("relu", { a, _ in a.relu() }),
    ("gelu", { a, _ in a.gelu() }), ("silu", { a, _ in a.silu() }), ("softplus", { a, _ in a.softplus() }),
    ("softmax", { a, _ in a.softmax(dim: 1) }), ("log_softmax", { a, _ in a.logSoftmax(dim: 1) }),
    ("sum", { a, _ in a.sum() }), ("sum_dim", { a, _ in a.sum(dim: 0) }), ("mean", { a, _ in a.mean() }),
    ("prod", { a, _ in a.prod() }), ("norm", { a, _ in a.norm() }), ("var", { a, _ in a.var() }),
    ("std", { a, _ in a.std() }), ("amax", { a, _ in a.amax() }), ("mse_loss", { a, b in mseLoss(a, b.float()) }),
    ("l1_loss", { a, b in l1Loss(a, b) }), ("smooth_l1", { a, b in smoothL1Loss(a, b) }),
    ("cross_entropy", { a, _ in crossEntropy(a, Tensor([0, 1, 2])) }),
    ("nll_loss", { a, _ in nllLoss(a, Tensor([0, 1, 2])) }),
    ("bce_logits", { a, b in binaryCrossEntropyWithLogits(a, b) }),
    ("cat(f32,low)", { a, b in cat([a.float(), b]) }), ("cat(low,low)", { a, b in cat([a, b]) }),
    ("dropout", { a, _ in dropout(a, p: 0.5) }),
  ]

  private static func row(_ x: Tensor) -> Tensor { x.select(dim: 0, index: 0) }

  @Test(arguments: operations.indices)
  func resultDTypesArePyTorchs(i: Int) throws {
    let (name, operation) = AutocastTests.operations[i]
    let expected = try #require(reference[name], "\(name)")
    let x = Tensor.make([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3], dtype: .float32) / 10
    func result(_ lower: DType, autocast enabled: Bool, low: Bool) -> String {
      let a = low ? x.to(lower) : x
      let b = name.contains("low") ? x.to(lower) : a
      return autocast(.cpu, dtype: lower, enabled: enabled) { operation(a, b) }.dtype.name
    }
    #expect(result(.bfloat16, autocast: false, low: true) == expected[0], "\(name) alone")
    #expect(result(.bfloat16, autocast: true, low: false) == expected[1], "\(name) bfloat16")
    #expect(result(.bfloat16, autocast: true, low: true) == expected[2], "\(name) bfloat16, low")
    #expect(result(.float16, autocast: true, low: false) == expected[3], "\(name) float16")
    #expect(result(.float16, autocast: true, low: true) == expected[4], "\(name) float16, low")
  }

  private let a = Tensor.ones(2, 2), b = Tensor.ones(2, 2)

  @Test func float64IsLeftAlone() {
    let x = a.double()
    #expect(autocast(.cpu) { x.matmul(x) }.dtype == .float64)
    let n = Tensor([[1, 2], [3, 4]])
    #expect(autocast(.cpu) { n.matmul(n) }.dtype == .int64)
  }

  @Test func scopesNest() {
    autocast(.cpu) {
      #expect(a.matmul(b).dtype == .bfloat16)
      autocast(.cpu, dtype: .float16) { #expect(a.matmul(b).dtype == .float16) }
      autocast(.cpu, enabled: false) {
        #expect(a.matmul(b).dtype == .float32)
        autocast(.cpu) { #expect(a.matmul(b).dtype == .bfloat16) }
      }
      // Another kind of device does not matter.
      autocast(.cuda, enabled: false) { #expect(a.matmul(b).dtype == .bfloat16) }
      #expect(a.matmul(b).dtype == .bfloat16)
    }
    #expect(a.matmul(b).dtype == .float32)
    #expect(autocast(.cuda) { a.matmul(b) }.dtype == .float32)
  }

  @Test func scopesFollowTasks() async throws {
    let dtype = await autocast(.cpu) {
      await Task.yield()
      return a.matmul(b).dtype
    }
    #expect(dtype == .bfloat16)
  }

  @Test func otherDTypesTurnItOff() {
    #expect(autocast(.cpu, dtype: .float32) { a.matmul(b) }.dtype == .float32)
    #expect(autocast(.cpu, dtype: .float64) { a.matmul(b) }.dtype == .float32)
    expectError(.dtype, "autocast", "int64") { autocast(.cpu, dtype: .int64) {} }
  }

  // PyTorch keeps casts of parameters until the outermost scope ends, and does not notice writes.
  @Test func castsOfParametersAreKept() {
    let weight = Tensor.ones(1, 1, requiresGrad: true)
    let x = Tensor.ones(1, 1)
    func product() -> Double { linear(x, weight).item() }
    autocast(.cpu) {
      #expect(product() == 1)
      weight.detach().fill(3)
      #expect(autocast(.cpu) { product() } == 1)
      #expect(autocast(.cpu, cacheEnabled: false) { product() } == 3)
      #expect(product() == 1)
    }
    #expect(autocast(.cpu) { product() } == 3)
    // What is no parameter is cast every time.
    let plain = Tensor.ones(1, 1)
    autocast(.cpu) {
      #expect(linear(x, plain).item() == 1)
      plain.fill(3)
      #expect(linear(x, plain).item() == 3)
    }
  }

  // A cast made inside noGrad must not cut the parameter off from later passes.
  @Test func castsMadeWithoutGradStillCarryGradients() {
    let weight = Tensor.ones(2, 2, requiresGrad: true)
    autocast(.cpu) {
      noGrad { _ = linear(a, weight) }
      linear(a, weight).sum().backward()
    }
    expectEqual(weight.grad!, [2, 2, 2, 2], dtype: .float32)
  }

  @Test func gradientsArriveInTheParametersDType() {
    let layer = Linear(3, 2)
    let x = Tensor.ones(4, 3, requiresGrad: true)
    let loss = autocast(.cpu) { layer(x).sum() }
    loss.backward()
    #expect(layer.weight.grad!.dtype == .float32 && layer.bias!.grad!.dtype == .float32 && x.grad!.dtype == .float32)
    expectEqual(layer.weight.grad!, [4, 4, 4, 4, 4, 4])
    expectEqual(layer.bias!.grad!, [4, 4])
  }

  // The cache holds the casts' graph: several passes through one weight in a scope add up.
  @Test func repeatedBackwardInsideAccumulates() {
    let weight = Tensor.ones(2, 2, requiresGrad: true)
    autocast(.cpu) {
      for _ in 0..<3 { linear(a, weight).sum().backward() }
    }
    expectEqual(weight.grad!, [6, 6, 6, 6])
  }
}
