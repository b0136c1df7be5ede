import CTensorKernels
import Foundation
import TestSupport
import Testing

/// The fills against values that PyTorch drew, bit for bit.
@Suite struct RandomKernelTests {
  /// One recorded call: the elements in hexadecimal (of long ones the ends and a checksum) and one float32 drawn next.
  struct Recorded: Decodable, Sendable {
    let seed: UInt64
    let n: Int
    let hex: String?
    let first8: String?
    let last8: String?
    let fnv1a64: String?
    let next: String
  }

  typealias Fill = (UnsafeMutablePointer<st_generator>, st_view) -> Void

  /// The functions of the fixtures by their names there, and the dtype.
  private static func fill(_ name: String) -> (Fill, Kind)? {
    let parts = name.split(separator: " ")
    guard parts.count == 2, let kind = Kind(name: parts[1]) else { return nil }
    let fill: Fill
    switch parts[0] {
    case "rand": fill = { st_random_uniform($0, $1, 0, 1) }
    case "randn": fill = { st_random_normal($0, $1, 0, 1) }
    case "uniform_(-0.3,1.9)": fill = { st_random_uniform($0, $1, -0.3, 1.9) }
    case "normal_(0.7,3.1)": fill = { st_random_normal($0, $1, 0.7, 3.1) }
    case "exponential_(1.5)": fill = { st_random_exponential($0, $1, 1.5) }
    case "bernoulli_(0.3)": fill = { st_random_bernoulli($0, $1, 0.3) }
    case "randint(0,1000)": fill = { st_random_integers($0, $1, 0, 1000) }
    case "randint(0,10)": fill = { st_random_integers($0, $1, 0, 10) }
    case "randint(-5,7)": fill = { st_random_integers($0, $1, -5, 12) }
    case "randint(0,2**40)": fill = { st_random_integers($0, $1, 0, 1 << 40) }
    case "randint(0,2**28)": fill = { st_random_integers($0, $1, 0, 1 << 28) }
    case "random_()": fill = { st_random_raw($0, $1) }
    case "randperm": fill = { st_random_permutation($0, $1) }
    case "bernoulli(i/n)":
      fill = { generator, out in
        let n = out.shape[0]
        let probabilities = Block(out.dtype, [n]) { Double(Float($0) / Float(n)) }
        if out.dtype == ST_FLOAT64 { for i in 0..<n { probabilities[i] = Double(i) / Double(n) } }
        #expect(st_random_bernoulli_each(generator, out, probabilities.view).code == ST_OK)
      }
    default: return nil
    }
    return (fill, kind)
  }

  /// Bytes in hexadecimal as the fixtures write them: each element's most significant byte first.
  private func hex(_ bytes: some Sequence<UInt8>, itemSize: Int) -> String {
    let all = Array(bytes)
    let digits = Array("0123456789abcdef")
    var text = ""
    for start in stride(from: 0, to: all.count, by: itemSize) {
      for byte in all[start..<(start + itemSize)].reversed() {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
    return text
  }

  private func next(_ generator: inout st_generator) -> String {
    let one = Block(Kind.float32.dtype, [1])
    st_random_uniform(&generator, one.view, 0, 1)
    return hex(one.bytes, itemSize: 4)
  }

  @Test(arguments: ["float16", "bfloat16", "float32", "float64", "integer"])
  func recordedFills(file: String) throws {
    let functions: [String: [Recorded]] = try Fixture.decode(from: "rng_\(file).json")
    var tested = 0
    for (name, cases) in functions {
      guard let (fill, kind) = Self.fill(name) else { continue }
      tested += 1
      for recorded in cases {
        var generator = st_generator()
        st_generator_seed(&generator, recorded.seed)
        let out = Block(kind.dtype, [recorded.n])
        fill(&generator, out.view)
        let bytes = out.bytes
        let size = Block.itemSize(kind.dtype)
        let comment: Comment = "\(name) seed \(recorded.seed) n \(recorded.n)"
        if let expected = recorded.hex {
          #expect(hex(bytes, itemSize: size) == expected, comment)
        } else {
          #expect(hex(bytes.prefix(8 * size), itemSize: size) == recorded.first8, comment)
          #expect(hex(bytes.suffix(8 * size), itemSize: size) == recorded.last8, comment)
          #expect(fnv1a64(bytes) == UInt64(recorded.fnv1a64 ?? "", radix: 16), comment)
        }
        #expect(next(&generator) == recorded.next, comment)
        #expect(out.isSoundOutside, comment)
      }
    }
    #expect(tested >= 6)
  }

  private func fixture() throws -> [String: Any] {
    try #require(try Fixture.json("rng_mixed.json") as? [String: Any])
  }

  private func recorded(_ title: String) throws -> [String] {
    let entries = try #require(try fixture()[title] as? [[String: Any]])
    return entries.compactMap { $0["hex"] as? String }
  }

  @Test func secondNormalWaitsForTheNextCall() throws {
    var generator = st_generator()
    st_generator_seed(&generator, 0)
    let sequence = try recorded("randn(3),randn(20),randn(1),randn(3)  (cached half survives the 16+ call)")
    for (n, expected) in zip([3, 20, 1, 3], sequence) {
      let out = Block(Kind.float32.dtype, [n])
      st_random_normal(&generator, out.view, 0, 1)
      #expect(hex(out.bytes, itemSize: 4) == expected)
    }
    st_generator_seed(&generator, 0)
    let shared = try recorded("randn float64(3), randn float32(3) share the cache")
    for (kind, expected) in zip([Kind.float64, .float32], shared) {
      let out = Block(kind.dtype, [3])
      st_random_normal(&generator, out.view, 0, 1)
      #expect(hex(out.bytes, itemSize: Block.itemSize(kind.dtype)) == expected)
    }
  }

  /// A dense transposed tensor is filled in the order of its memory, and by the serial path where it is normal.
  @Test func viewsAreFilledInMemoryOrder() throws {
    var generator = st_generator()
    st_generator_seed(&generator, 0)
    let uniform = Block(Kind.float32.dtype, [2, 3], .transposed)
    st_random_uniform(&generator, uniform.view, 0, 1)
    let uniformValues = try recorded("empty(3,2).t().uniform_() logical order")[0]
    #expect(hex(uniform.bytes, itemSize: 4) == uniformValues)
    st_generator_seed(&generator, 0)
    let normal = Block(Kind.float32.dtype, [4, 5], .transposed)
    st_random_normal(&generator, normal.view, 0, 1)
    let normalValues = try recorded("empty(5,4).t().normal_() logical order (serial double path)")[0]
    #expect(hex(normal.bytes, itemSize: 4) == normalValues)
  }

  /// Every layout holds the numbers of the memory order; what lies between the elements is left alone.
  @Test(arguments: Kind.allCases, Block.Layout.allCases) func layouts(kind: Kind, layout: Block.Layout) {
    let shape = [3, 4, 5]
    var first = st_generator()
    var second = st_generator()
    st_generator_seed(&first, 3)
    st_generator_seed(&second, 3)
    let out = Block(kind.dtype, shape, layout)
    let flat = Block(kind.dtype, [60])
    st_random_integers(&first, out.view, 0, 2)
    st_random_integers(&second, flat.view, 0, 2)
    let order = (0..<60).sorted { a, b in position(a, out) < position(b, out) }
    #expect(order.map { out[$0] } == flat.values)
    #expect(out.isSoundOutside)
  }

  private func position(_ number: Int, _ block: Block) -> Int {
    var rest = number
    var place = 0
    for d in block.shape.indices.reversed() {
      place += rest % block.shape[d] * block.strides[d]
      rest /= block.shape[d]
    }
    return place
  }

  @Test func seedsBeyond32Bits() throws {
    let seeds = try #require(try fixture()["seeds"] as? [String: [String: String]])
    for (text, entry) in seeds {
      guard let seed = UInt64(text) ?? Int64(text).map({ UInt64(bitPattern: $0) }) else { continue }
      var generator = st_generator()
      st_generator_seed(&generator, seed)
      #expect(String(generator.seed) == entry["initial_seed"])
      let out = Block(Kind.float32.dtype, [3])
      st_random_uniform(&generator, out.view, 0, 1)
      #expect(hex(out.bytes, itemSize: 4) == entry["rand3"])
    }
    #expect(seeds.count >= 6)
  }

  @Test func stateCountsAsPyTorchDoes() {
    var generator = st_generator()
    st_generator_seed(&generator, 0)
    #expect(generator.left == 1 && generator.next == 0)
    for k in 1...624 {
      _ = st_generator_next32(&generator)
      #expect(generator.next == k && generator.left == 625 - k)
    }
    _ = st_generator_next64(&generator)
    #expect(generator.next == 2 && generator.left == 623)
  }

  @Test func probabilitiesOutsideAreRefused() {
    var generator = st_generator()
    st_generator_seed(&generator, 0)
    let out = Block(Kind.float32.dtype, [3])
    for bad in [-0.1, 1.5, .nan] {
      let status = st_random_bernoulli_each(
        &generator, out.view, Block(Kind.float32.dtype, [3], values: [0.5, bad, 1]).view)
      #expect(status.code == ST_INDEX_OUT_OF_RANGE && status.value == 1)
    }
    #expect(generator.left == 1)
  }
}
