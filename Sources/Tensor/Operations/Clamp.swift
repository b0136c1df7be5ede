package import CTensorKernels

/// Parameters: the lower and upper bound, infinite where there is none.
package enum ClampNumbers: UnaryFormula {
  package static let kernel = ST_CLAMP_NUMBERS
  package static let rule = ResultRule.number
  package static var name: String { "clamp" }
}

extension Tensor {
  /// Each element, but not below `min` nor above `max`; NaN stays, and `max` wins when it is the smaller.
  ///
  /// Floating bounds make an integer tensor floating.
  public func clamp(min: some Scalar, max: some Scalar) -> Tensor { clamped(min.number, max.number) }
  /// Each element, but not below `min`.
  public func clamp(min: some Scalar) -> Tensor { clamped(min.number, nil) }
  /// Each element, but not above `max`.
  public func clamp(max: some Scalar) -> Tensor { clamped(nil, max.number) }

  /// Each element, but not below that of `min` nor above that of `max`, broadcast to one shape; NaN of any stays.
  public func clamp(min: Tensor, max: Tensor) -> Tensor { apply(Ternary<Clamp>(), self, min, max) }
  /// Each element, but not below that of `min`.
  public func clamp(min: Tensor) -> Tensor { maximum(min) }
  /// Each element, but not above that of `max`.
  public func clamp(max: Tensor) -> Tensor { minimum(max) }

  private func clamped(_ lower: Number?, _ upper: Number?) -> Tensor {
    checked { () throws(TensorError) in
      let bounds = [lower, upper].compactMap { $0.map(Tensor.init(number:)) }
      let dtype = promotedDType([self] + bounds)
      let x = dtype == self.dtype ? self : try run(Cast(dtype: dtype), self)
      if dtype != .int64 {
        return try run(
          Unary<ClampNumbers>(Parameters(lower?.double ?? -.infinity, upper?.double ?? .infinity)), x)
      }
      // A double does not hold every int64.
      switch (lower, upper) {
      case (_?, _?): return try run(Ternary<Clamp>(), x, bounds[0], bounds[1])
      case (_?, nil): return try run(Binary<Maximum>(), x, bounds[0])
      default: return try run(Binary<Minimum>(), x, bounds[0])
      }
    }
  }
}
