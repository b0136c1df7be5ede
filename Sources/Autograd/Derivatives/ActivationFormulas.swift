import Tensor

// The derivatives of activations run as one fused formula each, of the gradient g and the saved input x or result y. Those
// formulas have derivatives too, for the second order: u is the gradient of theirs.

extension Sigmoid: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<SigmoidBackward>(), g, c.output)
  }
}

extension Relu: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<ReluBackward>(), g, c.output)
  }
}

extension Gelu: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<GeluBackward>(), g, c.first)
  }
}

extension GeluTanh: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<GeluTanhBackward>(), g, c.first)
  }
}

extension Silu: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<SiluBackward>(), g, c.first)
  }
}

extension Softplus: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    apply(Binary<SoftplusBackward>(p), g, c.first)
  }
}

extension LeakyRelu: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    apply(Binary<LeakyReluBackward>(p), g, c.first)
  }
}

extension Elu: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    apply(Binary<EluBackward>(p), g, c.first)
  }
}

extension Selu: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<SeluBackward>(), g, c.first)
  }
}

extension Mish: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    apply(Binary<MishBackward>(), g, c.first)
  }
}

extension LogSigmoid: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor { g * (-c.first).sigmoid() }
}

extension Hardsigmoid: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    (g * (1.0 / 6)).kept(where: (c.first .> -3).logicalAnd(c.first .< 3))
  }
}

extension Hardswish: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    let x = c.first
    return `where`(x .>= 3, g, g * (x / 3 + 0.5)).zeroed(where: x .<= -3)
  }
}

extension Hardshrink: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g.zeroed(where: c.output .== 0)
  }
}

extension Softshrink: DifferentiableUnary {
  package static let saved: Operands = .output
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Tensor {
    g.zeroed(where: c.output .== 0)
  }
}

extension Threshold: DifferentiableUnary {
  package static let saved: Operands = .first
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Tensor {
    g.zeroed(where: c.first .<= p.first)
  }
}

// MARK: - Second order

extension EluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _ p: Parameters) -> Gradients {
    c.gradients(
      apply(Binary<EluBackward>(p), u, c.second),
      (u * c.first * (c.second * p.second).exp() * (p.first * p.second * p.second)).kept(where: c.second .< 0))
  }
}

extension SeluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(
      apply(Binary<SeluBackward>(), u, c.second),
      (u * c.first * c.second.exp() * 1.7580993408473768599402175208123).kept(where: c.second .< 0))
  }
}

extension MishBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<MishBackward>(), u, c.second), u * c.first * second(c.second))
  }

  /// The second derivative of x t with t = tanh(softplus(x)), s = sigmoid(x): (1 - t^2) s (2 + x (1 - s (1 + 2 t))).
  private static func second(_ x: Tensor) -> Tensor {
    let (t, s) = (x.softplus().tanh(), x.sigmoid())
    return (1 - t.square()) * s * (x * (1 - s * (t * 2 + 1)) + 2)
  }
}

extension TanhBackward: DifferentiableBinary {
  // g (1 - y^2)
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<TanhBackward>(), u, c.second), u * c.first * c.second * -2)
  }
}

extension SigmoidBackward: DifferentiableBinary {
  // g y (1 - y)
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<SigmoidBackward>(), u, c.second), u * c.first * (1 - c.second * 2))
  }
}

extension ReluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<ReluBackward>(), u, c.second), Tensor.zerosLike(u))
  }
}

extension LeakyReluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _ p: Parameters) -> Gradients {
    c.gradients(apply(Binary<LeakyReluBackward>(p), u, c.second), Tensor.zerosLike(u))
  }
}

extension GeluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<GeluBackward>(), u, c.second), u * c.first * second(c.second))
  }

  /// The second derivative of gelu: e^(-x^2 / 2) / sqrt(2 pi) (2 - x^2).
  private static func second(_ x: Tensor) -> Tensor {
    let square = x.square()
    return (square * -0.5).exp() * (2 - square) * 0.398942280401432677939946059934381868
  }
}

extension GeluTanhBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<GeluTanhBackward>(), u, c.second), u * c.first * second(c.second))
  }

  /// The second derivative of x (1 + tanh v) / 2 with v = k (x + a x^3): (1 - t^2) (v' + x (v'' / 2 - t v'^2)).
  private static func second(_ x: Tensor) -> Tensor {
    let (k, a) = (0.797884560802865355879892119868763737, 0.044715)
    let square = x.square()
    let t = (x * (square * a + 1) * k).tanh()
    let v1 = (square * (3 * a) + 1) * k
    return (1 - t.square()) * (v1 + x * (x * (3 * a * k) - t * v1.square()))
  }
}

extension SiluBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(apply(Binary<SiluBackward>(), u, c.second), u * c.first * second(c.second))
  }

  /// The second derivative of x s with s = sigmoid(x): s (1 - s) (2 + x (1 - 2 s)).
  private static func second(_ x: Tensor) -> Tensor {
    let s = x.sigmoid()
    return s * (1 - s) * (x * (1 - s * 2) + 2)
  }
}

extension SoftplusBackward: DifferentiableBinary {
  package static func backward(_ u: Tensor, _ c: BackwardContext, _ p: Parameters) -> Gradients {
    c.gradients(apply(Binary<SoftplusBackward>(p), u, c.second), u * c.first * second(c.second, p))
  }

  /// The second derivative: beta s (1 - s) with s = sigmoid(beta x), 0 above the threshold.
  private static func second(_ x: Tensor, _ p: Parameters) -> Tensor {
    let scaled = x * p.first
    let s = scaled.sigmoid()
    return (s * (1 - s) * p.first).zeroed(where: scaled .> p.second)
  }
}
