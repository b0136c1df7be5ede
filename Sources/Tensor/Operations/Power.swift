/// Binds tighter than multiplication and groups to the right, as in Python: `2 * x ** 2` is `2 * (x ** 2)`.
precedencegroup ExponentiationPrecedence {
  higherThan: MultiplicationPrecedence
  associativity: right
}

infix operator ** : ExponentiationPrecedence
infix operator **= : AssignmentPrecedence

extension Tensor {
  /// Each element to the power of another.
  ///
  /// Integers stay integers; a negative exponent from an integer tensor gives 0, or 1 and -1 for bases of 1 and -1. Swift
  /// binds a prefix minus tighter: `-x ** 2` is `(-x) ** 2`.
  public static func ** (a: Tensor, b: Tensor) -> Tensor { apply(Binary<Power>(), a, b) }

  /// Each element to the power of a number; a negative whole exponent of an integer tensor is an error.
  public static func ** (a: Tensor, b: some Scalar) -> Tensor {
    checked { () throws(TensorError) in
      let exponent = b.number
      if case .int(2) = exponent { return try run(Unary<Square>(), a) }
      if exponent.double == 2, a.dtype.isFloatingPoint { return try run(Unary<Square>(), a) }
      try checkExponent(exponent, of: a)
      if a.dtype == .bool, case .bool(let value) = exponent {
        // Truth values have two powers: x ** true is x, x ** false is true.
        let power = try run(Clone(), a)
        if !value { try run(Fill(.bool(true)), on: power) }
        return power
      }
      return try run(Binary<Power>(), a, Tensor(number: exponent))
    }
  }

  /// A number to the power of each element.
  public static func ** (a: some Scalar, b: Tensor) -> Tensor { apply(Binary<Power>(), a, b) }

  /// Raises each element in place.
  @_disfavoredOverload
  public static func **= (a: Tensor, b: Tensor) { apply(Binary<Power>(), on: a, b) }

  /// Raises each element to the power of a number in place.
  @_disfavoredOverload
  public static func **= (a: Tensor, b: some Scalar) {
    checked(or: ()) { () throws(TensorError) in
      try checkExponent(b.number, of: a)
      try run(Binary<Power>(), on: a, Tensor(number: b.number))
    }
  }

  /// Each element to the power of another, as `**`.
  public func pow(_ exponent: Tensor) -> Tensor { self ** exponent }
  /// Each element to the power of a number, as `**`.
  public func pow(_ exponent: some Scalar) -> Tensor { self ** exponent }
}

/// Refuses exponents that the base's dtype cannot hold.
private func checkExponent(_ exponent: Number, of base: Tensor) throws(TensorError) {
  if base.dtype == .float32 || base.dtype == .float64 { return }
  if base.dtype.isFloatingPoint {
    return try checkFits(exponent, base.dtype, operation: Power.name)
  }
  // A floating exponent makes the result floating.
  guard case .int(let value) = exponent else { return }
  if value < 0 {
    throw TensorError(
      .value, Power.name, "integers to negative integer powers are not allowed: \(base.dtype) to the power of \(value)")
  }
  try checkFits(exponent, base.dtype == .bool ? .int64 : base.dtype, operation: Power.name)
}
