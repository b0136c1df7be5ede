// Elementwise functions that write their result to a tensor that is there already, as PyTorch's do by `out=`.

/// Writes `a + b` to `out`, of the shape to which they broadcast, and returns it; nothing is recorded.
@discardableResult
public func add(_ a: Tensor, _ b: Tensor, out: Tensor) -> Tensor { apply(Binary<Add>(), a, b, out: out) }
/// Writes `a - b` to `out`, of the shape to which they broadcast, and returns it; nothing is recorded.
@discardableResult
public func sub(_ a: Tensor, _ b: Tensor, out: Tensor) -> Tensor { apply(Binary<Subtract>(), a, b, out: out) }
/// Writes `a * b` to `out`, of the shape to which they broadcast, and returns it; nothing is recorded.
@discardableResult
public func mul(_ a: Tensor, _ b: Tensor, out: Tensor) -> Tensor { apply(Binary<Multiply>(), a, b, out: out) }
/// Writes `a / b` to `out`, of the shape to which they broadcast, and returns it; nothing is recorded.
@discardableResult
public func div(_ a: Tensor, _ b: Tensor, out: Tensor) -> Tensor { apply(Binary<Divide>(), a, b, out: out) }
/// Writes the exponential of each element to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func exp(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Exp>(), x, out: out) }
/// Writes the natural logarithm of each element to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func log(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Log>(), x, out: out) }
/// Writes the square root of each element to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func sqrt(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Sqrt>(), x, out: out) }
/// Writes the hyperbolic tangent of each element to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func tanh(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Tanh>(), x, out: out) }
/// Writes `1 / (1 + exp(-x))` of each element to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func sigmoid(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Sigmoid>(), x, out: out) }
/// Writes each element, or 0 where it is negative, to `out`, of the same shape, and returns it; nothing is recorded.
@discardableResult
public func relu(_ x: Tensor, out: Tensor) -> Tensor { apply(Unary<Relu>(), x, out: out) }

private func apply<F>(_ operation: Unary<F>, _ x: Tensor, out: Tensor) -> Tensor {
  checked(or: ()) { (scope) throws(TensorError) in
    let compute = try F.compute(x.dtype)
    try check(out, shape: x.layout.shape, result: F.rule.result(of: compute), of: x, nil, in: scope, F.name)
    let x = try withoutOverlap(x, out, operation: F.name)
    try out.backend.unary(F.kernel, x, to: out, compute: compute, parameters: operation.parameters)
    out.storage.bumpVersion()
  }
  return out
}

private func apply<F>(_ operation: Binary<F>, _ a: Tensor, _ b: Tensor, out: Tensor) -> Tensor {
  checked(or: ()) { (scope) throws(TensorError) in
    try F.check(a, b)
    let compute = try F.compute(promotedDType(a, b))
    guard let shape = Dims.broadcast(a.layout.shape, b.layout.shape) else {
      throw shapeMismatch(a.layout.shape, b.layout.shape, operation: F.name)
    }
    try check(out, shape: shape, result: F.rule.result(of: compute), of: a, b, in: scope, F.name)
    let a = try withoutOverlap(a, out, operation: F.name)
    let b = try withoutOverlap(b, out, operation: F.name)
    try out.backend.binary(F.kernel, a, b, to: out, compute: compute, parameters: operation.parameters)
    out.storage.bumpVersion()
  }
  return out
}

/// Refuses a tensor that cannot take a result.
private func check(
  _ out: Tensor, shape: Dims, result: DType, of a: Tensor, _ b: Tensor?, in scope: Scope?, _ name: String
) throws(TensorError) {
  if scope?.isGradEnabled ?? true, out.isRecorded || a.isRecorded || b?.isRecorded ?? false {
    throw TensorError(
      .autograd, name, "with out: nothing is recorded, but one of the tensors requires grad; call it inside noGrad")
  }
  if out.layout.shape != shape {
    throw TensorError(.shape, name, "out has shape \(out.shape), but the result has shape \(shape)")
  }
  for operand in [a, b] {
    guard let operand, operand.backend !== out.backend, operand.layout.rank > 0 || operand.device != .cpu else {
      continue
    }
    throw TensorError(.device, name, "out is on \(out.device), but an operand is on \(operand.device)")
  }
  try checkCast(from: result, to: out.dtype, operation: name)
  if !out.isContiguous && out.layout.mayOverlap {
    throw TensorError(
      .value, name,
      "more than one element of out, of shape \(out.shape) and strides \(out.strides), refers to a single memory "
        + "location; clone() it before")
  }
}
