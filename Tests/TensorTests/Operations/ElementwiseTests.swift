import Foundation
import Tensor
import TestSupport
import Testing

/// Values of the formulas against Foundation's doubles, in every floating dtype and layout.
@Suite(.everyDevice)
struct ElementwiseTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let values: [Double]
    let formula: @Sendable (Tensor) -> Tensor
    let reference: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let real = [-3.5, -1, -0.25, 0.0, 0.5, 2.0]
  static let positive = [0.0625, 0.5, 1, 2.5, 7, 40]
  static let unit = [-0.75, -0.5, 0, 0.125, 0.5, 0.875]

  static let rows: [Row] = [
    Row(name: "exp", values: real, formula: { $0.exp() }, reference: { Foundation.exp($0) }),
    Row(name: "exp2", values: real, formula: { $0.exp2() }, reference: { Foundation.exp2($0) }),
    Row(name: "expm1", values: real, formula: { $0.expm1() }, reference: { Foundation.expm1($0) }),
    Row(name: "log", values: positive, formula: { $0.log() }, reference: { Foundation.log($0) }),
    Row(name: "log2", values: positive, formula: { $0.log2() }, reference: { Foundation.log2($0) }),
    Row(name: "log10", values: positive, formula: { $0.log10() }, reference: { Foundation.log10($0) }),
    Row(name: "log1p", values: positive, formula: { $0.log1p() }, reference: { Foundation.log1p($0) }),
    Row(name: "sqrt", values: positive, formula: { $0.sqrt() }, reference: { $0.squareRoot() }),
    Row(name: "rsqrt", values: positive, formula: { $0.rsqrt() }, reference: { 1 / $0.squareRoot() }),
    Row(name: "reciprocal", values: positive, formula: { $0.reciprocal() }, reference: { 1 / $0 }),
    Row(name: "sin", values: real, formula: { $0.sin() }, reference: { Foundation.sin($0) }),
    Row(name: "cos", values: real, formula: { $0.cos() }, reference: { Foundation.cos($0) }),
    Row(name: "tan", values: real, formula: { $0.tan() }, reference: { Foundation.tan($0) }),
    Row(name: "asin", values: unit, formula: { $0.asin() }, reference: { Foundation.asin($0) }),
    Row(name: "acos", values: unit, formula: { $0.acos() }, reference: { Foundation.acos($0) }),
    Row(name: "atan", values: real, formula: { $0.atan() }, reference: { Foundation.atan($0) }),
    Row(name: "sinh", values: real, formula: { $0.sinh() }, reference: { Foundation.sinh($0) }),
    Row(name: "cosh", values: real, formula: { $0.cosh() }, reference: { Foundation.cosh($0) }),
    Row(name: "tanh", values: real, formula: { $0.tanh() }, reference: { Foundation.tanh($0) }),
    Row(name: "erf", values: real, formula: { $0.erf() }, reference: { Foundation.erf($0) }),
    Row(name: "asinh", values: real, formula: { $0.asinh() }, reference: { Foundation.asinh($0) }),
    Row(name: "acosh", values: positive.map { $0 + 1 }, formula: { $0.acosh() }, reference: { Foundation.acosh($0) }),
    Row(name: "atanh", values: unit, formula: { $0.atanh() }, reference: { Foundation.atanh($0) }),
    Row(name: "erfc", values: real, formula: { $0.erfc() }, reference: { Foundation.erfc($0) }),
    Row(name: "lgamma", values: real + [7, 40], formula: { $0.lgamma() }, reference: { Foundation.lgamma($0) }),
    Row(
      name: "sinc", values: real, formula: { $0.sinc() },
      reference: { $0 == 0 ? 1 : Foundation.sin(.pi * $0) / (.pi * $0) }),
    Row(
      name: "logit", values: unit.map { 0.5 + $0 / 2 }, formula: { $0.logit() },
      reference: { Foundation.log($0 / (1 - $0)) }),
    Row(
      name: "logit clamped", values: [-1, 0.125, 0.5, 1, 2], formula: { $0.logit(eps: 0.25) },
      reference: { x in
        let z = Swift.min(Swift.max(x, 0.25), 0.75)
        return Foundation.log(z / (1 - z))
      }),
    Row(name: "entr", values: positive, formula: { $0.entr() }, reference: { -$0 * Foundation.log($0) }),
    Row(
      name: "xlogy", values: positive, formula: { $0.xlogy($0 + 1) }, reference: { $0 * Foundation.log($0 + 1) }),
    Row(
      name: "xlog1py", values: positive, formula: { $0.xlog1py($0) }, reference: { $0 * Foundation.log1p($0) }),
    Row(
      name: "logAddExp", values: real, formula: { $0.logAddExp($0 * 2) },
      reference: { Foundation.log(Foundation.exp($0) + Foundation.exp(2 * $0)) }),
    Row(
      name: "logAddExp2", values: real, formula: { $0.logAddExp2($0 * 2) },
      reference: { Foundation.log2(Foundation.exp2($0) + Foundation.exp2(2 * $0)) }),
    Row(name: "hypot", values: real, formula: { $0.hypot($0 * 2) }, reference: { Foundation.hypot($0, 2 * $0) }),
    Row(name: "copysign", values: real, formula: { $0.copysign(-1) }, reference: { -Swift.abs($0) }),
    Row(name: "frac", values: real, formula: { $0.frac() }, reference: { $0 - $0.rounded(.towardZero) }),
    Row(
      name: "round to decimals", values: real, formula: { $0.round(decimals: 1) },
      reference: { ($0 * 10).rounded(.toNearestOrEven) / 10 }),
    Row(
      name: "round to tens", values: [15, -25, 4, 96, 0, 5], formula: { $0.round(decimals: -1) },
      reference: { ($0 / 10).rounded(.toNearestOrEven) * 10 }),
    Row(name: "rad2deg", values: real, formula: { $0.rad2deg() }, reference: { $0 * 180 / .pi }),
    Row(name: "deg2rad", values: real, formula: { $0.deg2rad() }, reference: { $0 * .pi / 180 }),
    Row(name: "ldexp", values: real, formula: { $0.ldexp(Tensor(3)) }, reference: { $0 * 8 }),
    Row(
      name: "frexp", values: real, formula: { $0.frexp().mantissa },
      reference: { $0 == 0 ? 0 : ($0 < 0 ? -0.5 : 0.5) * $0.significand }),
    Row(
      name: "divide and truncate", values: real, formula: { $0.divide(0.75, rounding: .trunc) },
      reference: { ($0 / 0.75).rounded(.towardZero) }),
    Row(
      name: "elu", values: real, formula: { $0.elu(alpha: 1.5) },
      reference: { $0 > 0 ? $0 : 1.5 * Foundation.expm1($0) }),
    Row(
      name: "celu", values: real, formula: { $0.celu(alpha: 1.5) },
      reference: { $0 > 0 ? $0 : 1.5 * Foundation.expm1($0 / 1.5) }),
    Row(
      name: "selu", values: real, formula: { $0.selu() },
      reference: { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * Foundation.expm1($0)) }),
    Row(
      name: "mish", values: real, formula: { $0.mish() },
      reference: { $0 * Foundation.tanh(Foundation.log1p(Foundation.exp($0))) }),
    Row(
      name: "logSigmoid", values: real, formula: { $0.logSigmoid() },
      reference: { -Foundation.log1p(Foundation.exp(-$0)) }),
    Row(
      name: "hardsigmoid", values: real, formula: { $0.hardsigmoid() },
      reference: { Swift.min(Swift.max($0 + 3, 0), 6) / 6 }),
    Row(
      name: "hardswish", values: real, formula: { $0.hardswish() },
      reference: { $0 * Swift.min(Swift.max($0 + 3, 0), 6) / 6 }),
    Row(
      name: "hardshrink", values: real, formula: { $0.hardshrink() }, reference: { Swift.abs($0) <= 0.5 ? 0 : $0 }),
    Row(
      name: "softshrink", values: real, formula: { $0.softshrink() },
      reference: { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 }),
    Row(name: "softsign", values: real, formula: { $0.softsign() }, reference: { $0 / (1 + Swift.abs($0)) }),
    Row(name: "threshold", values: real, formula: { $0.threshold(0.25, 7) }, reference: { $0 > 0.25 ? $0 : 7 }),
    Row(name: "relu6", values: real + [8], formula: { $0.relu6() }, reference: { Swift.min(Swift.max($0, 0), 6) }),
    Row(
      name: "prelu", values: real, formula: { $0.prelu(Tensor([0.25], dtype: $0.dtype, device: $0.device)) },
      reference: { $0 > 0 ? $0 : 0.25 * $0 }),
    Row(name: "sigmoid", values: real, formula: { $0.sigmoid() }, reference: { 1 / (1 + Foundation.exp(-$0)) }),
    Row(name: "relu", values: real, formula: { $0.relu() }, reference: { Swift.max($0, 0) }),
    Row(
      name: "gelu", values: real, formula: { $0.gelu() },
      reference: { 0.5 * $0 * (1 + Foundation.erf($0 / 2.0.squareRoot())) }),
    Row(
      name: "gelu tanh", values: real, formula: { $0.gelu(approximate: .tanh) },
      reference: { 0.5 * $0 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
    Row(name: "silu", values: real, formula: { $0.silu() }, reference: { $0 / (1 + Foundation.exp(-$0)) }),
    Row(
      name: "softplus", values: real + [15, 25], formula: { $0.softplus(beta: 2, threshold: 20) },
      reference: { $0 * 2 > 20 ? $0 : Foundation.log1p(Foundation.exp(2 * $0)) / 2 }),
    Row(
      name: "leakyRelu", values: real, formula: { $0.leakyRelu(negativeSlope: 0.25) },
      reference: { $0 > 0 ? $0 : $0 * 0.25 }),
    Row(name: "square", values: real, formula: { $0.square() }, reference: { $0 * $0 }),
    Row(name: "sign", values: real, formula: { $0.sign() }, reference: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
    Row(
      name: "round", values: real + [1.5, 2.5], formula: { $0.round() }, reference: { $0.rounded(.toNearestOrEven) }),
    Row(
      name: "clamp", values: real, formula: { $0.clamp(min: -0.5, max: 1) },
      reference: { Swift.min(Swift.max($0, -0.5), 1) }),
    Row(name: "clamp below", values: real, formula: { $0.clamp(min: 0.25) }, reference: { Swift.max($0, 0.25) }),
    Row(name: "clamp above", values: real, formula: { $0.clamp(max: 0.25) }, reference: { Swift.min($0, 0.25) }),
    Row(name: "power", values: positive, formula: { $0 ** 1.5 }, reference: { Foundation.pow($0, 1.5) }),
    Row(name: "cube", values: real, formula: { $0 ** 3 }, reference: { $0 * $0 * $0 }),
    Row(name: "reverse power", values: real, formula: { 2 ** $0 }, reference: { Foundation.pow(2, $0) }),
    Row(name: "lerp", values: real, formula: { $0.lerp($0 * 3, weight: 0.25) }, reference: { $0 + 0.25 * (2 * $0) }),
    Row(
      name: "addcmul", values: real, formula: { $0.addcmul($0, $0, value: 0.5) }, reference: { $0 + 0.5 * $0 * $0 }),
    Row(
      name: "addcdiv", values: positive, formula: { $0.addcdiv($0 + 1, $0, value: 0.5) },
      reference: { $0 + 0.5 * ($0 + 1) / $0 }),
    Row(
      name: "where", values: real, formula: { `where`($0 .> 0, $0, -2) }, reference: { $0 > 0 ? $0 : -2 }),
  ]

  static func tolerance(_ dtype: DType) -> Double {
    switch dtype {
    case .float16: 0x1p-9
    case .bfloat16: 0x1p-6
    case .float32: 0x1p-20
    default: 0x1p-48
    }
  }

  @Test(arguments: rows, [DType.float16, .bfloat16, .float32, .float64])
  func values(row: Row, dtype: DType) {
    for layout in LayoutCase.allCases {
      let matrix = layout.make(.make(row.values + row.values.reversed(), [2, row.values.count], dtype: dtype))
      let expected = matrix.doubles.map(row.reference)
      let found = row.formula(matrix)
      #expect(found.dtype == dtype)
      #expect(found.shape == matrix.shape)
      expectClose(
        found, expected, rtol: Self.tolerance(dtype), atol: Self.tolerance(dtype), "\(row.name) \(dtype) \(layout)")
    }
    let single = Tensor.make([row.values[1]], [], dtype: dtype)
    expectClose(
      row.formula(single), single.doubles.map(row.reference), rtol: Self.tolerance(dtype),
      atol: Self.tolerance(dtype))
    let empty = Tensor.make([], [2, 0], dtype: dtype)
    #expect(row.formula(empty).shape == [2, 0])
  }

  @Test(arguments: LayoutCase.allCases, LayoutCase.allCases)
  func operandsOfAllLayouts(first: LayoutCase, second: LayoutCase) {
    let (rows, columns) = (3, 4)
    let a = first.make(.make((0..<12).map { Double($0) - 5 }, [rows, columns], dtype: .float32))
    let b = second.make(.make((0..<12).map { Double($0 * $0) }, [rows, columns], dtype: .float32))
    expectEqual(a - b, zip(a.doubles, b.doubles).map { $0 - $1 }, shape: [3, 4], dtype: .float32)
    let c = second.make(.make((0..<12).map { Double($0) }, [rows, columns], dtype: .int64))
    expectEqual(a * c, zip(a.doubles, c.doubles).map { $0 * $1 }, shape: [3, 4], dtype: .float32)
    expectEqual(a .< b, zip(a.doubles, b.doubles).map { $0 < $1 ? 1 : 0 }, dtype: .bool)
    let target = first == .expanded ? a.clamp(min: -100) : a
    let expected = zip(target.doubles, b.doubles).map { $0 + $1 }
    target += b
    expectEqual(target, expected)
  }

  @Test func broadcasting() {
    let column = Tensor.make([1, 2, 3], [3, 1])
    let row = Tensor.make([10, 20], [2])
    expectEqual(column + row, [11, 21, 12, 22, 13, 23], shape: [3, 2])
    expectEqual(row + column, [11, 21, 12, 22, 13, 23], shape: [3, 2])
    expectEqual(column * Tensor.make([2], []), [2, 4, 6], shape: [3, 1])
    #expect((Tensor.make([], [0, 1]) + row).shape == [0, 2])
    #expect((Tensor.make([1], [1]) + Tensor.make([], [0])).shape == [0])
    let stack = Tensor.make(Array(repeating: 1, count: 8), [2, 1, 4, 1]) + Tensor.make([1, 2, 3], [3, 1, 1])
    #expect(stack.shape == [2, 3, 4, 1])
    expectEqual(Tensor.make([1], [1, 1, 1]) + Tensor.make([2], []), [3], shape: [1, 1, 1])
  }

  /// Up to eight dimensions are stored inline; more are not.
  @Test func manyDimensions() {
    let shape = Array(repeating: 2, count: 10)
    let x = Tensor.make((0..<1024).map(Double.init), shape)
    let sum = x + x.sum(dim: 9, keepDim: true)
    #expect(sum.shape == shape)
    let expected = (0..<1024).map { (i: Int) -> Double in Double(i + i / 2 * 4 + 1) }
    expectEqual(sum, expected)
    expectEqual(x.sum(), [1023 * 512], shape: [])
  }

  @Test func denseLayoutsAreKept() {
    let x = LayoutCase.transposed.make(.make((0..<6).map(Double.init), [2, 3]))
    #expect(x.exp().strides == [1, 2])
    #expect((x + x).strides == [1, 2])
    #expect((x + 1).strides == [1, 2])
    #expect((x + Tensor.make((0..<6).map(Double.init), [2, 3])).strides == [1, 2])
    #expect(LayoutCase.strided.make(.make((0..<6).map(Double.init), [2, 3])).exp().strides == [3, 1])
  }

  @Test func largeOperandsOnAllThreads() {
    let count = 300_000
    let x = Tensor.make((0..<count).map { Double($0 % 1000) }, [300, 1000], dtype: .float32)
    let y = x * 2 + x.sum(dim: 1, keepDim: true)
    let expected = (0..<count).map { 2 * Double($0 % 1000) + 499_500 }
    expectEqual(y, expected)
  }

  @Test func integersClampWithoutWrapping() {
    let bytes = Tensor.make([0, 5, 200], [3], dtype: .uint8)
    expectEqual(bytes.clamp(min: -1, max: 300), [0, 5, 200], dtype: .uint8)
    expectEqual(bytes.clamp(min: 3, max: 100), [3, 5, 100], dtype: .uint8)
    expectEqual(Tensor.make([0, 5, -100], [3], dtype: .int8).clamp(min: -300, max: 4), [0, 4, -100], dtype: .int8)
    let large = Int64(1) << 60
    let wide = Tensor.make([0x1p60], [1], dtype: .int64) + 1
    expectEqual((wide.clamp(min: 0, max: large) .== large), [1], dtype: .bool)
    expectEqual(Tensor.make([1, 5], [2]).clamp(min: 4, max: 2), [2, 2])
    let nan = Tensor.make([.nan, 1], [2]).clamp(min: Tensor.make([0, .nan], [2]), max: Tensor.make([3, 3], [2]))
    expectEqual(nan, [.nan, .nan])
  }

  @Test func comparisonsWrapNumbers() {
    let bytes = Tensor.make([0, 255], [2], dtype: .uint8)
    expectEqual(bytes .< -1, [1, 0], dtype: .bool)
    expectEqual(bytes .== -1, [0, 1], dtype: .bool)
    expectEqual(3 .> Tensor.make([1, 3, 5], [3]), [1, 0, 0], dtype: .bool)
    expectEqual(Tensor.make([1, .nan], [2]) .!= Tensor.make([1, .nan], [2]), [0, 1], dtype: .bool)
    expectEqual((Tensor.make([1, 5], [2]) .> 2) .& (Tensor.make([1, 9], [2]) .< 8), [0, 0], dtype: .bool)
  }

  @Test func truthValuesHavePowersToo() {
    let x = Tensor.make([0, 1], [2], dtype: .bool)
    expectEqual(x ** true, [0, 1], dtype: .bool)
    expectEqual(x ** false, [1, 1], dtype: .bool)
    expectEqual(x ** 2, [0, 1], dtype: .int64)
  }

  @Test func wholeNumbersAndBits() {
    let a = Tensor.make([12, -18, 0, 7], [4], dtype: .int32)
    let b = Tensor.make([18, 12, 5, 0], [4], dtype: .int32)
    expectEqual(a.gcd(b), [6, 6, 5, 7], dtype: .int32)
    expectEqual(a.lcm(b), [36, 36, 0, 0], dtype: .int32)
    expectEqual(a << 2, [48, -72, 0, 28], dtype: .int32)
    expectEqual(a >> 1, [6, -9, 0, 3], dtype: .int32)
    expectEqual(1 << Tensor.make([0, 3, 31, 40], [4], dtype: .int64), [1, 8, 0x1p31, 0x1p40], dtype: .int64)
    let bytes = Tensor.make([1, -8], [2], dtype: .int8)
    expectEqual(bytes << 9, [0, 0], dtype: .int8)
    expectEqual(bytes >> 9, [0, -1], dtype: .int8)
    expectEqual(bytes >> -1, [0, -1], dtype: .int8)
    expectEqual(a.divide(5, rounding: .trunc), [2, -3, 0, 1], dtype: .int32)
    expectEqual(a.divide(5, rounding: .floor), [2, -4, 0, 1], dtype: .int32)
    expectError(.value, "divide", "zero") { a.divide(b, rounding: .trunc) }
    let x = Tensor.make([6, 5], [2], dtype: .uint8)
    x .&= 4
    expectEqual(x, [4, 4])
    x .|= Tensor.make([1, 2], [2], dtype: .uint8)
    x .^= 1
    x <<= 2
    x >>= 1
    expectEqual(x, [8, 14], dtype: .uint8)
    expectEqual(3 .& Tensor.make([1, 6], [2], dtype: .int64), [1, 2], dtype: .int64)
    expectError(.dtype, "gcd") { Tensor.make([1], [1]).gcd(Tensor.make([1], [1])) }
  }

  @Test func numbersInTheirParts() {
    for dtype in [DType.float16, .bfloat16, .float32, .float64] {
      let x = Tensor.make([0, 1, -1, 0.75, .infinity, .nan], [6], dtype: dtype)
      let (mantissa, exponent) = x.frexp()
      expectEqual(mantissa, [0, 0.5, -0.5, 0.75, .infinity, .nan], dtype: dtype)
      expectEqual(exponent, [0, 1, 1, 0, 0, 0], dtype: .int32)
      expectEqual(x.signbit(), [0, 0, 1, 0, 0, 0], dtype: .bool)
      let tiny = [DType.float16: 0x1p-24, .bfloat16: 0x1p-133, .float32: 0x1p-149, .float64: 0x1p-1074][dtype]!
      let ulp = [DType.float16: 0x1p-10, .bfloat16: 0x1p-7, .float32: 0x1p-23, .float64: 0x1p-52][dtype]!
      let greatest = dtype.greatestFinite
      let from = Tensor.make([0, 0, 1, 1, tiny, .infinity, greatest, 2, .nan], [9], dtype: dtype)
      let to = Tensor.make([1, -1, 2, 0, -1, 0, .infinity, 2, 1], [9], dtype: dtype)
      expectEqual(
        from.nextafter(to), [tiny, -tiny, 1 + ulp, 1 - ulp / 2, 0, greatest, .infinity, 2, .nan], dtype: dtype)
    }
    let half = Tensor.make([0x1p-14, 0x1p-14, 0x1.8p-16], [3], dtype: .float16)
    expectEqual(
      half.nextafter(Tensor.make([0, 1, 0], [3], dtype: .float16)),
      [0x1p-14 - 0x1p-24, 0x1p-14 + 0x1p-24, 0x1.8p-16 - 0x1p-24])
  }

  @Test func edges() {
    let nan = Double.nan, inf = Double.infinity
    expectEqual(Tensor.make([nan, 1, nan], [3]).fmin(.make([1, nan, nan], [3])), [1, 1, nan])
    expectEqual(Tensor.make([nan, 1, 2], [3]).fmax(.make([1, nan, 3], [3])), [1, 1, 3])
    expectEqual(
      Tensor.make([1, 5], [2], dtype: .int64).fmax(.make([3, 2], [2], dtype: .int64)), [3, 5], dtype: .int64)
    expectEqual(
      Tensor.make([nan, inf, -inf, 1], [4], dtype: .float32).nanToNum(),
      [
        0, Double(Float.greatestFiniteMagnitude), -Double(Float.greatestFiniteMagnitude), 1,
      ])
    expectEqual(Tensor.make([nan, inf, -inf], [3]).nanToNum(nan: 1, posInf: 2, negInf: 3), [1, 2, 3])
    expectEqual(Tensor.make([-1, 0, 0, 2, nan], [5]).heaviside(.make([7, 7, nan, 7, 7], [5])), [0, 7, nan, 1, 0])
    expectEqual(Tensor.make([0, 0, nan], [3]).xlogy(.make([0, nan, 0], [3])), [0, nan, nan])
    expectEqual(Tensor.make([inf, -inf, inf], [3]).logAddExp(.make([inf, -inf, -inf], [3])), [inf, -inf, inf])
    expectEqual(Tensor.make([-1, 0, nan, inf], [4]).entr(), [-inf, 0, nan, -inf])
    expectEqual(Tensor.make([inf, -inf, nan], [3]).isPosInf(), [1, 0, 0], dtype: .bool)
    expectEqual(Tensor.make([inf, -inf, nan], [3]).isNegInf(), [0, 1, 0], dtype: .bool)
    let close = Tensor.make([1, 1, inf, inf, nan], [5]).isClose(.make([1 + 1e-6, 1.1, inf, -inf, nan], [5]))
    expectEqual(close, [1, 0, 1, 0, 0], dtype: .bool)
    #expect(Tensor.make([nan], [1]).allClose(.make([nan], [1]), equalNaN: true))
    #expect(!Tensor.make([1], [1]).equal(.make([1, 1], [2])))
    expectEqual(
      Tensor.make([1, 2, 3, 4], [2, 2]).isIn(.make([2, 4, 9], [3])), [0, 1, 0, 1], shape: [2, 2], dtype: .bool)
    expectEqual(Tensor.make([1, 2], [2]).isIn(2, invert: true), [1, 0], dtype: .bool)
    #expect(Tensor.make([1], [1], dtype: .int32).floatPower(0.5).dtype == .float64)
  }

  @Test func choices() {
    let condition = Tensor.make([1, 0], [2], dtype: .bool)
    expectEqual(`where`(condition, 1, 2), [1, 2], dtype: .int64)
    expectEqual(`where`(condition, 1.5, 2), [1.5, 2], dtype: .float32)
    expectEqual(`where`(condition, true, false), [1, 0], dtype: .bool)
    expectEqual(`where`(condition, -1, Tensor.make([5, 6], [2], dtype: .uint8)), [255, 6], dtype: .uint8)
    expectEqual(
      `where`(condition, Tensor.make([1, 2, 3], [3, 1]), Tensor.make([9], [])), [1, 9, 2, 9, 3, 9], shape: [3, 2])
    let unselected = Tensor.make([1, .nan], [2])
    expectEqual(unselected.where(condition, 0), [1, 0])
    expectError(.dtype, "where", "condition", ".float64") { unselected.where(unselected, 0) }
    expectError(.shape, "where", "[2]", "[3]") { unselected.where(condition, .make([1, 2, 3], [3])) }
  }

  @Test func precedence() {
    let x = Tensor.make([3], [])
    expectEqual(2 * x ** 2, [18])
    expectEqual(2 ** x ** 2, [512])
    expectEqual(-x ** 2, [9])
    expectEqual(-(x ** 2), [-9])
    expectEqual(x + 1 .> 3, [1])
  }

  @Test func inPlaceOperators() {
    let x = Tensor.make([1, 2, 3, 4], [2, 2], dtype: .float32)
    let address = x.storage
    x += 1
    x *= Tensor.make([2, 3], [2])
    x -= Tensor.make([1], [1, 1])
    x /= 2
    expectEqual(x, [1.5, 4, 3.5, 7], shape: [2, 2], dtype: .float32)
    x %= 2
    expectEqual(x, [1.5, 0, 1.5, 1])
    x **= 2
    expectEqual(x, [2.25, 0, 2.25, 1])
    #expect(x.storage === address)
    #expect(x.version == 6)
    x += x
    expectEqual(x, [4.5, 0, 4.5, 2])
    expectEqual(x.fill(3).zero().copy(from: .make([1, 2], [2], dtype: .int64)), [1, 2, 1, 2], dtype: .float32)
    expectEqual(x.fill(Tensor.make([7], [])), [7, 7, 7, 7])
  }

  @Test func overlappingOperands() {
    let x = Tensor.make([1, 2, 3, 4], [2, 2])
    let transposed = Tensor(viewOf: x, layout: Layout(shape: [2, 2], strides: [1, 2]))
    expectError(.value, "+", "[2, 2]", "share a part of their memory") { x += transposed }
    let expanded = Tensor(viewOf: x, layout: Layout(shape: [2, 2], strides: [0, 1]))
    expectError(.value, "+", "single memory location") { expanded += 1 }
    let head = Tensor(viewOf: x, layout: Layout(shape: [2], strides: [1]))
    let tail = Tensor(viewOf: x, layout: Layout(shape: [2], strides: [1], offset: 2))
    head += tail
    expectEqual(x, [4, 6, 3, 4])
  }
}
