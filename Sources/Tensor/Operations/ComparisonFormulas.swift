package import CTensorKernels

// Comparisons give bool and promote their operands first. As in PyTorch a number outside an integer dtype's range wraps.

package enum Equal: BinaryFormula {
  package static let kernel = ST_EQUAL
  package static let rule = ResultRule.predicate
  package static var name: String { ".==" }
}

package enum NotEqual: BinaryFormula {
  package static let kernel = ST_NOT_EQUAL
  package static let rule = ResultRule.predicate
  package static var name: String { ".!=" }
}

package enum Less: BinaryFormula {
  package static let kernel = ST_LESS
  package static let rule = ResultRule.predicate
  package static var name: String { ".<" }
}

package enum LessEqual: BinaryFormula {
  package static let kernel = ST_LESS_EQUAL
  package static let rule = ResultRule.predicate
  package static var name: String { ".<=" }
}

package enum Greater: BinaryFormula {
  package static let kernel = ST_GREATER
  package static let rule = ResultRule.predicate
  package static var name: String { ".>" }
}

package enum GreaterEqual: BinaryFormula {
  package static let kernel = ST_GREATER_EQUAL
  package static let rule = ResultRule.predicate
  package static var name: String { ".>=" }
}

extension Tensor {
  /// Where elements are equal, broadcast to one shape.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Equal>(), a, b) }
  /// Where elements equal a number.
  public static func .== (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Equal>(), a, b) }
  /// Where a number equals elements.
  public static func .== (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Equal>(), a, b) }
  /// Where elements differ, broadcast to one shape.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { apply(Binary<NotEqual>(), a, b) }
  /// Where elements differ from a number.
  public static func .!= (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<NotEqual>(), a, b) }
  /// Where a number differs from elements.
  public static func .!= (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<NotEqual>(), a, b) }
  /// Where elements are less, broadcast to one shape.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Less>(), a, b) }
  /// Where elements are less than a number.
  public static func .< (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Less>(), a, b) }
  /// Where a number is less than elements.
  public static func .< (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Less>(), a, b) }
  /// Where elements are less or equal, broadcast to one shape.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { apply(Binary<LessEqual>(), a, b) }
  /// Where elements are less than a number or equal it.
  public static func .<= (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<LessEqual>(), a, b) }
  /// Where a number is less than elements or equals them.
  public static func .<= (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<LessEqual>(), a, b) }
  /// Where elements are greater, broadcast to one shape.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Greater>(), a, b) }
  /// Where elements are greater than a number.
  public static func .> (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Greater>(), a, b) }
  /// Where a number is greater than elements.
  public static func .> (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Greater>(), a, b) }
  /// Where elements are greater or equal, broadcast to one shape.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { apply(Binary<GreaterEqual>(), a, b) }
  /// Where elements are greater than a number or equal it.
  public static func .>= (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<GreaterEqual>(), a, b) }
  /// Where a number is greater than elements or equals them.
  public static func .>= (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<GreaterEqual>(), a, b) }
}
