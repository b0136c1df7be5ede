package import CTensorKernels

// Functions of each element that others make up.

/// x = mantissa * 2 ** exponent.
package enum Mantissa: UnaryFormula {
  package static let kernel = ST_MANTISSA
  package static let rule = ResultRule.floatingOnly
  package static var name: String { "frexp" }
}

package enum Exponent: UnaryFormula {
  package static let kernel = ST_EXPONENT
  package static let rule = ResultRule.floatingOnly
  package static var name: String { "frexp" }
}

extension Tensor {
  /// The elements as `mantissa * 2 ** exponent` with mantissas from 1/2 up to, not including, 1; floats only.
  ///
  /// - Returns: The mantissas in this dtype and the exponents as int32; zeros, infinities and NaN are their own mantissas.
  public func frexp() -> (mantissa: Tensor, exponent: Tensor) {
    let x = dtype.itemSize == 2 ? float() : self  // 16-bit floats do not hold every exponent of float16
    let exponent = apply(Unary<Exponent>(), x)
    return (apply(Unary<Mantissa>(), self), exponent.to(.int32))
  }

  /// Each element times 2 to the power of another, `x * 2 ** other`, where that power alone may overflow.
  ///
  /// Whole exponents leave a floating dtype as it is; two tensors of integers give the default one.
  public func ldexp(_ other: Tensor) -> Tensor {
    let dtype = promotedDType(self, other)
    if !dtype.isFloatingPoint { return self * 2.0 ** other }
    let wide = dtype.itemSize == 2 ? .float32 : dtype
    // Beyond these finite exponents every number is 0 or infinite. Of the three powers the first is mostly 1.
    let (largest, most) = wide == .float64 ? (2000.0, 2200.0) : (240.0, 300.0)
    let given = other.to(wide)
    let exponent = apply(Ternary<Where>(), given.isInf(), given, given.clamp(min: -most, max: most))
    let common = exponent.clamp(min: -largest, max: largest)
    let half = (common * 0.5).floor()
    return (to(wide) * 2.0 ** (exponent - common) * 2.0 ** half * 2.0 ** (common - half)).to(dtype)
  }

  /// Each element to the power of another, both taken as float64.
  public func floatPower(_ exponent: Tensor) -> Tensor { to(.float64) ** exponent.to(.float64) }
  /// Each element to the power of a number, as float64.
  public func floatPower(_ exponent: some Scalar) -> Tensor { to(.float64) ** exponent.number.double }

  /// 0 for negative elements, 1 for positive ones, and that of `values` for zeros; one dtype.
  public func heaviside(_ values: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if dtype != values.dtype {
        throw TensorError(
          .dtype, "heaviside", "expected operands of one dtype, but got \(dtype) and \(values.dtype)")
      }
      return values.where(self .== 0, (self .> 0).to(dtype))
    }
  }

  /// The elements, with other numbers for those that are NaN or infinite.
  ///
  /// - Parameters:
  ///   - nan: What takes the place of NaN.
  ///   - posInf: What takes the place of infinity; nil stands for the largest finite number of the dtype.
  ///   - negInf: What takes the place of negative infinity; nil stands for the smallest finite number.
  public func nanToNum(nan: Double = 0, posInf: Double? = nil, negInf: Double? = nil) -> Tensor {
    if !dtype.isFloatingPoint { return clone() }
    let greatest = dtype.greatestFinite
    return self.where(self .!= -Double.infinity, negInf ?? -greatest)
      .where(self .!= Double.infinity, posInf ?? greatest).where(self .== self, nan)
  }
}

// MARK: - Tests of elements

extension Tensor {
  /// Whether each element is positive infinity.
  public func isPosInf() -> Tensor { isInf().logicalAnd(signbit().logicalNot()) }
  /// Whether each element is negative infinity.
  public func isNegInf() -> Tensor { isInf().logicalAnd(signbit()) }
  /// True for each element: none is complex.
  public func isReal() -> Tensor { Tensor.ones(shape, dtype: .bool, device: device) }

  /// Whether both elements differ by at most `atol + rtol * abs(other)`, broadcast to one shape; one dtype.
  ///
  /// Infinities are close to themselves, NaN only if `equalNaN` says so.
  public func isClose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let name = "isClose"
      if dtype != other.dtype {
        throw TensorError(.dtype, name, "expected operands of one dtype, but got \(dtype) and \(other.dtype)")
      }
      if !(rtol >= 0 && atol >= 0) {
        throw TensorError(.value, name, "expected rtol >= 0 and atol >= 0, but got \(rtol) and \(atol)")
      }
      let (x, y) = (self, other)
      var close = x .== y
      if equalNaN && dtype.isFloatingPoint { close = close.logicalOr(x.isNaN().logicalAnd(y.isNaN())) }
      if rtol == 0 && atol == 0 { return close }
      let (a, b) = dtype.isFloatingPoint ? (x, y) : (x.to(Scope.defaultDType), y.to(Scope.defaultDType))
      let distance = (a - b).abs()
      return close.logicalOr(distance.isFinite().logicalAnd(distance .<= (rtol * b).abs() + atol))
    }
  }

  /// Whether all elements of both tensors are close, as `isClose` says; waits for the device.
  public func allClose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false) -> Bool {
    isClose(other, rtol: rtol, atol: atol, equalNaN: equalNaN).all().item(as: Bool.self)
  }

  /// Whether both tensors have one shape and equal elements; waits for the device.
  public func equal(_ other: Tensor) -> Bool {
    checked(or: false) { () throws(TensorError) in
      _ = try commonBackend(self, other, operation: "equal")
      if dtype != other.dtype {
        throw TensorError(.dtype, "equal", "expected operands of one dtype, but got \(dtype) and \(other.dtype)")
      }
      return shape == other.shape && (self .== other).all().item(as: Bool.self)
    }
  }

  /// Whether each element is one of `testElements`, of any shape, or the opposite if `invert` is true; bool is an error.
  ///
  /// Compares every pair: memory for as many truth values as there are.
  public func isIn(_ testElements: Tensor, invert: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      if dtype == .bool || testElements.dtype == .bool {
        throw TensorError(.dtype, "isIn", "not implemented for .bool")
      }
      let found = (unsqueeze(dim: -1) .== testElements.flatten()).any(dim: -1)
      return invert ? found.logicalNot() : found
    }
  }
  /// Whether each element is a number.
  public func isIn(_ testElement: some Scalar, invert: Bool = false) -> Tensor {
    isIn(Tensor(testElement).to(device), invert: invert)
  }
}
