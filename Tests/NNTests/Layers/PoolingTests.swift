import NN
import TestSupport
import Testing

/// Pooling against plain loops over windows.
@Suite(.everyDevice)
struct PoolingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let x: [Int], kernel: [Int]
    var stride: [Int]? = nil, padding: [Int]? = nil, dilation: [Int]? = nil
    var ceilMode = false
    var testDescription: String { "\(x) \(kernel) \(stride ?? []) \(padding ?? []) \(dilation ?? []) \(ceilMode)" }
    var rank: Int { kernel.count }

    /// For each place of the result, its window's elements along each dimension and their count with the margin.
    func windows() -> [[(inside: [Int], count: Int)]] {
      (0..<rank).map { d in
        let (size, k) = (x[2 + d], kernel[d])
        let (s, p, step) = (stride?[d] ?? k, padding?[d] ?? 0, dilation?[d] ?? 1)
        var places = (size + 2 * p - step * (k - 1) - 1 + (ceilMode ? s - 1 : 0)) / s + 1
        if ceilMode, (places - 1) * s >= size + p { places -= 1 }
        return (0..<places).map { place in
          let start = place * s - p
          let all = (0..<k).map { start + $0 * step }
          return (all.filter { $0 >= 0 && $0 < size }, min(start + k, size + p) - start)
        }
      }
    }
  }

  static let cases: [Case] = [
    Case(x: [2, 3, 8, 6], kernel: [2, 2]), Case(x: [1, 2, 9, 7], kernel: [3, 3], stride: [2, 2], padding: [1, 1]),
    Case(x: [2, 1, 7, 9], kernel: [3, 2], stride: [2, 3], padding: [1, 0], ceilMode: true),
    Case(x: [1, 2, 40, 37], kernel: [4, 5], stride: [1, 1], padding: [2, 2]),
    Case(x: [2, 3, 11], kernel: [3], stride: [2]),
    Case(x: [1, 1, 10], kernel: [4], stride: [3], padding: [2], ceilMode: true),
    Case(x: [1, 2, 5, 6, 7], kernel: [2, 3, 2], stride: [2, 1, 2], padding: [1, 1, 0]),
    Case(x: [0, 2, 4, 4], kernel: [2, 2]),
  ]

  private func operand(_ shape: [Int], _ dtype: DType) -> Tensor {
    let count = shape.reduce(1, *)
    let values: [Double] = (0..<count).map { place -> Double in Double((place * 37 + 5) % 101) - 50 }
    return .make(values, shape, dtype: dtype)
  }

  /// Every choice of one entry of each list, the last list's running fastest.
  private func product<Entry>(_ lists: [[Entry]]) -> [[Entry]] {
    var rows: [[Entry]] = [[]]
    for list in lists {
      rows = rows.flatMap { row -> [[Entry]] in list.map { entry -> [Entry] in row + [entry] } }
    }
    return rows
  }

  private func number(_ at: [Int], _ shape: [Int]) -> Int {
    zip(at, shape).reduce(0) { sum, next -> Int in sum * next.1 + next.0 }
  }

  @Test(arguments: cases, [DType.float16, .bfloat16, .float32, .float64, .int64, .uint8])
  func largestElements(test: Case, dtype: DType) {
    let x = operand(test.x, dtype == .uint8 ? .int64 : dtype).to(dtype)
    let values = x.doubles
    let space = Array(test.x[2...])
    let pixels = space.reduce(1, *)
    var (expected, indices): ([Double], [Double]) = ([], [])
    for plane in 0..<test.x[0] * test.x[1] {
      for windows in product(test.windows()) {
        let places = product(windows.map(\.inside)).map { number($0, space) }
        let best = places.max { values[plane * pixels + $0] < values[plane * pixels + $1] }!
        let most = values[plane * pixels + best]
        expected.append(most)
        indices.append(Double(places.first { values[plane * pixels + $0] == most }!))
      }
    }
    let function = test.rank == 1 ? maxPool1dWithIndices : test.rank == 2 ? maxPool2dWithIndices : maxPool3dWithIndices
    let plain = test.rank == 1 ? maxPool1d : test.rank == 2 ? maxPool2d : maxPool3d
    let (stride, padding) = (test.stride.map { Extents($0) }, test.padding.map { Extents($0) } ?? 0)
    let result = function(x, Extents(test.kernel), stride, padding, 1, test.ceilMode)
    let shape = Array(test.x[..<2]) + test.windows().map(\.count)
    expectEqual(result.values, expected, shape: shape, dtype: dtype)
    expectEqual(result.indices, indices, shape: shape, dtype: .int64)
    expectEqual(plain(x, Extents(test.kernel), stride, padding, 1, test.ceilMode), expected, shape: shape, dtype: dtype)
  }

  @Test func dilatedWindows() {
    let x = Tensor((0..<30).map { Double($0 * 7 % 30) }, dtype: .float64).reshape(1, 1, 30)
    let unfolded = (0..<26).map { place in (0..<3).map { Double((place + 2 * $0) * 7 % 30) }.max()! }
    expectEqual(maxPool1d(x, kernelSize: 3, stride: 1, dilation: 2), unfolded, shape: [1, 1, 26])
  }

  @Test(arguments: cases, [DType.bfloat16, .float32, .float64])
  func means(test: Case, dtype: DType) {
    for countIncludePad in [true, false] { checkMeans(test, dtype, countIncludePad) }
  }

  private func checkMeans(_ test: Case, _ dtype: DType, _ countIncludePad: Bool) {
    let x = operand(test.x, dtype)
    let values = x.doubles
    let space = Array(test.x[2...])
    let pixels = space.reduce(1, *)
    var expected: [Double] = []
    for plane in 0..<test.x[0] * test.x[1] {
      for windows in product(test.windows()) {
        let terms = product(windows.map(\.inside)).map { values[plane * pixels + number($0, space)] }
        let count = windows.map { countIncludePad ? $0.count : $0.inside.count }.reduce(1, *)
        expected.append(terms.reduce(0, +) / Double(count))
      }
    }
    let (stride, padding) = (test.stride.map { Extents($0) }, test.padding.map { Extents($0) } ?? 0)
    let kernel = Extents(test.kernel)
    let y =
      test.rank == 1
      ? avgPool1d(
        x, kernelSize: kernel, stride: stride, padding: padding, ceilMode: test.ceilMode,
        countIncludePad: countIncludePad)
      : (test.rank == 2 ? avgPool2d : avgPool3d)(x, kernel, stride, padding, test.ceilMode, countIncludePad, nil)
    let rtol = dtype == .float64 ? 1e-13 : dtype == .float32 ? 1e-6 : 1e-2
    expectClose(y, expected, rtol: rtol, atol: rtol * 50)
  }

  @Test func windowsThatCover() {
    let x = Tensor((0..<20).map { Double($0) }, dtype: .float64).reshape(1, 4, 5)
    // Rows 0-1, 1-2, 2-3; columns 0-2, 2-4.
    expectEqual(adaptiveAvgPool2d(x, outputSize: [3, 2]), [3.5, 5.5, 8.5, 10.5, 13.5, 15.5], shape: [1, 3, 2])
    let (values, indices) = adaptiveMaxPool2dWithIndices(x, outputSize: [3, 2])
    expectEqual(values, [7, 9, 12, 14, 17, 19], shape: [1, 3, 2])
    #expect(indices.doubles == values.doubles)
    #expect(adaptiveAvgPool2d(x, outputSize: [nil, 1]).shape == [1, 4, 1])
    #expect(adaptiveMaxPool1d(x, outputSize: 2).shape == [1, 4, 2])
    #expect(adaptiveAvgPool3d(x.unsqueeze(dim: 0), outputSize: 2).shape == [1, 2, 2, 2])
  }

  @Test func specialValues() {
    let x = Tensor([[[1.0, .nan, 3, 4, -.infinity, -.infinity]]], dtype: .float64)
    let (values, indices) = maxPool1dWithIndices(x, kernelSize: 2)
    expectEqual(values, [.nan, 4, -.infinity])
    expectEqual(indices, [1, 3, 4])
    expectEqual(maxPool1d(x, kernelSize: 2), [.nan, 4, -.infinity])
    expectEqual(avgPool2d(Tensor.ones(1, 2, 2), kernelSize: 2, divisorOverride: 8), [0.5])
    expectEqual(avgPool1d(Tensor([[[1, 2, -5, 2]]]), kernelSize: 2), [1, -1], dtype: .int64)
    expectClose(lpPool1d(Tensor([[[3.0, 4, 0, 0]]]), normType: 2, kernelSize: 2), [5, 0], rtol: 1e-6)
  }

  /// Figures of PyTorch 2.15.
  @Test func normsOfWindows() {
    let x = Tensor([[[-1.0, -2, 3, 4]]])
    let image = x.unsqueeze(dim: 0)
    let rows: [(Double, [Double])] = [
      (1, [-3, 7]), (2, [2.2360679775, 5]), (3, [.nan, 4.4979414]), (.infinity, [2, 4]), (-.infinity, [1, 3]),
    ]
    for (order, expected) in rows {
      expectClose(lpPool1d(x, normType: order, kernelSize: 2), expected, rtol: 1e-6)
      expectClose(lpPool2d(image, normType: order, kernelSize: [1, 2]), expected, rtol: 1e-6)
    }
    expectError(.value, "lpPool1d", "normType") { lpPool1d(x, normType: 0, kernelSize: 2) }
  }

  @Test func windowsThatStickOutOfTheInput() {
    let x = Tensor([[[[1.0, 2], [3, 4]]]])
    expectEqual(maxPool2d(x, kernelSize: 3, stride: 2, ceilMode: true), [4], shape: [1, 1, 1, 1])
    expectEqual(avgPool2d(x, kernelSize: 3, stride: 2, ceilMode: true), [2.5], shape: [1, 1, 1, 1])
    let (values, indices) = maxPool1dWithIndices(x[0, 0], kernelSize: 3, stride: 2, ceilMode: true)
    expectEqual(values, [2, 4])
    expectEqual(indices, [1, 1])
    expectError(.shape, "maxPool2d", "does not fit") { maxPool2d(x, kernelSize: 4, stride: 2, ceilMode: true) }
    expectError(.shape, "maxPool2d", "does not fit") { maxPool2d(x, kernelSize: 3, stride: 2) }
  }

  @Test func unpooling() {
    let x = operand([2, 3, 6, 8], .float64)
    let (values, indices) = maxPool2dWithIndices(x, kernelSize: 2)
    let back = maxUnpool2d(values, indices: indices, kernelSize: 2)
    #expect(back.shape == x.shape)
    expectClose(back.sum(dims: [2, 3]), values.sum(dims: [2, 3]).doubles, rtol: 1e-13)
    #expect(((back .== 0).logicalOr(back .== x)).all().item() == 1)
    #expect(maxUnpool2d(values, indices: indices, kernelSize: 2, outputSize: [7, 9]).shape == [2, 3, 7, 9])
    expectError(.shape, "maxUnpool2d", "[12, 9]") {
      maxUnpool2d(values, indices: indices, kernelSize: 2, outputSize: [12, 9])
    }
    expectError(.shape, "maxUnpool2d", ".int64") { maxUnpool2d(values, indices: values, kernelSize: 2) }
  }

  @Test(arguments: LayoutCase.allCases)
  func layouts(layout: LayoutCase) {
    let x = layout.make(operand([2, 3, 6, 8], .float64))
    expectEqual(maxPool2d(x, kernelSize: 2), maxPool2d(x.contiguous(), kernelSize: 2).doubles)
    expectEqual(avgPool2d(x, kernelSize: 2), avgPool2d(x.contiguous(), kernelSize: 2).doubles)
  }

  @Test func whatIsRefused() {
    let x = Tensor.ones(1, 2, 8, 8)
    expectError(.value, "maxPool2d", "kernelSize", "0") { maxPool2d(x, kernelSize: 0) }
    expectError(.value, "maxPool2d", "stride", "[1, 0]") { maxPool2d(x, kernelSize: 2, stride: [1, 0]) }
    expectError(.value, "avgPool2d", "padding 2", "half") { avgPool2d(x, kernelSize: 3, padding: 2) }
    expectError(.shape, "maxPool2d", "does not fit", "[1, 2, 8, 8]") { maxPool2d(x, kernelSize: 9) }
    expectError(.shape, "maxPool3d", "rank 5", "[8, 8]") { maxPool3d(Tensor.ones(8, 8), kernelSize: 1) }
    expectError(.shape, "maxPool1d", "may be empty") { maxPool1d(Tensor.ones(2, 0, 3), kernelSize: 1) }
    expectError(.value, "avgPool2d", "divisorOverride") { avgPool2d(x, kernelSize: 2, divisorOverride: 0) }
    expectError(.value, "adaptiveAvgPool2d", "-1") { adaptiveAvgPool2d(x, outputSize: [-1, 2]) }
    expectError(.dtype, "maxPool2d", ".bool") { maxPool2d(x.to(.bool), kernelSize: 2) }
    expectError(.value, "maxPool1d", "kernelSize") { maxPool1d(Tensor.ones(1, 2, 3), kernelSize: Extents(.max)) }
  }

  @Test func layers() {
    let x = operand([2, 3, 9, 9], .float32)
    expectEqual(
      MaxPool2d(kernelSize: 3, stride: 2, padding: 1)(x), maxPool2d(x, kernelSize: 3, stride: 2, padding: 1).doubles)
    expectEqual(AvgPool2d(kernelSize: 3)(x), avgPool2d(x, kernelSize: 3).doubles)
    expectEqual(AdaptiveAvgPool2d(1)(x), x.mean(dims: [2, 3]).doubles, shape: [2, 3, 1, 1])
    #expect(AdaptiveMaxPool2d([nil, 2])(x).shape == [2, 3, 9, 2])
    #expect("\(MaxPool2d(kernelSize: [3, 2]))".contains("kernelSize: [3, 2], stride: [3, 2]"))
  }
}
