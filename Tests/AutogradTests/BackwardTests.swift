import Autograd
import TestSupport
import Testing

@Suite(.everyDevice) struct BackwardTests {
  private func leaf(_ values: [Double]) -> Tensor { Tensor(values).requiresGrad() }

  // MARK: Leaves and flags

  @Test func flags() {
    let x = leaf([1, 2])
    let y = x * 2
    #expect(x.requiresGrad && x.isLeaf && x.gradFunctionName == nil)
    #expect(y.requiresGrad && !y.isLeaf && y.gradFunctionName == "MultiplyBackward")
    #expect(x.sum().gradFunctionName == "SumBackward" && x.reshape(2, 1).gradFunctionName == "ViewBackward")
    let plain = Tensor([1.0]) * 2
    #expect(!plain.requiresGrad && plain.isLeaf)
    #expect(!(x .> 1).requiresGrad && !x.argmax().requiresGrad && !x.to(.int64).requiresGrad)
    #expect(x.round().requiresGrad && x.sign().requiresGrad)
    #expect(Tensor([1.0], requiresGrad: true).requiresGrad)
    x.requiresGrad(false)
    #expect(!(x * 2).requiresGrad)
    expectError(.autograd, "floating-point dtype") { Tensor([1, 2]).requiresGrad() }
    expectError(.autograd, "only leaves can be told") { y.requiresGrad(false) }
  }

  @Test func modes() {
    let x = leaf([1, 2])
    noGrad {
      #expect(!isGradEnabled && !(x * 2).requiresGrad)
      enableGrad { #expect((x * 2).requiresGrad) }
      #expect(Tensor([1.0], requiresGrad: true).requiresGrad)
    }
    #expect(isGradEnabled)
    withGradEnabled(false) { #expect(!(x + 1).requiresGrad) }
  }

  // MARK: Accumulation

  @Test func gradientsAccumulateInPlace() {
    let x = leaf([1, 2])
    (x * 3).sum().backward()
    let first = x.grad!
    expectEqual(first, [3, 3])
    (x * x).sum().backward()
    #expect(x.grad === first)
    expectEqual(first, [5, 7])
    x.zeroGrad()
    #expect(x.grad == nil)
    (x * x).sum().backward()
    x.zeroGrad(setToNil: false)
    expectEqual(x.grad!, [0, 0])
  }

  @Test func gradientHasTheLeafsShapeDTypeAndStrides() {
    let x = Tensor([[1.0, 2, 3], [4, 5, 6]]).t().clone().requiresGrad()
    #expect(x.strides == [1, 3])
    (x.sum(dim: 1, keepDim: true) * Tensor([1.0, 2], dtype: .float64)).sum().backward()
    #expect(x.grad!.shape == [3, 2] && x.grad!.strides == [1, 3] && x.grad!.dtype == .float32)
    expectEqual(x.grad!, [3, 3, 3, 3, 3, 3])
    let half = Tensor([1.0, 2], dtype: .float16).requiresGrad()
    (half.float() * 3).sum().backward()
    #expect(half.grad!.dtype == .float16)
  }

  @Test func gradientsDoNotShareMemory() {
    let (a, b) = (leaf([1, 2]), leaf([3, 4]))
    let seed = Tensor([1.0, 1])
    (a + b.view(2)).backward(gradient: seed)
    a.grad! += 1
    expectEqual(b.grad!, [1, 1])
    expectEqual(seed, [1, 1])
  }

  @Test func aLeafMayCallBackwardItself() {
    let x = leaf([2])
    x.backward()
    x.backward(gradient: Tensor([3.0]))
    expectEqual(x.grad!, [4])
  }

  @Test func sharedSubexpressions() {
    let x = leaf([2])
    let y = x * x
    let z = y * y + y.exp() * x + y
    z.backward()
    // 4x^3 + e^(x^2) (1 + 2x^2) + 2x
    expectClose(x.grad!, [32 + 54.598150033 * 9 + 4], rtol: 1e-6)
  }

  @Test func severalOutputs() {
    let x = leaf([1, 2])
    let y = x * 2
    backward([y.sum(), (y * y).sum(), x], gradients: [nil, Tensor(0.5), Tensor([1.0, 1])])
    expectEqual(x.grad!, [7, 11])
  }

  @Test func assigningGrad() {
    let x = leaf([1, 2])
    x.grad = Tensor([5.0, 6])
    (x * 1).sum().backward()
    expectEqual(x.grad!, [6, 7])
    let plain = Tensor([1.0, 2])
    plain.grad = Tensor([1.0, 1])
    #expect(!plain.requiresGrad && plain.isLeaf)
    expectEqual(plain.grad!, [1, 1])
    expectError(.shape, "attempting to assign a gradient of shape [3] to a tensor of shape [2]") {
      x.grad = Tensor([1.0, 2, 3])
    }
    expectError(.dtype, "attempting to assign a gradient of .float64") { x.grad = Tensor([1.0, 2], dtype: .float64) }
  }

  // MARK: grad

  @Test func gradLeavesTensorsAlone() {
    let x = leaf([1, 2])
    let y = x * x
    let (gx, gy) = { ($0[0]!, $0[1]!) }(grad(outputs: [(y * 3).sum()], inputs: [x, y]))
    expectEqual(gx, [6, 12])
    expectEqual(gy, [3, 3])
    #expect(x.grad == nil)
  }

  @Test func unusedInputs() {
    let (x, w) = (leaf([1, 2]), leaf([3]))
    expectError(.autograd, "tensor at index 1 appears to not have been used in the graph") {
      _ = grad(outputs: [(x * 2).sum()], inputs: [x, w])
    }
    #expect(grad(outputs: [(x * 2).sum()], inputs: [x, w], allowUnused: true)[1] == nil)
    expectEqual(grad(outputs: [(x * 2).sum()], inputs: [w], materializeGrads: true)[0]!, [0])
    expectError(.autograd, "tensor at index 0 does not require grad") {
      _ = grad(outputs: [(x * 2).sum()], inputs: [Tensor([1.0])])
    }
  }

  @Test func onlyTheInputsAskedFor() {
    let (x, w) = (leaf([1, 2]), leaf([3, 4]))
    let y = x * w
    (y * y).sum().backward(inputs: [w, y])
    #expect(x.grad == nil)
    expectEqual(w.grad!, [6, 32])
    expectEqual(y.grad!, [6, 16])
  }

  @Test func higherDerivatives() {
    let x = leaf([2])
    var y = x ** 5
    for expected in [80.0, 160, 240, 240, 120] {
      y = grad(outputs: [y], inputs: [x], createGraph: true)[0]!
      expectClose(y, [expected], rtol: 1e-6)
    }
  }

  @Test func createGraphAccumulatesOutOfPlace() {
    let x = leaf([2])
    (x * x * x).backward(createGraph: true)
    let first = x.grad!
    #expect(first.requiresGrad)
    (x * x).backward(createGraph: true)
    #expect(x.grad !== first)
    expectEqual(first, [12])
    expectEqual(x.grad!, [16])
    expectEqual(grad(outputs: [x.grad!], inputs: [x])[0]!, [14])
  }

  // MARK: Retaining

  @Test func secondBackward() {
    let x = leaf([1, 2])
    let y = (x * x).sum()
    y.backward(retainGraph: true)
    y.backward()
    expectEqual(x.grad!, [4, 8])
    expectError(.autograd, "second time") { y.backward() }
    // Nothing saved, nothing missing.
    let z = x.sum()
    z.backward()
    z.backward()
    expectEqual(x.grad!, [6, 10])
  }

  @Test func savedValuesAreFreedAsBackwardGoes() {
    let x = leaf([1, 2])
    weak var saved: Tensor?
    let y = {
      let inner = x * 2
      saved = inner
      return (inner * inner).sum()
    }()
    #expect(saved != nil)
    y.backward()
    #expect(saved == nil)
  }

  @Test func nothingLeaks() {
    weak var leaf: Tensor?
    do {
      let x = Tensor([1.0, 2]).requiresGrad()
      leaf = x
      let y = (x * x).sin()
      y.registerHook { $0 * 2 }
      let v = y.view(2, 1)
      v *= x.view(2, 1)
      y.sum().backward(retainGraph: true)
      _ = grad(outputs: [y.sum()], inputs: [x], createGraph: true)
    }
    #expect(leaf == nil)
  }

  // MARK: Errors

  @Test func arguments() {
    let x = leaf([1, 2])
    expectError(.autograd, "only for scalar outputs", "[2]") { (x * 2).backward() }
    expectError(.autograd, "element 0 of tensors does not require grad") { Tensor([1.0]).backward() }
    expectError(.shape, "gradient 0 has a shape of [3] and output 0 has a shape of [2]") {
      (x * 2).backward(gradient: Tensor([1.0, 2, 3]))
    }
    expectError(.autograd, "inputs must not be empty") { x.sum().backward(inputs: []) }
    expectError(.autograd, "got 1 tensors and 2 gradients") { backward([x.sum()], gradients: [nil, nil]) }
    (x * 2).backward(gradient: Tensor([1.0, 2], dtype: .float64))
    expectEqual(x.grad!, [2, 4])
  }

  /// An operation that nobody gave a derivative.
  private struct Foreign: UnaryOperation {
    var name: String { "foreign" }
    func forward(_ x: Tensor) throws(TensorError) -> Tensor { try Clone().forward(x) }
  }

  @Test func operationsWithoutADerivativeSaySo() {
    let x = leaf([1, 2])
    expectError(.autograd, "foreign: the derivative of Foreign is not implemented") { _ = apply(Foreign(), x) }
    expectEqual(noGrad { apply(Foreign(), x) }, [1, 2])
  }

  @Test func errorsInsideBackwardReachTheScope() {
    let x = leaf([1, 2])
    let y = x * 2
    y.registerHook { $0 + Tensor([1.0, 2, 3]) }
    expectError(.shape, "do not broadcast") { y.sum().backward() }
    expectError(.autograd, "a hook returned a gradient of shape [1] for one of shape [2]") {
      let z = x * 2
      z.registerHook { _ in Tensor([1.0]) }
      z.sum().backward()
    }
  }

  @Test func errorsEndTheProgramOutsideAScope() async {
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Tensor([1.0, 2]).requiresGrad()
      (x * 2).backward()
    }
  }
}

/// Parts of a tensor add their gradients to what has arrived for the whole.
@Suite(.everyDevice) struct PartTests {
  @Test func partsOfOneResult() {
    let x = Tensor((0..<12).map { Double($0) }, dtype: .float64).reshape(3, 4).requiresGrad()
    let y = x * 2
    let total =
      (y[0] * 3).sum() + (y[1] * y[2]).sum() + y[0..., 1...2].square().sum() + y.diagonal(dim1: 0, dim2: 1).sum()
      + y.sum()
    total.backward()
    // By row and column: 2 (1 + the parts' derivatives at y = 2x).
    let values = (0..<12).map { 2 * Double($0) }
    let expected = (0..<12).map { i -> Double in
      let (row, column) = (i / 4, i % 4)
      var sum = 1.0
      if row == 0 { sum += 3 }
      if row == 1 { sum += values[8 + column] }
      if row == 2 { sum += values[4 + column] }
      if column == 1 || column == 2 { sum += 2 * values[i] }
      if row == column { sum += 1 }
      return 2 * sum
    }
    expectEqual(x.grad!, expected)
  }

  @Test func keptGraphsGiveTheSameAgain() {
    let x = Tensor.ones(2, 3, requiresGrad: true)
    let y = x * x
    let loss = y[0].sum() + y[1].sum()
    loss.backward(retainGraph: true)
    loss.backward()
    expectEqual(x.grad!, [4, 4, 4, 4, 4, 4])
    expectError(.autograd, "backward") { loss.backward() }
  }
}
