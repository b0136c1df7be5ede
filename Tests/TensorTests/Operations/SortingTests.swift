import Tensor
import TestSupport
import Testing

/// Sorting against the standard library's stable sort.
struct SortingTests {
  /// Whether a comes before b: NaN is the largest.
  static func precedes(_ a: Double, _ b: Double, descending: Bool) -> Bool {
    if descending { return precedes(b, a, descending: false) }
    return b.isNaN ? !a.isNaN : a < b
  }

  /// The values and indices in order along a dimension.
  static func reference(_ x: Tensor, dim: Int, descending: Bool) -> (values: [Double], indices: [Double]) {
    let values = x.doubles
    var (sorted, indices) = (values, values)
    let (inner, size) = (x.shape[(dim + 1)...].reduce(1, *), x.shape[dim])
    for start in values.indices where start / inner % size == 0 {
      let row = (0..<size).map { values[start + $0 * inner] }
      for (place, from) in row.indices.sorted(by: { precedes(row[$0], row[$1], descending: descending) }).enumerated() {
        sorted[start + place * inner] = row[from]
        indices[start + place * inner] = Double(from)
      }
    }
    return (sorted, indices)
  }

  static func mixed(_ count: Int) -> [Double] { (0..<count).map { Double(($0 * 37) % 53) - 20 } }

  @Test(arguments: LayoutCase.allCases, DType.allCases)
  func values(layout: LayoutCase, dtype: DType) {
    let values = Self.mixed(60).map { dtype == .uint8 || dtype == .bool ? abs($0) : $0 }
    let x = layout.make(.make(values, [3, 5, 4], dtype: dtype))
    for dim in 0..<3 {
      for descending in [false, true] {
        let (sorted, indices) = x.sort(dim: dim, descending: descending)
        let expected = Self.reference(x, dim: dim, descending: descending)
        expectEqual(sorted, expected.values, shape: [3, 5, 4], dtype: dtype)
        expectEqual(indices, expected.indices, shape: [3, 5, 4], dtype: .int64)
        expectEqual(x.argsort(dim: dim - 3, descending: descending), expected.indices, dtype: .int64)
      }
    }
  }

  @Test(arguments: [[3000], [3, 700], [700, 3]], [DType.float64, .float32, .bfloat16, .int64, .int8])
  func longRows(shape: [Int], dtype: DType) {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { Double(($0 * 7919) % 4099) / (dtype == .int8 ? 40 : 3) - 50 }
    let x = Tensor.make(values, shape, dtype: dtype)
    for dim in shape.indices {
      let (sorted, indices) = x.sort(dim: dim)
      let expected = Self.reference(x, dim: dim, descending: false)
      expectEqual(sorted, expected.values)
      expectEqual(indices, expected.indices)
    }
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
  func specialNumbers(dtype: DType) {
    let x = Tensor.make([.nan, 1, -.infinity, -0.0, 0, .infinity, .nan, -1], [8], dtype: dtype)
    let (rising, indices) = x.sort()
    expectEqual(rising, [-.infinity, -1, 0, 0, 1, .infinity, .nan, .nan])
    expectEqual(indices, [2, 7, 3, 4, 1, 5, 0, 6])
    let (falling, back) = x.sort(descending: true, stable: true)
    expectEqual(falling, [.nan, .nan, .infinity, 1, 0, 0, -1, -.infinity])
    expectEqual(back, [0, 6, 5, 1, 3, 4, 7, 2])
    #expect(rising.doubles[2].sign == .minus && rising.doubles[3].sign == .plus)
  }

  @Test(arguments: LayoutCase.allCases, [true, false])
  func topk(layout: LayoutCase, largest: Bool) {
    let x = layout.make(.make(Self.mixed(24), [2, 3, 4], dtype: .float32))
    for dim in 0..<3 {
      for k in 0...x.shape[dim] {
        let (values, indices) = x.topk(k, dim: dim, largest: largest)
        let (sorted, order) = x.sort(dim: dim, descending: largest)
        expectEqual(values, sorted.narrow(dim: dim, start: 0, length: k).doubles)
        expectEqual(indices, order.narrow(dim: dim, start: 0, length: k).doubles, dtype: .int64)
        #expect(values.isContiguous && !values.isView)
      }
    }
  }

  /// Long rows, of which most is passed over; with equal elements and NaN among the first ones.
  @Test(arguments: [DType.float32, .float64, .bfloat16, .float16, .int32, .int64], [1, 10, 63, 64, 65, 128, 300])
  func topkOfLongRows(dtype: DType, k: Int) {
    var numbers = (0..<4100).map { Double(($0 * 7919) % 997) }
    if dtype.isFloatingPoint { for i in [700, 3000] { numbers[i] = .nan } }
    let x = Tensor.make(numbers, [2, 2050], dtype: dtype)
    for largest in [true, false] {
      let (values, indices) = x.topk(k, dim: 1, largest: largest)
      let (sorted, order) = Self.reference(x, dim: 1, descending: largest)
      let places = (0..<2).flatMap { row in (0..<k).map { row * 2050 + $0 } }
      expectEqual(values, places.map { sorted[$0] }, shape: [2, k], dtype: dtype)
      expectEqual(indices, places.map { order[$0] }, shape: [2, k], dtype: .int64)
    }
  }

  /// The elements that come last are among the best, and the best so far are as many as a block has, or some blocks.
  @Test(arguments: [DType.float32, .float64, .float16, .int32, .uint8], [63, 64, 65, 127, 128, 129, 192])
  func topkWhoseBestComeLast(dtype: DType, k: Int) {
    for largest in [true, false] {
      var numbers = (0..<k + 9).map { largest ? Double($0 % 50) : 200 - Double($0 % 50) }
      numbers[k - 1] = largest ? 120 : 3
      for i in k..<k + 9 { numbers[i] = largest ? 100 - Double(i % 3) : 20 + Double(i % 3) }
      let x = Tensor.make(numbers, [k + 9], dtype: dtype)
      let (sorted, order) = Self.reference(x, dim: 0, descending: largest)
      let (values, indices) = x.topk(k, largest: largest)
      expectEqual(values, Array(sorted.prefix(k)), dtype: dtype)
      expectEqual(indices, Array(order.prefix(k)), dtype: .int64)
    }
  }

  @Test func edges() {
    let (value, index) = Tensor.make([3], []).sort()
    expectEqual(value, [3], shape: [])
    expectEqual(index, [0], shape: [], dtype: .int64)
    expectEqual(Tensor.make([3], []).topk(1).values, [3], shape: [])
    expectEqual(Tensor.make([], [2, 0]).sort().values, [], shape: [2, 0])
    expectEqual(Tensor.make([], [0, 2]).argsort(), [], shape: [0, 2], dtype: .int64)
    expectEqual(
      Tensor.make([Double(Int64.max >> 20), Double(Int64.min), 0], [3], dtype: .int64).argsort(), [1, 2, 0])
    expectError(.index, "topk", "k = 4", "dimension 1 with size 3") { Tensor.make([1, 2, 3], [1, 3]).topk(4).values }
    expectError(.index, "topk", "k = -1") { Tensor.make([1], [1]).topk(-1).values }
    expectError(.dtype, "topk", ".bool") { Tensor.make([1], [1], dtype: .bool).topk(1).values }
    expectError(.index, "sort", "[-1, 0]", "got 1") { Tensor.make([1], [1]).sort(dim: 1).values }
    expectError(.index, "argsort", "got -2") { Tensor.make([1], [1]).argsort(dim: -2) }
  }
}
