package import Tensor

// How elementwise operations get their derivatives: from their formulas, whose rows stand in the files beside this one.

/// A formula of one value that has a derivative.
package protocol DifferentiableUnary: UnaryFormula {
  /// What the derivative reads.
  static var saved: Operands { get }
  /// The gradient of the input.
  static func backward(_ gradient: Tensor, _ context: BackwardContext, _ parameters: Parameters) -> Tensor
}

extension Unary: Differentiable where F: DifferentiableUnary {
  package func saved(for needed: Operands) -> Operands { F.saved }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(F.backward(gradient, context, parameters))
  }
}

/// A formula of two values that has a derivative.
package protocol DifferentiableBinary: BinaryFormula {
  /// What the derivatives read, given the operands that need one.
  static func saved(for needed: Operands) -> Operands
  /// The gradients of both operands.
  static func backward(_ gradient: Tensor, _ context: BackwardContext, _ parameters: Parameters) -> Gradients
}

extension DifferentiableBinary {
  package static func saved(for needed: Operands) -> Operands { [.first, .second] }
}

extension Binary: Differentiable where F: DifferentiableBinary {
  package func saved(for needed: Operands) -> Operands { F.saved(for: needed) }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    F.backward(gradient, context, parameters)
  }
}

/// A formula of three values that has a derivative.
package protocol DifferentiableTernary: TernaryFormula {
  /// What the derivatives read, given the operands that need one.
  static func saved(for needed: Operands) -> Operands
  /// The gradients of the operands.
  static func backward(_ gradient: Tensor, _ context: BackwardContext, _ parameters: Parameters) -> Gradients
}

extension DifferentiableTernary {
  package static func saved(for needed: Operands) -> Operands { [.first, .second, .third] }
}

extension Ternary: Differentiable where F: DifferentiableTernary {
  package func saved(for needed: Operands) -> Operands { F.saved(for: needed) }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    F.backward(gradient, context, parameters)
  }
}

// MARK: - What derivatives share

extension Operands {
  /// This set if the other holds an operand, else none.
  func when(_ needed: Operands, has operand: Operands) -> Operands { needed.contains(operand) ? self : [] }
}

extension Tensor {
  /// Zeros of another shape, of this tensor's dtype and device.
  func zeros(_ shape: Dims) -> Tensor { Tensor.zeros(Array(shape), dtype: dtype, device: device) }

  /// The elements where the condition holds, zero elsewhere; NaN and infinities elsewhere do not matter.
  func kept(where condition: Tensor) -> Tensor { apply(Ternary<Where>(), condition, self, Tensor(number: .int(0))) }

  /// The elements where the condition does not hold, zero elsewhere.
  func zeroed(where condition: Tensor) -> Tensor { apply(Ternary<Where>(), condition, Tensor(number: .int(0)), self) }
}
