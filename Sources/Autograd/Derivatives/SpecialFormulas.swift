import Tensor

// The derivatives of special functions. x is the input, y the result, g the gradient of y.

private let twoOverRootPi = 1.12837916709551257389615890312154517

extension Erf: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    // 2 / sqrt(pi) e^(-x^2)
    g * ((-c.first.square()).exp() * twoOverRootPi)
  }
}

extension Erfc: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * ((-c.first.square()).exp() * -twoOverRootPi)
  }
}

extension Erfinv: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.output.square().exp() * (1 / twoOverRootPi))
  }
}

extension Erfcx: DifferentiableUnary {
  package static let saved: Operands = [.first, .output]
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.first * c.output * 2 - twoOverRootPi)
  }
}

extension Ndtr: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    // e^(-x^2 / 2) / sqrt(2 pi)
    g * ((c.first.square() * -0.5).exp() * 0.398942280401432677939946059934381868)
  }
}

extension LogNdtr: DifferentiableUnary {
  package static let saved: Operands = .first
  // The density over the distribution function, which is erfcx(-x / sqrt(2)) / 2 times the density's exponential.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g / ((c.first * -0.707106781186547524400844362104849039).erfcx() * 1.25331413731550025120788264240552263)
  }
}

extension Ndtri: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * ((c.output.square() * 0.5).exp() * 2.50662827463100050241576528481104525)
  }
}

extension Lgamma: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.digamma() }
}

extension Digamma: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * c.first.polygamma(1)
  }
}

extension Polygamma: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    g * c.first.polygamma(Int(p.first) + 1)
  }
}

extension I0: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.i1() }
}

extension I0e: DifferentiableUnary {
  package static let saved: Operands = [.first, .output]
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.first.i1e() - c.first.sign() * c.output)
  }
}

// I1 / x is 1/2 at 0.

extension I1: DifferentiableUnary {
  package static let saved: Operands = [.first, .output]
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.first.i0() - ratio(c.output, c.first))
  }

  /// y / x, and 1/2 at 0.
  static func ratio(_ y: Tensor, _ x: Tensor) -> Tensor {
    let isZero = x .== 0
    return `where`(isZero, 0.5, y / `where`(isZero, 1, x))
  }
}

extension I1e: DifferentiableUnary {
  package static let saved: Operands = [.first, .output]
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    let (x, y) = (c.first, c.output)
    return g * (x.i0e() - x.sign() * y - I1.ratio(y, x))
  }
}

extension Entr: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * (-c.first.log() - 1) }
}

extension Logit: DifferentiableUnary {
  package static let saved: Operands = .first
  // 0 where an element was clamped; NaN outside of 0 to 1 without an eps.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    let x = c.first
    let slope = g / (x * (1 - x))
    if p.first < 0 { return `where`((x .< 0).logicalOr(x .> 1), Double.nan, slope) }
    return slope.kept(where: (x .>= p.first).logicalAnd(x .<= 1 - p.first))
  }
}

// MARK: - Of two values

extension Xlogy: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (x, y) = (c.first, c.second)
    return c.gradients(g * y.log().zeroed(where: (x .== 0).logicalAnd(y .<= 0)), g * (x / y))
  }
}

extension Xlog1py: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (x, y) = (c.first, c.second)
    return c.gradients(g * y.log1p().zeroed(where: (x .== 0).logicalAnd(y .<= -1)), g * (x / (y + 1)))
  }
}

extension LogAddExp: DifferentiableBinary {
  // The shares of both exponentials in their sum.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g * share(c.first, c.second), g * share(c.second, c.first))
  }

  /// `1 / (1 + exp(scale * (y - x)))`, 1/2 for equal infinities, of which PyTorch makes NaN: sums of impossible cases, as in
  /// `ctcLoss`, would spoil every gradient.
  static func share(_ x: Tensor, _ y: Tensor, scale: Double = 1) -> Tensor {
    ((x - y).zeroed(where: x .== y) * scale).sigmoid()
  }
}

extension LogAddExp2: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (x, y, ln2) = (c.first, c.second, 0.693147180559945309417232121458176568)
    return c.gradients(g * LogAddExp.share(x, y, scale: ln2), g * LogAddExp.share(y, x, scale: ln2))
  }
}

extension Zeta: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(notImplemented("zeta", "x", g), g * (-c.first * (c.first + 1).zeta(c.second)))
  }
}

extension Igamma: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(notImplemented("igamma", "the first operand", g), g * gammaDensity(c.first, c.second))
  }
}

extension Igammac: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(notImplemented("igammac", "the first operand", g), -g * gammaDensity(c.first, c.second))
  }
}

/// `x ** (a - 1) * exp(-x) / gamma(a)`.
private func gammaDensity(_ a: Tensor, _ x: Tensor) -> Tensor { ((a - 1).xlogy(x) - x - a.lgamma()).exp() }

/// Refuses a derivative that has no closed form, as PyTorch does.
private func notImplemented(_ function: String, _ operand: String, _ gradient: Tensor) -> Tensor {
  checked(or: gradient) { () throws(TensorError) in
    throw TensorError(.autograd, function, "the derivative for \(operand) is not implemented; detach() it")
  }
}
