import Tensor
import TestSupport
import Testing

/// Running sums and products against plain loops.
struct ScanTests {
  /// Folds along a dimension, in doubles.
  static func reference(_ x: Tensor, dim: Int, _ fold: (Double, Double) -> Double) -> [Double] {
    var values = x.doubles
    let inner = x.shape[(dim + 1)...].reduce(1, *)
    for i in values.indices where i / inner % x.shape[dim] > 0 { values[i] = fold(values[i - inner], values[i]) }
    return values
  }

  @Test(arguments: LayoutCase.allCases, DType.allCases)
  func values(layout: LayoutCase, dtype: DType) {
    let x = layout.make(.make((0..<24).map { Double(($0 * 5) % 4) }, [2, 3, 4], dtype: dtype))
    let result = dtype.isFloatingPoint ? dtype : .int64
    for dim in 0..<3 {
      expectEqual(x.cumsum(dim: dim), Self.reference(x, dim: dim, +), shape: [2, 3, 4], dtype: result, "\(dim)")
      expectEqual(x.cumprod(dim: dim - 3), Self.reference(x, dim: dim, *), shape: [2, 3, 4], dtype: result, "\(dim)")
    }
  }

  @Test(arguments: [[3000], [5, 700], [700, 5], [3, 200, 70]], [DType.float32, .float16])
  func largeOnes(shape: [Int], dtype: DType) {
    let count = shape.reduce(1, *)
    let x = Tensor.make((0..<count).map { Double(($0 * 37) % 101) / 100 }, shape, dtype: dtype)
    for dim in shape.indices {
      expectClose(x.cumsum(dim: dim), Self.reference(x, dim: dim, +), rtol: ElementwiseTests.tolerance(dtype))
    }
  }

  /// What is no number counts for what follows alone, wherever it stands among others that are added together.
  @Test(arguments: [DType.float32, .float64, .bfloat16]) func noNumbers(dtype: DType) {
    for place in 0..<20 {
      var numbers = [Double](repeating: 1, count: 40)
      numbers[place] = .infinity
      numbers[place + 17] = -.infinity
      let x = Tensor.make(numbers, [40], dtype: dtype)
      expectEqual(x.cumsum(dim: 0), Self.reference(x, dim: 0, +), dtype: dtype)
    }
  }

  @Test func edges() {
    expectEqual(Tensor.make([3], []).cumsum(dim: 0), [3], shape: [])
    expectEqual(Tensor.make([3], [], dtype: .bool).cumprod(dim: -1), [1], shape: [], dtype: .int64)
    expectEqual(Tensor.make([], [2, 0]).cumsum(dim: 1), [], shape: [2, 0])
    expectEqual(Tensor.make([], [2, 0]).cumprod(dim: 0), [], shape: [2, 0])
    expectEqual(Tensor.make([1, .nan, 2], [3]).cumsum(dim: 0), [1, .nan, .nan])
    expectEqual(Tensor.make([1, .infinity, -.infinity], [3]).cumsum(dim: 0), [1, .infinity, .nan])
    let bytes = Tensor.make([200, 100], [2], dtype: .uint8)
    expectEqual(bytes.cumsum(dim: 0), [200, 300], dtype: .int64)
    expectEqual(bytes.cumsum(dim: 0, dtype: .uint8), [200, 44], dtype: .uint8)
    expectEqual(Tensor.make([1.5, 2.5], [2]).cumsum(dim: 0, dtype: .int32), [1, 3], dtype: .int32)
    expectError(.index, "cumsum", "[-2, 1]", "got 2") { Tensor.make([1], [1, 1]).cumsum(dim: 2) }
    expectError(.dtype, "cumprod", ".bool") { Tensor.make([1], [1]).cumprod(dim: 0, dtype: .bool) }
  }
}
