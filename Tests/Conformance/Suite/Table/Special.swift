internal import NN

extension Table {
  /// Special functions, and those of parts of numbers.
  static func special() -> Family {
    var t = Family("special")
    t.one("acosh") { a in try a[0].tensor().acosh() }
    t.one("asinh") { a in try a[0].tensor().asinh() }
    t.one("atanh") { a in try a[0].tensor().atanh() }
    t.one("deg2rad") { a in try a[0].tensor().deg2rad() }
    t.one("rad2deg") { a in try a[0].tensor().rad2deg() }
    t.one("digamma") { a in try a[0].tensor().digamma() }
    t.one("erfc") { a in try a[0].tensor().erfc() }
    t.one("erfinv") { a in try a[0].tensor().erfinv() }
    t.one("frac") { a in try a[0].tensor().frac() }
    t.one("i0") { a in try a[0].tensor().i0() }
    t.one("isneginf") { a in try a[0].tensor().isNegInf() }
    t.one("isposinf") { a in try a[0].tensor().isPosInf() }
    t.one("isreal") { a in try a[0].tensor().isReal() }
    t.one("lgamma") { a in try a[0].tensor().lgamma() }
    t.one("nan_to_num") { a in try a[0].tensor().nanToNum() }
    t.one("sgn") { a in try a[0].tensor().sgn() }
    t.one("signbit") { a in try a[0].tensor().signbit() }
    t.one("sinc") { a in try a[0].tensor().sinc() }
    t.one("special.entr") { a in try a[0].tensor().entr() }
    t.one("special.erfcx") { a in try a[0].tensor().erfcx() }
    t.one("special.i0e") { a in try a[0].tensor().i0e() }
    t.one("special.i1") { a in try a[0].tensor().i1() }
    t.one("special.i1e") { a in try a[0].tensor().i1e() }
    t.one("special.log_ndtr") { a in try a[0].tensor().logNdtr() }
    t.one("special.ndtr") { a in try a[0].tensor().ndtr() }
    t.one("special.ndtri") { a in try a[0].tensor().ndtri() }
    t.one("positive") { a in +(try a[0].tensor()) }
    t.one("bitwise_not") { a in ~(try a[0].tensor()) }
    for name in ["round.decimals_0", "round.decimals_3", "round.decimals_neg_3"] {
      t.one(name) { a in try a[0].tensor().round(decimals: a["decimals"].int()) }
    }
    t.one("logit") { a in try a[0].tensor().logit(eps: a[1, "eps"].optionalDouble()) }
    t.one("mvlgamma.mvlgamma_p_1") { a in try a[0].tensor().mvlgamma(a[1, "p"].int()) }
    for name in ["polygamma.polygamma_n_0", "polygamma.polygamma_n_1"] {
      t.one(name) { a in try a[0].tensor().polygamma(a[1, "n"].int()) }
    }
    t.pair("frexp") { a in
      let (mantissa, exponent) = try a[0].tensor().frexp()
      return (mantissa, exponent)
    }
    t.one("igamma") { a in try a[0].tensor().igamma(a[1].tensor()) }
    t.one("igammac") { a in try a[0].tensor().igammac(a[1].tensor()) }
    t.one("logaddexp") { a in try a[0].tensor().logAddExp(a[1].tensor()) }
    t.one("logaddexp2") { a in try a[0].tensor().logAddExp2(a[1].tensor()) }
    t.one("hypot") { a in try a[0].tensor().hypot(a[1].tensor()) }
    t.one("nextafter") { a in try a[0].tensor().nextafter(a[1].tensor()) }
    t.one("gcd") { a in try a[0].tensor().gcd(a[1].tensor()) }
    t.one("lcm") { a in try a[0].tensor().lcm(a[1].tensor()) }
    t.one("heaviside") { a in try a[0].tensor().heaviside(a[1].tensor()) }
    t.one("ldexp") { a in try a[0].tensor().ldexp(a[1].tensor()) }
    t.one("fmin") { a in try a[0].tensor().fmin(a[1].tensor()) }
    t.one("fmax") { a in try a[0].tensor().fmax(a[1].tensor()) }
    t.binary("copysign", { $0.copysign($1) }, { $0.copysign($1) })
    t.either("xlogy", { $0.xlogy($1) }, { $0.xlogy($1) })
    t.either("special.xlog1py", { $0.xlog1py($1) }, { $0.xlog1py($1) })
    t.either("special.zeta", { $0.zeta($1) }, { $0.zeta($1) })
    t.one("isclose") { a in
      try a[0].tensor().isClose(
        a[1].tensor(), rtol: a["rtol"].double(or: 1e-5), atol: a["atol"].double(or: 1e-8),
        equalNaN: a["equal_nan"].bool(or: false))
    }
    t.value("allclose") { a in
      .bool(
        try a[0].tensor().allClose(
          a[1].tensor(), rtol: a["rtol"].double(or: 1e-5), atol: a["atol"].double(or: 1e-8),
          equalNaN: a["equal_nan"].bool(or: false)))
    }
    t.value("equal") { a in .bool(try a[0].tensor().equal(a[1].tensor())) }
    t.one("isin") { a in
      switch try a[1, "test_elements"].operand() {
      case .tensor(let elements): try a[0].tensor().isIn(elements)
      case .number(let element): try a[0].tensor().isIn(element)
      }
    }
    t.differs(
      "digamma", ["s/0/float32"], because: "PyTorch's float32 gradient near a pole is off by 7e-6; this one is exact")
    t.differs(
      "special.log_ndtr", ["s/0/float32"], because: "PyTorch's float32 gradient is off by 4e-6; this one is exact")
    return t
  }
}
