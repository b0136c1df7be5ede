import Autograd
import TestSupport
import Testing

/// What a printed tensor says of its gradients.
struct PrintingTests {
  @Test func leavesSayThatTheyRequireGrad() {
    #expect("\(Tensor.ones(2, requiresGrad: true))" == "tensor([1., 1.], requiresGrad: true)")
    #expect(
      "\(Tensor([[1.0, 2], [3, 4]], requiresGrad: true))" == "tensor([[1., 2.],\n        [3., 4.]], requiresGrad: true)"
    )
    #expect("\(Tensor.zeros(0, 3, requiresGrad: true))" == "tensor([], size: [0, 3], requiresGrad: true)")
    #expect(
      "\(Tensor.ones(2, dtype: .float64, requiresGrad: true))"
        == "tensor([1., 1.], dtype: .float64, requiresGrad: true)")
  }

  @Test func resultsNameTheirOperation() {
    let x = Tensor.ones(2, requiresGrad: true)
    #expect("\(x * 2)" == "tensor([2., 2.], gradFunction: <MultiplyBackward>)")
    #expect("\(x.exp())" == "tensor([2.7183, 2.7183], gradFunction: <ExpBackward>)")
    #expect("\(x.sum())" == "tensor(2., gradFunction: <SumBackward>)")
    #expect("\(x.to(.float16))" == "tensor([1., 1.], dtype: .float16, gradFunction: <ToCopyBackward>)")
    #expect("\(noGrad { x * 2 })" == "tensor([2., 2.])")
    #expect("\(x.detach())" == "tensor([1., 1.])")
  }

  @Test func suffixesBreakTheLineOneByOne() {
    let text = Tensor.ones(9, dtype: .float64, requiresGrad: true).formatted(PrintOptions(lineWidth: 70))
    #expect(
      text == "tensor([1., 1., 1., 1., 1., 1., 1., 1., 1.], dtype: .float64,\n       requiresGrad: true)")
  }

  @Test func creationTakesRequiresGrad() {
    let made = [
      Tensor(1.5, requiresGrad: true), .zeros(2, requiresGrad: true), .full([2], 1.5, requiresGrad: true),
      .arange(2.0, requiresGrad: true), .eye(2, requiresGrad: true), .linspace(0, 1, steps: 2, requiresGrad: true),
      .rand(2, requiresGrad: true, generator: Generator()), .onesLike(Tensor([1.0]), requiresGrad: true),
      Tensor(bytes: [0, 0, 128, 63], shape: [1], dtype: .float32, requiresGrad: true),
    ]
    for x in made { #expect(x.requiresGrad && x.isLeaf) }
    expectError(.dtype, "randint", "int64") {
      _ = Tensor.randint(3, [2], requiresGrad: true, generator: Generator())
    }
  }
}
