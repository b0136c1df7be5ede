package import CTensorKernels

// Formulas of bits and of truth: an element counts as true when it is not zero.

package enum BitwiseNot: UnaryFormula {
  package static let kernel = ST_BITWISE_NOT
  package static let rule = ResultRule.integral
  package static var name: String { "~" }
}

package enum IsNaN: UnaryFormula {
  package static let kernel = ST_IS_NAN
  package static let rule = ResultRule.predicate
}

package enum IsInf: UnaryFormula {
  package static let kernel = ST_IS_INF
  package static let rule = ResultRule.predicate
}

package enum IsFinite: UnaryFormula {
  package static let kernel = ST_IS_FINITE
  package static let rule = ResultRule.predicate
}

package enum LogicalNot: UnaryFormula {
  package static let kernel = ST_LOGICAL_NOT
  package static let rule = ResultRule.predicate
}

package enum LogicalAnd: BinaryFormula {
  package static let kernel = ST_LOGICAL_AND
  package static let rule = ResultRule.predicate
}

package enum LogicalOr: BinaryFormula {
  package static let kernel = ST_LOGICAL_OR
  package static let rule = ResultRule.predicate
}

package enum LogicalXor: BinaryFormula {
  package static let kernel = ST_LOGICAL_XOR
  package static let rule = ResultRule.predicate
}

package enum BitwiseAnd: BinaryFormula {
  package static let kernel = ST_BITWISE_AND
  package static let rule = ResultRule.integral
  package static var name: String { ".&" }
}

package enum BitwiseOr: BinaryFormula {
  package static let kernel = ST_BITWISE_OR
  package static let rule = ResultRule.integral
  package static var name: String { ".|" }
}

package enum BitwiseXor: BinaryFormula {
  package static let kernel = ST_BITWISE_XOR
  package static let rule = ResultRule.integral
  package static var name: String { ".^" }
}

extension Tensor {
  /// The complement of each element's bits, or its negation for bool; floats are an error.
  public static prefix func ~ (x: Tensor) -> Tensor { apply(Unary<BitwiseNot>(), x) }
  /// Whether each element is zero; any dtype.
  public static prefix func .! (x: Tensor) -> Tensor { apply(Unary<LogicalNot>(), x) }
  /// Whether each element is zero; any dtype.
  public func logicalNot() -> Tensor { apply(Unary<LogicalNot>(), self) }
  /// Whether each element is not a number.
  public func isNaN() -> Tensor { apply(Unary<IsNaN>(), self) }
  /// Whether each element is positive or negative infinity.
  public func isInf() -> Tensor { apply(Unary<IsInf>(), self) }
  /// Whether each element is neither infinite nor NaN.
  public func isFinite() -> Tensor { apply(Unary<IsFinite>(), self) }

  /// Whether both elements are not zero, broadcast to one shape.
  public func logicalAnd(_ other: Tensor) -> Tensor { apply(Binary<LogicalAnd>(), self, other) }
  /// Whether any of both elements is not zero, broadcast to one shape.
  public func logicalOr(_ other: Tensor) -> Tensor { apply(Binary<LogicalOr>(), self, other) }
  /// Whether exactly one of both elements is not zero, broadcast to one shape.
  public func logicalXor(_ other: Tensor) -> Tensor { apply(Binary<LogicalXor>(), self, other) }

  /// The bits that both elements have; for bool, whether both are true; floats are an error.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { apply(Binary<BitwiseAnd>(), a, b) }
  /// The bits that each element has in common with a number.
  public static func .& (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<BitwiseAnd>(), a, b) }
  /// The bits that any of both elements has; for bool, whether any is true; floats are an error.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { apply(Binary<BitwiseOr>(), a, b) }
  /// The bits that each element or a number has.
  public static func .| (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<BitwiseOr>(), a, b) }
  /// The bits that exactly one of both elements has; for bool, whether they differ; floats are an error.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { apply(Binary<BitwiseXor>(), a, b) }
  /// The bits in which each element differs from a number.
  public static func .^ (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<BitwiseXor>(), a, b) }
}
