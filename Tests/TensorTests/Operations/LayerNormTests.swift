import Tensor
import TestSupport
import Testing

/// Layer normalisation against its formula in doubles.
struct LayerNormTests {
  static func reference(
    _ x: [Double], columns: Int, weight: [Double]?, bias: [Double]?, eps: Double = 1e-5
  ) -> [Double] {
    stride(from: 0, to: x.count, by: Swift.max(columns, 1)).flatMap { start in
      let row = x[start..<(start + columns)]
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      return row.enumerated().map { i, value in
        (value - mean) / (variance + eps).squareRoot() * (weight?[i] ?? 1) + (bias?[i] ?? 0)
      }
    }
  }

  static func values(_ count: Int, seed: Int = 0) -> [Double] {
    (0..<count).map { Double(($0 * 37 + seed * 11) % 101) / 25 - 2 }
  }

  static let floats: [DType] = [.float16, .bfloat16, .float32, .float64]

  @Test(arguments: floats, LayoutCase.allCases)
  func values(dtype: DType, layout: LayoutCase) {
    let x = layout.make(.make(Self.values(105), [3, 5, 7], dtype: dtype))
    for shape in [[7], [5, 7], [3, 5, 7]] {
      let columns = shape.reduce(1, *)
      let weight = layout.make(.make(Self.values(columns, seed: 1), shape, dtype: dtype))
      let bias = layout.make(.make(Self.values(columns, seed: 2), shape, dtype: dtype))
      for (w, b) in [(weight, bias), (weight, nil), (nil, bias), (nil, nil)] as [(Tensor?, Tensor?)] {
        let y = layerNorm(x, normalizedShape: shape, weight: w, bias: b)
        #expect(y.shape == x.shape && y.dtype == dtype)
        let expected = Self.reference(x.doubles, columns: columns, weight: w?.doubles, bias: b?.doubles)
        let tolerance = ElementwiseTests.tolerance(dtype)
        expectClose(y, expected, rtol: tolerance, atol: tolerance * 4, "\(shape)")
      }
    }
  }

  @Test(arguments: floats)
  func longRows(dtype: DType) {
    let x = Tensor.make(Self.values(20000), [2, 10000], dtype: dtype) + 8
    let expected = Self.reference(x.doubles, columns: 10000, weight: nil, bias: nil)
    expectClose(layerNorm(x, normalizedShape: [10000]), expected, rtol: ElementwiseTests.tolerance(dtype), atol: 1e-5)
  }

  @Test func manyRows() {
    let x = Tensor.make(Self.values(60000), [3000, 20], dtype: .float32)
    let expected = Self.reference(x.doubles, columns: 20, weight: nil, bias: nil)
    expectClose(layerNorm(x, normalizedShape: [20]), expected, rtol: 1e-5, atol: 1e-5)
  }

  @Test func edges() {
    expectEqual(layerNorm(.make([5, 7], [2, 1]), normalizedShape: [1]), [0, 0], shape: [2, 1])
    expectEqual(layerNorm(.make([], [0, 3]), normalizedShape: [3]), [], shape: [0, 3])
    expectEqual(layerNorm(.make([], [2, 0]), normalizedShape: [0]), [], shape: [2, 0])
    expectEqual(layerNorm(.make([1, .nan, 1, 1], [2, 2]), normalizedShape: [2]), [.nan, .nan, 0, 0])
    expectEqual(layerNorm(.make([1, .infinity], [2]), normalizedShape: [2]), [.nan, .nan])
    expectClose(layerNorm(.make([0, 2], [2]), normalizedShape: [2], eps: 3), [-0.5, 0.5])
  }

  /// As under autocast on the CPU, where PyTorch gives the input's dtype.
  @Test(arguments: [DType.float16, .bfloat16])
  func floatWeightsOfShortInputs(dtype: DType) {
    let x = Tensor.make(Self.values(14), [2, 7], dtype: dtype)
    let weight = Tensor.make(Self.values(7, seed: 1), [7], dtype: .float32)
    let y = layerNorm(x, normalizedShape: [7], weight: weight, bias: weight)
    #expect(y.dtype == dtype)
    let expected = Self.reference(x.doubles, columns: 7, weight: weight.doubles, bias: weight.doubles)
    expectClose(y, expected, rtol: ElementwiseTests.tolerance(dtype), atol: 1e-2)
  }

  @Test func whatDoesNotFit() {
    let x = Tensor.make(Self.values(6), [2, 3])
    expectError(.shape, "layerNorm", "[..., 4]", "[2, 3]") { layerNorm(x, normalizedShape: [4]) }
    expectError(.shape, "layerNorm", "[..., 1, 2, 3]") { layerNorm(x, normalizedShape: [1, 2, 3]) }
    expectError(.shape, "layerNorm", "at least one") { layerNorm(x, normalizedShape: []) }
    expectError(.shape, "layerNorm", "weight", "[3]", "[2]") {
      layerNorm(x, normalizedShape: [3], weight: .make([1, 1], [2]))
    }
    expectError(.shape, "layerNorm", "bias", "[3]", "[1, 3]") {
      layerNorm(x, normalizedShape: [3], bias: .make([1, 1, 1], [1, 3]))
    }
    expectError(.dtype, "layerNorm", ".int64") { layerNorm(x.to(.int64), normalizedShape: [3]) }
    expectError(.dtype, "layerNorm", ".float64", ".float32") {
      layerNorm(x, normalizedShape: [3], weight: .make([1, 1, 1], [3], dtype: .float32))
    }
  }
}
