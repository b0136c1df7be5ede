import CTensorKernels
import Foundation
import Testing

/// Attention in blocks and its derivative against the formula in doubles.
@Suite struct AttentionKernelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    /// Batches, heads, groups, queries, keys, size.
    let sizes: [Int]
    var causal = false
    var mask: Mask = .none
    var layout = Block.Layout.contiguous
    enum Mask: String, Sendable { case none, bool, numbers, row }
    var testDescription: String { "\(sizes) causal: \(causal), mask: \(mask), \(layout)" }
  }

  static let cases: [Case] = [
    Case(sizes: [1, 1, 1, 1, 1, 1]), Case(sizes: [2, 3, 3, 5, 7, 4]), Case(sizes: [2, 4, 2, 6, 6, 8], causal: true),
    Case(sizes: [1, 2, 1, 7, 3, 5], causal: true), Case(sizes: [1, 2, 2, 3, 9, 5], causal: true),
    Case(sizes: [2, 2, 1, 5, 7, 4], mask: .bool), Case(sizes: [2, 2, 2, 5, 7, 4], mask: .numbers),
    Case(sizes: [2, 2, 2, 5, 7, 4], mask: .row), Case(sizes: [1, 2, 1, 162, 515, 1]),
    Case(sizes: [1, 1, 1, 515, 515, 1], causal: true), Case(sizes: [1, 1, 1, 3, 520, 2], mask: .bool),
    Case(sizes: [2, 3, 3, 5, 7, 4], layout: .transposed), Case(sizes: [2, 2, 1, 5, 7, 4], layout: .strided),
    Case(sizes: [2, 2, 1, 5, 7, 4], causal: true, layout: .reversed), Case(sizes: [1, 2, 2, 0, 3, 4]),
    Case(sizes: [1, 2, 2, 3, 0, 4]), Case(sizes: [0, 2, 2, 3, 3, 4]), Case(sizes: [1, 2, 1, 70, 65, 35], causal: true),
    Case(sizes: [1, 1, 1, 40, 261, 17], mask: .numbers, layout: .transposed),
    // Of whole vectors, which are read where they lie.
    Case(sizes: [2, 2, 1, 1, 33, 16]), Case(sizes: [1, 2, 1, 70, 65, 32], causal: true),
    Case(sizes: [1, 2, 2, 40, 261, 48], mask: .bool), Case(sizes: [1, 1, 1, 33, 40, 16], layout: .transposed),
    Case(sizes: [1, 2, 2, 33, 40, 16], mask: .numbers, layout: .strided),
  ]

  /// The operands of a case and what the formula gives.
  private struct Given {
    let q: Block, k: Block, v: Block, gradient: Block, out: Block, lse: Block
    let mask: Block?
    let scale = 0.4
    let test: Case

    init(_ kind: Kind, _ test: Case) {
      self.test = test
      let n = test.sizes
      var numbers = Numbers(n.reduce(1, +))
      func block(_ heads: Int, _ rows: Int) -> Block {
        Block(kind.dtype, [n[0], heads, rows, n[5]], test.layout) { _ in numbers.real(-2...2) }
      }
      q = block(n[1], n[3])
      k = block(n[2], n[4])
      v = block(n[2], n[4])
      gradient = block(n[1], n[3])
      out = Block(kind.dtype, [n[0], n[1], n[3], n[5]], test.layout)
      lse = Block(kind == .float64 ? kind.dtype : Kind.float32.dtype, [n[0], n[1], n[3]])
      let shape = [n[0], n[1], n[3], n[4]]
      switch test.mask {
      case .none: mask = nil
      // The second query finds no key at all.
      case .bool:
        mask = Block(Kind.bool.dtype, shape) { $0 / n[4] % n[3] == 1 || $0 % 3 == 0 ? 0 : 1 }
      case .numbers: mask = Block(kind.dtype, shape) { $0 % 5 == 0 ? -.infinity : numbers.real() }
      case .row: mask = Block(kind.dtype, shape, expanded: [0, 1, 2]) { _ in 0.25 }
      }
    }

    func forward() -> st_status {
      st_attention(
        out.view, lse.view, q.view, k.view, v.view, mask?.view ?? Block.none, test.causal, scale)
    }

    /// The results, and the gradients of q, k and v.
    func reference() -> (out: [Double], lse: [Double], gradients: [[Double]]) {
      let n = test.sizes
      let (a, b, c, g) = (q.values, k.values, v.values, gradient.values)
      let masks = mask?.values
      var out = [Double](repeating: 0, count: a.count)
      var lse: [Double] = []
      var (da, db, dc) = (
        [Double](repeating: 0, count: a.count), [Double](repeating: 0, count: b.count),
        [Double](repeating: 0, count: c.count)
      )
      for batch in 0..<n[0] {
        for head in 0..<n[1] {
          let keys = (batch * n[2] + head / (n[1] / n[2])) * n[4] * n[5]
          for i in 0..<n[3] {
            let row = ((batch * n[1] + head) * n[3] + i) * n[5]
            let scores = (0..<n[4]).map { j -> Double in
              if test.causal && j > i { return -.infinity }
              let score = (0..<n[5]).reduce(0) { $0 + a[row + $1] * b[keys + j * n[5] + $1] } * scale
              guard let masks else { return score }
              let value = masks[((batch * n[1] + head) * n[3] + i) * n[4] + j]
              return test.mask == .bool ? (value == 0 ? -.infinity : score) : score + value
            }
            let most = scores.max() ?? -.infinity
            let sum = scores.reduce(0) { $0 + (most == -.infinity ? 0 : exp($1 - most)) }
            lse.append(most == -.infinity ? -.infinity : most + log(sum))
            if most == -.infinity { continue }
            let weights = scores.map { exp($0 - most) / sum }
            let slopes = (0..<n[4]).map { j in (0..<n[5]).reduce(0) { $0 + g[row + $1] * c[keys + j * n[5] + $1] } }
            let mean = zip(weights, slopes).reduce(0) { $0 + $1.0 * $1.1 }
            for j in 0..<n[4] {
              let step = weights[j] * (slopes[j] - mean) * scale
              for d in 0..<n[5] {
                let key = keys + j * n[5] + d
                out[row + d] += weights[j] * c[key]
                dc[key] += weights[j] * g[row + d]
                da[row + d] += step * b[key]
                db[key] += step * a[row + d]
              }
            }
          }
        }
      }
      return (out, lse, [da, db, dc])
    }
  }

  private func expectClose(_ block: Block, _ expected: [Double], _ tolerance: Double, _ name: String) {
    let isClose = zip(block.values, expected).allSatisfy { $0 == $1 || abs($0 - $1) <= tolerance * (1 + abs($1)) }
    #expect(isClose && block.count == expected.count, "\(name)")
    #expect(block.isSoundOutside, "\(name)")
  }

  @Test(arguments: Kind.floats, cases) func formula(kind: Kind, test: Case) {
    let given = Given(kind, test)
    #expect(given.forward().code == ST_OK)
    let tolerance = kind == .float64 ? 1e-12 : kind == .float32 ? 1e-5 : kind == .float16 ? 2e-3 : 1.6e-2
    let expected = given.reference()
    expectClose(given.out, expected.out, tolerance, "out")
    expectClose(given.lse, expected.lse, kind == .float64 ? 1e-12 : 1e-5, "lse")
    let gradients = [given.q, given.k, given.v].map { Block(kind.dtype, $0.shape, test.layout) }
    let status = st_attention_backward(
      gradients[0].view, gradients[1].view, gradients[2].view, given.gradient.view, given.out.view, given.lse.view,
      given.q.view, given.k.view, given.v.view, given.mask?.view ?? Block.none, test.causal, given.scale)
    #expect(status.code == ST_OK)
    for (i, name) in ["q", "k", "v"].enumerated() {
      // Sums over queries grow with their number.
      expectClose(gradients[i], expected.gradients[i], tolerance * 4, name)
    }
  }

  /// A key that is not a number spoils the queries that it counts for, and no others; whatever bits it has besides.
  @Test(arguments: Kind.floats, [0, 1 << 29, 0x1ff << 29, 0xff << 42 as UInt64]) func notANumber(
    kind: Kind, payload: UInt64
  ) {
    let given = Given(kind, Case(sizes: [1, 1, 1, 40, 40, 8], causal: true))
    given.k[20 * 8 + 3] = Double(nan: payload, signaling: false)
    #expect(given.forward().code == ST_OK)
    for (i, value) in given.out.values.enumerated() { #expect(value.isNaN == (i / 8 >= 20), "\(i)") }
  }

  /// A score of minus infinity counts for nothing; one of plus infinity, and infinity times 0, spoil the result.
  @Test(arguments: Kind.floats, [-1, 0, 1.0]) func infiniteScores(kind: Kind, scale: Double) {
    let q = Block(kind.dtype, [1, 1, 3, 2]) { _ in 1 }, v = Block(kind.dtype, [1, 1, 4, 2]) { Double($0) }
    let k = Block(kind.dtype, [1, 1, 4, 2]) { $0 == 2 ? -.infinity : $0 > 5 ? 30000 : 0 }
    let out = Block(kind.dtype, [1, 1, 3, 2]),
      lse = Block(kind == .float64 ? kind.dtype : Kind.float32.dtype, [1, 1, 3])
    #expect(st_attention(out.view, lse.view, q.view, k.view, v.view, Block.none, false, scale).code == ST_OK)
    for (i, value) in out.values.enumerated() {
      // Of keys 0 to 3, the second is infinite and the last large.
      switch scale {
      case 1: #expect(value == Double(6 + i % 2), "\(i)")
      default: #expect(value.isNaN, "\(i)")
      }
    }
  }

  @Test func integersAreRefused() {
    let x = Block(Kind.int32.dtype, [1, 1, 1, 1])
    let lse = Block(Kind.float32.dtype, [1, 1, 1])
    let status = st_attention(x.view, lse.view, x.view, x.view, x.view, Block.none, false, 1)
    #expect(status.code == ST_UNSUPPORTED_DTYPE)
  }

  @Test func threadsDoNotChangeBits() {
    let before = st_threads()
    defer { st_set_threads(before) }
    for sizes in [[2, 4, 2, 200, 200, 32], [1, 1, 1, 700, 700, 64]] {
      let results = [Int32(1), 2].map { threads in
        st_set_threads(threads)
        let given = Given(.float32, Case(sizes: sizes, causal: true))
        _ = given.forward()
        let gradients = [given.q, given.k, given.v].map { Block($0.dtype, $0.shape) }
        _ = st_attention_backward(
          gradients[0].view, gradients[1].view, gradients[2].view, given.gradient.view, given.out.view,
          given.lse.view, given.q.view, given.k.view, given.v.view, Block.none, true, given.scale)
        return ([given.out, given.lse] + gradients).map(\.bytes)
      }
      #expect(results[0] == results[1])
    }
  }
}
