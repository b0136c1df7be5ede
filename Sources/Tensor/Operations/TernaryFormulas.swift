package import CTensorKernels

// Formulas of three values, of which the operands broadcast to one shape and promote to one dtype.

/// Of a condition and two values.
package enum Where: TernaryFormula {
  package static let kernel = ST_WHERE
  package static let rule = ResultRule.any

  package static func common(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws(TensorError) -> DType {
    if a.dtype != .bool {
      throw TensorError(.dtype, name, "expected a condition of dtype .bool, but got \(a.dtype) of shape \(a.shape)")
    }
    return promotedDType(b, c)
  }
}

/// Of a value and its bounds.
package enum Clamp: TernaryFormula {
  package static let kernel = ST_CLAMP
  package static let rule = ResultRule.number
}

/// Of a start, an end and a weight, which share one floating dtype.
package enum Lerp: TernaryFormula {
  package static let kernel = ST_LERP
  package static let rule = ResultRule.floatingOnly

  package static func common(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws(TensorError) -> DType {
    if b.dtype != a.dtype || c.dtype != a.dtype && !c.isNumber {
      throw TensorError(
        .dtype, name, "expected operands of one dtype, but got start \(a.dtype), end \(b.dtype) and weight \(c.dtype)")
    }
    return a.dtype
  }
}

/// Of a term and two factors; parameters: what the product is multiplied by.
package enum Addcmul: TernaryFormula, PromoteOnCUDA {
  package static let kernel = ST_ADDCMUL
  package static let rule = ResultRule.number
}

/// Of a term, a numerator and a denominator; parameters: what the quotient is multiplied by.
package enum Addcdiv: TernaryFormula, PromoteOnCUDA {
  package static let kernel = ST_ADDCDIV
  package static let rule = ResultRule.floatingOnly
}

extension Tensor {
  /// The elements where a condition is true, else those of another tensor.
  ///
  /// - Parameters:
  ///   - condition: A bool tensor; the three broadcast to one shape.
  ///   - other: What stands where the condition is false; promotes with this tensor's dtype.
  public func `where`(_ condition: Tensor, _ other: Tensor) -> Tensor {
    apply(Ternary<Where>(), condition, self, other)
  }
  /// The elements where a condition is true, else a number.
  public func `where`(_ condition: Tensor, _ other: some Scalar) -> Tensor {
    apply(Ternary<Where>(), condition, self, Tensor(number: other.number))
  }

  /// `start + weight * (end - start)` with this tensor as start; floating tensors of one dtype.
  public func lerp(_ end: Tensor, weight: Tensor) -> Tensor { apply(Ternary<Lerp>(), self, end, weight) }
  /// `start + weight * (end - start)` with this tensor as start; floating tensors of one dtype.
  public func lerp(_ end: Tensor, weight: some Scalar) -> Tensor {
    apply(Ternary<Lerp>(), self, end, Tensor(number: weight.number))
  }

  /// `x + value * a * b`.
  public func addcmul(_ a: Tensor, _ b: Tensor, value: Double = 1) -> Tensor {
    apply(Ternary<Addcmul>(Parameters(value)), self, a, b)
  }
  /// `x + value * a / b`; floats only.
  public func addcdiv(_ a: Tensor, _ b: Tensor, value: Double = 1) -> Tensor {
    apply(Ternary<Addcdiv>(Parameters(value)), self, a, b)
  }
}
