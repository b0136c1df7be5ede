package import CTensorKernels

package enum Add: BinaryFormula {
  package static let kernel = ST_ADD
  package static let rule = ResultRule.any
  package static var name: String { "+" }
}

extension Tensor {
  /// The sums of elements, broadcast to one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Add>(), a, b) }
  /// Each element plus a number.
  public static func + (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Add>(), a, Tensor(number: b.number)) }
  /// A number plus each element.
  public static func + (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Add>(), Tensor(number: a.number), b) }
  /// Adds to each element in place; takes the handle, so that constants and views work: `x[0] += 1`.
  public static func += (a: Tensor, b: Tensor) { apply(Binary<Add>(), on: a, b) }
  /// Adds a number to each element in place.
  public static func += (a: Tensor, b: some Scalar) { apply(Binary<Add>(), on: a, Tensor(number: b.number)) }
}
