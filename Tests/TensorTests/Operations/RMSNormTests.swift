import Tensor
import TestSupport
import Testing

/// RMS normalisation against its formula in doubles.
@Suite(.everyDevice)
struct RMSNormTests {
  static func reference(_ x: [Double], columns: Int, weight: [Double]?, eps: Double) -> [Double] {
    stride(from: 0, to: x.count, by: Swift.max(columns, 1)).flatMap { start in
      let row = x[start..<(start + columns)]
      let rms = (row.reduce(0) { $0 + $1 * $1 } / Double(columns) + eps).squareRoot()
      return row.enumerated().map { i, value in value / rms * (weight?[i] ?? 1) }
    }
  }

  @Test(arguments: LayerNormTests.floats, LayoutCase.allCases)
  func values(dtype: DType, layout: LayoutCase) {
    let x = layout.make(.make(LayerNormTests.values(105), [3, 5, 7], dtype: dtype))
    for shape in [[7], [5, 7], [3, 5, 7]] {
      let columns = shape.reduce(1, *)
      let weight = layout.make(.make(LayerNormTests.values(columns, seed: 1), shape, dtype: dtype))
      let y = rmsNorm(x, normalizedShape: shape, weight: weight, eps: 1e-3)
      #expect(y.shape == [3, 5, 7] && y.dtype == dtype && y.isContiguous)
      let expected = Self.reference(x.doubles, columns: columns, weight: weight.doubles, eps: 1e-3)
      expectClose(y, expected, rtol: ElementwiseTests.tolerance(dtype), atol: ElementwiseTests.tolerance(dtype))
    }
  }

  /// Rows that are held in a GPU's registers, and those that are not.
  @Test(arguments: [DType.float32, .bfloat16], [[2, 1030], [3, 9001], [70, 64]])
  func longRows(dtype: DType, shape: [Int]) {
    let x = Tensor.make(LayerNormTests.values(shape[0] * shape[1]), shape, dtype: dtype)
    let weight = Tensor.make(LayerNormTests.values(shape[1], seed: 3), [shape[1]], dtype: dtype)
    let y = rmsNorm(x, normalizedShape: [shape[1]], weight: weight)
    let expected = Self.reference(x.doubles, columns: shape[1], weight: weight.doubles, eps: 0)
    expectClose(y, expected, rtol: ElementwiseTests.tolerance(dtype), atol: ElementwiseTests.tolerance(dtype))
  }

  @Test func defaults() {
    // PyTorch's figures: eps is the spacing of float32's numbers, of 16-bit inputs too.
    for (dtype, expected) in [(DType.float32, 0.27819743752), (.float16, 0.27832), (.float64, 0.99999998889777)] {
      let y = rmsNorm(Tensor.make([1e-4, 1e-4, 1e-4, 1e-4], [1, 4], dtype: dtype), normalizedShape: [4])
      expectClose(y, [Double](repeating: expected, count: 4), rtol: dtype == .float16 ? 1e-3 : 1e-6)
    }
    #expect(rmsNorm(Tensor.make([], [0, 3]), normalizedShape: [3]).shape == [0, 3])
    let wide = rmsNorm(
      Tensor.make([1, 2], [1, 2], dtype: .bfloat16), normalizedShape: [2],
      weight: Tensor.make([1, 1], [2], dtype: .float32))
    #expect(wide.dtype == .bfloat16)
  }

  @Test func whatDoesNotFit() {
    let x = Tensor.make(LayerNormTests.values(6), [2, 3])
    expectError(.shape, "rmsNorm", "[..., 4]", "[2, 3]") { rmsNorm(x, normalizedShape: [4]) }
    expectError(.shape, "rmsNorm", "at least one") { rmsNorm(x, normalizedShape: []) }
    expectError(.shape, "rmsNorm", "weight", "[3]", "[2]") {
      rmsNorm(x, normalizedShape: [3], weight: .make([1, 1], [2]))
    }
    expectError(.dtype, "rmsNorm", ".int64") { rmsNorm(x.to(.int64), normalizedShape: [3]) }
  }
}
