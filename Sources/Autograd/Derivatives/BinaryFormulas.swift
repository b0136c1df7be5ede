import Tensor

// The derivatives of each formula of two values, a and b. g is the gradient of the result.

extension Add: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands { [] }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients { c.gradients(g, g) }
}

extension Subtract: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands { [] }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients { c.gradients(g, -g) }
}

extension Multiply: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g * c.second, g * c.first)
  }
}

extension Divide: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands.first.when(needed, has: .second).union(.second)
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g / c.second, -g * ((c.first / c.second) / c.second))
  }
}

extension Power: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands.output.when(needed, has: .second).union([.first, .second])
  }

  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    return c.gradients(
      // x^0 is constant, also at 0 where 0 * 0^-1 would be NaN.
      (g * (b * a ** (b - 1))).zeroed(where: b .== 0),
      // 0^b is constant for b >= 0.
      g * (c.output * a.log()).zeroed(where: (a .== 0).logicalAnd(b .>= 0)))
  }
}

extension Remainder: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands([.first, .second]).when(needed, has: .second)
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g, -g * c.first.floorDivide(c.second))
  }
}

extension Fmod: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands([.first, .second]).when(needed, has: .second)
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g, -g * (c.first / c.second).trunc())
  }
}

/// A formula of two values whose derivatives are 0 everywhere.
package protocol BinaryStepFormula: DifferentiableBinary {}

extension BinaryStepFormula {
  package static func saved(for needed: Operands) -> Operands { [] }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(Tensor.zerosLike(g), Tensor.zerosLike(g))
  }
}

extension FloorDivide: BinaryStepFormula {}
extension TruncDivide: BinaryStepFormula {}

// Equal operands share the gradient; with NaN, where no comparison holds, both get it.

extension Minimum: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    let shared = `where`(a .== b, g * 0.5, g)
    return c.gradients(shared.zeroed(where: a .> b), shared.zeroed(where: a .< b))
  }
}

extension Maximum: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    let shared = `where`(a .== b, g * 0.5, g)
    return c.gradients(shared.zeroed(where: a .< b), shared.zeroed(where: a .> b))
  }
}

// The operand that is the result takes the gradient, equal ones share it; the first one does where both are NaN.

extension Fmin: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    let shared = `where`(a .== b, g * 0.5, g)
    let isSecondNaN = b.isNaN()
    return c.gradients(
      shared.kept(where: (a .<= b).logicalOr(isSecondNaN)), shared.zeroed(where: (a .< b).logicalOr(isSecondNaN)))
  }
}

extension Fmax: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    let shared = `where`(a .== b, g * 0.5, g)
    let isSecondNaN = b.isNaN()
    return c.gradients(
      shared.kept(where: (a .>= b).logicalOr(isSecondNaN)), shared.zeroed(where: (a .> b).logicalOr(isSecondNaN)))
  }
}

extension Hypot: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands { [.first, .second, .output] }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g * (c.first / c.output), g * (c.second / c.output))
  }
}

extension Copysign: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands {
    Operands([.first, .output]).when(needed, has: .first)
  }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(
      g * (c.output / c.first).zeroed(where: c.first .== 0), Tensor.zerosLike(g))
  }
}

extension Nextafter: DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands { [] }
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    c.gradients(g, Tensor.zerosLike(g))
  }
}

extension Atan2: DifferentiableBinary {
  package static func backward(_ g: Tensor, _ c: BackwardContext, _: Parameters) -> Gradients {
    let (a, b) = (c.first, c.second)
    let square = a.square() + b.square()
    let scaled = g * square.reciprocal().zeroed(where: square .== 0)
    return c.gradients(scaled * b, scaled * -a)
  }
}
