internal import NN

extension Table {
  /// Functions of each element, of two tensors' elements, comparisons, bits.
  static func pointwise() -> Family {
    var t = Family("pointwise")
    unary(&t)
    arithmetic(&t)
    reversed(&t)
    bounds(&t)
    comparisons(&t)
    return t
  }

  private static func unary(_ t: inout Family) {
    t.one("abs") { a in try a[0].tensor().abs() }
    t.one("acos") { a in try a[0].tensor().acos() }
    t.one("asin") { a in try a[0].tensor().asin() }
    t.one("atan") { a in try a[0].tensor().atan() }
    t.one("ceil") { a in try a[0].tensor().ceil() }
    t.one("cos") { a in try a[0].tensor().cos() }
    t.one("cosh") { a in try a[0].tensor().cosh() }
    t.one("erf") { a in try a[0].tensor().erf() }
    t.one("exp") { a in try a[0].tensor().exp() }
    t.one("exp2") { a in try a[0].tensor().exp2() }
    t.one("expm1") { a in try a[0].tensor().expm1() }
    t.one("floor") { a in try a[0].tensor().floor() }
    t.one("isfinite") { a in try a[0].tensor().isFinite() }
    t.one("isinf") { a in try a[0].tensor().isInf() }
    t.one("isnan") { a in try a[0].tensor().isNaN() }
    t.one("log") { a in try a[0].tensor().log() }
    t.one("log10") { a in try a[0].tensor().log10() }
    t.one("log1p") { a in try a[0].tensor().log1p() }
    t.one("log2") { a in try a[0].tensor().log2() }
    t.one("logical_not") { a in try a[0].tensor().logicalNot() }
    t.one("neg") { a in try -a[0].tensor() }
    t.one("reciprocal") { a in try a[0].tensor().reciprocal() }
    t.one("round") { a in try a[0].tensor().round() }
    t.one("rsqrt") { a in try a[0].tensor().rsqrt() }
    t.one("sigmoid") { a in try a[0].tensor().sigmoid() }
    t.one("sign") { a in try a[0].tensor().sign() }
    t.one("sin") { a in try a[0].tensor().sin() }
    t.one("sinh") { a in try a[0].tensor().sinh() }
    t.one("sqrt") { a in try a[0].tensor().sqrt() }
    t.one("square") { a in try a[0].tensor().square() }
    t.one("tan") { a in try a[0].tensor().tan() }
    t.one("tanh") { a in try a[0].tensor().tanh() }
    t.one("trunc") { a in try a[0].tensor().trunc() }
  }

  private static func arithmetic(_ t: inout Family) {
    t.either("mul", { $0 * $1 }, { $0 * $1 })
    t.binaryInPlace("mul", { $0 *= $1 }, { $0 *= $1 })
    t.either("true_divide", { $0 / $1 }, { $0 / $1 })
    t.binaryInPlace("true_divide", { $0 /= $1 }, { $0 /= $1 })
    t.either("remainder", { $0 % $1 }, { $0 % $1 })
    t.binaryInPlace("remainder", { $0 %= $1 }, { $0 %= $1 })
    t.binary("fmod", { $0.fmod($1) }, { $0.fmod($1) })
    t.either("floor_divide", { $0.floorDivide($1) }, { $0.floorDivide($1) })
    t.one("maximum") { a in try a[0].tensor().maximum(a[1].tensor()) }
    t.one("minimum") { a in try a[0].tensor().minimum(a[1].tensor()) }
    t.one("atan2") { a in try a[0].tensor().atan2(a[1].tensor()) }
    t.one("addcmul") { a in
      try a[0].tensor().addcmul(a[1].tensor(), a[2].tensor(), value: a["value"].double(or: 1))
    }
    t.one("addcdiv") { a in
      try a[0].tensor().addcdiv(a[1].tensor(), a[2].tensor(), value: a["value"].double(or: 1))
    }
  }

  /// Operators whose first operand may be a number.
  private static func reversed(_ t: inout Family) {
    t.binary("__radd__", { $1 + $0 }, { $1 + $0 })
    t.binary("__rand__", { $1 .& $0 }, { $1 .& $0 })
    t.binary("__rdiv__", { $1 / $0 }, { $1 / $0 })
    t.either("__rmod__", { $1 % $0 }, { $1 % $0 })
    t.binary("__rmul__", { $1 * $0 }, { $1 * $0 })
    t.binary("__ror__", { $1 .| $0 }, { $1 .| $0 })
    t.either("__rpow__", { $1 ** $0 }, { $1 ** $0 })
    t.binary("__rsub__", { $1 - $0 }, { $1 - $0 })
    t.binary("__rxor__", { $1 .^ $0 }, { $1 .^ $0 })
    t.one("rsub") { a in
      let x = try scaled(a[0].tensor(), a)
      return switch try a[1, "other"].operand() {
      case .tensor(let other): other - x
      case .number(let other): other - x
      }
    }
    t.one("add") { a in
      switch (try a[0].operand(), try a[1, "other"].operand()) {
      case (.tensor(let x), .tensor(let y)): return x + (try scaled(y, a))
      case (.tensor(let x), .number(let y)):
        let y = try scaled(y, a)
        return x + y
      case (.number(let x), .tensor(let y)): return x + (try scaled(y, a))
      case (.number(let x), .number(let y)):
        let y = try scaled(y, a)
        return Tensor(x) + y
      }
    }
    t.inPlace("add") { a in
      let x = try a[0].tensor()
      switch try a[1, "other"].operand() {
      case .tensor(let y): x += try scaled(y, a)
      case .number(let y):
        let y = try scaled(y, a)
        x += y
      }
      return x
    }
    t.one("sub") { a in
      switch (try a[0].operand(), try a[1, "other"].operand()) {
      case (.tensor(let x), .tensor(let y)): return x - (try scaled(y, a))
      case (.tensor(let x), .number(let y)):
        let y = try scaled(y, a)
        return x - y
      case (.number(let x), .tensor(let y)): return x - (try scaled(y, a))
      case (.number(let x), .number(let y)):
        let y = try scaled(y, a)
        return Tensor(x) - y
      }
    }
    t.inPlace("sub") { a in
      let x = try a[0].tensor()
      switch try a[1, "other"].operand() {
      case .tensor(let y): x -= try scaled(y, a)
      case .number(let y):
        let y = try scaled(y, a)
        x -= y
      }
      return x
    }
    t.one("pow") { a in
      switch (try a[0].operand(), try a[1, "exponent"].operand()) {
      case (.tensor(let x), .tensor(let y)): x ** y
      case (.tensor(let x), .number(let y)): x ** y
      case (.number(let x), .tensor(let y)): x ** y
      default: throw ArgumentError("two numbers")
      }
    }
    t.inPlace("pow") { a in
      let x = try a[0].tensor()
      switch try a[1, "exponent"].operand() {
      case .tensor(let y): x **= y
      case .number(let y): x **= y
      }
      return x
    }
    t.one("float_power") { a in
      switch (try a[0].operand(), try a[1, "exponent"].operand()) {
      case (.tensor(let x), .tensor(let y)): x.floatPower(y)
      case (.tensor(let x), .number(let y)): x.floatPower(y)
      case (.number(let x), .tensor(let y)): Tensor(x, dtype: .float64).floatPower(y)
      default: throw ArgumentError("two numbers")
      }
    }
    t.notInPlace(
      ["float_power"], because: "PyTorch refuses tensors that are not float64, `update` rounds to their dtype")
    for (name, rounding) in [
      ("div.no_rounding_mode", nil), ("div.floor_rounding", RoundingMode.floor), ("div.trunc_rounding", .trunc),
    ] {
      t.either(name, { $0.divide($1, rounding: rounding) }, { $0.divide($1, rounding: rounding) })
    }
    t.binaryInPlace("div.no_rounding_mode", { $0 /= $1 }, { $0 /= $1 })
  }

  /// An operand times the argument `alpha`, if there is one.
  private static func scaled(_ x: Tensor, _ a: Arguments) throws -> Tensor {
    guard let alpha = try a["alpha"].optionalScalar() else { return x }
    return x * alpha
  }
  private static func scaled(_ x: any Scalar, _ a: Arguments) throws -> any Scalar {
    guard let alpha = try a["alpha"].optionalScalar() else { return x }
    if case (.int(let x), .int(let alpha)) = (x.number, alpha.number) { return x * alpha }
    return x.number.double * alpha.number.double
  }

  private static func bounds(_ t: inout Family) {
    t.one("clamp") { a in
      let x = try a[0].tensor()
      let (min, max) = (a[1, "min"], a[2, "max"])
      switch (min.isGiven ? try min.operand() : nil, max.isGiven ? try max.operand() : nil) {
      case (.tensor(let min)?, .tensor(let max)?): return x.clamp(min: min, max: max)
      case (.tensor(let min)?, nil): return x.clamp(min: min)
      case (nil, .tensor(let max)?): return x.clamp(max: max)
      case (.number(let min)?, .number(let max)?): return x.clamp(min: min, max: max)
      case (.number(let min)?, nil): return x.clamp(min: min)
      case (nil, .number(let max)?): return x.clamp(max: max)
      default: throw ArgumentError("bounds of two kinds")
      }
    }
    t.one("clamp_min") { a in
      switch try a[1, "min"].operand() {
      case .tensor(let min): try a[0].tensor().clamp(min: min)
      case .number(let min): try a[0].tensor().clamp(min: min)
      }
    }
    t.one("clamp_max") { a in
      switch try a[1, "max"].operand() {
      case .tensor(let max): try a[0].tensor().clamp(max: max)
      case .number(let max): try a[0].tensor().clamp(max: max)
      }
    }
    t.one("max.binary") { a in try a[0].tensor().maximum(a[1].tensor()) }
    t.one("min.binary") { a in try a[0].tensor().minimum(a[1].tensor()) }
    t.one("lerp") { a in
      switch try a[2, "weight"].operand() {
      case .tensor(let weight): try a[0].tensor().lerp(a[1].tensor(), weight: weight)
      case .number(let weight): try a[0].tensor().lerp(a[1].tensor(), weight: weight)
      }
    }
    t.one("where") { a in
      switch (try a[0].operand(), try a[2].operand()) {
      case (.tensor(let x), .tensor(let y)): Tensor::`where`(try a[1].tensor(), x, y)
      case (.tensor(let x), .number(let y)): Tensor::`where`(try a[1].tensor(), x, y)
      case (.number(let x), .tensor(let y)): Tensor::`where`(try a[1].tensor(), x, y)
      case (.number(let x), .number(let y)): Tensor::`where`(try a[1].tensor(), x, y)
      }
    }
    t.one("fill") { a in
      switch try a[1, "value"].operand() {
      case .tensor(let value): try a[0].tensor().clone().fill(value)
      case .number(let value): try a[0].tensor().clone().fill(value)
      }
    }
    t.inPlace("fill") { a in
      switch try a[1, "value"].operand() {
      case .tensor(let value): try a[0].tensor().fill(value)
      case .number(let value): try a[0].tensor().fill(value)
      }
    }
  }

  private static func comparisons(_ t: inout Family) {
    t.binary("eq", { $0 .== $1 }, { $0 .== $1 })
    t.binary("ne", { $0 .!= $1 }, { $0 .!= $1 })
    t.binary("lt", { $0 .< $1 }, { $0 .< $1 })
    t.binary("le", { $0 .<= $1 }, { $0 .<= $1 })
    t.binary("gt", { $0 .> $1 }, { $0 .> $1 })
    t.binary("ge", { $0 .>= $1 }, { $0 .>= $1 })
    t.either("bitwise_and", { $0 .& $1 }, { $0 .& $1 })
    t.either("bitwise_or", { $0 .| $1 }, { $0 .| $1 })
    t.either("bitwise_xor", { $0 .^ $1 }, { $0 .^ $1 })
    t.either("bitwise_left_shift", { $0 << $1 }, { $0 << $1 })
    t.either("bitwise_right_shift", { $0 >> $1 }, { $0 >> $1 })
    t.binaryInPlace("bitwise_and", { $0 .&= $1 }, { $0 .&= $1 })
    t.binaryInPlace("bitwise_or", { $0 .|= $1 }, { $0 .|= $1 })
    t.binaryInPlace("bitwise_xor", { $0 .^= $1 }, { $0 .^= $1 })
    t.binaryInPlace("bitwise_left_shift", { $0 <<= $1 }, { $0 <<= $1 })
    t.binaryInPlace("bitwise_right_shift", { $0 >>= $1 }, { $0 >>= $1 })
    t.one("logical_and") { a in try a[0].tensor().logicalAnd(a[1].tensor()) }
    t.one("logical_or") { a in try a[0].tensor().logicalOr(a[1].tensor()) }
    t.one("logical_xor") { a in try a[0].tensor().logicalXor(a[1].tensor()) }
  }
}

extension Family {
  /// Adds an operation of two operands, of which one may be a number, the first one too.
  mutating func either(
    _ name: String, _ tensors: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ number: @escaping @Sendable (Tensor, any Scalar) -> Tensor
  ) {
    one(name) { a in
      switch (try a[0].operand(), try a[1, "other"].operand()) {
      case (.tensor(let x), .tensor(let y)): tensors(x, y)
      case (.tensor(let x), .number(let y)): number(x, y)
      case (.number(let x), .tensor(let y)): tensors(Tensor(number: x.number), y)
      case (.number(let x), .number(let y)):
        if ["floor_divide", "mul", "true_divide"].contains(name) || name.hasPrefix("div") {
          number(Tensor(x), y)
        } else {
          throw ArgumentError("numbers")
        }
      }
    }
  }
}
