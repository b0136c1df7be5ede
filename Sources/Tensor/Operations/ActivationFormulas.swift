package import CTensorKernels

// Activation functions, and the formulas that their derivatives run: of the gradient and the value that forward saved.

package enum Sigmoid: UnaryFormula { package static let kernel = ST_SIGMOID }

package enum Relu: UnaryFormula {
  package static let kernel = ST_RELU
  package static let rule = ResultRule.number
}

package enum Gelu: UnaryFormula {
  package static let kernel = ST_GELU
  package static let rule = ResultRule.floatingOnly
}

package enum GeluTanh: UnaryFormula {
  package static let kernel = ST_GELU_TANH
  package static let rule = ResultRule.floatingOnly
  package static var name: String { "gelu" }
}

package enum Silu: UnaryFormula {
  package static let kernel = ST_SILU
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: beta and threshold.
package enum Softplus: UnaryFormula, FullOnCUDA {
  package static let kernel = ST_SOFTPLUS
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: the slope below zero.
package enum LeakyRelu: UnaryFormula {
  package static let kernel = ST_LEAKY_RELU
  package static let rule = ResultRule.floatingOnly
}

/// How `gelu` computes the normal distribution function.
public enum GeluApproximation: Sendable {
  /// By the error function.
  case none
  /// By a hyperbolic tangent: `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))`.
  case tanh
}

extension Tensor {
  /// `1 / (1 + exp(-x))` for each element.
  public func sigmoid() -> Tensor { apply(Unary<Sigmoid>(), self) }
  /// Each element, or 0 where it is negative; bool is an error.
  public func relu() -> Tensor { apply(Unary<Relu>(), self) }
  /// Each element times the normal distribution function of it; floats only.
  public func gelu(approximate: GeluApproximation = .none) -> Tensor {
    switch approximate {
    case .none: apply(Unary<Gelu>(), self)
    case .tanh: apply(Unary<GeluTanh>(), self)
    }
  }
  /// `x * sigmoid(x)` for each element; floats only.
  public func silu() -> Tensor { apply(Unary<Silu>(), self) }
  /// `log(1 + exp(beta * x)) / beta`, and the element itself where `beta * x` exceeds the threshold; floats only.
  public func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
    apply(Unary<Softplus>(Parameters(beta, threshold)), self)
  }
  /// Each element, times `negativeSlope` where it is negative; floats only.
  public func leakyRelu(negativeSlope: Double = 0.01) -> Tensor {
    apply(Unary<LeakyRelu>(Parameters(negativeSlope)), self)
  }
}

// MARK: - For derivatives

/// Of the gradient and the result of `tanh`.
package enum TanhBackward: BinaryFormula {
  package static let kernel = ST_TANH_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the result of `sigmoid`.
package enum SigmoidBackward: BinaryFormula {
  package static let kernel = ST_SIGMOID_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the result of `relu`.
package enum ReluBackward: BinaryFormula {
  package static let kernel = ST_RELU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `gelu`.
package enum GeluBackward: BinaryFormula {
  package static let kernel = ST_GELU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `gelu(approximate: .tanh)`.
package enum GeluTanhBackward: BinaryFormula {
  package static let kernel = ST_GELU_TANH_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `silu`.
package enum SiluBackward: BinaryFormula {
  package static let kernel = ST_SILU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `softplus`; parameters: beta and threshold.
package enum SoftplusBackward: BinaryFormula {
  package static let kernel = ST_SOFTPLUS_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `leakyRelu`; parameters: the slope below zero.
package enum LeakyReluBackward: BinaryFormula {
  package static let kernel = ST_LEAKY_RELU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}
