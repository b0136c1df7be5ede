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

package enum Signbit: UnaryFormula {
  package static let kernel = ST_SIGNBIT
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

package enum ShiftLeft: BinaryFormula {
  package static let kernel = ST_SHIFT_LEFT
  package static let rule = ResultRule.integral
  package static var name: String { "<<" }
}

package enum ShiftRight: BinaryFormula {
  package static let kernel = ST_SHIFT_RIGHT
  package static let rule = ResultRule.integral
  package static var name: String { ">>" }
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

  /// Whether each element's sign is negative, that of a zero too.
  public func signbit() -> Tensor { apply(Unary<Signbit>(), self) }

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
  /// The bits that a number has in common with each element.
  public static func .& (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<BitwiseAnd>(), a, b) }
  /// The bits that a number or each element has.
  public static func .| (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<BitwiseOr>(), a, b) }
  /// The bits in which a number differs from each element.
  public static func .^ (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<BitwiseXor>(), a, b) }

  /// Each element times 2 to the power of another, by moving its bits; integers only.
  ///
  /// A shift by a negative number, or by as many bits as there are, leaves 0.
  public static func << (a: Tensor, b: Tensor) -> Tensor { apply(Binary<ShiftLeft>(), a, b) }
  /// Each element with its bits moved up by a number of places; integers only.
  public static func << (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<ShiftLeft>(), a, b) }
  /// A number with its bits moved up by each element's number of places; integers only.
  public static func << (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<ShiftLeft>(), a, b) }
  /// Each element divided by 2 to the power of another and rounded down, by moving its bits; integers only.
  ///
  /// A shift by a negative number, or by as many bits as there are, leaves 0, or -1 of a negative element.
  public static func >> (a: Tensor, b: Tensor) -> Tensor { apply(Binary<ShiftRight>(), a, b) }
  /// Each element with its bits moved down by a number of places; integers only.
  public static func >> (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<ShiftRight>(), a, b) }
  /// A number with its bits moved down by each element's number of places; integers only.
  public static func >> (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<ShiftRight>(), a, b) }
}

// MARK: - In place

extension Tensor {
  /// Keeps the bits that each element has in common with another, in place.
  @_disfavoredOverload
  public static func .&= (a: Tensor, b: Tensor) { apply(Binary<BitwiseAnd>(), on: a, b) }
  /// Keeps the bits that each element has in common with a number, in place.
  @_disfavoredOverload
  public static func .&= (a: Tensor, b: some Scalar) { apply(Binary<BitwiseAnd>(), on: a, b) }
  /// Adds the bits of another element in place.
  @_disfavoredOverload
  public static func .|= (a: Tensor, b: Tensor) { apply(Binary<BitwiseOr>(), on: a, b) }
  /// Adds the bits of a number in place.
  @_disfavoredOverload
  public static func .|= (a: Tensor, b: some Scalar) { apply(Binary<BitwiseOr>(), on: a, b) }
  /// Turns the bits that another element has, in place.
  @_disfavoredOverload
  public static func .^= (a: Tensor, b: Tensor) { apply(Binary<BitwiseXor>(), on: a, b) }
  /// Turns the bits that a number has, in place.
  @_disfavoredOverload
  public static func .^= (a: Tensor, b: some Scalar) { apply(Binary<BitwiseXor>(), on: a, b) }
  /// Moves the bits of each element up in place.
  @_disfavoredOverload
  public static func <<= (a: Tensor, b: Tensor) { apply(Binary<ShiftLeft>(), on: a, b) }
  /// Moves the bits of each element up by a number of places, in place.
  @_disfavoredOverload
  public static func <<= (a: Tensor, b: some Scalar) { apply(Binary<ShiftLeft>(), on: a, b) }
  /// Moves the bits of each element down in place.
  @_disfavoredOverload
  public static func >>= (a: Tensor, b: Tensor) { apply(Binary<ShiftRight>(), on: a, b) }
  /// Moves the bits of each element down by a number of places, in place.
  @_disfavoredOverload
  public static func >>= (a: Tensor, b: some Scalar) { apply(Binary<ShiftRight>(), on: a, b) }
}
