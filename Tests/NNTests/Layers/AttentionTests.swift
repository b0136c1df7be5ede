import NN
import TestSupport
import Testing

/// Attention against its formula by public operations.
@Suite(.ownGenerator)
struct AttentionTests {
  static func operand(_ shape: [Int], _ dtype: DType = .float64, seed: Int = 0) -> Tensor {
    let count = shape.reduce(1, *)
    return .make((0..<count).map { Double(($0 * 37 + seed * 11) % 29) / 10 - 1.4 }, shape, dtype: dtype)
  }

  static func formula(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
  ) -> Tensor {
    var scores = q.matmul(k.transpose(-1, -2)) * (scale ?? 1 / Double(q.shape.last!).squareRoot())
    if isCausal { scores = scores + (Tensor.ones([q.shape[q.rank - 2], k.shape[k.rank - 2]]).tril().log()) }
    if let mask { scores = scores + (mask.dtype == .bool ? mask.to(.float64).log() : mask) }
    return scores.softmax(dim: -1).matmul(v)
  }

  static let shapes: [([Int], [Int], [Int])] = [
    ([2, 3, 5, 4], [2, 3, 7, 4], [2, 3, 7, 4]), ([3, 5, 4], [3, 5, 4], [3, 5, 4]), ([5, 4], [6, 4], [6, 4]),
    ([2, 1, 2, 3, 4], [2, 3, 2, 3, 4], [2, 3, 2, 3, 4]), ([2, 3, 5, 4], [1, 3, 7, 4], [3, 7, 4]),
    ([1, 3, 5, 4], [2, 1, 6, 4], [2, 1, 6, 4]), ([2, 3, 5, 4], [2, 3, 7, 4], [2, 3, 7, 6]),
    ([2, 3, 1, 4], [2, 3, 1, 4], [2, 3, 1, 4]),
  ]

  @Test(arguments: shapes, [false, true])
  func everyRank(shapes: ([Int], [Int], [Int]), isCausal: Bool) {
    let (q, k, v) = (
      Self.operand(shapes.0), Self.operand(shapes.1, seed: 1), Self.operand(shapes.2, seed: 2)
    )
    let expected = Self.formula(q, k, v, isCausal: isCausal)
    let found = scaledDotProductAttention(q, k, v, isCausal: isCausal)
    #expect(found.shape == expected.shape)
    expectClose(found, expected.doubles, rtol: 1e-12, atol: 1e-12)
    let scaled = scaledDotProductAttention(q, k, v, isCausal: isCausal, scale: 0.1)
    expectClose(scaled, Self.formula(q, k, v, isCausal: isCausal, scale: 0.1).doubles, rtol: 1e-12, atol: 1e-12)
  }

  @Test(arguments: LayoutCase.allCases, [DType.float16, .bfloat16, .float32, .float64])
  func layouts(layout: LayoutCase, dtype: DType) {
    let (q, k, v) = (
      layout.make(Self.operand([2, 3, 5, 4], dtype)), layout.make(Self.operand([2, 3, 7, 4], dtype, seed: 1)),
      layout.make(Self.operand([2, 3, 7, 4], dtype, seed: 2))
    )
    let mask = layout.make(Self.operand([2, 3, 5, 7], dtype, seed: 3))
    let expected = Self.formula(
      q.to(.float64), k.to(.float64), v.to(.float64), mask: mask.to(.float64))
    let found = scaledDotProductAttention(q, k, v, mask: mask)
    #expect(found.dtype == dtype)
    let atol = dtype == .float64 ? 1e-12 : dtype == .float32 ? 1e-5 : dtype == .float16 ? 2e-3 : 1.6e-2
    expectClose(found, expected.doubles, rtol: atol, atol: atol)
  }

  /// Heads split from one projection: the result lies as its query, so that joining the heads copies nothing.
  @Test func resultLiesAsTheQuery() {
    let x = Self.operand([2, 5, 12])
    let heads = x.chunk(3, dim: -1).map { $0.reshape(2, 5, 2, 2).transpose(1, 2) }
    let y = scaledDotProductAttention(heads[0], heads[1], heads[2], isCausal: true)
    #expect(y.transpose(1, 2).isContiguous)
    expectClose(y, Self.formula(heads[0], heads[1], heads[2], isCausal: true).doubles, rtol: 1e-12, atol: 1e-12)
  }

  @Test(arguments: [[5, 7], [3, 5, 7], [2, 1, 5, 7], [1, 7], [5, 1], [7], []])
  func masksBroadcast(shape: [Int]) {
    let (q, k, v) = (
      Self.operand([2, 3, 5, 4]), Self.operand([2, 3, 7, 4], seed: 1), Self.operand([2, 3, 7, 4], seed: 2)
    )
    let numbers = Self.operand(shape, seed: 3)
    let expected = Self.formula(q, k, v, mask: numbers)
    expectClose(scaledDotProductAttention(q, k, v, mask: numbers), expected.doubles, rtol: 1e-12, atol: 1e-12)
    let truths = numbers .> -1
    if !truths.all(dim: -1).any().item(as: Bool.self), shape.last == 1 { return }
    let kept = truths.logicalOr(Tensor([true] + Array(repeating: false, count: 6)))
    let masked = scaledDotProductAttention(q, k, v, mask: shape.last == 7 ? kept : kept.any())
    let reference = Self.formula(q, k, v, mask: shape.last == 7 ? kept : kept.any())
    expectClose(masked, reference.doubles, rtol: 1e-12, atol: 1e-12)
  }

  @Test func queriesWithoutKeysGiveZero() {
    let (q, v) = (Self.operand([2, 3, 4]).requiresGrad(), Self.operand([2, 3, 4], seed: 1).requiresGrad())
    let mask = Tensor([[true, false, true], [false, false, false], [true, true, true]])
    let y = scaledDotProductAttention(q, q, v, mask: mask)
    expectEqual(y.select(dim: 1, index: 1), [Double](repeating: 0, count: 8))
    y.sum().backward()
    #expect(q.grad!.isFinite().all().item(as: Bool.self))
    // By public operations too.
    let composed = scaledDotProductAttention(q, q, v.narrow(dim: 2, start: 0, length: 3), mask: mask)
    expectEqual(composed.select(dim: 1, index: 1), [Double](repeating: 0, count: 6))
    let empty = Tensor.empty([2, 0, 4], dtype: .float64)
    expectEqual(scaledDotProductAttention(q, empty, empty), [Double](repeating: 0, count: 24), shape: [2, 3, 4])
  }

  @Test func groupedHeads() {
    let (q, k, v) = (
      Self.operand([2, 6, 5, 4]), Self.operand([2, 2, 7, 4], seed: 1), Self.operand([2, 2, 7, 4], seed: 2)
    )
    let expected = Self.formula(q, k.repeatInterleave(3, dim: 1), v.repeatInterleave(3, dim: 1))
    let found = scaledDotProductAttention(q, k, v, enableGQA: true)
    expectClose(found, expected.doubles, rtol: 1e-12, atol: 1e-12)
    let three = scaledDotProductAttention(q[0], k[0], v[0], enableGQA: true)
    expectClose(three, expected[0].doubles, rtol: 1e-12, atol: 1e-12)
    expectError(.shape, "scaledDotProductAttention", "[2, 6, 5, 4]", "enableGQA") { scaledDotProductAttention(q, k, v) }
    expectError(.shape, "divides", "[2, 4, 7, 4]") {
      let x = Self.operand([2, 4, 7, 4])
      return scaledDotProductAttention(q, x, x, enableGQA: true)
    }
  }

  @Test func dropoutActsOnTheWeights() {
    let (q, v) = (Tensor.zeros(1, 1, 200, 4), Tensor.ones(1, 1, 200, 4))
    manualSeed(0)
    let y = scaledDotProductAttention(q, q, v, dropoutP: 0.5)
    manualSeed(0)
    let weights = dropout(Tensor.full([1, 1, 200, 200], 1.0 / 200), p: 0.5)
    expectClose(y, weights.matmul(v).doubles, rtol: 1e-5)
    #expect(abs(y.mean().item(as: Double.self) - 1) < 0.02)
    expectEqual(scaledDotProductAttention(q, q, v, dropoutP: 1), [Double](repeating: 0, count: 800))
    expectError(.value, "dropout", "1.5") { scaledDotProductAttention(q, q, v, dropoutP: 1.5) }
  }

  @Test(arguments: [DType.bfloat16, .float16])
  func autocastLowers(dtype: DType) {
    let q = Self.operand([1, 2, 3, 4], .float32)
    autocast(.cpu, dtype: dtype) {
      #expect(scaledDotProductAttention(q, q, q).dtype == dtype)
      #expect(scaledDotProductAttention(q, q.to(dtype), q, mask: Self.operand([3, 3], .float32)).dtype == dtype)
      #expect(scaledDotProductAttention(q, q, q, dropoutP: 0.5).dtype == dtype)
    }
  }

  @Test func whatDoesNotFit() {
    let (q, k) = (Self.operand([2, 3, 5, 4]), Self.operand([2, 3, 7, 4]))
    let name = "scaledDotProductAttention"
    expectError(.shape, name, "[2, 3, 5, 4]", "[2, 3, 7, 3]") {
      scaledDotProductAttention(q, k.narrow(dim: 3, start: 0, length: 3), k)
    }
    expectError(.shape, name, "[..., S, E]") { scaledDotProductAttention(q, k, q) }
    expectError(.shape, name, "[4]") { scaledDotProductAttention(Self.operand([4]), k, k) }
    expectError(.shape, name, "mask", "[3, 7]", "[2, 3, 5, 7]") {
      scaledDotProductAttention(q, k, k, mask: Self.operand([3, 7]))
    }
    expectError(.value, name, "isCausal") {
      scaledDotProductAttention(q, k, k, mask: Self.operand([5, 7]), isCausal: true)
    }
    expectError(.dtype, name, ".float32", ".float64") { scaledDotProductAttention(q, k.float(), k) }
    expectError(.dtype, name, "mask", ".int64") {
      scaledDotProductAttention(q, k, k, mask: Self.operand([5, 7]).to(.int64))
    }
    expectError(.dtype, name, ".int64") {
      let x = q.to(.int64)
      return scaledDotProductAttention(x, x, x)
    }
  }
}
