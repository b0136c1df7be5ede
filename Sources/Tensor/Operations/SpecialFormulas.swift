package import CTensorKernels

// Special functions: of the normal distribution, the gamma function's family, Bessel functions, and logarithms that take
// care of their edges. float32 computes in float64 where the function needs it.

package enum Erf: UnaryFormula { package static let kernel = ST_ERF }
package enum Erfc: UnaryFormula { package static let kernel = ST_ERFC }
package enum Erfinv: UnaryFormula, FullOnCUDA { package static let kernel = ST_ERFINV }
package enum Erfcx: UnaryFormula { package static let kernel = ST_ERFCX }
package enum Ndtr: UnaryFormula { package static let kernel = ST_NDTR }
package enum LogNdtr: UnaryFormula { package static let kernel = ST_LOG_NDTR }
package enum Ndtri: UnaryFormula { package static let kernel = ST_NDTRI }
package enum Lgamma: UnaryFormula { package static let kernel = ST_LGAMMA }
package enum Digamma: UnaryFormula { package static let kernel = ST_DIGAMMA }
package enum I0: UnaryFormula { package static let kernel = ST_I0 }
package enum I0e: UnaryFormula { package static let kernel = ST_I0E }
package enum I1: UnaryFormula { package static let kernel = ST_I1 }
package enum I1e: UnaryFormula { package static let kernel = ST_I1E }
package enum Entr: UnaryFormula { package static let kernel = ST_ENTR }

/// Parameters: the order of the derivative.
package enum Polygamma: UnaryFormula { package static let kernel = ST_POLYGAMMA }

/// Parameters: the distance from 0 and 1 that is kept, negative for none.
package enum Logit: UnaryFormula { package static let kernel = ST_LOGIT }

package enum Xlogy: BinaryFormula { package static let kernel = ST_XLOGY }
package enum Xlog1py: BinaryFormula { package static let kernel = ST_XLOG1PY }
package enum Zeta: BinaryFormula { package static let kernel = ST_ZETA }

package enum Igamma: BinaryFormula {
  package static let kernel = ST_IGAMMA
  package static let rule = ResultRule.floatingOnly
}

package enum Igammac: BinaryFormula {
  package static let kernel = ST_IGAMMAC
  package static let rule = ResultRule.floatingOnly
}

package enum LogAddExp: BinaryFormula {
  package static let kernel = ST_LOG_ADD_EXP
  package static let rule = ResultRule.floatingOnly
}

package enum LogAddExp2: BinaryFormula {
  package static let kernel = ST_LOG_ADD_EXP2
  package static let rule = ResultRule.floatingOnly
}

// MARK: - The normal distribution

extension Tensor {
  /// The error function of each element: `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0.
  public func erf() -> Tensor { apply(Unary<Erf>(), self) }
  /// One minus the error function of each element, which keeps its digits where that is nearly 1.
  public func erfc() -> Tensor { apply(Unary<Erfc>(), self) }
  /// The number whose error function is the element; NaN for elements beyond -1 and 1.
  public func erfinv() -> Tensor { apply(Unary<Erfinv>(), self) }
  /// `exp(x * x) * erfc(x)`, which neither overflows nor vanishes for large x.
  public func erfcx() -> Tensor { apply(Unary<Erfcx>(), self) }
  /// The probability that a standard normal number lies below each element.
  public func ndtr() -> Tensor { apply(Unary<Ndtr>(), self) }
  /// The logarithm of `ndtr`, which keeps its digits where that vanishes.
  public func logNdtr() -> Tensor { apply(Unary<LogNdtr>(), self) }
  /// The number below which a standard normal one lies with the element's probability.
  public func ndtri() -> Tensor { apply(Unary<Ndtri>(), self) }
}

// MARK: - The gamma function

extension Tensor {
  /// The logarithm of the gamma function's absolute value.
  public func lgamma() -> Tensor { apply(Unary<Lgamma>(), self) }
  /// The logarithmic derivative of the gamma function.
  public func digamma() -> Tensor { apply(Unary<Digamma>(), self) }

  /// The derivative of order `n` of `digamma`; its poles are infinite.
  public func polygamma(_ n: Int) -> Tensor {
    checked { () throws(TensorError) in
      if n < 0 { throw TensorError(.value, "polygamma", "expected n >= 0, but got \(n)") }
      return try n == 0 ? run(Unary<Digamma>(), self) : run(Unary<Polygamma>(Parameters(Double(n))), self)
    }
  }

  /// The logarithm of the multivariate gamma function of dimension `p`: `p * (p - 1) / 4 * log(pi)` plus the sum of
  /// `lgamma(x - j / 2)` for j from 0 up to, not including, p.
  public func mvlgamma(_ p: Int) -> Tensor {
    checked { () throws(TensorError) in
      if p < 1 { throw TensorError(.value, "mvlgamma", "expected p >= 1, but got \(p)") }
      if dtype == .bool { throw TensorError(.dtype, "mvlgamma", "not implemented for .bool") }
      let x = try dtype.isFloatingPoint ? self : run(Cast(dtype: Scope.defaultDType), self)
      let terms = (0..<p).map { x - 0.5 * Double($0) }
      let constant = Double(p * (p - 1)) / 4 * 1.14472988584940017414342735135305871  // log(pi)
      return terms.dropFirst().reduce(terms[0].lgamma()) { $0 + $1.lgamma() } + constant
    }
  }

  /// Hurwitz's zeta function: the sum of `(other + k) ** -x` over k = 0, 1 and so on.
  public func zeta(_ other: Tensor) -> Tensor { apply(Binary<Zeta>(), self, other) }
  /// Hurwitz's zeta function with a number for q.
  public func zeta(_ other: some Scalar) -> Tensor { apply(Binary<Zeta>(), self, other) }
  /// The share of the gamma function's integral for each element that lies below another; floats only.
  public func igamma(_ other: Tensor) -> Tensor { apply(Binary<Igamma>(), self, other) }
  /// The share of the gamma function's integral for each element that lies above another; floats only.
  public func igammac(_ other: Tensor) -> Tensor { apply(Binary<Igammac>(), self, other) }
}

// MARK: - Bessel functions

extension Tensor {
  /// The modified Bessel function of the first kind and order 0.
  public func i0() -> Tensor { apply(Unary<I0>(), self) }
  /// `i0` times `exp(-abs(x))`.
  public func i0e() -> Tensor { apply(Unary<I0e>(), self) }
  /// The modified Bessel function of the first kind and order 1.
  public func i1() -> Tensor { apply(Unary<I1>(), self) }
  /// `i1` times `exp(-abs(x))`.
  public func i1e() -> Tensor { apply(Unary<I1e>(), self) }
}

// MARK: - Logarithms

extension Tensor {
  /// `-x * log(x)`, 0 at 0 and negative infinity below.
  public func entr() -> Tensor { apply(Unary<Entr>(), self) }

  /// `log(x / (1 - x))`, the inverse of `sigmoid`; elements are clamped to `eps` and `1 - eps` first, if it is given.
  public func logit(eps: Double? = nil) -> Tensor { apply(Unary<Logit>(Parameters(eps ?? -1)), self) }

  /// `x * log(other)`, and 0 where x is 0 and other is not NaN.
  public func xlogy(_ other: Tensor) -> Tensor { apply(Binary<Xlogy>(), self, other) }
  /// `x * log(other)` with a number.
  public func xlogy(_ other: some Scalar) -> Tensor { apply(Binary<Xlogy>(), self, other) }
  /// `x * log1p(other)`, and 0 where x is 0 and other is not NaN.
  public func xlog1py(_ other: Tensor) -> Tensor { apply(Binary<Xlog1py>(), self, other) }
  /// `x * log1p(other)` with a number.
  public func xlog1py(_ other: some Scalar) -> Tensor { apply(Binary<Xlog1py>(), self, other) }

  /// `log(exp(x) + exp(other))`, computed without overflow; floats only.
  public func logAddExp(_ other: Tensor) -> Tensor { apply(Binary<LogAddExp>(), self, other) }
  /// `log2(2 ** x + 2 ** other)`, computed without overflow; floats only.
  public func logAddExp2(_ other: Tensor) -> Tensor { apply(Binary<LogAddExp2>(), self, other) }
}
