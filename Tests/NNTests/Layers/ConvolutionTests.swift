import NN
import TestSupport
import Testing

/// Convolution against plain loops.
@Suite(.everyDevice, .eachConvolutionLibrary, .serialized)
struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let x: [Int], weight: [Int]
    var stride: Extents = 1, padding: Extents = 0, dilation: Extents = 1
    var groups = 1
    var testDescription: String { "\(x) \(weight) \(stride) \(padding) \(dilation) \(groups)" }
    var rank: Int { x.count - 2 }
    /// Whether the images are matrices that a library multiplies as they stand.
    var isProduct: Bool {
      let isPointwise = weight[2...].allSatisfy { $0 == 1 } && numbers(stride).allSatisfy { $0 == 1 }
      let isWide = x[2...].reduce(1, *) >= 64 && weight[0] >= 8 && weight[1] >= 8
      return isPointwise && isWide && numbers(padding).allSatisfy { $0 == 0 }
    }

    func run(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
      let function = rank == 1 ? conv1d : rank == 2 ? conv2d : conv3d
      return function(x, weight, bias, stride, .zeros(padding), dilation, groups)
    }

    /// The result's shape, and its values for a bias of zero; calls `term` with the places of each product's factors.
    func loop(_ term: (_ out: Int, _ x: Int, _ weight: Int) -> Void) -> [Int] {
      let (strides, paddings, dilations) = (numbers(stride), numbers(padding), numbers(dilation))
      let places: [Int] = (0..<rank).map { d -> Int in
        let reach: Int = dilations[d] * (weight[2 + d] - 1) + 1
        return (x[2 + d] + 2 * paddings[d] - reach) / strides[d] + 1
      }
      let (size, filter) = (Array(x[2...]), Array(weight[2...]))
      let (pixels, taps, all) = (size.reduce(1, *), filter.reduce(1, *), places.reduce(1, *))
      for out in 0..<x[0] * weight[0] * all {
        let at = position(out % all, in: places)
        let (o, n) = (out / all % weight[0], out / all / weight[0])
        for i in 0..<weight[1] {
          let channel = n * x[1] + o / (weight[0] / groups) * weight[1] + i
          for tap in 0..<taps {
            let element = position(tap, in: filter)
            let from: [Int] = (0..<rank).map { d -> Int in
              at[d] * strides[d] - paddings[d] + element[d] * dilations[d]
            }
            if zip(from, size).contains(where: { $0 < 0 || $0 >= $1 }) { continue }
            let pixel: Int = zip(from, size).reduce(0) { sum, next -> Int in sum * next.1 + next.0 }
            term(out, channel * pixels + pixel, (o * weight[1] + i) * taps + tap)
          }
        }
      }
      return [x[0], weight[0]] + places
    }

    private func numbers(_ extents: Extents) -> [Int] {
      (0..<rank).map { d -> Int in extents.numbers[extents.numbers.count == 1 ? 0 : d] }
    }

    private func position(_ number: Int, in shape: [Int]) -> [Int] {
      var (rest, at) = (number, shape)
      for d in shape.indices.reversed() { (rest, at[d]) = rest.quotientAndRemainder(dividingBy: shape[d]) }
      return at
    }
  }

  static let cases: [Case] = [
    Case(x: [2, 3, 5, 6], weight: [4, 3, 3, 2]), Case(x: [2, 3, 5, 6], weight: [4, 3, 1, 1]),
    Case(x: [1, 2, 7, 7], weight: [3, 2, 3, 3], stride: 2, padding: 1),
    Case(x: [2, 4, 5, 4], weight: [6, 2, 3, 3], padding: 1, groups: 2),
    Case(x: [2, 3, 4, 4], weight: [3, 1, 3, 3], padding: [2, 1], groups: 3),
    Case(
      x: [1, 2, 9, 8], weight: [2, 2, 3, 2], stride: [1, 3], padding: [0, 4],
      dilation: [2, 3]),
    Case(x: [1, 1, 1, 1], weight: [1, 1, 3, 3], padding: 1), Case(x: [1, 1, 2, 3], weight: [1, 1, 2, 3], padding: 4),
    Case(x: [9, 2, 9, 7], weight: [3, 2, 3, 3], padding: 1), Case(x: [2, 4, 6, 6], weight: [3, 4, 1, 1], stride: 2),
    Case(x: [3, 9, 8, 8], weight: [8, 9, 1, 1]), Case(x: [3, 9, 5, 6], weight: [8, 9, 1, 1]),
    // Wide enough for a GPU's library.
    Case(x: [3, 8, 6, 5], weight: [16, 8, 3, 3], padding: 1),
    Case(x: [2, 16, 7, 6], weight: [24, 8, 3, 2], stride: 2, padding: 1, groups: 2),
    Case(x: [1, 8, 9, 9], weight: [8, 8, 3, 3], stride: [1, 2], padding: 2, dilation: 2),
    Case(x: [1, 300, 9, 9], weight: [1, 300, 3, 3], padding: 1), Case(x: [0, 3, 5, 6], weight: [4, 3, 3, 2]),
    Case(x: [2, 3, 19], weight: [4, 3, 4], stride: 2, padding: 3, dilation: 2),
    Case(x: [1, 2, 40], weight: [2, 1, 5], groups: 2),
    Case(x: [2, 2, 20], weight: [3, 2, 2], stride: 4, dilation: 6), Case(x: [3, 17, 64], weight: [15, 17, 1]),
    // Rows longer than a vector; places that meet few of the kernel's rows; vectors between two slices.
    Case(x: [2, 2, 6, 37], weight: [3, 2, 3, 3], padding: 1),
    Case(x: [1, 2, 6, 17], weight: [2, 2, 5, 4], padding: 4),
    Case(x: [1, 2, 5, 8, 10], weight: [2, 2, 2, 3, 1], padding: [0, 1, 0]),
    Case(x: [1, 2, 4, 5, 6], weight: [3, 2, 3, 2, 3], padding: 1),
    Case(
      x: [2, 4, 7, 5, 6], weight: [4, 2, 2, 2, 3], stride: [2, 1, 3], padding: [1, 0, 2], dilation: [1, 2, 1],
      groups: 2),
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
    let places = shape[2...].reduce(1, *)
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
      bias.grad!, slopes.to(.float64).sum(dims: [0] + Array(2..<shape.count)).doubles, rtol: rtol,
      atol: rtol * terms * 2, "bias")
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    let test = Case(x: [2, 3, 5, 6], weight: [4, 3, 3, 2])
    let (x, weight) = (layout.make(Self.operand(test.x)), layout.make(Self.operand(test.weight, seed: 1)))
    let expected = test.run(x.contiguous(), weight.contiguous())
    // A GPU's library may add up in another order.
    expectClose(test.run(x, weight), expected.doubles, rtol: 1e-13, atol: 1e-13)
    let one = test.run(x[1], weight)
    expectClose(one, expected[1].doubles, rtol: 1e-13, atol: 1e-13)
    #expect(expected.shape == [2, 4, 3, 5] && one.shape == [4, 3, 5])
  }

  @Test func results() {
    expectEqual(conv2d(Tensor.ones(1, 1, 3, 3), Tensor.ones(1, 1, 2, 2), Tensor([0.5])), [4.5, 4.5, 4.5, 4.5])
    #expect(conv2d(Tensor.ones(2, 0, 3), Tensor.ones(0, 2, 1, 1), padding: 1).shape == [0, 2, 5])
    let x = Self.operand([1, 1, 4, 4], .float32)
    autocast(x.device, dtype: .bfloat16) { #expect(conv2d(x, x).dtype == .bfloat16) }
  }

  @Test func whatDoesNotFit() {
    let (x, weight) = (Self.operand([1, 2, 8, 8]), Self.operand([4, 3, 3, 3]))
    let fitting = Self.operand([4, 2, 3, 3])
    expectError(.shape, "conv2d", "[4, 3, 3, 3]", "takes 3 channels", "[1, 2, 8, 8] has 2") { conv2d(x, weight) }
    expectError(.shape, "conv2d", "[4, 2, 3, 3]", "[2, 2, 2]", "[0, 0]") { conv2d(Self.operand([2, 2, 2]), fitting) }
    expectError(.shape, "conv2d", "rank 4", "[2, 8]") { conv2d(Self.operand([2, 8]), fitting) }
    expectError(.shape, "conv2d", "bias", "[4]", "[2]") { conv2d(x, fitting, Self.operand([2])) }
    expectError(.value, "conv2d", "stride", "[0, 1]") { conv2d(x, fitting, stride: [0, 1]) }
    expectError(.value, "conv2d", "padding", "-1") { conv2d(x, fitting, padding: -1) }
    expectError(.value, "conv2d", "groups 3") { conv2d(x, fitting, groups: 3) }
    expectError(.dtype, "conv2d", ".float64", ".float32") { conv2d(x, fitting.float()) }
    expectError(.dtype, "conv2d", ".bool") { conv2d(x.to(.bool), fitting.to(.bool)) }
    expectError(.value, "Conv2d", "3", "groups 2") { _ = Conv2d(3, 4, kernelSize: 3, groups: 2) }
  }

  @Test(arguments: [DType.uint8, .int8, .int16, .int32, .int64])
  func integersWrapAround(dtype: DType) {
    let x = Tensor([[[1, 2, 100, 3, 4]]], dtype: dtype)
    expectEqual(
      conv1d(x, Tensor([[[1, 3]]], dtype: dtype)), Tensor([7, 302, 109, 15], dtype: .int64).to(dtype).doubles)
    #expect(conv1d(x, Tensor([[[1, 3]]], dtype: dtype), padding: .same).dtype == dtype)
  }

  @Test func paddingIsSame() {
    let x = Self.operand([2, 3, 7, 8])
    let weight = Self.operand([4, 3, 2, 3], seed: 1)
    let padded = cat([x, Tensor.zeros([2, 3, 1, 8], dtype: .float64)], dim: 2)
    let same = conv2d(x, weight, padding: .same)
    expectClose(same, conv2d(padded, weight, padding: [0, 1]).doubles, rtol: 1e-13, atol: 1e-13)
    #expect(same.shape == [2, 4, 7, 8])
    #expect(conv2d(x, weight, padding: .same, dilation: [3, 2]).shape == [2, 4, 7, 8])
    #expect(conv2d(x, weight, padding: .valid).shape == [2, 4, 6, 6])
    expectError(.value, "conv2d", ".same", "[2, 2]") { conv2d(x, weight, stride: 2, padding: .same) }
  }

  /// A transposed convolution is what gives a convolution's input its gradient.
  @Test(arguments: cases, [DType.bfloat16, .float32, .float64])
  func transposes(test: Case, dtype: DType) {
    let weight = Self.operand(test.weight, dtype, seed: 1)
    let shape = test.loop { _, _, _ in }
    let slopes = Self.operand(shape, dtype, seed: 3)
    let bias = Self.operand([test.x[1]], dtype, seed: 2)
    let (g, w, shifts) = (slopes.doubles, weight.doubles, bias.doubles)
    var expected = [Double](repeating: 0, count: test.x.reduce(1, *))
    _ = test.loop { expected[$1] += g[$0] * w[$2] }
    let pixels = test.x[2...].reduce(1, *)
    for i in expected.indices { expected[i] += shifts[i / pixels % test.x[1]] }
    let function = test.rank == 1 ? convTranspose1d : test.rank == 2 ? convTranspose2d : convTranspose3d
    // What the stride leaves over at the end.
    let extra = (0..<test.rank).map { d in
      let number = { (e: Extents) in e.numbers[e.numbers.count == 1 ? 0 : d] }
      let least = (shape[2 + d] - 1) * number(test.stride) - 2 * number(test.padding)
      return test.x[2 + d] - least - number(test.dilation) * (test.weight[2 + d] - 1) - 1
    }
    let y = function(slopes, weight, bias, test.stride, test.padding, Extents(extra), test.groups, test.dilation)
    #expect(y.shape == test.x && y.dtype == dtype)
    let rtol = dtype == .float64 ? 1e-13 : dtype == .float32 ? 2e-6 : 1.6e-2
    let depth = Double(test.weight[0] / test.groups * test.weight[2...].reduce(1, *)).squareRoot()
    expectClose(y, expected, rtol: rtol, atol: rtol * depth * 2)
  }

  @Test("the first convolution of a process may be one that a graph records", .enabled(if: CUDA.isAvailable))
  func recordedFirst() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.ones(2, 8, 6, 6, device: .cuda)
      let weight = Tensor.ones(16, 8, 3, 3, device: .cuda)
      let (graph, y) = CUDA.graph(warmups: 0) { conv2d(x, weight) }
      x.fill(2)
      try #require(graph).replay()
      expectClose(y, [Double](repeating: 144, count: 2 * 16 * 4 * 4), rtol: 2e-6)
    }
  }

  @Test func layerIsDrawnAsPyTorchDraws() {
    manualSeed(5)
    let layer = Conv2d(4, 6, kernelSize: [3, 2], stride: 2, padding: 1, groups: 2)
    manualSeed(5)
    let weight = Init.kaimingUniform(Tensor.empty([6, 2, 3, 2]), a: 5.0.squareRoot())
    let bias = Init.uniform(Tensor.empty([6]), from: -1 / 12.0.squareRoot(), to: 1 / 12.0.squareRoot())
    #expect(layer.weight.doubles == weight.doubles && layer.bias!.doubles == bias.doubles)
    #expect(layer.stateDict().keys == ["weight", "bias"])
    #expect("\(layer)" == "Conv2d(4, 6, kernelSize: [3, 2], stride: [2, 2], padding: [1, 1], groups: 2)")
    #expect(layer(Tensor.ones(2, 4, 5, 5)).shape == [2, 6, 3, 3])
    #expect(Conv2d(1, 1, kernelSize: 1, bias: false).stateDict().keys == ["weight"])
    #expect(Conv1d(2, 3, kernelSize: 3, padding: .same)(Tensor.ones(2, 2, 9)).shape == [2, 3, 9])
    #expect(Conv3d(2, 4, kernelSize: [1, 2, 3])(Tensor.ones(2, 3, 4, 5)).shape == [4, 3, 3, 3])
    let transposed = ConvTranspose2d(4, 6, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2)
    #expect(transposed.weight.shape == [4, 3, 3, 3] && transposed.bias!.shape == [6])
    #expect(transposed(Tensor.ones(1, 4, 5, 6)).shape == [1, 6, 10, 12])
    #expect(ConvTranspose1d(2, 3, kernelSize: 4)(Tensor.ones(2, 2, 9)).shape == [2, 3, 12])
    #expect(ConvTranspose3d(2, 3, kernelSize: 2, stride: 2)(Tensor.ones(2, 2, 3, 4)).shape == [3, 4, 6, 8])
  }
}
