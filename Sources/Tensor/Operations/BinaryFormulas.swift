package import CTensorKernels

// One row an arithmetic formula of two values: its kernel, what it takes, how autocast treats it, and its operators.
// Operands broadcast to one shape and promote to one dtype; a number does not widen a tensor's dtype within its kind.

package enum Add: BinaryFormula {
  package static let kernel = ST_ADD
  package static let rule = ResultRule.any
  package static var name: String { "+" }
}

package enum Subtract: BinaryFormula {
  package static let kernel = ST_SUBTRACT
  package static let rule = ResultRule.any
  package static var name: String { "-" }

  package static func check(_ a: Tensor, _ b: Tensor) throws(TensorError) {
    if a.dtype == .bool || b.dtype == .bool {
      throw TensorError(
        .dtype, name,
        "not supported with a bool tensor, but got dtypes \(a.dtype) and \(b.dtype); use .^ or .! for truth values")
    }
  }
}

package enum Multiply: BinaryFormula {
  package static let kernel = ST_MULTIPLY
  package static let rule = ResultRule.any
  package static var name: String { "*" }
}

package enum Divide: BinaryFormula {
  package static let kernel = ST_DIVIDE
  package static var name: String { "/" }
}

package enum Remainder: BinaryFormula {
  package static let kernel = ST_REMAINDER
  package static let rule = ResultRule.number
  package static var name: String { "%" }
}

package enum FloorDivide: BinaryFormula {
  package static let kernel = ST_FLOOR_DIVIDE
  package static let rule = ResultRule.number
}

package enum Fmod: BinaryFormula {
  package static let kernel = ST_FMOD
  package static let rule = ResultRule.number
}

/// The quotient without its fraction.
package enum TruncDivide: BinaryFormula {
  package static let kernel = ST_TRUNC_DIVIDE
  package static let rule = ResultRule.number
  package static var name: String { "divide" }
}

package enum Gcd: BinaryFormula {
  package static let kernel = ST_GCD
  package static let rule = ResultRule.integral
}

package enum Lcm: BinaryFormula {
  package static let kernel = ST_LCM
  package static let rule = ResultRule.integral
}

package enum Power: BinaryFormula, FullOnCUDA {
  package static let kernel = ST_POWER
  package static let rule = ResultRule.number
  package static var name: String { "**" }
}

package enum Minimum: BinaryFormula {
  package static let kernel = ST_MINIMUM
  package static let rule = ResultRule.any
}

package enum Maximum: BinaryFormula {
  package static let kernel = ST_MAXIMUM
  package static let rule = ResultRule.any
}

/// Of floats: other dtypes have no NaN.
package enum Fmin: BinaryFormula {
  package static let kernel = ST_FMIN
  package static let rule = ResultRule.floatingOnly
}

/// Of floats: other dtypes have no NaN.
package enum Fmax: BinaryFormula {
  package static let kernel = ST_FMAX
  package static let rule = ResultRule.floatingOnly
}

package enum Atan2: BinaryFormula, PromoteOnCUDA {
  package static let kernel = ST_ATAN2
}

package enum Hypot: BinaryFormula {
  package static let kernel = ST_HYPOT
  package static let rule = ResultRule.floatingOnly
}

package enum Copysign: BinaryFormula {
  package static let kernel = ST_COPYSIGN
}

/// Parameters: how many low bits of a float the dtype lacks.
package enum Nextafter: BinaryFormula {
  package static let kernel = ST_NEXTAFTER
  package static let rule = ResultRule.floatingOnly
}

/// How `divide` rounds quotients to whole numbers.
public enum RoundingMode: Sendable {
  /// Towards zero.
  case trunc
  /// Down, as `floorDivide`.
  case floor
}

extension Tensor {
  /// The sums of elements.
  public static func + (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Add>(), a, b) }
  /// Each element plus a number.
  public static func + (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Add>(), a, b) }
  /// A number plus each element.
  public static func + (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Add>(), a, b) }
  /// The differences of elements; bool operands are an error.
  public static func - (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Subtract>(), a, b) }
  /// Each element minus a number.
  public static func - (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Subtract>(), a, b) }
  /// A number minus each element.
  public static func - (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Subtract>(), a, b) }
  /// The products of elements; `matmul` is the product of matrices.
  public static func * (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Multiply>(), a, b) }
  /// Each element times a number.
  public static func * (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Multiply>(), a, b) }
  /// A number times each element.
  public static func * (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Multiply>(), a, b) }
  /// The quotients of elements; integers give the default floating dtype, `floorDivide` keeps them whole.
  public static func / (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Divide>(), a, b) }
  /// Each element divided by a number.
  public static func / (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Divide>(), a, b) }
  /// A number divided by each element.
  public static func / (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Divide>(), a, b) }
  /// The remainders of floored division, which have the divisor's sign: `-7 % 3` is 2.
  public static func % (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Remainder>(), a, b) }
  /// The remainder of each element's floored division by a number.
  public static func % (a: Tensor, b: some Scalar) -> Tensor { apply(Binary<Remainder>(), a, b) }
  /// The remainder of a number's floored division by each element.
  public static func % (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Remainder>(), a, b) }

  /// The quotients of elements rounded down; integers stay integers, and zero divides none of them.
  public func floorDivide(_ other: Tensor) -> Tensor { apply(Binary<FloorDivide>(), self, other) }
  /// Each element divided by a number and rounded down.
  public func floorDivide(_ other: some Scalar) -> Tensor { apply(Binary<FloorDivide>(), self, other) }
  /// The remainders of truncated division, which have the dividend's sign: `-7` by 3 leaves -1.
  public func fmod(_ other: Tensor) -> Tensor { apply(Binary<Fmod>(), self, other) }
  /// The remainder of each element's truncated division by a number.
  public func fmod(_ other: some Scalar) -> Tensor { apply(Binary<Fmod>(), self, other) }
  /// The smaller of both elements; NaN if any is.
  public func minimum(_ other: Tensor) -> Tensor { apply(Binary<Minimum>(), self, other) }
  /// The larger of both elements; NaN if any is.
  public func maximum(_ other: Tensor) -> Tensor { apply(Binary<Maximum>(), self, other) }
  /// The angle of the point (other, self) from the positive x axis, from -pi to pi.
  public func atan2(_ other: Tensor) -> Tensor { apply(Binary<Atan2>(), self, other) }
  /// The length of the hypotenuse over two sides, without overflow on the way; floats only.
  public func hypot(_ other: Tensor) -> Tensor { apply(Binary<Hypot>(), self, other) }
  /// The magnitude of each element with the sign of another; integers give the default floating dtype.
  public func copysign(_ other: Tensor) -> Tensor { apply(Binary<Copysign>(), self, other) }
  /// The magnitude of each element with the sign of a number.
  public func copysign(_ other: some Scalar) -> Tensor { apply(Binary<Copysign>(), self, other) }
  /// The next number of the dtype from each element towards another; floats only.
  public func nextafter(_ other: Tensor) -> Tensor {
    let dropped =
      switch promotedDType(self, other) {
      case .float16: 13.0
      case .bfloat16: 16.0
      default: 0.0
      }
    return apply(Binary<Nextafter>(Parameters(dropped)), self, other)
  }

  /// The smaller of both elements; one that is NaN gives way to the other.
  public func fmin(_ other: Tensor) -> Tensor {
    promotedDType(self, other).isFloatingPoint ? apply(Binary<Fmin>(), self, other) : minimum(other)
  }
  /// The larger of both elements; one that is NaN gives way to the other.
  public func fmax(_ other: Tensor) -> Tensor {
    promotedDType(self, other).isFloatingPoint ? apply(Binary<Fmax>(), self, other) : maximum(other)
  }

  /// The quotients of elements, rounded to whole numbers if `rounding` says how; then integers stay integers, and zero
  /// divides none of them.
  public func divide(_ other: Tensor, rounding: RoundingMode? = nil) -> Tensor {
    switch rounding {
    case nil: self / other
    case .floor: floorDivide(other)
    case .trunc: apply(Binary<TruncDivide>(), self, other)
    }
  }
  /// Each element divided by a number, the quotient rounded to a whole number if `rounding` says how.
  public func divide(_ other: some Scalar, rounding: RoundingMode? = nil) -> Tensor {
    divide(Tensor(number: other.number), rounding: rounding)
  }
  /// The greatest number that divides both elements, and 0 for two zeros; integers only.
  public func gcd(_ other: Tensor) -> Tensor { apply(Binary<Gcd>(), self, other) }
  /// The smallest positive multiple of both elements, and 0 if any is 0; integers only.
  public func lcm(_ other: Tensor) -> Tensor { apply(Binary<Lcm>(), self, other) }
}

// MARK: - In place

extension Tensor {
  /// Adds to each element in place; takes the handle, so that constants and views work: `x[0] += 1`.
  @_disfavoredOverload
  public static func += (a: Tensor, b: Tensor) { apply(Binary<Add>(), on: a, b) }
  /// Adds a number to each element in place.
  @_disfavoredOverload
  public static func += (a: Tensor, b: some Scalar) { apply(Binary<Add>(), on: a, b) }
  /// Subtracts from each element in place.
  @_disfavoredOverload
  public static func -= (a: Tensor, b: Tensor) { apply(Binary<Subtract>(), on: a, b) }
  /// Subtracts a number from each element in place.
  @_disfavoredOverload
  public static func -= (a: Tensor, b: some Scalar) { apply(Binary<Subtract>(), on: a, b) }
  /// Multiplies each element in place.
  @_disfavoredOverload
  public static func *= (a: Tensor, b: Tensor) { apply(Binary<Multiply>(), on: a, b) }
  /// Multiplies each element by a number in place.
  @_disfavoredOverload
  public static func *= (a: Tensor, b: some Scalar) { apply(Binary<Multiply>(), on: a, b) }
  /// Divides each element in place; an error for integers, whose quotients are floating.
  @_disfavoredOverload
  public static func /= (a: Tensor, b: Tensor) { apply(Binary<Divide>(), on: a, b) }
  /// Divides each element by a number in place.
  @_disfavoredOverload
  public static func /= (a: Tensor, b: some Scalar) { apply(Binary<Divide>(), on: a, b) }
  /// Replaces each element by its remainder in place.
  @_disfavoredOverload
  public static func %= (a: Tensor, b: Tensor) { apply(Binary<Remainder>(), on: a, b) }
  /// Replaces each element by its remainder by a number in place.
  @_disfavoredOverload
  public static func %= (a: Tensor, b: some Scalar) { apply(Binary<Remainder>(), on: a, b) }
}
