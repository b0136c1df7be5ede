import CTensorKernels
import Foundation
import Testing

/// A float32 function against float64's: within 2 units in the last place, but for libm's lgamma.
struct Accuracy: Sendable, CustomTestStringConvertible {
  let name: String
  let op: st_unary_op
  /// In units in the last place of the exact result.
  let bound: Double
  var parameters: [Double] = []
  /// Results smaller than this are subject to the formula's own rounding, and are not compared.
  var smallest = 0.0
  let exact: @Sendable (Double) -> Double
  var testDescription: String { name }

  static let all: [Accuracy] = [
    Accuracy(name: "exp", op: ST_EXP, bound: 1.1) { exp($0) },
    Accuracy(name: "exp2", op: ST_EXP2, bound: 1.3) { exp2($0) },
    Accuracy(name: "expm1", op: ST_EXPM1, bound: 1.8) { expm1($0) },
    Accuracy(name: "log", op: ST_LOG, bound: 1.9) { log($0) },
    Accuracy(name: "log2", op: ST_LOG2, bound: 0.51) { log2($0) },
    Accuracy(name: "log10", op: ST_LOG10, bound: 0.51) { log10($0) },
    Accuracy(name: "log1p", op: ST_LOG1P, bound: 0.51) { log1p($0) },
    Accuracy(name: "sqrt", op: ST_SQRT, bound: 0.5) { $0.squareRoot() },
    Accuracy(name: "rsqrt", op: ST_RSQRT, bound: 1.6) { 1 / $0.squareRoot() },
    Accuracy(name: "reciprocal", op: ST_RECIPROCAL, bound: 0.5) { 1 / $0 },
    Accuracy(name: "sin", op: ST_SIN, bound: 0.6) { sin($0) },
    Accuracy(name: "cos", op: ST_COS, bound: 0.6) { cos($0) },
    Accuracy(name: "tan", op: ST_TAN, bound: 1.2) { tan($0) },
    Accuracy(name: "asin", op: ST_ASIN, bound: 0.51) { asin($0) },
    Accuracy(name: "acos", op: ST_ACOS, bound: 0.51) { acos($0) },
    Accuracy(name: "atan", op: ST_ATAN, bound: 0.51) { atan($0) },
    Accuracy(name: "sinh", op: ST_SINH, bound: 0.51) { sinh($0) },
    Accuracy(name: "cosh", op: ST_COSH, bound: 0.51) { cosh($0) },
    Accuracy(name: "tanh", op: ST_TANH, bound: 1.8) { tanh($0) },
    Accuracy(name: "erf", op: ST_ERF, bound: 1.6) { erf($0) },
    Accuracy(name: "erfc", op: ST_ERFC, bound: 0.54) { erfc($0) },
    Accuracy(name: "lgamma", op: ST_LGAMMA, bound: 4, smallest: 0.1) { lgamma($0) },
    Accuracy(name: "asinh", op: ST_ASINH, bound: 0.51) { asinh($0) },
    Accuracy(name: "acosh", op: ST_ACOSH, bound: 0.51) { acosh($0) },
    Accuracy(name: "atanh", op: ST_ATANH, bound: 0.51) { atanh($0) },
    Accuracy(name: "ndtr", op: ST_NDTR, bound: 0.54) { 0.5 * erfc(-$0 / 2.0.squareRoot()) },
    Accuracy(name: "elu", op: ST_ELU, bound: 2, parameters: [1, 1]) { $0 > 0 ? $0 : expm1($0) },
    Accuracy(name: "logSigmoid", op: ST_LOG_SIGMOID, bound: 2) { $0 < 0 ? $0 - log1p(exp($0)) : 0 - log1p(exp(-$0)) },
    Accuracy(name: "selu", op: ST_SELU, bound: 2) {
      1.0507009873554804934193349852946 * ($0 > 0 ? $0 : 1.6732632423543772848170429916717 * expm1($0))
    },
    Accuracy(name: "entr", op: ST_ENTR, bound: 1.8) { $0 == 0 ? 0 : $0 < 0 ? -.infinity : -$0 * log($0) },
    Accuracy(name: "mish", op: ST_MISH, bound: 0.51) {
      let e = exp(min($0, 40)), n = e * (e + 2)
      return $0 * (n / (n + 2))
    },
    Accuracy(name: "sigmoid", op: ST_SIGMOID, bound: 2) { 1 / (1 + exp(-$0)) },
    Accuracy(name: "silu", op: ST_SILU, bound: 2) { $0 / (1 + exp(-$0)) },
    Accuracy(name: "softplus", op: ST_SOFTPLUS, bound: 1.6, parameters: [1, 20]) { $0 > 20 ? $0 : log1p(exp($0)) },
    Accuracy(name: "gelu", op: ST_GELU, bound: 1.9) { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
    Accuracy(name: "gelu_tanh", op: ST_GELU_TANH, bound: 2) {
      $0 / (1 + exp(-1.59576912160573071176 * ($0 + 0.044715 * $0 * $0 * $0)))
    },
  ]
}

/// How far `value` is from the exact result, in units in the last place of a float near it.
private func distance(_ value: Float, _ exact: Double) -> Double {
  if value.isNaN || exact.isNaN { return value.isNaN && exact.isNaN ? 0 : .infinity }
  if Float(exact) == value { return exact == 0 && value.sign != exact.sign ? .infinity : 0 }
  if value.isInfinite || Float(exact).isInfinite { return .infinity }
  let place = max(Float(exact).ulp, Float.leastNonzeroMagnitude)
  return abs(Double(value) - exact) / Double(place)
}

@Suite struct FormulaAccuracyTests {
  /// Bit patterns over the whole range, dense values near the origin, and the special ones.
  static let inputs: [Float] = {
    var values = stride(from: 0, through: UInt32.max - 250_000, by: 250_007).map { Float(bitPattern: $0) }
    values += (-12_000...12_000).map { Float($0) / 601 }
    values += (-5_000...5_000).map { Float($0) / 5003 }
    // Where results become subnormal.
    values += (0...12_000).map { -80 - Float($0) / 397 }
    values += [0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude]
    values += [.leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e8, 88.7, -103.9]
    return values
  }()

  @Test("float32 within its bound of float64", arguments: Accuracy.all)
  func float32(_ function: Accuracy) {
    let inputs = Self.inputs
    let memory = Memory(.float32, [inputs.count])
    let result = Memory(.float32, [inputs.count])
    memory.floats.update(from: inputs, count: inputs.count)
    let status = st_unary(function.op, result.view, memory.view, Element.float32.rawValue, function.parameters + [0])
    #expect(status.code == 0)
    let got = result.floats
    var worst = (distance: 0.0, input: Float(0))
    for (i, x) in inputs.enumerated() {
      let exact = function.exact(Double(x))
      if abs(exact) < function.smallest && x != 0 { continue }
      let d = distance(got[i], exact)
      if d > worst.distance { worst = (d, x) }
    }
    #expect(worst.distance <= function.bound, "at \(worst.input)")
  }

  @Test("what tends to 1 reaches it", arguments: [ST_TANH, ST_ERF, ST_SIGMOID], [Element.float32, .float64, .float16])
  func reachesOne(_ op: st_unary_op, _ element: Element) {
    let inputs = [40, 100, 1e4, .infinity, 40, 50, 60, 70, 80, 90, 100, 200, 300, 400, 500, 600, 700, 800]
    let values = Memory(element, values: inputs + inputs.map { -$0 })
    let result = Memory(element, [2 * inputs.count])
    let compute = element == .float16 ? Element.float32 : element
    #expect(st_unary(op, result.view, values.view, compute.rawValue, [0]).code == 0)
    #expect(result.values.prefix(inputs.count).allSatisfy { $0 == 1 })
    if op != ST_SIGMOID { #expect(result.values.dropFirst(inputs.count).allSatisfy { $0 == -1 }) }
  }

  @Test("short operands give what long ones give", arguments: Accuracy.all)
  func short(_ function: Accuracy) {
    let inputs = Self.inputs.shuffled(using: &Self.random).prefix(200)
    let long = Memory(.float32, values: inputs.map(Double.init))
    let whole = Memory(.float32, [inputs.count])
    _ = st_unary(function.op, whole.view, long.view, Element.float32.rawValue, function.parameters + [0])
    for count in [1, 2, 3, 63, 64, 65, 129] {
      let part = Memory(.float32, values: inputs.prefix(count).map(Double.init))
      // In place.
      _ = st_unary(function.op, part.view, part.view, Element.float32.rawValue, function.parameters + [0])
      let different = (0..<count).filter {
        part.floats[$0].bitPattern != whole.floats[$0].bitPattern && !(part.floats[$0].isNaN && whole.floats[$0].isNaN)
      }
      #expect(different.isEmpty, "of \(count)")
    }
  }
  nonisolated(unsafe) static var random = Sequence64(state: 5)

  /// Of the functions that float64 has of its own; NaN where what is made of libm's functions has no digits.
  static let doubles: [(name: String, op: st_unary_op, bound: Double, exact: @Sendable (Double) -> Double)] = [
    ("exp", ST_EXP, 2, { exp($0) }), ("expm1", ST_EXPM1, 3, { expm1($0) }), ("log", ST_LOG, 2, { log($0) }),
    ("tanh", ST_TANH, 3.5, { tanh($0) }), ("sigmoid", ST_SIGMOID, 3.5, { abs($0) < 700 ? 1 / (1 + exp(-$0)) : .nan }),
    ("gelu", ST_GELU, 6, { abs($0) < 1 ? 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) : .nan }),
    ("exp2", ST_EXP2, 2, { exp2($0) }), ("log2", ST_LOG2, 2, { log2($0) }), ("log10", ST_LOG10, 3, { log10($0) }),
    ("log1p", ST_LOG1P, 2, { log1p($0) }), ("sin", ST_SIN, 1.5, { sin($0) }), ("cos", ST_COS, 1.5, { cos($0) }),
    ("tan", ST_TAN, 4, { tan($0) }), ("erf", ST_ERF, 3, { erf($0) }), ("erfc", ST_ERFC, 9, { erfc($0) }),
    ("softplus", ST_SOFTPLUS, 3, { $0 > 20 ? $0 : log1p(exp($0)) }), ("sinh", ST_SINH, 4, { sinh($0) }),
    ("cosh", ST_COSH, 3, { cosh($0) }),
  ]

  @Test("float64 within its bound of libm", arguments: 0..<18)
  func float64(_ number: Int) {
    let function = Self.doubles[number]
    var inputs: [Double] = [0, -0.0, .infinity, -.infinity, .nan, 710, -745.2, 1e-310, -1e-310, 1e300, -1e300]
    var random = Sequence64(state: 7)
    for scale in [0.001, 0.5, 3, 30, 800] {
      for _ in 0..<3000 { inputs.append(Double.random(in: -scale...scale, using: &random)) }
    }
    for _ in 0..<3000 { inputs.append(Double(bitPattern: random.next())) }
    // Where sines and cosines are nearly 0.
    for multiple in 1...3000 { inputs.append(Double(multiple * multiple % 600_011) * Double.pi / 2) }
    let memory = Memory(.float64, values: inputs), result = Memory(.float64, [inputs.count])
    #expect(st_unary(function.op, result.view, memory.view, Element.float64.rawValue, [1, 20]).code == 0)
    var worst = (distance: 0.0, input: 0.0)
    for (i, x) in inputs.enumerated() {
      let exact = function.exact(x), value = result[i]
      if exact.isNaN && ["sigmoid", "gelu"].contains(function.name) { continue }
      var distance = 0.0
      if exact.isNaN || value.isNaN || exact.isInfinite || value.isInfinite {
        distance = exact.isNaN && value.isNaN || exact == value ? 0 : .infinity
      } else if exact != value {
        distance = abs(value - exact) / exact.ulp
      } else if exact == 0 && exact.sign != value.sign {
        distance = .infinity
      }
      if distance > worst.distance { worst = (distance, x) }
    }
    #expect(worst.distance <= function.bound, "\(function.name) at \(worst.input)")
  }

  @Test func remaindersAreExact() {
    var random = Sequence64(state: 11)
    var x: [Float] = [5, -5, 5, 0, -0.0, .infinity, 1, .nan, 1e30, -1e30, 3, 6]
    var y: [Float] = [3, 3, 0, 1, 1, 2, .infinity, 1, 7, 1e-30, .nan, -3]
    for i in 0..<20_000 {
      let bits = random.next()
      if i % 2 == 0 {
        x.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        y.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 32)))
      } else {
        // Near whole multiples.
        let divisor = Float(1 + bits % 1000) / 64
        let multiple = divisor * Float(Int(bits >> 40) % 4001 - 2000)
        y.append(divisor)
        x.append(bits & 1024 == 0 ? multiple : bits & 2048 == 0 ? multiple.nextUp : multiple.nextDown)
      }
    }
    let count = x.count
    let a = Memory(.float32, [count]), b = Memory(.float32, [count]), result = Memory(.float32, [count])
    a.floats.update(from: x, count: count)
    b.floats.update(from: y, count: count)
    func wrong(_ op: st_binary_op, _ exact: (Float, Float) -> Float) -> [Int] {
      _ = st_binary(op, result.view, a.view, b.view, Element.float32.rawValue, nil)
      return (0..<count).filter { i in
        let expected = exact(x[i], y[i]), value = result.floats[i]
        return expected.isNaN ? !value.isNaN : expected.bitPattern != value.bitPattern
      }
    }
    func floored(_ x: Float, _ y: Float) -> Float {
      let rest = fmodf(x, y)
      return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
    }
    #expect(wrong(ST_FMOD) { fmodf($0, $1) } == [])
    #expect(wrong(ST_REMAINDER, floored) == [])
  }

  @Test("16-bit floats are float32's result rounded once", arguments: [Element.float16, .bfloat16])
  func rounded(_ element: Element) {
    for function in Accuracy.all {
      let inputs = (0..<600).map { Double(Float($0 - 300) / 32) }
      var wrong: [Double] = []
      let stored = Memory(element, [inputs.count])
      for (i, x) in inputs.enumerated() {
        stored[i] = element == .float16 ? x : Double(Float(bitPattern: Float(x).bitPattern & 0xffff_0000))
      }
      let single = Memory(.float32, values: stored.values)
      let result = Memory(element, [inputs.count])
      let reference = Memory(.float32, [inputs.count])
      _ = st_unary(function.op, result.view, stored.view, element.rawValue, function.parameters + [0])
      _ = st_unary(function.op, reference.view, single.view, Element.float32.rawValue, function.parameters + [0])
      for i in 0..<inputs.count {
        let exact = Float(reference[i])
        var expected = Double(Float16(exact))
        if element == .bfloat16 {
          let bits = exact.bitPattern
          expected = exact.isNaN ? .nan : Double(Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000))
        }
        if result[i] != expected && !(result[i].isNaN && expected.isNaN) { wrong.append(stored[i]) }
      }
      #expect(wrong.isEmpty, "\(function.name)")
    }
  }

  @Test(
    "every bfloat16 is correctly rounded",
    arguments: ["exp", "log", "tanh", "erf", "sigmoid", "silu", "gelu", "gelu_tanh"])
  func bfloat16(_ name: String) {
    let function = Accuracy.all.first { $0.name == name }!
    let inputs = Memory(.bfloat16, [65_536]), results = Memory(.bfloat16, [65_536])
    let patterns = inputs.bytes.assumingMemoryBound(to: UInt16.self)
    for pattern in 0..<65_536 { patterns[pattern] = UInt16(pattern) }
    _ = st_unary(function.op, results.view, inputs.view, Element.bfloat16.rawValue, [0, 0])
    /// The bits of the nearest bfloat16, ties to even, of a float rounded to odd, which decides no tie.
    func rounded(_ exact: Double) -> UInt32 {
      let near = Float(exact)
      var bits = near.bitPattern
      if Double(near) != exact {
        if Double(near).magnitude > exact.magnitude { bits -= 1 }
        bits |= 1
      }
      return (bits + 0x7fff + (bits >> 16 & 1)) >> 16
    }
    let wrong = (0..<65_536).filter { pattern in
      let exact = function.exact(inputs[pattern]), result = results[pattern]
      if exact.isNaN { return !result.isNaN }
      return UInt32(Float(result).bitPattern >> 16) != rounded(exact)
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map { inputs[$0] })")
  }

  @Test func powerIsAsExactAsDouble() {
    var random = Sequence64(state: 1)
    let special: [Double] = [
      0, -0.0, 1, -1, 2, -2, 3, 0.5, -0.5, .infinity, -.infinity, .nan, 1e30, -1e30, 1e-30, 1e-42,
    ]
    var bases = special.flatMap { a in special.map { _ in Double(Float(a)) } }
    var exponents = special.flatMap { _ in special.map { Double(Float($0)) } }
    for _ in 0..<5_000 {
      bases.append(Double(Float.random(in: 0...4, using: &random)))
      exponents.append(Double(Float.random(in: -60...60, using: &random)))
    }
    let a = Memory(.float32, values: bases), b = Memory(.float32, values: exponents)
    let result = Memory(.float32, [bases.count])
    _ = st_binary(ST_POWER, result.view, a.view, b.view, Element.float32.rawValue, nil)
    let wrong = bases.indices.filter { distance(result.floats[$0], pow(bases[$0], exponents[$0])) > 0.51 }
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map { "\(bases[$0]) ** \(exponents[$0])" })")
  }

  @Test func derivativesMatchDifferences() {
    // In float64, against central differences of the formulas.
    let pairs: [(String, st_binary_op, st_unary_op, [Double])] = [
      ("gelu", ST_GELU_BACKWARD, ST_GELU, [0, 0]), ("gelu_tanh", ST_GELU_TANH_BACKWARD, ST_GELU_TANH, [0, 0]),
      ("silu", ST_SILU_BACKWARD, ST_SILU, [0, 0]), ("softplus", ST_SOFTPLUS_BACKWARD, ST_SOFTPLUS, [2, 20]),
      ("leaky_relu", ST_LEAKY_RELU_BACKWARD, ST_LEAKY_RELU, [0.1, 0]),
    ]
    let inputs = (-40...40).map { Double($0) * 0.11 + 0.003 }
    for (name, backward, forward, parameters) in pairs {
      for element in [Element.float64, .float32] {
        let step = element == .float64 ? 1e-6 : 1e-2
        func value(_ shift: Double) -> [Double] {
          let x = Memory(.float64, values: inputs.map { $0 + shift })
          let y = Memory(.float64, [inputs.count])
          _ = st_unary(forward, y.view, x.view, Element.float64.rawValue, parameters)
          return y.values
        }
        let up = value(step), down = value(-step)
        let gradient = Memory(element, values: inputs.map { _ in 3 }), x = Memory(element, values: inputs)
        let result = Memory(element, [inputs.count])
        _ = st_binary(backward, result.view, gradient.view, x.view, element.rawValue, parameters)
        let wrong = inputs.indices.filter { i in
          let expected = 3 * (up[i] - down[i]) / (2 * step)
          return abs(inputs[i]) > 2 * step && abs(result[i] - expected) > (element == .float64 ? 1e-8 : 3e-4)
        }
        #expect(wrong.isEmpty, "\(name) at \(wrong.map { inputs[$0] })")
      }
    }
  }
}
