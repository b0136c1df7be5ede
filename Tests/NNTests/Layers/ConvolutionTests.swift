import NN
import TestSupport
import Testing

/// Convolution against plain loops.
@Suite(.ownGenerator)
struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let x: [Int], weight: [Int]
    var stride: HeightWidth = 1, padding: HeightWidth = 0, dilation: HeightWidth = 1
    var groups = 1
    var testDescription: String { "\(x) \(weight) \(stride) \(padding) \(dilation) \(groups)" }

    func run(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
      conv2d(x, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }

    /// The result's shape, and its values for a bias of zero; calls `term` with the places of each product's factors.
    func loop(_ term: (_ out: Int, _ x: Int, _ weight: Int) -> Void) -> [Int] {
      let size = { (i: Int, s: Int, p: Int, d: Int) in (x[i] + 2 * p - d * (weight[i] - 1) - 1) / s + 1 }
      let shape = [
        x[0], weight[0], size(2, stride.height, padding.height, dilation.height),
        size(3, stride.width, padding.width, dilation.width),
      ]
      let filter = (0..<weight[2]).flatMap { a in (0..<weight[3]).map { (a, $0) } }
      for out in 0..<shape.reduce(1, *) {
        let (c, r) = (out % shape[3], out / shape[3] % shape[2])
        let (o, n) = (out / (shape[2] * shape[3]) % shape[1], out / (shape[1] * shape[2] * shape[3]))
        for i in 0..<weight[1] {
          let channel = n * x[1] + o / (shape[1] / groups) * weight[1] + i
          for (tap, (a, b)) in filter.enumerated() {
            let row = r * stride.height - padding.height + a * dilation.height
            let column = c * stride.width - padding.width + b * dilation.width
            if row < 0 || row >= x[2] || column < 0 || column >= x[3] { continue }
            term(out, (channel * x[2] + row) * x[3] + column, (o * weight[1] + i) * filter.count + tap)
          }
        }
      }
      return shape
    }
  }

  static let cases: [Case] = [
    Case(x: [2, 3, 5, 6], weight: [4, 3, 3, 2]), Case(x: [2, 3, 5, 6], weight: [4, 3, 1, 1]),
    Case(x: [1, 2, 7, 7], weight: [3, 2, 3, 3], stride: 2, padding: 1),
    Case(x: [2, 4, 5, 4], weight: [6, 2, 3, 3], padding: 1, groups: 2),
    Case(x: [2, 3, 4, 4], weight: [3, 1, 3, 3], padding: HeightWidth(2, 1), groups: 3),
    Case(
      x: [1, 2, 9, 8], weight: [2, 2, 3, 2], stride: HeightWidth(1, 3), padding: HeightWidth(0, 4),
      dilation: HeightWidth(2, 3)),
    Case(x: [1, 1, 1, 1], weight: [1, 1, 3, 3], padding: 1), Case(x: [1, 1, 2, 3], weight: [1, 1, 2, 3], padding: 4),
    Case(x: [9, 2, 9, 7], weight: [3, 2, 3, 3], padding: 1), Case(x: [2, 4, 6, 6], weight: [3, 4, 1, 1], stride: 2),
    Case(x: [1, 300, 9, 9], weight: [1, 300, 3, 3], padding: 1), Case(x: [3, 9, 5, 6], weight: [8, 9, 1, 1]),
    // Wide enough for a GPU's library.
    Case(x: [3, 8, 6, 5], weight: [16, 8, 3, 3], padding: 1),
    Case(x: [2, 16, 7, 6], weight: [24, 8, 3, 2], stride: 2, padding: 1, groups: 2),
    Case(x: [1, 8, 9, 9], weight: [8, 8, 3, 3], stride: HeightWidth(1, 2), padding: 2, dilation: 2),
    Case(x: [0, 3, 5, 6], weight: [4, 3, 3, 2]),
  ]

  static func operand(_ shape: [Int], _ dtype: DType = .float64, seed: Int = 0) -> Tensor {
    let count = shape.reduce(1, *)
    return .make((0..<count).map { Double(($0 * 37 + seed * 11) % 29) / 14 - 1 }, shape, dtype: dtype)
  }

  @Test(arguments: cases, [DType.float16, .bfloat16, .float32, .float64])
  func valuesAndGradients(test: Case, dtype: DType) {
    let (x, weight) = (Self.operand(test.x, dtype), Self.operand(test.weight, dtype, seed: 1))
    let bias = Self.operand([test.weight[0]], dtype, seed: 2)
    let (a, w) = (x.doubles, weight.doubles)
    let depth = Double(test.weight.dropFirst().reduce(1, *)).squareRoot()
    let rtol = dtype == .float64 ? 1e-13 : dtype == .float32 ? 2e-6 : dtype == .float16 ? 2e-3 : 1.6e-2
    for leaf in [x, weight, bias] { leaf.requiresGrad() }
    let y = test.run(x, weight, bias)
    #expect(y.dtype == dtype)
    var sums = [Double](repeating: 0, count: y.count)
    let shape = test.loop { sums[$0] += a[$1] * w[$2] }
    #expect(y.shape == shape)
    let places = shape[2] * shape[3]
    let shifts = bias.doubles
    for i in sums.indices { sums[i] += shifts[i / places % shape[1]] }
    expectClose(y, sums, rtol: rtol, atol: rtol * depth, "values")

    let slopes = Self.operand(shape, dtype, seed: 3)
    y.backward(gradient: slopes)
    let g = slopes.doubles
    var (ofX, ofWeight) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: weight.count))
    _ = test.loop {
      ofX[$1] += g[$0] * w[$2]
      ofWeight[$2] += g[$0] * a[$1]
    }
    let terms = Double(shape[0] * places).squareRoot()
    expectClose(x.grad!, ofX, rtol: rtol, atol: rtol * depth * 2, "x")
    expectClose(weight.grad!, ofWeight, rtol: rtol, atol: rtol * terms * 2, "weight")
    expectClose(
      bias.grad!, slopes.to(.float64).sum(dims: [0, 2, 3]).doubles, rtol: rtol, atol: rtol * terms * 2, "bias")
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    let test = Case(x: [2, 3, 5, 6], weight: [4, 3, 3, 2])
    let (x, weight) = (layout.make(Self.operand(test.x)), layout.make(Self.operand(test.weight, seed: 1)))
    let expected = test.run(x.contiguous(), weight.contiguous())
    expectEqual(test.run(x, weight), expected.doubles, shape: [2, 4, 3, 5])
    expectEqual(test.run(x[1], weight), expected[1].doubles, shape: [4, 3, 5])
  }

  @Test func results() {
    expectEqual(conv2d(Tensor.ones(1, 1, 3, 3), Tensor.ones(1, 1, 2, 2), Tensor([0.5])), [4.5, 4.5, 4.5, 4.5])
    #expect(conv2d(Tensor.ones(2, 0, 3), Tensor.ones(0, 2, 1, 1), padding: 1).shape == [0, 2, 5])
    let x = Self.operand([1, 1, 4, 4], .float32)
    autocast(.cpu, dtype: .bfloat16) { #expect(conv2d(x, x).dtype == .bfloat16) }
  }

  @Test func whatDoesNotFit() {
    let (x, weight) = (Self.operand([1, 2, 8, 8]), Self.operand([4, 3, 3, 3]))
    let fitting = Self.operand([4, 2, 3, 3])
    expectError(.shape, "conv2d", "[4, 3, 3, 3]", "takes 3 channels", "[1, 2, 8, 8] has 2") { conv2d(x, weight) }
    expectError(.shape, "conv2d", "[4, 2, 3, 3]", "[2, 2, 2]", "(0, 0)") { conv2d(Self.operand([2, 2, 2]), fitting) }
    expectError(.shape, "conv2d", "[N, C, H, W]", "[2, 8]") { conv2d(Self.operand([2, 8]), fitting) }
    expectError(.shape, "conv2d", "bias", "[4]", "[2]") { conv2d(x, fitting, Self.operand([2])) }
    expectError(.value, "conv2d", "stride", "(0, 1)") { conv2d(x, fitting, stride: HeightWidth(0, 1)) }
    expectError(.value, "conv2d", "padding", "(-1, -1)") { conv2d(x, fitting, padding: HeightWidth(-1)) }
    expectError(.value, "conv2d", "groups 3") { conv2d(x, fitting, groups: 3) }
    expectError(.dtype, "conv2d", ".float64", ".float32") { conv2d(x, fitting.float()) }
    expectError(.dtype, "conv2d", ".int64") { conv2d(x.to(.int64), fitting.to(.int64)) }
    expectError(.value, "Conv2d", "3", "groups 2") { _ = Conv2d(3, 4, kernelSize: 3, groups: 2) }
  }

  @Test func layerIsDrawnAsPyTorchDraws() {
    manualSeed(5)
    let layer = Conv2d(4, 6, kernelSize: HeightWidth(3, 2), stride: 2, padding: 1, groups: 2)
    manualSeed(5)
    let weight = Init.kaimingUniform(Tensor.empty([6, 2, 3, 2]), a: 5.0.squareRoot())
    let bias = Init.uniform(Tensor.empty([6]), from: -1 / 12.0.squareRoot(), to: 1 / 12.0.squareRoot())
    #expect(layer.weight.doubles == weight.doubles && layer.bias!.doubles == bias.doubles)
    #expect(layer.stateDict().keys == ["weight", "bias"])
    #expect("\(layer)" == "Conv2d(4, 6, kernelSize: (3, 2), stride: (2, 2), padding: (1, 1), groups: 2)")
    #expect(layer(Tensor.ones(2, 4, 5, 5)).shape == [2, 6, 3, 3])
    #expect(Conv2d(1, 1, kernelSize: 1, bias: false).stateDict().keys == ["weight"])
  }
}
