import Tensor
import TestSupport
import Testing

/// Arithmetic at the edges of every dtype, against PyTorch's results: wrapping, division by zero, infinities, NaN, -0.
@Suite(.everyDevice)
struct ArithmeticTests {
  /// By operation, operand dtype and result dtype, or "error": the operands and the result, between spaces.
  typealias Cases = [String: [String: [String: [String]]]]
  static let cases = try! Fixture.decode([String: Cases].self, from: "arith.json")

  static let unary: [String: @Sendable (Tensor) -> Tensor] = [
    "abs": { $0.abs() }, "neg": { -$0 }, "sign": { $0.sign() }, "floor": { $0.floor() }, "ceil": { $0.ceil() },
    "round": { $0.round() }, "trunc": { $0.trunc() }, "sqrt": { $0.sqrt() }, "reciprocal": { $0.reciprocal() },
    "bitwise_not": { ~$0 }, "logical_not": { .!$0 }, "square": { $0.square() }, "isnan": { $0.isNaN() },
    "sigmoid": { $0.sigmoid() }, "relu": { $0.relu() }, "sum4": { Self.repeated($0, 4).sum(dim: 1) },
    "mean4": { Self.repeated($0, 4).mean(dim: 1) }, "prod3": { Self.repeated($0, 3).prod(dim: 1) },
    "cumsum3": { Self.repeated($0, 3).cumsum(dim: 1).select(dim: 1, index: 2) }, "frac": { $0.frac() },
    "nan_to_num": { $0.nanToNum() },
  ]

  static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "add": { $0 + $1 }, "sub": { $0 - $1 }, "mul": { $0 * $1 }, "div": { $0 / $1 },
    "floor_divide": { $0.floorDivide($1) }, "remainder": { $0 % $1 }, "fmod": { $0.fmod($1) }, "pow": { $0 ** $1 },
    "maximum": { $0.maximum($1) }, "minimum": { $0.minimum($1) }, "atan2": { $0.atan2($1) }, "eq": { $0 .== $1 },
    "lt": { $0 .< $1 }, "bitwise_and": { $0 .& $1 }, "bitwise_xor": { $0 .^ $1 },
    "logical_xor": { $0.logicalXor($1) }, "copysign": { $0.copysign($1) },
    "div_trunc": { $0.divide($1, rounding: .trunc) }, "fmax": { $0.fmax($1) }, "gcd": { $0.gcd($1) },
    "hypot": { $0.hypot($1) }, "logaddexp": { $0.logAddExp($1) }, "lshift": { $0 << $1 },
    "nextafter": { $0.nextafter($1) }, "rshift": { $0 >> $1 },
  ]

  static let scalar: [String: @Sendable (Tensor, any Scalar) -> Tensor] = [
    "add": { TensorTests.add($0, $1) }, "sub": { TensorTests.subtract($0, $1) },
    "mul": { TensorTests.multiply($0, $1) },
    "div": { TensorTests.divide($0, $1) }, "floor_divide": { $0.floorDivide($1) },
    "remainder": { TensorTests.remainder($0, $1) }, "pow": { TensorTests.power($0, $1) },
    "eq": { TensorTests.equal($0, $1) },
    "lt": { TensorTests.less($0, $1) }, "rsub": { TensorTests.reverseSubtract($0, $1) },
    "rdiv": { TensorTests.reverseDivide($0, $1) }, "fill_": { $0.fill($1) },
  ]

  /// Each element `count` times in a row of its own.
  static func repeated(_ x: Tensor, _ count: Int) -> Tensor {
    Tensor(viewOf: x, layout: Layout(shape: [x.count, count], strides: [1, 0]))
  }

  static func dtype(_ name: String) -> DType { DType.allCases.first { $0.name == name }! }

  /// A vector of values from their text, exact for int64 too.
  static func vector(_ texts: [String], _ dtype: DType) -> Tensor {
    guard dtype == .int64 else { return .make(texts.map { Double($0)! }, [texts.count], dtype: dtype) }
    let x = Tensor.make(Array(repeating: 0, count: texts.count), [texts.count], dtype: .int64)
    texts.map { Int64($0)! }.withUnsafeBytes { try! x.backend.copy(from: $0, to: x.storage, byteOffset: 0) }
    return x
  }

  static func texts(_ x: Tensor) -> [String] {
    if x.dtype == .int64 {
      return x.elementBytes.withUnsafeBytes { $0.bindMemory(to: Int64.self).map { String($0) } }
    }
    return x.doubles.map { x.dtype.isFloatingPoint ? "\($0)" : "\(Int64($0))" }
  }

  /// Whether two texts mean the same value: to the last digit but for float functions that need not round correctly.
  static func agree(_ found: String, _ expected: String, _ dtype: DType, exact: Bool) -> Bool {
    if found == expected { return true }
    guard dtype.isFloatingPoint, let a = Double(found), let b = Double(expected) else { return false }
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    if a == b { return a.sign == b.sign }
    if exact { return false }
    let unit: Double =
      switch dtype {
      case .float16: 0x1p-10
      case .bfloat16: 0x1p-7
      case .float32: 0x1p-22
      default: 0x1p-51
      }
    return abs(a - b) <= unit * abs(b) || abs(b) < 1e-300
  }

  /// PyTorch's square root is a digit off at times, and its number over a tensor multiplies by the reciprocal.
  static let inexact: Set = ["pow", "atan2", "sigmoid", "sqrt", "rdiv", "hypot", "logaddexp"]

  static func number(_ text: String) -> any Scalar {
    if text == "True" || text == "False" { return text == "True" }
    if let whole = Int64(text) { return whole }
    return Double(text)!
  }

  @Test(arguments: cases["unary"]!.keys.sorted())
  func oneOperand(operation: String) throws {
    let body = try #require(Self.unary[operation])
    for (name, results) in Self.cases["unary"]![operation]! {
      for (result, rows) in results {
        let fields = rows.map { $0.split(separator: " ").map(String.init) }
        let x = Self.vector(fields.map { $0[0] }, Self.dtype(name))
        if result == "error" {
          #expect(throws: TensorError.self, "\(operation) of \(name)") { try withThrowingErrors { body(x) } }
          continue
        }
        let found = body(x)
        #expect(found.dtype.name == result)
        for (row, value) in zip(fields, Self.texts(found)) {
          let agrees = Self.agree(value, row[1], found.dtype, exact: !Self.inexact.contains(operation))
          #expect(agrees, "\(operation) of \(name) \(row[0]) is \(value), expected \(row[1])")
        }
      }
    }
  }

  @Test(arguments: cases["binary"]!.keys.sorted())
  func twoOperands(operation: String) throws {
    let body = try #require(Self.binary[operation])
    for (name, results) in Self.cases["binary"]![operation]! {
      let dtype = Self.dtype(name)
      for (result, rows) in results {
        let fields = rows.map { $0.split(separator: " ").map(String.init) }
        if result == "error" {
          for row in fields {
            #expect(throws: TensorError.self, "\(operation) of \(name) \(row)") {
              try withThrowingErrors { body(Self.vector([row[0]], dtype), Self.vector([row[1]], dtype)) }
            }
          }
          continue
        }
        let found = body(Self.vector(fields.map { $0[0] }, dtype), Self.vector(fields.map { $0[1] }, dtype))
        #expect(found.dtype.name == result)
        for (row, value) in zip(fields, Self.texts(found)) {
          // PyTorch's divisor of the least integer and a coprime one is -1, because its negative overflows.
          if operation == "gcd" && row[2] == "-1" && value == "1" { continue }
          let agrees = Self.agree(value, row[2], found.dtype, exact: !Self.inexact.contains(operation))
          #expect(agrees, "\(operation) of \(name) \(row[0]) and \(row[1]) is \(value), expected \(row[2])")
        }
      }
    }
  }

  @Test(arguments: cases["scalar"]!.keys.sorted())
  func numbers(operation: String) throws {
    let body = try #require(Self.scalar[operation])
    for (name, results) in Self.cases["scalar"]![operation]! {
      for (result, rows) in results {
        for row in rows {
          let fields = row.split(separator: " ").map(String.init)
          let bare = fields[0] == "True" ? "1" : fields[0] == "False" ? "0" : fields[0]
          let x = Self.vector([bare], Self.dtype(name))
          if result == "error" {
            #expect(throws: TensorError.self, "\(operation) of \(name) \(row)") {
              try withThrowingErrors { body(x, Self.number(fields[1])) }
            }
            continue
          }
          let found = try withThrowingErrors { body(x, Self.number(fields[1])) }
          #expect(found.dtype.name == result, "\(operation) of \(name) \(row)")
          let value = Self.texts(found)[0]
          let agrees = Self.agree(value, fields[2], found.dtype, exact: !Self.inexact.contains(operation))
          #expect(agrees, "\(operation) of \(name) \(row) is \(value)")
        }
      }
    }
  }
}
