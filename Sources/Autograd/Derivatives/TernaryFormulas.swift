import Tensor

// The derivatives of each formula of three values. g is the gradient of the result.

extension Where: DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands { .first }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(nil, g.kept(where: c.first), g.zeroed(where: c.first))
  }
}

extension Clamp: DifferentiableTernary {
  // minimum(maximum(x, lower), upper), so a tie with a bound shares the gradient with it.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (x, lower, upper) = (c.first, c.second, c.third)
    let raised = x.maximum(lower)
    let ofRaised = `where`(raised .== upper, g * 0.5, g).kept(where: raised .<= upper)
    let shared = `where`(x .== lower, ofRaised * 0.5, ofRaised)
    return c.gradients(
      shared.kept(where: x .>= lower), shared.kept(where: x .<= lower),
      `where`(raised .== upper, g * 0.5, g).kept(where: raised .>= upper))
  }
}

extension Lerp: DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands {
    Operands([.first, .second]).when(needed, has: .third).union(.third)
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g * (1 - c.third), g * c.third, g * (c.second - c.first))
  }
}

extension Addcmul: DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands {
    Operands.third.when(needed, has: .second).union(Operands.second.when(needed, has: .third))
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Gradients {
    c.gradients(g, g * (c.third * p.first), g * (c.second * p.first))
  }
}

extension Addcdiv: DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands {
    Operands([.second, .third]).when(needed, has: .third).union(Operands.third.when(needed, has: .second))
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _ p: Parameters) -> Gradients {
    c.gradients(g, g * (p.first / c.third), -g * (p.first * c.second / c.third.square()))
  }
}
