package import CTensorKernels

// One row a formula: its kernel, what it takes, how autocast treats it, and its public method.

package enum Exp: UnaryFormula {
  package static let kernel = ST_EXP
  package static func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .full : .untouched }
}

extension Tensor {
  /// e to the power of each element.
  public func exp() -> Tensor { apply(Unary<Exp>(), self) }
}
