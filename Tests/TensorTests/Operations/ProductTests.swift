import Tensor
import TestSupport
import Testing

/// Matrix products against plain loops.
@Suite(.everyDevice)
struct ProductTests {
  /// torch.matmul by definition: rows, columns and broadcast stacks, in doubles.
  static func naive(_ a: Tensor, _ b: Tensor) -> [Double] {
    let x = a.rank == 1 ? [1] + a.shape : a.shape
    let y = b.rank == 1 ? b.shape + [1] : b.shape
    let lead = Dims.broadcast(Dims(x.dropLast(2)), Dims(y.dropLast(2)))!
    let (n, k, m) = (x[x.count - 2], x[x.count - 1], y[y.count - 1])
    let (left, right) = (a.doubles, b.doubles)
    func start(_ position: [Int], _ shape: [Int]) -> Int {
      let own = shape.dropLast(2)
      var index = 0
      for (d, size) in own.enumerated() {
        index = index * size + (size == 1 ? 0 : position[position.count - own.count + d])
      }
      return index * shape[shape.count - 2] * shape[shape.count - 1]
    }
    var result: [Double] = []
    for flat in 0..<lead.elementCount {
      var (rest, position) = (flat, [Int](repeating: 0, count: lead.count))
      for d in lead.indices.reversed() {
        position[d] = rest % lead[d]
        rest /= lead[d]
      }
      let (p, q) = (start(position, x), start(position, y))
      for i in 0..<n {
        for j in 0..<m { result.append((0..<k).map { left[p + i * k + $0] * right[q + $0 * m + j] }.reduce(0, +)) }
      }
    }
    return result
  }

  static func tensor(_ shape: [Int], _ dtype: DType, seed: Int) -> Tensor {
    let count = shape.reduce(1, *)
    return .make((0..<count).map { Double(($0 * 31 + seed * 17) % 13) - 6 }, shape, dtype: dtype)
  }

  static let shapes: [([Int], [Int], [Int])] = [
    ([3], [3], []), ([3], [3, 2], [2]), ([2, 3], [3], [2]), ([2, 3], [3, 4], [2, 4]), ([1, 1], [1, 1], [1, 1]),
    ([5, 2, 3], [3, 4], [5, 2, 4]), ([2, 3], [5, 3, 4], [5, 2, 4]), ([5, 2, 3], [5, 3, 4], [5, 2, 4]),
    ([2, 1, 2, 3], [5, 3, 4], [2, 5, 2, 4]), ([5, 2, 3], [3], [5, 2]), ([3], [5, 3, 4], [5, 4]),
    ([2, 5, 2, 3], [3, 4], [2, 5, 2, 4]), ([2, 5, 2, 3], [1, 1, 3, 4], [2, 5, 2, 4]), ([0, 3], [3, 4], [0, 4]),
    ([2, 0], [0, 4], [2, 4]), ([0], [0], []), ([0, 2, 3], [3, 4], [0, 2, 4]), ([2, 3], [3, 0], [2, 0]),
  ]

  @Test(arguments: shapes, [DType.float64, .float32, .bfloat16, .float16, .int64, .uint8])
  func everyRank(shapes: ([Int], [Int], [Int]), dtype: DType) {
    let a = Self.tensor(shapes.0, dtype == .uint8 ? .int64 : dtype, seed: 1)
    let b = Self.tensor(shapes.1, dtype == .uint8 ? .int64 : dtype, seed: 2)
    if dtype == .uint8 {
      let (x, y) = (a.abs(), b.abs())
      let bytes = matmul(Tensor.make(x.doubles, x.shape, dtype: .uint8), .make(y.doubles, y.shape, dtype: .uint8))
      expectEqual(bytes, Self.naive(x, y).map { $0.truncatingRemainder(dividingBy: 256) }, shape: shapes.2)
      return
    }
    // Small whole numbers are exact in every dtype but for sums past bfloat16's 256.
    let rtol = dtype == .bfloat16 ? 0x1p-8 : 0
    expectClose(a.matmul(b), Self.naive(a, b), rtol: rtol)
    #expect(a.matmul(b).shape == shapes.2)
    #expect(a.matmul(b).dtype == dtype)
  }

  @Test(arguments: LayoutCase.allCases, LayoutCase.allCases)
  func everyLayout(first: LayoutCase, second: LayoutCase) {
    for (x, y, shape) in Self.shapes {
      let a = first.make(Self.tensor(x, .float32, seed: 3))
      let b = second.make(Self.tensor(y, .float32, seed: 4))
      expectEqual(a.matmul(b), Self.naive(a, b), shape: shape, "\(x) by \(y)")
    }
  }

  @Test func largeProducts() {
    let a = Self.tensor([70, 130], .float32, seed: 5)
    let b = Self.tensor([130, 90], .float32, seed: 6)
    expectEqual(a.matmul(b), Self.naive(a, b), shape: [70, 90])
  }

  @Test(arguments: [[4, 3], [3], [2, 5, 3], [0, 3], [2, 1, 2, 3]], LayoutCase.allCases)
  func linearLayer(shape: [Int], layout: LayoutCase) {
    let x = layout.make(Self.tensor(shape, .float64, seed: 1))
    let weight = layout.make(Self.tensor([6, 3], .float64, seed: 2))
    let bias = layout.make(Self.tensor([6], .float64, seed: 3))
    let transposed = Tensor(
      viewOf: weight,
      layout: Layout(
        shape: [3, 6], strides: [weight.layout.strides[1], weight.layout.strides[0]], offset: weight.layout.offset))
    let products = Self.naive(x, transposed)
    let output = shape.dropLast() + [6]
    expectEqual(linear(x, weight), products, shape: Array(output))
    let terms = bias.doubles
    expectEqual(linear(x, weight, bias), products.enumerated().map { $1 + terms[$0 % 6] }, shape: Array(output))
  }

  /// The bias is added before the one rounding.
  @Test func linearRoundsOnce() {
    let x = Tensor.make([1, 1], [1, 2], dtype: .bfloat16)
    let weight = Tensor.make([1, 0x1p-9], [1, 2], dtype: .bfloat16)
    let bias = Tensor.make([0x1p-9 + 0x1p-16], [1], dtype: .bfloat16)
    expectEqual(linear(x, weight, bias), [1 + 0x1p-7], dtype: .bfloat16)
  }

  @Test func namedForms() {
    let a = Self.tensor([2, 3], .float64, seed: 1)
    let b = Self.tensor([3, 4], .float64, seed: 2)
    let v = Self.tensor([3], .float64, seed: 3)
    expectEqual(a.mm(b), Self.naive(a, b), shape: [2, 4])
    expectEqual(a.mv(v), Self.naive(a, v), shape: [2])
    expectEqual(v.dot(v), Self.naive(v, v), shape: [])
    let s = Self.tensor([5, 2, 3], .float64, seed: 4)
    let t = Self.tensor([5, 3, 4], .float64, seed: 5)
    expectEqual(s.bmm(t), Self.naive(s, t), shape: [5, 2, 4])
    let term = Self.tensor([4], .float64, seed: 6)
    let expected = Self.naive(a, b).enumerated().map { 2 * term.doubles[$0 % 4] + 0.5 * $1 }
    expectEqual(term.addmm(a, b, beta: 2, alpha: 0.5), expected, shape: [2, 4])
    expectEqual(v.outer(term), v.doubles.flatMap { x in term.doubles.map { x * $0 } }, shape: [3, 4])
  }

  @Test func operandsThatDoNotFit() {
    let a = Tensor.make(Array(repeating: 1, count: 6), [2, 3])
    let v = Tensor.make([1, 2, 3, 4], [4])
    let b = Array(repeating: 1.0, count: 9)
    expectError(.shape, "matmul", "[2, 3]", "3 columns meet 2 rows") { a.matmul(a) }
    expectError(.shape, "matmul", "[2, 3]", "[4]") { a.matmul(v) }
    expectError(.shape, "matmul", "at least one dimension", "[]") { Tensor.make([1], []).matmul(v) }
    expectError(.shape, "mm", "2 and 2 dimensions", "[4]") { a.mm(v) }
    expectError(.shape, "bmm", "[2, 3]") { a.bmm(a) }
    expectError(.shape, "dot", "[2, 3]") { a.dot(v) }
    expectError(.dtype, "matmul", ".float64", ".float32") { a.matmul(Tensor.make([1, 2, 3], [3], dtype: .float32)) }
    expectError(.dtype, "matmul", ".bool") {
      let truth = Tensor.make([1], [1, 1], dtype: .bool)
      _ = truth.matmul(truth)
    }
    let stack = Tensor.make(Array(repeating: 1, count: 18), [3, 3, 2])
    let pair = Tensor.make(Array(repeating: 1, count: 12), [2, 2, 3])
    expectError(.shape, "matmul", "leading dimensions", "[3, 3, 2]", "[2, 2, 3]") { stack.matmul(pair) }
    expectError(.shape, "addmm", "[2, 3]", "[5]") { Tensor.make([1, 2, 3, 4, 5], [5]).addmm(a, .make(b, [3, 3])) }
    expectError(.shape, "addmm", "[1, 1, 1]") { Tensor.make([1], [1, 1, 1]).addmm(a, .make(b, [3, 3])) }
    expectError(.shape, "linear", "[2, 3]", "[out, in]") { linear(a, Tensor.make([1, 2], [1, 2])) }
    expectError(.shape, "linear", "bias", "[3]") { linear(a, a, Tensor.make([1, 2, 3], [3])) }
    expectError(.dtype, "linear", ".int64", ".float64") { linear(Tensor.make([1, 2, 3], [3], dtype: .int64), a) }
  }
}
