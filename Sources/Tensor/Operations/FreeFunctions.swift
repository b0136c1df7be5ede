// Free functions, only where formulas are written that way.

/// Each element, or 0 where it is negative.
public func relu(_ x: Tensor) -> Tensor { x.relu() }
/// `1 / (1 + exp(-x))` for each element.
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { x.tanh() }
/// e to the power of each element.
public func exp(_ x: Tensor) -> Tensor { x.exp() }
/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { x.log() }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { x.sqrt() }
/// The exponentials of elements along a dimension, divided by their sum.
public func softmax(_ x: Tensor, dim: Int) -> Tensor { x.softmax(dim: dim) }

/// The smaller of both elements, broadcast to one shape; NaN if any is.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { a.minimum(b) }
/// The larger of both elements, broadcast to one shape; NaN if any is.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { a.maximum(b) }

/// Elements of `a` where a bool condition is true, else of `b`; the three broadcast to one shape.
public func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
  apply(Ternary<Where>(), condition, a, b)
}
/// Elements of `a` where a bool condition is true, else a number, which an integer dtype must hold.
public func `where`(_ condition: Tensor, _ a: Tensor, _ b: some Scalar) -> Tensor {
  checked { () throws(TensorError) in try run(Ternary<Where>(), condition, a, fitting(b.number, beside: a)) }
}
/// A number where a bool condition is true, which an integer dtype must hold, else elements of `b`.
public func `where`(_ condition: Tensor, _ a: some Scalar, _ b: Tensor) -> Tensor {
  checked { () throws(TensorError) in try run(Ternary<Where>(), condition, fitting(a.number, beside: b), b) }
}
private func fitting(_ number: Number, beside x: Tensor) throws(TensorError) -> Tensor {
  let element = Tensor(number: number)
  let dtype = promotedDType(x, element)
  if !dtype.isFloatingPoint { try checkFits(number, dtype, operation: Where.name) }
  return element
}
/// One number where a bool condition is true, else another.
public func `where`(_ condition: Tensor, _ a: some Scalar, _ b: some Scalar) -> Tensor {
  apply(Ternary<Where>(), condition, Tensor(number: a.number), Tensor(number: b.number))
}
