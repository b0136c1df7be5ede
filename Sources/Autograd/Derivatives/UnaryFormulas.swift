import Tensor

// The derivative of each formula of one value. x is the input, y the result, g the gradient of y.

private let ln2 = 0.693147180559945309417232121458176568
private let ln10 = 2.30258509299404568401799145468436421

extension Negative: DifferentiableUnary {
  package static let saved: Operands = []
  package static func backward(_ g: Tensor, _: BackwardContext, _: Parameters) -> Tensor { -g }
}

extension Abs: DifferentiableUnary {
  package static let saved: Operands = .first
  // 0 at 0, as the sign is.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.sign() }
}

extension Square: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * (c.first * 2) }
}

extension Reciprocal: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    let y = c.output
    return -g * (y * y)
  }
}

extension Exp: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.output }
}

extension Exp2: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.output * ln2 }
}

extension Expm1: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * (c.output + 1) }
}

extension Log: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g / c.first }
}

extension Log2: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g / (c.first * ln2) }
}

extension Log10: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g / (c.first * ln10) }
}

extension Log1p: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g / (c.first + 1) }
}

extension Sqrt: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g / (c.output * 2) }
}

extension Rsqrt: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    let y = c.output
    return g * -0.5 * (y * y * y)
  }
}

extension Sin: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.cos() }
}

extension Cos: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * -c.first.sin() }
}

extension Tan: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.output.square() + 1)
  }
}

extension Asin: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (1 - c.first.square()).rsqrt()
  }
}

extension Acos: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * -(1 - c.first.square()).rsqrt()
  }
}

extension Atan: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g / (c.first.square() + 1)
  }
}

extension Sinh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.cosh() }
}

extension Cosh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * c.first.sinh() }
}

extension Tanh: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<TanhBackward>(), g, c.output)
  }
}

extension Asinh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.first.square() + 1).rsqrt()
  }
}

extension Acosh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g * (c.first.square() - 1).rsqrt()
  }
}

extension Atanh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g / (1 - c.first.square())
  }
}

extension Sinc: DifferentiableUnary {
  package static let saved: Operands = .first
  // (cos(pi x) pi x - sin(pi x)) / (pi x^2), 0 at 0.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    let x = c.first
    let angle = x * Double.pi
    return g * ((angle * angle.cos() - angle.sin()) / (angle * x)).zeroed(where: angle .== 0)
  }
}

extension Frac: DifferentiableUnary {
  package static let saved: Operands = []
  package static func backward(_ g: Tensor, _: BackwardContext, _: Parameters) -> Tensor { g }
}

extension Mantissa: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g / 2.0 ** c.first.frexp().exponent
  }
}

extension ClampNumbers: DifferentiableUnary {
  package static let saved: Operands = .first
  // 0 at a bound, as in PyTorch from 2.15 on. A bound that is missing is infinite and keeps infinities.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    let x = c.first
    let isAbove = p.first == -.infinity ? nil : x .> p.first
    let isBelow = p.second == .infinity ? nil : x .< p.second
    guard let isAbove else { return isBelow.map(g.kept(where:)) ?? g }
    return g.kept(where: isBelow.map(isAbove.logicalAnd) ?? isAbove)
  }
}

// Constant between their jumps.

/// A formula whose derivative is 0 everywhere.
package protocol StepFormula: DifferentiableUnary {}

extension StepFormula {
  package static var saved: Operands { [] }
  package static func backward(_ g: Tensor, _: BackwardContext, _: Parameters) -> Tensor { Tensor.zerosLike(g) }
}

extension Sign: StepFormula {}
extension Floor: StepFormula {}
extension Ceil: StepFormula {}
extension Round: StepFormula {}
extension Trunc: StepFormula {}
extension RoundDecimals: StepFormula {}
extension Exponent: StepFormula {}
