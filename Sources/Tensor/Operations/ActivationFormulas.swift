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

/// Parameters: alpha, and what the input is multiplied by before its exponential.
package enum Elu: UnaryFormula {
  package static let kernel = ST_ELU
  package static let rule = ResultRule.floatingOnly
}

package enum Selu: UnaryFormula {
  package static let kernel = ST_SELU
  package static let rule = ResultRule.floatingOnly
}

package enum Mish: UnaryFormula {
  package static let kernel = ST_MISH
  package static let rule = ResultRule.floatingOnly
}

package enum LogSigmoid: UnaryFormula {
  package static let kernel = ST_LOG_SIGMOID
  package static let rule = ResultRule.floatingOnly
}

package enum Hardsigmoid: UnaryFormula {
  package static let kernel = ST_HARDSIGMOID
  package static let rule = ResultRule.floatingOnly
}

package enum Hardswish: UnaryFormula {
  package static let kernel = ST_HARDSWISH
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: the distance from zero.
package enum Hardshrink: UnaryFormula {
  package static let kernel = ST_HARDSHRINK
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: the distance from zero.
package enum Softshrink: UnaryFormula {
  package static let kernel = ST_SOFTSHRINK
  package static let rule = ResultRule.floatingOnly
}

/// Parameters: the threshold, and what stands for elements that do not exceed it.
package enum Threshold: UnaryFormula {
  package static let kernel = ST_THRESHOLD
  package static let rule = ResultRule.number
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

extension Tensor {
  /// Each element, and `alpha * (exp(x) - 1)` where it is negative; floats only.
  public func elu(alpha: Double = 1) -> Tensor { apply(Unary<Elu>(Parameters(alpha, 1)), self) }
  /// Each element, and `alpha * (exp(x / alpha) - 1)` where it is negative; floats only.
  public func celu(alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      if alpha == 0 { throw TensorError(.value, "celu", "alpha must not be 0") }
      return try run(Unary<Elu>(Parameters(alpha, 1 / alpha)), self)
    }
  }
  /// `elu` scaled so that means of 0 and variances of 1 stay (Klambauer et al., 2017); floats only.
  public func selu() -> Tensor { apply(Unary<Selu>(), self) }
  /// `x * tanh(softplus(x))` for each element; floats only.
  public func mish() -> Tensor { apply(Unary<Mish>(), self) }
  /// The logarithm of `sigmoid`, computed without overflow; floats only.
  public func logSigmoid() -> Tensor { apply(Unary<LogSigmoid>(), self) }
  /// `min(max(x + 3, 0), 6) / 6` for each element; floats only.
  public func hardsigmoid() -> Tensor { apply(Unary<Hardsigmoid>(), self) }
  /// `x * min(max(x + 3, 0), 6) / 6` for each element; floats only.
  public func hardswish() -> Tensor { apply(Unary<Hardswish>(), self) }
  /// Each element, or 0 where it lies from `-lambda` to `lambda`; floats only.
  public func hardshrink(lambda: Double = 0.5) -> Tensor { apply(Unary<Hardshrink>(Parameters(lambda)), self) }
  /// Each element moved by `lambda` towards 0, or 0 where it lies nearer to it; floats only.
  public func softshrink(lambda: Double = 0.5) -> Tensor {
    checked { () throws(TensorError) in
      if !(lambda >= 0) { throw TensorError(.value, "softshrink", "expected lambda >= 0, but got \(lambda)") }
      return try run(Unary<Softshrink>(Parameters(lambda)), self)
    }
  }
  /// Each element, or `value` where it does not exceed `threshold`; bool is an error.
  public func threshold(_ threshold: Double, _ value: Double) -> Tensor {
    apply(Unary<Threshold>(Parameters(threshold, value)), self)
  }
  /// Each element, but not below `min` nor above `max`; bool is an error.
  public func hardtanh(min: Double = -1, max: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      if min > max { throw TensorError(.value, "hardtanh", "expected min <= max, but got \(min) and \(max)") }
      return try run(Unary<ClampNumbers>(Parameters(min, max)), self)
    }
  }
  /// Each element, but not below 0 nor above 6; bool is an error.
  public func relu6() -> Tensor { hardtanh(min: 0, max: 6) }
  /// `x / (1 + abs(x))` for each element.
  public func softsign() -> Tensor { self / (abs() + 1) }
  /// `x - tanh(x)` for each element.
  public func tanhshrink() -> Tensor { self - tanh() }
  /// `softmax` of the negative elements.
  public func softmin(dim: Int, dtype: DType? = nil) -> Tensor { (-self).softmax(dim: dim, dtype: dtype) }

  /// The first half along a dimension times `sigmoid` of the second; its size must be even.
  public func glu(dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in
      try checkFloating(self, operation: "glu")
      if rank == 0 { throw TensorError(.shape, "glu", "expected at least one dimension, but got shape []") }
      let axis = try resolve(dim: dim, rank: rank, operation: "glu")
      let size = layout.shape[axis]
      if size % 2 != 0 {
        throw TensorError(.shape, "glu", "expected an even size at dimension \(axis), but got shape \(shape)")
      }
      let half = size / 2
      return narrow(dim: axis, start: 0, length: half)
        * narrow(dim: axis, start: half, length: half).sigmoid()
    }
  }

  /// Each element, times its channel's weight where it is negative.
  ///
  /// - Parameter weight: One number, or one for each of the second dimension's entries, as [1] or [channels].
  public func prelu(_ weight: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkFloating(self, operation: "prelu")
      if dtype != weight.dtype {
        throw TensorError(.dtype, "prelu", "expected a weight of dtype \(dtype), but got \(weight.dtype)")
      }
      if weight.rank > 1 {
        throw TensorError(.shape, "prelu", "expected a weight of at most one dimension, but got shape \(weight.shape)")
      }
      var factor = weight
      if weight.count != 1 {
        let channels = rank > 1 ? layout.shape[1] : 1
        if weight.count != channels {
          throw TensorError(
            .shape, "prelu",
            "expected a weight for each of \(channels) channels of shape \(shape), but got shape \(weight.shape)")
        }
        factor = weight.reshape([channels] + Array(repeating: 1, count: rank - 2))
      } else if weight.rank > rank {
        factor = weight.reshape([])
      }
      return self.where(self .> 0, self * factor)
    }
  }
}

// MARK: - For derivatives

/// Of the gradient and the input of `elu`; parameters: alpha and the input's factor.
package enum EluBackward: BinaryFormula {
  package static let kernel = ST_ELU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `selu`.
package enum SeluBackward: BinaryFormula {
  package static let kernel = ST_SELU_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

/// Of the gradient and the input of `mish`.
package enum MishBackward: BinaryFormula {
  package static let kernel = ST_MISH_BACKWARD
  package static let rule = ResultRule.floatingOnly
}

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
