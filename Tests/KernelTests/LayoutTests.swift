import CTensorKernels
import Testing

/// Shapes with an output and two inputs that broadcast to it.
private let shapes: [(out: [Int], a: [Int], b: [Int])] = [
  ([], [], []), ([1], [], [1]), ([7], [7], [1]), ([0], [0], [1]), ([3, 0, 2], [0, 1], [3, 1, 2]),
  ([3, 4], [3, 4], [4]), ([3, 4], [3, 1], [1, 4]), ([200, 10], [200, 10], [10]), ([5, 300], [5, 300], [5, 1]),
  ([2, 3, 4, 5], [4, 1], [2, 1, 4, 5]), ([1500], [1500], []), ([33, 65], [], [33, 65]), ([4, 2, 700], [2, 1], [700]),
  ([2, 1, 3, 1, 2, 1, 3, 1, 2, 2], [3, 1, 2, 2], [2, 1, 3, 1, 2, 1, 3, 1, 2, 2]), ([1100, 3], [3], [1100, 1]),
]

/// The row-major number within `shape` of the element that broadcasts to number `index` of `out`.
private func source(_ index: Int, _ out: [Int], _ shape: [Int]) -> Int {
  var rest = index
  var place = 0
  var step = 1
  for d in stride(from: out.count - 1, through: 0, by: -1) {
    let at = rest % out[d]
    rest /= out[d]
    let own = d - (out.count - shape.count)
    if own < 0 { continue }
    if shape[own] != 1 { place += at * step }
    step *= shape[own]
  }
  return place
}

private func fill(_ memory: Memory, from start: Int) {
  for i in 0..<memory.count { memory[i] = Double((i * 7 + start) % 11) }
}

@Suite struct LayoutTests {
  @Test("sums over all placements", arguments: Placement.allCases, Placement.allCases)
  func binary(_ placement: Placement, _ outPlacement: Placement) {
    let types: [(Element, Element, Element)] = [
      (.float32, .float32, .float32), (.int32, .int32, .int32), (.float64, .float64, .float64),
      (.float32, .uint8, .float64), (.bfloat16, .bfloat16, .bfloat16), (.int64, .int16, .int64),
    ]
    for (a, b, out) in types {
      for shape in shapes {
        let x = placement.make(a, shape.a), y = placement.make(b, shape.b), z = outPlacement.make(out, shape.out)
        fill(x, from: 1)
        fill(y, from: 5)
        let status = st_binary(ST_ADD, z.view, x.view, y.view, out.rawValue, nil)
        #expect(status.code == 0)
        for i in 0..<z.count {
          let expected = x[source(i, shape.out, shape.a)] + y[source(i, shape.out, shape.b)]
          guard z[i] == expected else {
            Issue.record("\(a) + \(b), \(shape), element \(i): \(z[i]), expected \(expected)")
            break
          }
        }
      }
    }
  }

  @Test("expanded operands and choices", arguments: Placement.allCases)
  func ternary(_ placement: Placement) {
    for element in Element.allCases {
      for shape in shapes {
        let condition = placement.make(.bool, shape.a), x = placement.make(element, shape.b)
        let y = Memory(element, shape.out, strides: shape.out.map { _ in 0 })
        let z = placement.make(element, shape.out)
        for i in 0..<condition.count { condition[i] = i % 3 == 0 ? 1 : 0 }
        fill(x, from: 2)
        if y.count > 0 { y[0] = 1 }
        let status = st_ternary(ST_WHERE, z.view, condition.view, x.view, y.view, element.rawValue, nil)
        #expect(status.code == 0)
        #expect(
          (0..<z.count).allSatisfy {
            z[$0] == (condition[source($0, shape.out, shape.a)] != 0 ? x[source($0, shape.out, shape.b)] : 1)
          }, "\(element) \(shape)")
      }
    }
  }

  @Test("copies between placements and types", arguments: Placement.allCases, Placement.allCases)
  func copies(_ from: Placement, _ to: Placement) {
    for shape in [[], [5], [0, 3], [3, 5], [70, 33], [2, 65, 130], [4, 3, 2, 5]] {
      for (a, b) in [
        (Element.float32, Element.float32), (.int16, .int16), (.bool, .uint8), (.int64, .float16),
        (.float64, .float64), (.uint8, .uint8), (.float32, .bfloat16),
      ] {
        let x = from.make(a, shape), y = to.make(b, shape)
        fill(x, from: 0)
        st_copy(y.view, x.view)
        #expect(y.values == x.values, "\(a) to \(b) \(shape)")
      }
    }
  }

  @Test("an output may be an input", arguments: [Element.float32, .int64, .float16])
  func inPlace(_ element: Element) {
    for shape in [[1], [500], [40, 50]] {
      let x = Memory(element, shape, strides: shape.count == 2 ? [1, 40] : nil)
      fill(x, from: 3)
      let before = x.values
      _ = st_binary(ST_ADD, x.view, x.view, x.view, element.rawValue, nil)
      #expect(x.values == before.map { 2 * $0 })
    }
  }

  @Test("a 16-bit type between wider ones rounds") func roundsThroughHalf() {
    let x = Memory(.float32, values: [2049, 1.0009, 3]), y = Memory(.float16, values: [2048, 1, 3])
    let equal = Memory(.bool, [3]), sum = Memory(.float32, [3])
    _ = st_binary(ST_EQUAL, equal.view, x.view, y.view, Element.float16.rawValue, nil)
    #expect(equal.values == [1, 0, 1])
    _ = st_binary(ST_ADD, sum.view, x.view, y.view, Element.float16.rawValue, nil)
    #expect(sum.values == [4096, Double(Float16(1) + Float16(1.0009)), 6])
    // PyTorch's arithmetic takes a single number at float's precision.
    let number = Memory(.float64, [])
    number[0] = 0.1
    let product = Memory(.float16, [3])
    _ = st_binary(ST_MULTIPLY, product.view, y.view, number.view, Element.float16.rawValue, nil)
    #expect(product.values == [2048, 1, 3].map { Double(Float16(Float($0) * Float(0.1))) })
  }
}
