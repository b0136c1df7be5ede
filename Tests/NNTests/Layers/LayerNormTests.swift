import NN
import TestSupport
import Testing

struct LayerNormLayerTests {
  @Test func parameters() {
    let layer = NN.LayerNorm([2, 3])
    #expect(layer.stateDict().keys == ["weight", "bias"])
    #expect(layer.parameters().count == 2)
    expectEqual(layer.weight!, [1, 1, 1, 1, 1, 1], shape: [2, 3])
    expectEqual(layer.bias!, [0, 0, 0, 0, 0, 0], shape: [2, 3])
    #expect("\(layer)" == "LayerNorm([2, 3], eps: 1e-05, elementwiseAffine: true, bias: true)")
    #expect(NN.LayerNorm(3, bias: false).stateDict().keys == ["weight"])
    #expect(NN.LayerNorm(3, elementwiseAffine: false).stateDict().keys == [])
  }

  @Test(arguments: [DType.float32, .bfloat16, .float16])
  func gradientsMatchThoseOfTheFormula(dtype: DType) {
    let layer = NN.LayerNorm(6, dtype: dtype)
    let values = (0..<24).map { Double(($0 * 7) % 11) / 3 }
    let x = Tensor(values, dtype: dtype).reshape(2, 2, 6).requiresGrad()
    let exact = Tensor(x.doubles, dtype: .float64).reshape(2, 2, 6).requiresGrad()
    let slopes = Tensor((0..<24).map { Double(($0 * 5) % 7) - 3 }, dtype: .float64).reshape(2, 2, 6)
    (layer(x) * slopes.to(dtype)).sum().backward()
    let weight = Tensor.ones([6], dtype: .float64, requiresGrad: true)
    let centred = exact - exact.mean(dims: [-1], keepDim: true)
    let h = centred / (centred.square().mean(dims: [-1], keepDim: true) + 1e-5).sqrt()
    (h * weight * slopes).sum().backward()
    let atol = dtype == .float32 ? 1e-5 : dtype == .float16 ? 1e-2 : 1e-1
    #expect(x.grad!.dtype == dtype && layer.weight!.grad!.dtype == dtype)
    expectClose(x.grad!, exact.grad!.doubles, rtol: atol, atol: atol)
    expectClose(layer.weight!.grad!, weight.grad!.doubles, rtol: atol, atol: atol)
    expectClose(layer.bias!.grad!, slopes.sum(dims: [0, 1]).doubles, rtol: atol, atol: atol)
  }

  /// On the CPU autocast leaves it alone: float32 parameters beside the lower dtype of a product.
  @Test func underAutocast() {
    let (linear, norm) = (Linear(4, 4), NN.LayerNorm(4))
    let x = Tensor.ones(2, 4)
    autocast(.cpu, dtype: .bfloat16) {
      let y = norm(linear(x))
      #expect(y.dtype == .bfloat16)
      y.sum().backward()
      #expect(norm(x).dtype == .float32)
    }
    #expect(norm.weight!.grad!.dtype == .float32)
  }
}
