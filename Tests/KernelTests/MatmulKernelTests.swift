import CTensorKernels
import Testing

/// The operands are small whole numbers, whose sums of products every accumulator holds exactly: results must be equal,
/// and those of 16-bit floats equal to the exact ones rounded once.
@Suite struct MatmulKernelTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let m: Int, n: Int, k: Int
    init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }
    var testDescription: String { "\(m)x\(n)x\(k)" }
  }

  static let kinds = Kind.allCases.filter { $0 != .bool }

  private func operand(_ kind: Kind, _ shape: [Int], _ layout: Block.Layout, _ seed: Int) -> Block {
    var numbers = Numbers(seed)
    let range = kind == .uint8 ? 0...2 : -2...2
    return Block(kind.dtype, shape, layout) { _ in Double(numbers.whole(range)) }
  }

  private func reference(_ a: Block, _ b: Block, _ bias: (Int, Int) -> Double, _ s: Shape) -> [Double] {
    let x = a.values
    let y = b.values
    var sums = [Double](repeating: 0, count: s.m * s.n)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        sums.withUnsafeMutableBufferPointer { sums in
          for i in 0..<s.m {
            for k in 0..<s.k {
              let left = x[i * s.k + k]
              for j in 0..<s.n { sums[i * s.n + j] += left * y[k * s.n + j] }
            }
            for j in 0..<s.n { sums[i * s.n + j] += bias(i, j) }
          }
        }
      }
    }
    return sums
  }

  private func wrapped(_ value: Double, _ kind: Kind) -> Double {
    switch kind {
    case .uint8: Double(UInt8(truncatingIfNeeded: Int(value)))
    case .int8: Double(Int8(truncatingIfNeeded: Int(value)))
    case .int16: Double(Int16(truncatingIfNeeded: Int(value)))
    default: Block.rounded(value, to: kind.dtype)
    }
  }

  private func check(
    _ kind: Kind, _ s: Shape, _ layouts: (Block.Layout, Block.Layout, Block.Layout), bias: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let a = operand(kind, [s.m, s.k], layouts.0, 1)
    let b = operand(kind, [s.k, s.n], layouts.1, 2)
    let out = operand(kind, [s.m, s.n], layouts.2, 3)
    let row = operand(kind, [s.n], .strided, 4)
    let status = st_matmul(out.view, a.view, b.view, bias ? row.view : Block.none)
    let expected = reference(a, b, { _, j in bias ? row[j] : 0 }, s).map { wrapped($0, kind) }
    #expect(status.code == ST_OK, sourceLocation: sourceLocation)
    #expect(out.values == expected, "\(kind) \(s) \(layouts) bias: \(bias)", sourceLocation: sourceLocation)
    #expect(out.isSoundOutside, sourceLocation: sourceLocation)
  }

  /// Sizes around the edges of tiles and vectors, of single rows and columns, and of the deepest block.
  @Test(arguments: kinds) func sizes(kind: Kind) {
    for m in [1, 2, 7, 14, 15, 29] {
      for n in [1, 3, 16, 17, 32, 33] {
        for k in [0, 1, 5, 35, 36] {
          check(kind, Shape(m, n, k), (.contiguous, .contiguous, .contiguous), bias: (m + n) % 2 == 0)
        }
      }
    }
  }

  @Test(
    arguments: kinds,
    [Shape(20, 1, 10), Shape(1, 40, 70), Shape(1, 260, 9), Shape(19, 23, 18), Shape(3, 3, 3), Shape(40, 70, 33)])
  func layouts(kind: Kind, shape: Shape) {
    for a in Block.Layout.allCases {
      for b in Block.Layout.allCases { check(kind, shape, (a, b, .contiguous), bias: a == b) }
      check(kind, shape, (.contiguous, .transposed, a), bias: true)
      check(kind, shape, (.transposed, .contiguous, a))
    }
  }

  @Test(
    arguments: [Kind.float32, .float64, .bfloat16, .int32],
    [Shape(200, 90, 70), Shape(30, 600, 20), Shape(17, 34, 1100), Shape(180, 180, 180)])
  func blocks(kind: Kind, shape: Shape) {
    check(kind, shape, (.contiguous, .contiguous, .contiguous), bias: true)
    check(kind, shape, (.contiguous, .transposed, .contiguous), bias: true)
    check(kind, shape, (.transposed, .transposed, .strided))
  }

  /// Products of several blocks of columns, of the depth and of rows.
  @Test(
    arguments: [
      (Kind.float32, Shape(40, 1100, 60)), (.float32, Shape(20, 40, 4500)), (.float64, Shape(1040, 40, 1100)),
      (.bfloat16, Shape(20, 40, 4500)), (.float16, Shape(20, 1100, 70)), (.int8, Shape(20, 1100, 70)),
      (.int16, Shape(70, 90, 4101)), (.int64, Shape(20, 40, 1500)),
    ])
  func severalBlocks(kind: Kind, shape: Shape) {
    check(kind, shape, (.contiguous, .transposed, .contiguous), bias: true)
    check(kind, shape, (.transposed, .contiguous, .strided), bias: true)
  }

  /// Few rows against columns that lie along the depth, as in a layer's product with its weight.
  @Test(arguments: kinds) func fewRows(kind: Kind) {
    for (m, k) in [(2, 128), (3, 200), (4, 263), (7, 450), (12, 800), (16, 1030)] {
      check(kind, Shape(m, 9, k), (.contiguous, .transposed, .contiguous), bias: m % 2 == 0)
      check(kind, Shape(m, 140, k), (.strided, .transposed, .transposed))
      check(kind, Shape(9, m, k), (.contiguous, .transposed, .contiguous), bias: true)
    }
  }

  /// What is not a number stays in its row or column, whatever completes the tiles beside it.
  @Test(
    arguments: Kind.floats,
    [Shape(1, 5, 3), Shape(3, 17, 5), Shape(15, 33, 7), Shape(30, 70, 40), Shape(200, 90, 300), Shape(4, 9, 300)])
  func notANumber(kind: Kind, shape: Shape) {
    for layout in [Block.Layout.contiguous, .transposed] {
      let a = operand(kind, [shape.m, shape.k], layout, 1)
      let b = operand(kind, [shape.k, shape.n], layout, 2)
      let (row, column) = (shape.m - 1, shape.n - 1)
      a[row * shape.k + shape.k - 1] = .nan
      b[column] = .infinity
      let out = Block(kind.dtype, [shape.m, shape.n])
      #expect(st_matmul(out.view, a.view, b.view, Block.none).code == ST_OK)
      let values = out.values
      for i in 0..<shape.m {
        for j in 0..<shape.n {
          let value = values[i * shape.n + j]
          // Infinity times zero is not a number either.
          let isFinite = i != row && j != column
          #expect(isFinite ? value.isFinite : !value.isFinite, "\(i), \(j)")
          if i == row { #expect(value.isNaN) }
        }
      }
    }
  }

  @Test(arguments: kinds) func emptyOperands(kind: Kind) {
    check(kind, Shape(0, 5, 3), (.contiguous, .contiguous, .contiguous))
    check(kind, Shape(5, 0, 3), (.contiguous, .contiguous, .contiguous), bias: true)
    check(kind, Shape(4, 20, 0), (.contiguous, .contiguous, .strided), bias: true)
    check(kind, Shape(4, 20, 0), (.contiguous, .contiguous, .transposed))
  }

  /// Leading dimensions that one operand lacks or has as 1, also with an output that lies column by column.
  @Test(arguments: kinds, Block.Layout.allCases) func batches(kind: Kind, layout: Block.Layout) {
    let s = Shape(5, 4, 3)
    let a = operand(kind, [2, 1, s.m, s.k], layout, 1)
    let b = operand(kind, [3, s.k, s.n], layout, 2)
    let bias = operand(kind, [2, 1, s.m, 1], .contiguous, 3)
    let out = operand(kind, [2, 3, s.m, s.n], layout, 4)
    #expect(st_matmul(out.view, a.view, b.view, bias.view).code == ST_OK)
    var expected: [Double] = []
    for i in 0..<2 {
      for j in 0..<3 {
        let left = Block(kind.dtype, [s.m, s.k], values: Array(a.values[(i * s.m * s.k)..<((i + 1) * s.m * s.k)]))
        let right = Block(kind.dtype, [s.k, s.n], values: Array(b.values[(j * s.k * s.n)..<((j + 1) * s.k * s.n)]))
        expected += reference(left, right, { row, _ in bias[i * s.m + row] }, s).map { wrapped($0, kind) }
      }
    }
    #expect(out.values == expected)
    #expect(out.isSoundOutside)
  }

  /// Large products of a short stack are cut into parts themselves.
  @Test func shortStacksOfLargeProducts() {
    let a = operand(.float32, [3, 210, 220], .contiguous, 1)
    let b = operand(.float32, [220, 200], .transposed, 2)
    let out = Block(Kind.float32.dtype, [3, 210, 200])
    #expect(st_matmul(out.view, a.view, b.view, Block.none).code == ST_OK)
    let rows = Block(Kind.float32.dtype, [630, 220], values: a.values)
    #expect(out.values == reference(rows, b, { _, _ in 0 }, Shape(630, 200, 220)))
  }

  @Test func integersWrapAround() {
    let a = Block(Kind.int64.dtype, [1, 1], values: [0])
    let b = Block(Kind.int64.dtype, [1, 1], values: [0])
    let out = Block(Kind.int64.dtype, [1, 1])
    a.address.storeBytes(of: Int64.max, as: Int64.self)
    b.address.storeBytes(of: Int64.max - 4, as: Int64.self)
    #expect(st_matmul(out.view, a.view, b.view, Block.none).code == ST_OK)
    #expect(out.address.load(as: Int64.self) == Int64.max &* (Int64.max - 4))
    let wide = Block(Kind.int16.dtype, [20, 20]) { _ in -32768 }
    let sums = Block(Kind.int16.dtype, [20, 20])
    #expect(st_matmul(sums.view, wide.view, wide.view, Block.none).code == ST_OK)
    #expect(sums.values == [Double](repeating: 0, count: 400))
    for (kind, value) in [(Kind.uint8, 255.0), (.int8, -128), (.int16, -32768), (.int16, 32767), (.int32, -0x1p31)] {
      let s = Shape(15, 20, 33)
      let left = Block(kind.dtype, [s.m, s.k]) { _ in value }
      let right = Block(kind.dtype, [s.k, s.n]) { _ in value }
      let product = Block(kind.dtype, [s.m, s.n])
      #expect(st_matmul(product.view, left.view, right.view, Block.none).code == ST_OK)
      let exact = Int64(value) &* Int64(value) &* 33
      let expected: Double =
        switch kind {
        case .uint8: Double(UInt8(truncatingIfNeeded: exact))
        case .int8: Double(Int8(truncatingIfNeeded: exact))
        case .int16: Double(Int16(truncatingIfNeeded: exact))
        default: Double(Int32(truncatingIfNeeded: exact))
        }
      #expect(product.values == [Double](repeating: expected, count: s.m * s.n), "\(kind)")
    }
  }

  /// Rounding errors of arbitrary numbers stay within a few units of the sum of magnitudes.
  @Test(arguments: Kind.floats) func accuracy(kind: Kind) {
    let s = Shape(45, 50, 700)
    var numbers = Numbers(9)
    let a = Block(kind.dtype, [s.m, s.k]) { _ in numbers.real() }
    let b = Block(kind.dtype, [s.k, s.n]) { _ in numbers.real() }
    let out = Block(kind.dtype, [s.m, s.n])
    #expect(st_matmul(out.view, a.view, b.view, Block.none).code == ST_OK)
    let exact = reference(a, b, { _, _ in 0 }, s)
    let sum: Double = kind == .float64 ? 0x1p-53 : 0x1p-24
    let last: Double = kind == .float16 ? 0x1p-11 : kind == .bfloat16 ? 0x1p-8 : 0
    for (value, expected) in zip(out.values, exact) {
      let bound: Double = 7000 * sum + last * abs(expected)
      #expect(abs(value - expected) <= bound)
    }
  }

  /// The same bits for any number of threads, also where the work is cut into many parts.
  @Test(
    arguments: [Kind.float32, .bfloat16, .int8],
    [Shape(400, 300, 130), Shape(1, 3000, 300), Shape(64, 700, 520), Shape(8, 700, 600)])
  func threads(kind: Kind, shape: Shape) {
    var numbers = Numbers(5)
    let a = Block(kind.dtype, [shape.m, shape.k]) { _ in numbers.real() }
    let b = Block(kind.dtype, [shape.k, shape.n], .transposed) { _ in numbers.real() }
    let before = st_threads()
    defer { st_set_threads(before) }
    let results = [Int32(1), 2, 3].map { threads in
      st_set_threads(threads)
      let out = Block(kind.dtype, [shape.m, shape.n])
      #expect(st_matmul(out.view, a.view, b.view, Block.none).code == ST_OK)
      return out.bytes
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func boolsAreRefused() {
    let block = Block(Kind.bool.dtype, [2, 2])
    #expect(st_matmul(block.view, block.view, block.view, Block.none).code == ST_UNSUPPORTED_DTYPE)
  }
}
