import Tensor
import TestSupport
import Testing

/// Result dtypes against PyTorch's tables, of every pair of dtypes; "!" stands for an error.
@Suite(.everyDevice)
struct PromotionTests {
  struct Tables: Decodable {
    let dtypes: [String]
    let promote: [[String]]
    let binary: [String: [[String]]]
    let vectorWithZeroDim: [String: [[String]]]
    let withScalar: [String: [String: [String]]]
    let inplace: [String: [[String]]]
    let unary: [String: [String]]
  }

  static let tables = try! Fixture.decode(Tables.self, from: "promotion.json")
  static let dtypes = tables.dtypes.map { name in DType.allCases.first { $0.name == name }! }

  static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "add": { $0 + $1 }, "sub": { $0 - $1 }, "mul": { $0 * $1 }, "div": { $0 / $1 },
    "floor_divide": { $0.floorDivide($1) }, "remainder": { $0 % $1 }, "fmod": { $0.fmod($1) }, "pow": { $0 ** $1 },
    "eq": { $0 .== $1 }, "lt": { $0 .< $1 }, "maximum": { maximum($0, $1) }, "minimum": { minimum($0, $1) },
    "atan2": { $0.atan2($1) }, "bitwise_and": { $0 .& $1 }, "logical_and": { $0.logicalAnd($1) },
    "where": { `where`(ones([2], .bool), $0, $1) }, "cat": { cat([$0, $1]) }, "stack": { stack([$0, $1]) },
    "matmul": { matmul(square($0.dtype), square($1.dtype)) }, "lerp": { $0.lerp($1, weight: 0.5) },
    "dot": { $0.dot($1) },
  ]

  static let inplace: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "add_": {
      $0 += $1
      return $0
    },
    "mul_": {
      $0 *= $1
      return $0
    },
    "div_": {
      $0 /= $1
      return $0
    },
    "pow_": {
      $0 **= $1
      return $0
    },
    "copy_": { $0.copy(from: $1) },
  ]

  static let withScalar: [String: @Sendable (Tensor, any Scalar) -> Tensor] = [
    "add": { add($0, $1) }, "sub": { subtract($0, $1) }, "mul": { multiply($0, $1) }, "div": { divide($0, $1) },
    "floor_divide": { $0.floorDivide($1) }, "remainder": { remainder($0, $1) }, "pow": { power($0, $1) },
    "eq": { equal($0, $1) }, "rpow": { reversePower($0, $1) }, "rsub": { reverseSubtract($0, $1) },
    "rdiv": { reverseDivide($0, $1) }, "where": { $0.where(ones([2], .bool), $1) }, "fill_": { $0.fill($1) },
    "clamp_min": { $0.clamp(min: $1) }, "add_": { addInPlace($0, $1) }, "div_": { divideInPlace($0, $1) },
  ]

  static let unary: [String: @Sendable (Tensor) -> Tensor] = [
    "abs": { $0.abs() }, "neg": { -$0 }, "sign": { $0.sign() }, "square": { $0.square() }, "sqrt": { $0.sqrt() },
    "rsqrt": { $0.rsqrt() }, "reciprocal": { $0.reciprocal() }, "exp": { $0.exp() }, "exp2": { $0.exp2() },
    "expm1": { $0.expm1() }, "log": { $0.log() }, "log2": { $0.log2() }, "log10": { $0.log10() },
    "log1p": { $0.log1p() }, "sin": { $0.sin() }, "cos": { $0.cos() }, "tan": { $0.tan() }, "asin": { $0.asin() },
    "acos": { $0.acos() }, "atan": { $0.atan() }, "sinh": { $0.sinh() }, "cosh": { $0.cosh() },
    "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "erf": { $0.erf() }, "floor": { $0.floor() },
    "ceil": { $0.ceil() }, "round": { $0.round() }, "trunc": { $0.trunc() }, "isnan": { $0.isNaN() },
    "isinf": { $0.isInf() }, "isfinite": { $0.isFinite() }, "logical_not": { $0.logicalNot() },
    "bitwise_not": { ~$0 }, "sum": { $0.sum() }, "mean": { $0.mean() }, "prod": { $0.prod() }, "std": { $0.std() },
    "var": { $0.var() }, "amax": { $0.amax() }, "amin": { $0.amin() }, "max": { $0.max() }, "min": { $0.min() },
    "argmax": { $0.argmax() }, "argmin": { $0.argmin() }, "all": { $0.all() }, "any": { $0.any() },
    "logsumexp": { $0.logSumExp(dim: 0) }, "count_nonzero": { $0.countNonzero() }, "norm": { $0.norm() },
    "sum_f32": { $0.sum(dtype: .float32) }, "mean_f32": { $0.mean(dtype: .float32) },
    "sum_dim": { $0.sum(dim: 0) }, "mean_dim": { $0.mean(dim: 0) }, "max_dim": { $0.max(dim: 0).values },
    "max_dim_index": { $0.max(dim: 0).indices }, "softmax": { $0.softmax(dim: 0) },
    "log_softmax": { $0.logSoftmax(dim: 0) }, "relu": { $0.relu() }, "gelu": { $0.gelu() }, "silu": { $0.silu() },
    "leaky_relu": { $0.leakyRelu() }, "softplus": { $0.softplus() }, "clamp(0,1)": { $0.clamp(min: 0, max: 1) },
    "clamp(0.,1.)": { $0.clamp(min: 0.0, max: 1.0) }, "mse_loss": { mseLoss($0, $0) }, "l1_loss": { l1Loss($0, $0) },
    "matmul_self": { $0.matmul($0) },
    "cross_entropy": { crossEntropy(square($0.dtype), ones([2], .int64)) },
  ]

  static func ones(_ shape: [Int], _ dtype: DType) -> Tensor {
    .make(Array(repeating: 1, count: shape.reduce(1, *)), shape, dtype: dtype)
  }
  static func square(_ dtype: DType) -> Tensor { ones([2, 2], dtype) }

  /// The dtype that `body` gives, or "!" for an error.
  static func outcome(_ body: () -> Tensor) -> String {
    (try? withThrowingErrors { body().dtype.name }) ?? "!"
  }

  @Test func promoteTable() {
    for (i, a) in Self.dtypes.enumerated() {
      for (j, b) in Self.dtypes.enumerated() {
        #expect(DType.promote(a, b).name == Self.tables.promote[i][j], "\(a) and \(b)")
      }
    }
  }

  @Test(arguments: tables.binary.keys.sorted())
  func pairs(operation: String) throws {
    let body = try #require(Self.binary[operation])
    for (i, a) in Self.dtypes.enumerated() {
      for (j, b) in Self.dtypes.enumerated() {
        let found = Self.outcome { body(Self.ones([2], a), Self.ones([2], b)) }
        #expect(found == Self.tables.binary[operation]![i][j], "\(operation) of \(a) and \(b)")
      }
    }
  }

  @Test(arguments: tables.vectorWithZeroDim.keys.sorted())
  func vectorsWithZeroDim(operation: String) throws {
    let body = try #require(Self.binary[operation])
    for (i, a) in Self.dtypes.enumerated() {
      for (j, b) in Self.dtypes.enumerated() {
        let found = Self.outcome { body(Self.ones([2], a), Self.ones([], b)) }
        #expect(found == Self.tables.vectorWithZeroDim[operation]![i][j], "\(operation) of \(a) and zero-dim \(b)")
      }
    }
  }

  @Test(arguments: tables.withScalar.keys.sorted())
  func numbers(operation: String) throws {
    let body = try #require(Self.withScalar[operation])
    let numbers: [(String, any Scalar)] = [("True", true), ("2", 2), ("2.5", 2.5)]
    for (name, number) in numbers {
      for (i, dtype) in Self.dtypes.enumerated() {
        let found = Self.outcome { body(Self.ones([2], dtype), number) }
        #expect(found == Self.tables.withScalar[operation]![name]![i], "\(operation) of \(dtype) and \(name)")
      }
    }
  }

  @Test(arguments: tables.inplace.keys.sorted())
  func inPlace(operation: String) throws {
    let body = try #require(Self.inplace[operation])
    for (i, a) in Self.dtypes.enumerated() {
      for (j, b) in Self.dtypes.enumerated() {
        let found = Self.outcome { body(Self.ones([2], a), Self.ones([2], b)) }
        #expect(found == Self.tables.inplace[operation]![i][j], "\(operation) of \(a) and \(b)")
      }
    }
  }

  @Test(arguments: tables.unary.keys.sorted())
  func oneOperand(operation: String) throws {
    let body = try #require(Self.unary[operation])
    for (i, dtype) in Self.dtypes.enumerated() {
      let found = Self.outcome { body(Self.ones([2], dtype)) }
      #expect(found == Self.tables.unary[operation]![i], "\(operation) of \(dtype)")
    }
  }

  @Test func defaultDTypeDecidesForNumbersAndQuotients() {
    let whole = Self.ones([2], .int32)
    withDefaultDType(.float64) {
      #expect((whole / whole).dtype == .float64)
      #expect((whole * 2.5).dtype == .float64)
      #expect(whole.sqrt().dtype == .float64)
      #expect((Self.ones([2], .float16) * 2.5).dtype == .float16)
    }
    #expect((whole * 2.5).dtype == .float32)
    expectError(.dtype, "withDefaultDType", "int32") { withDefaultDType(.int32) {} }
  }

  /// A floating number meets a float64 tensor without rounding through the default dtype.
  @Test func numbersKeepTheirPrecision() {
    let x = Tensor.make([1], [1])
    expectEqual(x * 0.1, [0.1], dtype: .float64)
    expectEqual(x + 1e-12, [1 + 1e-12], dtype: .float64)
    expectEqual(Tensor.make([1], [1], dtype: .float32) * 0.1, [Double(Float(0.1))], dtype: .float32)
    expectEqual(Tensor.make([1], [1], dtype: .int64) + Int64.max, [Double(Int64.min)], dtype: .int64)
  }
}

// Operators as functions, because an existential opens only as an argument.
func add(_ a: Tensor, _ b: some Scalar) -> Tensor { a + b }
func subtract(_ a: Tensor, _ b: some Scalar) -> Tensor { a - b }
func multiply(_ a: Tensor, _ b: some Scalar) -> Tensor { a * b }
func divide(_ a: Tensor, _ b: some Scalar) -> Tensor { a / b }
func remainder(_ a: Tensor, _ b: some Scalar) -> Tensor { a % b }
func power(_ a: Tensor, _ b: some Scalar) -> Tensor { a ** b }
func equal(_ a: Tensor, _ b: some Scalar) -> Tensor { a .== b }
func less(_ a: Tensor, _ b: some Scalar) -> Tensor { a .< b }
func reversePower(_ a: Tensor, _ b: some Scalar) -> Tensor { b ** a }
func reverseSubtract(_ a: Tensor, _ b: some Scalar) -> Tensor { b - a }
func reverseDivide(_ a: Tensor, _ b: some Scalar) -> Tensor { b / a }
func addInPlace(_ a: Tensor, _ b: some Scalar) -> Tensor {
  a += b
  return a
}
func divideInPlace(_ a: Tensor, _ b: some Scalar) -> Tensor {
  a /= b
  return a
}
