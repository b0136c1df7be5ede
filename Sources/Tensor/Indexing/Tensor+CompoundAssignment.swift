// Compound assignment to a place: `x[indices] += 1` reads a copy, changes it and writes it back.
//
// The forms that take only the handle serve constants (`let x; x += 1`), which are no place. They are disfavoured, because
// to a variable or subscript both would apply equally well.

extension Tensor {
  /// Adds to each element in place: of a variable, or of what a subscript names.
  public static func += (a: inout Tensor, b: Tensor) { update(a) { $0 += b } }
  /// Adds a number to each element in place.
  public static func += (a: inout Tensor, b: some Scalar) { update(a) { $0 += b } }
  /// Subtracts from each element in place.
  public static func -= (a: inout Tensor, b: Tensor) { update(a) { $0 -= b } }
  /// Subtracts a number from each element in place.
  public static func -= (a: inout Tensor, b: some Scalar) { update(a) { $0 -= b } }
  /// Multiplies each element in place.
  public static func *= (a: inout Tensor, b: Tensor) { update(a) { $0 *= b } }
  /// Multiplies each element by a number in place.
  public static func *= (a: inout Tensor, b: some Scalar) { update(a) { $0 *= b } }
  /// Divides each element in place; an error for integers, whose quotients are floating.
  public static func /= (a: inout Tensor, b: Tensor) { update(a) { $0 /= b } }
  /// Divides each element by a number in place.
  public static func /= (a: inout Tensor, b: some Scalar) { update(a) { $0 /= b } }
  /// Replaces each element by its remainder in place.
  public static func %= (a: inout Tensor, b: Tensor) { update(a) { $0 %= b } }
  /// Replaces each element by its remainder by a number in place.
  public static func %= (a: inout Tensor, b: some Scalar) { update(a) { $0 %= b } }
  /// Raises each element in place.
  public static func **= (a: inout Tensor, b: Tensor) { update(a) { $0 **= b } }
  /// Raises each element to the power of a number in place.
  public static func **= (a: inout Tensor, b: some Scalar) { update(a) { $0 **= b } }

  /// Hands a place's tensor on as a constant, to which only the forms that take the handle apply.
  @inline(__always)
  private static func update(_ x: Tensor, _ write: (Tensor) -> Void) { write(x) }
}
