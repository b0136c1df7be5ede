import Autograd
import TestSupport
import Testing

private struct Cube: DifferentiableFunction {
  func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor {
    context.save(inputs[0])
    return inputs[0] * inputs[0] * inputs[0]
  }
  func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] {
    [gradient * 3 * context.saved[0] * context.saved[0]]
  }
}

/// e^x a, saving its result and a value computed on the way.
private struct ScaledExp: DifferentiableFunction {
  func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor {
    let power = inputs[0].exp()
    let result = power * inputs[1]
    context.save(result, power)
    return result
  }
  func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] {
    [
      context.needsInputGradient[0] ? gradient * context.saved[0] : nil,
      context.needsInputGradient[1] ? gradient * context.saved[1] : nil,
    ]
  }
}

private struct Returning: DifferentiableFunction {
  let gradients: [Tensor?]
  func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor { inputs[0] }
  func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] { gradients }
}

@Suite(.everyDevice) struct CustomFunctionTests {
  private func leaf(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float64).requiresGrad() }

  @Test func derivatives() throws {
    let x = leaf([1, 2])
    let y = Cube()(x)
    #expect(y.gradFunctionName == "CubeBackward")
    y.sum().backward()
    expectEqual(x.grad!, [3, 12])
    #expect(!Cube()(x.detach()).requiresGrad)
    #expect(!noGrad { Cube()(x) }.requiresGrad)
    try gradcheck([leaf([1, 2])]) { Cube()($0[0]) }
    try gradgradcheck([leaf([1, 2])]) { Cube()($0[0]) }
    try gradcheck([leaf([1, 2]), leaf([3])]) { ScaledExp()($0[0], $0[1]) }
  }

  @Test func savedValues() {
    let (x, a) = (leaf([1, 2]), Tensor([3.0, 4], dtype: .float64))
    weak var output: Tensor?
    do {
      let y = ScaledExp()(x, a)
      output = y
      y.sum().backward()
      expectError(.autograd, "second time") { y.sum().backward() }
    }
    #expect(output == nil)
    let y = ScaledExp()(x, a)
    y += 1
    expectError(.autograd, "which is output 0 of ScaledExp, is at version 1; expected version 0") { y.sum().backward() }
  }

  @Test func checks() {
    let x = leaf([1, 2])
    expectError(.autograd, "incorrect number of gradients (expected 1, got 2)") {
      Returning(gradients: [nil, nil])(x).sum().backward()
    }
    expectError(.autograd, "Returning returned an invalid gradient at index 0", "[3]", "[2]") {
      Returning(gradients: [Tensor([1.0, 2, 3])])(x).sum().backward()
    }
    expectError(.autograd, "invalid gradient at index 0") {
      Returning(gradients: [Tensor([1.0])])(x).sum().backward()
    }
    // A gradient that can be summed to the shape is, and an input that comes back as the result is another tensor.
    let y = Returning(gradients: [Tensor([[1.0, 2], [3, 4]])])(x)
    #expect(y !== x && !y.isLeaf)
    y.sum().backward()
    expectEqual(x.grad!, [4, 6], dtype: .float64)
  }
}

@Suite(.everyDevice) struct GradcheckTests {
  private struct WrongCube: DifferentiableFunction {
    func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor {
      context.save(inputs[0])
      return inputs[0] * inputs[0] * inputs[0]
    }
    func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] {
      [gradient * 3.01 * context.saved[0] * context.saved[0]]
    }
  }

  @Test func findsWrongDerivatives() {
    let x = Tensor([1.0, 2], dtype: .float64, requiresGrad: true)
    expectError(.autograd, "the derivative of element 0 of result 0 by element 0 of input 0 is 3.01") {
      try gradcheck([x]) { WrongCube()($0[0]) }
    }
    // The second derivative of Detached does not exist for backward.
    expectError(.autograd, "gradgradcheck: the derivative of element 0") {
      try gradgradcheck([x]) { x in `where`(x[0] .> 0, x[0].detach() * x[0], x[0]) }
    }
  }

  @Test func arguments() {
    expectError(.value, "must be float64") { try gradcheck([Tensor([1.0]).requiresGrad()]) { $0[0] * 2 } }
    expectError(.autograd, "no input requires grad") { try gradcheck([Tensor([1.0], dtype: .float64)]) { $0[0] * 2 } }
  }

  @Test func stridedInputs() throws {
    let x = Tensor([[1.0, 2, 3], [4, 5, 6]], dtype: .float64).t().requiresGrad()
    try gradcheck([x]) { ($0[0] * $0[0].sum(dim: 0)).exp() * 1e-3 }
  }
}
