package import CTensorKernels

// One row a formula of one value: its kernel, what it takes, how autocast treats it, and its public method. Activations
// stand in ActivationFormulas.swift, tests of a value in PredicateFormulas.swift.

package enum Negative: UnaryFormula {
  package static let kernel = ST_NEGATIVE
  package static let rule = ResultRule.number
  package static var name: String { "-" }
}

package enum Abs: UnaryFormula {
  package static let kernel = ST_ABS
  package static let rule = ResultRule.number
}

package enum Sign: UnaryFormula {
  package static let kernel = ST_SIGN
  package static let rule = ResultRule.any
}

package enum Square: UnaryFormula, FullOnCUDA {
  package static let kernel = ST_SQUARE
  package static let rule = ResultRule.counting
}

package enum Reciprocal: UnaryFormula, FullOnCUDA { package static let kernel = ST_RECIPROCAL }
package enum Exp: UnaryFormula, FullOnCUDA { package static let kernel = ST_EXP }
package enum Exp2: UnaryFormula { package static let kernel = ST_EXP2 }
package enum Expm1: UnaryFormula, FullOnCUDA { package static let kernel = ST_EXPM1 }
package enum Log: UnaryFormula, FullOnCUDA { package static let kernel = ST_LOG }
package enum Log2: UnaryFormula, FullOnCUDA { package static let kernel = ST_LOG2 }
package enum Log10: UnaryFormula, FullOnCUDA { package static let kernel = ST_LOG10 }
package enum Log1p: UnaryFormula, FullOnCUDA { package static let kernel = ST_LOG1P }
package enum Sqrt: UnaryFormula { package static let kernel = ST_SQRT }
package enum Rsqrt: UnaryFormula, FullOnCUDA { package static let kernel = ST_RSQRT }
package enum Sin: UnaryFormula { package static let kernel = ST_SIN }
package enum Cos: UnaryFormula { package static let kernel = ST_COS }
package enum Tan: UnaryFormula, FullOnCUDA { package static let kernel = ST_TAN }
package enum Asin: UnaryFormula, FullOnCUDA { package static let kernel = ST_ASIN }
package enum Acos: UnaryFormula, FullOnCUDA { package static let kernel = ST_ACOS }
package enum Atan: UnaryFormula { package static let kernel = ST_ATAN }
package enum Sinh: UnaryFormula, FullOnCUDA { package static let kernel = ST_SINH }
package enum Cosh: UnaryFormula, FullOnCUDA { package static let kernel = ST_COSH }
package enum Tanh: UnaryFormula { package static let kernel = ST_TANH }
package enum Asinh: UnaryFormula { package static let kernel = ST_ASINH }
package enum Acosh: UnaryFormula { package static let kernel = ST_ACOSH }
package enum Atanh: UnaryFormula { package static let kernel = ST_ATANH }
package enum Sinc: UnaryFormula { package static let kernel = ST_SINC }

package enum Floor: UnaryFormula {
  package static let kernel = ST_FLOOR
  package static let rule = ResultRule.number
}

package enum Ceil: UnaryFormula {
  package static let kernel = ST_CEIL
  package static let rule = ResultRule.number
}

package enum Round: UnaryFormula {
  package static let kernel = ST_ROUND
  package static let rule = ResultRule.number
}

package enum Trunc: UnaryFormula {
  package static let kernel = ST_TRUNC
  package static let rule = ResultRule.number
}

package enum Frac: UnaryFormula {
  package static let kernel = ST_FRAC
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: a power of ten, and whether it divides before rounding or multiplies.
package enum RoundDecimals: UnaryFormula {
  package static let kernel = ST_ROUND_DECIMALS
  package static let rule = ResultRule.floatingOnly
  package static var name: String { "round" }
}

extension Tensor {
  /// The negative of each element; bool is an error.
  public static prefix func - (x: Tensor) -> Tensor { apply(Unary<Negative>(), x) }
  /// The absolute value of each element.
  public func abs() -> Tensor { apply(Unary<Abs>(), self) }
  /// -1, 0 or 1 by the sign of each element.
  public func sign() -> Tensor { apply(Unary<Sign>(), self) }
  /// The square of each element; bool gives int64.
  public func square() -> Tensor { apply(Unary<Square>(), self) }
  /// One divided by each element.
  public func reciprocal() -> Tensor { apply(Unary<Reciprocal>(), self) }
  /// e to the power of each element.
  public func exp() -> Tensor { apply(Unary<Exp>(), self) }
  /// 2 to the power of each element.
  public func exp2() -> Tensor { apply(Unary<Exp2>(), self) }
  /// `exp(x) - 1`, exact for small elements too.
  public func expm1() -> Tensor { apply(Unary<Expm1>(), self) }
  /// The natural logarithm of each element.
  public func log() -> Tensor { apply(Unary<Log>(), self) }
  /// The logarithm of each element to base 2.
  public func log2() -> Tensor { apply(Unary<Log2>(), self) }
  /// The logarithm of each element to base 10.
  public func log10() -> Tensor { apply(Unary<Log10>(), self) }
  /// `log(1 + x)`, exact for small elements too.
  public func log1p() -> Tensor { apply(Unary<Log1p>(), self) }
  /// The square root of each element; NaN for negative ones.
  public func sqrt() -> Tensor { apply(Unary<Sqrt>(), self) }
  /// One divided by the square root of each element.
  public func rsqrt() -> Tensor { apply(Unary<Rsqrt>(), self) }
  /// The sine of each element, in radians.
  public func sin() -> Tensor { apply(Unary<Sin>(), self) }
  /// The cosine of each element, in radians.
  public func cos() -> Tensor { apply(Unary<Cos>(), self) }
  /// The tangent of each element, in radians.
  public func tan() -> Tensor { apply(Unary<Tan>(), self) }
  /// The angle whose sine is the element, from -pi/2 to pi/2.
  public func asin() -> Tensor { apply(Unary<Asin>(), self) }
  /// The angle whose cosine is the element, from 0 to pi.
  public func acos() -> Tensor { apply(Unary<Acos>(), self) }
  /// The angle whose tangent is the element, from -pi/2 to pi/2.
  public func atan() -> Tensor { apply(Unary<Atan>(), self) }
  /// The hyperbolic sine of each element.
  public func sinh() -> Tensor { apply(Unary<Sinh>(), self) }
  /// The hyperbolic cosine of each element.
  public func cosh() -> Tensor { apply(Unary<Cosh>(), self) }
  /// The hyperbolic tangent of each element.
  public func tanh() -> Tensor { apply(Unary<Tanh>(), self) }
  /// The number whose hyperbolic sine is the element.
  public func asinh() -> Tensor { apply(Unary<Asinh>(), self) }
  /// The positive number whose hyperbolic cosine is the element; NaN for elements below 1.
  public func acosh() -> Tensor { apply(Unary<Acosh>(), self) }
  /// The number whose hyperbolic tangent is the element; NaN for elements beyond -1 and 1.
  public func atanh() -> Tensor { apply(Unary<Atanh>(), self) }
  /// `sin(pi * x) / (pi * x)`, and 1 at 0.
  public func sinc() -> Tensor { apply(Unary<Sinc>(), self) }
  /// The largest whole number not above each element.
  public func floor() -> Tensor { apply(Unary<Floor>(), self) }
  /// The smallest whole number not below each element.
  public func ceil() -> Tensor { apply(Unary<Ceil>(), self) }
  /// The nearest whole number to each element, halves to the even one.
  public func round() -> Tensor { apply(Unary<Round>(), self) }
  /// Each element without its fraction.
  public func trunc() -> Tensor { apply(Unary<Trunc>(), self) }
  /// The fraction of each element, with its sign; floats only.
  public func frac() -> Tensor { apply(Unary<Frac>(), self) }

  /// The nearest number of `decimals` decimals to each element, halves to the even digit; floats only, unless it is 0.
  ///
  /// Computed as PyTorch does, by way of the nearest whole number to `x * 10 ** decimals`; a negative number rounds to
  /// tens, hundreds and so on.
  public func round(decimals: Int) -> Tensor {
    if decimals == 0 { return round() }
    let power = (0..<decimals.magnitude).reduce(1.0) { power, _ in power * 10 }
    return apply(Unary<RoundDecimals>(Parameters(power, decimals < 0 ? 1 : 0)), self)
  }

  /// The tensor itself; bool is an error.
  public static prefix func + (x: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if x.dtype == .bool { throw TensorError(.dtype, "+", "not implemented for .bool") }
      return x
    }
  }
  /// -1, 0 or 1 by the sign of each element.
  public func sgn() -> Tensor { sign() }
  /// Each angle in degrees, given in radians.
  public func rad2deg() -> Tensor { self * (180 / Double.pi) }
  /// Each angle in radians, given in degrees.
  public func deg2rad() -> Tensor { self * (Double.pi / 180) }
}
