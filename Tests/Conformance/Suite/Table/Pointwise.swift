internal import NN

extension Table {
  /// Functions of each element, of two tensors' elements, comparisons, bits.
  static func pointwise() -> Family {
    var t = Family("pointwise")
    unary(&t)
    arithmetic(&t)
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
    t.binary("mul", { $0 * $1 }, { $0 * $1 })
    t.binaryInPlace("mul", { $0 *= $1 }, { $0 *= $1 })
    t.binary("true_divide", { $0 / $1 }, { $0 / $1 })
    t.binaryInPlace("true_divide", { $0 /= $1 }, { $0 /= $1 })
    t.binary("remainder", { $0 % $1 }, { $0 % $1 })
    t.binary("fmod", { $0.fmod($1) }, { $0.fmod($1) })
    t.binary("floor_divide", { $0.floorDivide($1) }, { $0.floorDivide($1) })
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

  private static func comparisons(_ t: inout Family) {
    t.binary("eq", { $0 .== $1 }, { $0 .== $1 })
    t.binary("ne", { $0 .!= $1 }, { $0 .!= $1 })
    t.binary("lt", { $0 .< $1 }, { $0 .< $1 })
    t.binary("le", { $0 .<= $1 }, { $0 .<= $1 })
    t.binary("gt", { $0 .> $1 }, { $0 .> $1 })
    t.binary("ge", { $0 .>= $1 }, { $0 .>= $1 })
    t.binary("bitwise_and", { $0 .& $1 }, { $0 .& $1 })
    t.binary("bitwise_or", { $0 .| $1 }, { $0 .| $1 })
    t.binary("bitwise_xor", { $0 .^ $1 }, { $0 .^ $1 })
    t.one("logical_and") { a in try a[0].tensor().logicalAnd(a[1].tensor()) }
    t.one("logical_or") { a in try a[0].tensor().logicalOr(a[1].tensor()) }
    t.one("logical_xor") { a in try a[0].tensor().logicalXor(a[1].tensor()) }
  }
}
