import CTensorKernels
import Testing
import TestSupport

private let unaryOps: [String: st_unary_op] = [
  "abs": ST_ABS, "negative": ST_NEGATIVE, "sign": ST_SIGN, "floor": ST_FLOOR, "ceil": ST_CEIL, "round": ST_ROUND,
  "trunc": ST_TRUNC, "sqrt": ST_SQRT, "reciprocal": ST_RECIPROCAL, "bitwise_not": ST_BITWISE_NOT,
  "logical_not": ST_LOGICAL_NOT, "square": ST_SQUARE, "is_nan": ST_IS_NAN, "sigmoid": ST_SIGMOID, "relu": ST_RELU,
]
private let binaryOps: [String: st_binary_op] = [
  "add": ST_ADD, "subtract": ST_SUBTRACT, "multiply": ST_MULTIPLY, "divide": ST_DIVIDE,
  "floor_divide": ST_FLOOR_DIVIDE, "remainder": ST_REMAINDER, "fmod": ST_FMOD, "power": ST_POWER,
  "maximum": ST_MAXIMUM, "minimum": ST_MINIMUM, "atan2": ST_ATAN2, "equal": ST_EQUAL, "less": ST_LESS,
  "bitwise_and": ST_BITWISE_AND, "bitwise_xor": ST_BITWISE_XOR, "logical_xor": ST_LOGICAL_XOR,
]
/// Whose figures PyTorch itself rounds differently.
private let inexact: [String: Double] = ["sqrt": 1.2e-7, "power": 2e-7, "atan2": 2e-7, "sigmoid": 3e-7]

// Results of PyTorch at the edges of every type: Tests/Fixtures/arithmetic.json. "!" stands for an error.
private struct Golden: Decodable {
  struct Results: Decodable {
    let dtype: String?
    let values: String
  }
  struct Table: Decodable {
    let values: String
    let results: [String: Results]
  }
  let unary: [String: Table]
  let binary: [String: Table]
}

@Suite struct EdgeTests {
  @Test("PyTorch's figures of one operand", arguments: Element.allCases)
  func unary(_ element: Element) throws {
    let table = try #require(try Fixture.decode(Golden.self, from: "arithmetic.json").unary["\(element)"])
    let inputs = table.values.split(separator: " ").map(String.init)
    for (name, results) in table.results {
      let op = try #require(unaryOps[name])
      for (input, expected) in zip(inputs, results.values.split(separator: " ").map(String.init)) {
        let x = Memory(element, [1])
        x.store(input, at: 0)
        guard let dtype = results.dtype else {
          let status = st_unary(op, Memory(element, [1]).view, x.view, element.rawValue, nil)
          #expect(status.code == Int32(ST_UNSUPPORTED_DTYPE), "\(name) of \(element)")
          continue
        }
        let result = Memory(Element(named: dtype), [1])
        let keeps = result.element != .bool || name == "sign" || name == "bitwise_not"
        let status = st_unary(op, result.view, x.view, (keeps ? result.element : element).rawValue, nil)
        if status.code != 0 || !result.holds(expected, at: 0, within: inexact[name] ?? 0) {
          Issue.record("\(name)(\(input)) of \(element): \(result[0]), expected \(expected)")
        }
      }
    }
  }

  @Test("PyTorch's figures of two operands", arguments: Element.allCases)
  func binary(_ element: Element) throws {
    let table = try #require(try Fixture.decode(Golden.self, from: "arithmetic.json").binary["\(element)"])
    let inputs = table.values.split(separator: " ").map(String.init)
    let comparisons: Set = ["equal", "less", "logical_xor"]
    for (name, results) in table.results {
      let op = try #require(binaryOps[name])
      let expected = results.values.split(separator: " ").map(String.init)
      for (i, a) in inputs.enumerated() {
        for (j, b) in inputs.enumerated() {
          let x = Memory(element, [1]), y = Memory(element, [1])
          x.store(a, at: 0)
          y.store(b, at: 0)
          let wanted = expected[i * inputs.count + j]
          if wanted == "!" {
            let status = st_binary(op, Memory(element, [1]).view, x.view, y.view, element.rawValue, nil)
            let zero = results.dtype != nil && y.whole(0) == 0
            #expect(status.code == Int32(zero ? ST_DIVISION_BY_ZERO : ST_UNSUPPORTED_DTYPE), "\(name) \(element) \(b)")
            continue
          }
          let result = Memory(Element(named: results.dtype!), [1])
          let compute = result.element == .bool && comparisons.contains(name) ? element : result.element
          let status = st_binary(op, result.view, x.view, y.view, compute.rawValue, nil)
          if status.code != 0 || !result.holds(wanted, at: 0, within: inexact[name] ?? 0) {
            Issue.record("\(name)(\(a), \(b)) of \(element): \(result[0]), expected \(wanted)")
          }
        }
      }
    }
  }

  /// What processors trap on or C++ leaves undefined.
  @Test func smallestIntegerByMinusOne() {
    for element in [Element.int8, .int16, .int32, .int64] {
      let smallest = -(Int64(1) << (8 * element.size - 2)) * 2
      let a = Memory(element, [70]), b = Memory(element, [70]), result = Memory(element, [70])
      for i in 0..<70 {
        a.store(smallest, at: i)
        b.store(-1, at: i)
      }
      for (op, expected) in [
        (ST_DIVIDE, smallest), (ST_FLOOR_DIVIDE, smallest), (ST_REMAINDER, 0), (ST_FMOD, 0), (ST_MULTIPLY, smallest),
      ] {
        let status = st_binary(op, result.view, a.view, b.view, element.rawValue, nil)
        #expect(status.code == 0)
        #expect((0..<70).allSatisfy { result.whole($0) == expected })
      }
      b.store(0, at: 69)
      for op in [ST_DIVIDE, ST_FLOOR_DIVIDE, ST_REMAINDER, ST_FMOD] {
        let status = st_binary(op, result.view, a.view, b.view, element.rawValue, nil)
        #expect(status.code == Int32(ST_DIVISION_BY_ZERO))
      }
    }
  }

  @Test(arguments: [Element.float16, .bfloat16, .float32, .float64])
  func notANumberPasses(_ element: Element) {
    let nan = Double.nan
    let x = Memory(element, values: [nan, 1, 2, nan]), y = Memory(element, values: [0, nan, 3, nan])
    let result = Memory(element, [4])
    for op in [ST_MINIMUM, ST_MAXIMUM] {
      _ = st_binary(op, result.view, x.view, y.view, element.rawValue, nil)
      #expect(result.values.map(\.isNaN) == [true, true, false, true])
    }
    _ = st_unary(ST_RELU, result.view, x.view, element.rawValue, nil)
    #expect(result.values.map(\.isNaN) == [true, false, false, true])
    _ = st_unary(ST_CLAMP_NUMBERS, result.view, x.view, element.rawValue, [-1, 1.5])
    #expect(result[0].isNaN && result[1] == 1 && result[2] == 1.5)
    // An upper bound below the lower one wins; a NaN bound makes all NaN.
    _ = st_unary(ST_CLAMP_NUMBERS, result.view, x.view, element.rawValue, [5, 3])
    #expect(result[0].isNaN && result[1] == 3 && result[2] == 3)
    _ = st_unary(ST_CLAMP_NUMBERS, result.view, x.view, element.rawValue, [nan, 3])
    #expect(result.values.map(\.isNaN) == [true, true, true, true])
    let low = Memory(element, values: [0, 0, nan, 0]), high = Memory(element, values: [1, 0.5, 1, nan])
    _ = st_ternary(ST_CLAMP, result.view, y.view, low.view, high.view, element.rawValue, nil)
    #expect(result[0] == 0 && result[1].isNaN && result[2].isNaN && result[3].isNaN)
    // The gradient passes where the result is NaN.
    _ = st_binary(ST_RELU_BACKWARD, result.view, low.view, x.view, element.rawValue, nil)
    #expect(result[0] == 0 && result[2].isNaN)
  }

  @Test func fusedRoundings() {
    var random = Sequence64(state: 9)
    func numbers() -> [Float] { (0..<300).map { _ in Float.random(in: -3...3, using: &random) } }
    let a = numbers(), b = numbers(), c = numbers()
    let memory = [a, b, c].map { Memory(.float32, values: $0.map(Double.init)) }
    let result = Memory(.float32, [300])
    func run(_ op: st_ternary_op, _ parameters: [Double]) {
      _ = st_ternary(
        op, result.view, memory[0].view, memory[1].view, memory[2].view, Element.float32.rawValue, parameters)
    }
    run(ST_ADDCMUL, [0.3, 0])
    for i in 0..<300 { #expect(Float(result[i]) == a[i].addingProduct(0.3 * b[i], c[i])) }
    run(ST_ADDCDIV, [0.3, 0])
    for i in 0..<300 { #expect(Float(result[i]) == a[i] + (0.3 * b[i]) / c[i]) }
    run(ST_LERP, [0, 0])
    for i in 0..<300 {
      let difference = b[i] - a[i], near = abs(c[i]) < 0.5
      let expected = near ? a[i].addingProduct(c[i], difference) : b[i].addingProduct(-difference, 1 - c[i])
      #expect(Float(result[i]) == expected)
    }
  }
}

@Suite struct CastTests {
  /// Tests/Fixtures/cast.json: PyTorch's conversion of edge values of each type to each other one.
  @Test("PyTorch's casts", arguments: ["from_float", "from_int"])
  func golden(_ group: String) throws {
    let json = try #require(try Fixture.json("cast.json") as? [String: Any])
    let columns = try #require(json["columns"] as? [String])
    let tables = try #require(json[group] as? [String: [String: [String]]])
    var compared = 0
    for (name, table) in tables where Element.allCases.contains(where: { "\($0)" == name }) {
      let from = Element(named: name)
      for (value, results) in table {
        for (column, expected) in zip(columns, results) where !column.hasPrefix("float8") {
          // Long enough for vectors, with a rest.
          let x = Memory(from, [67]), result = Memory(Element(named: column), [67])
          for i in 0..<67 { x.store(value, at: i) }
          st_copy(result.view, x.view)
          if !result.holds(expected, at: 0) || !result.holds(expected, at: 66) {
            Issue.record("\(name) \(value) to \(column): \(result[0]), expected \(expected)")
          }
          compared += 1
        }
      }
    }
    #expect(compared > 900)
  }

  @Test func everyHalfSurvives() {
    let half = Memory(.float16, [65536]), single = Memory(.float32, [65536]), back = Memory(.float16, [65536])
    let bits = half.bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<65536 { bits[i] = UInt16(i) }
    st_copy(single.view, half.view)
    st_copy(back.view, single.view)
    let returned = back.bytes.assumingMemoryBound(to: UInt16.self)
    let wide = single.bytes.assumingMemoryBound(to: Float.self)
    var wrong: [Int] = []
    for i in 0..<65536 {
      let value = Float(Float16(bitPattern: UInt16(i)))
      let same = value.isNaN ? wide[i].isNaN : wide[i].bitPattern == value.bitPattern && returned[i] == UInt16(i)
      if !same { wrong.append(i) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func fillsAndRanges() {
    let whole = st_number(kind: .init(1), integer: 300, real: 300)
    let bytes = Memory(.uint8, [3, 5], strides: [1, 3])
    st_fill(bytes.view, whole)
    #expect(bytes.values.allSatisfy { $0 == 44 })
    let real = st_number(kind: .init(2), integer: 0, real: 0.1)
    let halves = Memory(.float16, [100])
    st_fill(halves.view, real)
    #expect(halves.values.allSatisfy { $0 == Double(Float16(0.1)) })
    let indices = Memory(.int64, [1000])
    st_arange(
      indices.view, st_number(kind: .init(1), integer: 5, real: 5), st_number(kind: .init(1), integer: -3, real: -3))
    #expect((0..<1000).allSatisfy { indices.whole($0) == Int64(5 - 3 * $0) })
    let steps = Memory(.float64, [11])
    st_arange(steps.view, st_number(kind: .init(2), integer: 0, real: 1), real)
    #expect((0..<11).allSatisfy { steps[$0] == 1 + Double($0) * 0.1 })
    let line = Memory(.float64, [5])
    st_linspace(line.view, -1, 1)
    #expect(line.values == [-1, -0.5, 0, 0.5, 1])
    let single = Memory(.float32, [1])
    st_linspace(single.view, 3, 9)
    #expect(single[0] == 3)
  }
}
