import Tensor

// The derivatives of each formula of three values. g is the gradient of the result.

extension Where: DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands { .first }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(nil, g.kept(where: c.first), g.zeroed(where: c.first))
  }
}

extension Clamp: DifferentiableTernary {
  // As PyTorch has it: a tie with one bound shares the gradient with it, one with both leaves it to x, as NaN does.
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (x, lower, upper) = (c.first, c.second, c.third)
    let (isBelow, isAbove, isOrdered) = (x .< lower, x .> upper, lower .<= upper)
    let (meetsLower, meetsUpper) = ((x .== lower) .& (x .< upper), (x .== upper) .& (x .> lower))
    let shared = `where`(meetsLower .| meetsUpper, g * 0.5, g)
    return c.gradients(
      shared.zeroed(where: isBelow .| isAbove), shared.kept(where: (isBelow .& isOrdered) .| meetsLower),
      shared.kept(where: (isAbove .& isOrdered) .| meetsUpper .| (lower .> upper)))
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
