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
    let zeroDimWithScalar: [String: [String: [String]]]
    let unary: [String: [String]]
    let literals: [String: String]
    let literalsDefaultFloat64: [String: String]
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
    "dot": { $0.dot($1) }, "div_floor": { $0.divide($1, rounding: .floor) },
    "div_trunc": { $0.divide($1, rounding: .trunc) }, "bitwise_left_shift": { $0 << $1 }, "hypot": { $0.hypot($1) },
    "fmax": { $0.fmax($1) }, "copysign": { $0.copysign($1) },
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
    "full_like": { Tensor.fullLike($0, $1) },
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
    "asinh": { $0.asinh() }, "acosh": { $0.acosh() }, "atanh": { $0.atanh() }, "erfc": { $0.erfc() },
    "erfinv": { $0.erfinv() }, "frac": { $0.frac() }, "median": { $0.median() }, "nansum": { $0.nansum() },
    "isreal": { $0.isReal() }, "sgn": { $0.sgn() }, "digamma": { $0.digamma() }, "lgamma": { $0.lgamma() },
    "deg2rad": { $0.deg2rad() }, "cumsum": { $0.cumsum(dim: 0) }, "cumprod": { $0.cumprod(dim: 0) },
    "cummax": { $0.cummax(dim: 0).values }, "sort": { $0.sort().values }, "topk": { $0.topk(1).values },
    "elu": { $0.elu() }, "hardtanh": { $0.hardtanh() }, "one_hot": { $0.oneHot() },
    "ones_like": { Tensor.onesLike($0) }, "rand_like": { Tensor.randLike($0) }, "unique": { $0.unique().values },
    "nonzero": { $0.nonzero() }, "layer_norm": { layerNorm($0, normalizedShape: [2]) }, "diff": { $0.diff() },
    "flip": { $0.flip(dims: 0) }, "index_select": { $0.indexSelect(dim: 0, index: ones([1], .int64)) },
    "tril": { square($0.dtype).tril() }, "eye_mm": { square($0.dtype).mm(square($0.dtype)) },
    "bincount": { $0.bincount() }, "histc": { $0.histc() }, "linalg_norm": { Linalg.norm($0) },
  ]

  static let literals: [String: @Sendable () -> Tensor] = [
    "tensor(True)": { Tensor(true) }, "tensor(1)": { Tensor(1) }, "tensor(1.0)": { Tensor(1.0) },
    "tensor([1,2.0])": { Tensor([1, 2.0]) }, "tensor(2**31)": { Tensor(1 << 31) },
    "tensor(True, False)": { Tensor([true, false]) }, "arange(3)": { Tensor.arange(3) },
    "arange(3.)": { Tensor.arange(3.0) }, "arange(0,1,0.5)": { Tensor.arange(0, 1, 0.5) },
    "linspace(0,1,3)": { Tensor.linspace(0.0, 1.0, steps: 3) }, "linspace int": { Tensor.linspace(0, 1, steps: 3) },
    "zeros": { Tensor.zeros(2) }, "full(1)": { Tensor.full([2], 1) }, "full(1.0)": { Tensor.full([2], 1.0) },
    "full(True)": { Tensor.full([2], true) }, "empty": { Tensor.empty(2) }, "rand": { Tensor.rand(2) },
    "randint": { Tensor.randint(3, [2]) }, "randperm": { Tensor.randperm(3) }, "eye": { Tensor.eye(2) },
    "ones": { Tensor.ones(2) }, "logspace": { Tensor.logspace(0, 1, steps: 3) },
    "tril_indices": { Tensor.trilIndices(2, 2) },
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

  @Test func zeroDimsWithNumbers() {
    for (name, number) in [("True", true), ("2", 2), ("2.5", 2.5)] as [(String, any Scalar)] {
      for (i, dtype) in Self.dtypes.enumerated() {
        let found = Self.outcome { add(Self.ones([], dtype), number) }
        #expect(found == Self.tables.zeroDimWithScalar["add"]![name]![i], "zero-dim \(dtype) and \(name)")
      }
    }
  }

  @Test func literalsAndCreation() {
    for (name, body) in Self.literals {
      #expect(body().dtype.name == Self.tables.literals[name], "\(name)")
      guard let expected = Self.tables.literalsDefaultFloat64[name] else { continue }
      #expect(withDefaultDType(.float64) { body() }.dtype.name == expected, "\(name)")
    }
    // Swift's arrays have one type, and empty ones none.
    let missing = Set(Self.tables.literals.keys).subtracting(Self.literals.keys)
    #expect(missing == ["tensor([True,1])", "tensor([])", "tensor([[]])"])
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
      let expected = Self.tables.unary[operation]![i]
      // PyTorch counts integers into bins on GPUs alone.
      if operation == "histc" && dtype.isInteger { continue }
      #expect(found == expected, "\(operation) of \(dtype)")
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
