package import CTensorKernels

// Elementwise operations are one struct per arity, generic over the formula's identity. A formula is an enum without
// cases that names its kernel and says which dtypes it takes; its row stands in one of the files ...Formulas.swift.

/// Which dtypes a formula takes and what it gives.
package enum ResultRule: Sendable {
  /// The inputs' common dtype; integers and floats.
  case number
  /// The inputs' common dtype; any, bool too.
  case any
  /// Floats stay, bool and integers become the default floating dtype.
  case floating
  /// Floats only.
  case floatingOnly
  /// Bool and integers only.
  case integral
  /// The inputs' common dtype; bool counts as int64.
  case counting
  /// Always bool, from any dtype.
  case predicate

  /// The dtype the formula computes in, or nil when it does not take this one.
  package func compute(_ common: DType) -> DType? {
    switch self {
    case .any, .predicate: common
    case .number: common == .bool ? nil : common
    case .floating: common.isFloatingPoint ? common : Scope.defaultDType
    case .floatingOnly: common.isFloatingPoint ? common : nil
    case .integral: common.isFloatingPoint ? nil : common
    case .counting: common == .bool ? .int64 : common
    }
  }

  package func result(of compute: DType) -> DType {
    if case .predicate = self { .bool } else { compute }
  }

  /// What the formula takes, for errors.
  package var accepts: String {
    switch self {
    case .number: "integer and floating dtypes"
    case .any, .predicate, .floating, .counting: "any dtype"
    case .floatingOnly: "floating dtypes"
    case .integral: "bool and integer dtypes"
    }
  }
}

/// The identity of an elementwise formula.
package protocol Formula: Sendable {
  static var name: String { get }
  static var rule: ResultRule { get }
  static func precision(on kind: Device.Kind) -> Precision
}

extension Formula {
  package static var rule: ResultRule { .floating }
  package static func precision(on kind: Device.Kind) -> Precision { .untouched }
  /// The type's name with a small first letter.
  package static var name: String { nameWithSmallInitial(of: Self.self) }

  static func compute(_ common: DType) throws(TensorError) -> DType {
    if let compute = rule.compute(common) { return compute }
    throw TensorError(.dtype, name, "not implemented for \(common): it takes \(rule.accepts)")
  }
}

// Of any type, so that there is one copy of it instead of one for each formula.
@inline(never)
private func nameWithSmallInitial(of type: Any.Type) -> String {
  let name = "\(type)"
  return name.prefix(1).lowercased() + name.dropFirst()
}

/// A formula that autocast runs in float32 on GPUs, as PyTorch's list says.
package protocol FullOnCUDA: Formula {}

extension FullOnCUDA {
  package static func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .full : .untouched }
}

/// A formula for which autocast widens the operands to a common dtype on GPUs.
package protocol PromoteOnCUDA: Formula {}

extension PromoteOnCUDA {
  package static func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .promote : .untouched }
}

package protocol UnaryFormula: Formula {
  static var kernel: st_unary_op { get }
}

package protocol BinaryFormula: Formula {
  static var kernel: st_binary_op { get }
  /// Refuses operands that the rule for the common dtype would let pass.
  static func check(_ a: Tensor, _ b: Tensor) throws(TensorError)
}

extension BinaryFormula {
  @inline(__always)
  package static func check(_ a: Tensor, _ b: Tensor) throws(TensorError) {}
}

package protocol TernaryFormula: Formula {
  static var kernel: st_ternary_op { get }
  /// The dtype that the operands are converted to.
  static func common(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws(TensorError) -> DType
}

extension TernaryFormula {
  package static func common(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws(TensorError) -> DType {
    promotedDType([a, b, c])
  }
}

// MARK: - One operand

/// A formula of one value, applied to each element.
package struct Unary<F: UnaryFormula>: UnaryOperation, UnaryWrite {
  package var parameters: Parameters

  package init(_ parameters: Parameters = .none) { self.parameters = parameters }

  package var name: String { F.name }
  package var graphName: String { "\(F.self)" }
  package func precision(on kind: Device.Kind) -> Precision { F.precision(on: kind) }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let compute = try F.compute(x.dtype)
    let dtype = F.rule.result(of: compute)
    let output =
      x.isContiguous
      ? try Tensor(uninitializedLike: x, dtype: dtype, on: x.backend)
      : try Tensor(uninitialized: x.layout.fresh, dtype: dtype, on: x.backend, for: F.name)
    try x.backend.unary(F.kernel, x, to: output, compute: compute, parameters: parameters)
    return output
  }

  package func write(to target: Tensor) throws(TensorError) {
    let compute = try F.compute(target.dtype)
    try checkCast(from: F.rule.result(of: compute), to: target.dtype, operation: F.name)
    try target.backend.unary(F.kernel, target, to: target, compute: compute, parameters: parameters)
  }
}

// MARK: - Two operands

/// A formula of two values, applied to the elements of two tensors broadcast to one shape.
package struct Binary<F: BinaryFormula>: BinaryOperation, BinaryWrite {
  package var parameters: Parameters

  package init(_ parameters: Parameters = .none) { self.parameters = parameters }

  package var name: String { F.name }
  package var graphName: String { "\(F.self)" }
  package func precision(on kind: Device.Kind) -> Precision { F.precision(on: kind) }
  package var isDifferentiable: Bool { if case .predicate = F.rule { false } else { true } }

  package func forward(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    let backend = a.backend === b.backend ? a.backend : try commonBackend(a, b, of: F.self)
    try F.check(a, b)
    let compute = try F.compute(promotedDType(a, b))
    let dtype = F.rule.result(of: compute)
    // Most operands are row-major and of one shape, or one of them is a number.
    let output =
      a.isContiguous && (b.layout.rank == 0 || b.isContiguous && a.layout.shape == b.layout.shape)
      ? try Tensor(uninitializedLike: a, dtype: dtype, on: backend)
      : try broadcastOutput(a, b, dtype: dtype, on: backend, of: F.self)
    try backend.binary(F.kernel, a, b, to: output, compute: compute, parameters: parameters)
    return output
  }

  package func write(to target: Tensor, _ other: Tensor) throws(TensorError) {
    let backend = try commonBackend(target, other, operation: F.name)
    guard backend === target.backend else {
      throw TensorError(
        .device, F.name, "cannot write to a tensor on \(target.device) from one on \(other.device)")
    }
    try F.check(target, other)
    let compute = try F.compute(promotedDType(target, other))
    try checkCast(from: F.rule.result(of: compute), to: target.dtype, operation: F.name)
    try checkBroadcast(of: other, into: target, operation: F.name)
    let other = try withoutOverlap(other, target, operation: F.name)
    try backend.binary(F.kernel, target, other, to: target, compute: compute, parameters: parameters)
  }
}

/// Runs a formula on a tensor and a number.
@inline(__always)
func apply<F>(_ operation: Binary<F>, _ a: Tensor, _ b: some Scalar) -> Tensor {
  apply(operation, a, Tensor(number: b.number))
}

/// Runs a formula on a number and a tensor.
@inline(__always)
func apply<F>(_ operation: Binary<F>, _ a: some Scalar, _ b: Tensor) -> Tensor {
  apply(operation, Tensor(number: a.number), b)
}

/// Runs a formula on a tensor in place and a number.
@inline(__always)
func apply<F>(_ operation: Binary<F>, on target: Tensor, _ other: some Scalar) {
  apply(operation, on: target, Tensor(number: other.number))
}

// MARK: - Three operands

/// A formula of three values, applied to the elements of three tensors broadcast to one shape.
package struct Ternary<F: TernaryFormula>: TernaryOperation {
  package var parameters: Parameters

  package init(_ parameters: Parameters = .none) { self.parameters = parameters }

  package var name: String { F.name }
  package var graphName: String { "\(F.self)" }
  package func precision(on kind: Device.Kind) -> Precision { F.precision(on: kind) }

  package func forward(_ a: Tensor, _ b: Tensor, _ c: Tensor?) throws(TensorError) -> Tensor {
    let c = c!
    let backend = try commonBackend([a, b, c], operation: F.name)
    let compute = try F.compute(F.common(a, b, c))
    let layout = try broadcastLayout(a, b, c, operation: F.name)
    let output = try Tensor(uninitialized: layout, dtype: F.rule.result(of: compute), on: backend, for: F.name)
    try backend.ternary(F.kernel, a, b, c, to: output, compute: compute, parameters: parameters)
    return output
  }
}

// MARK: - What operands share

/// PyTorch's promotion of two operands: a tensor with dimensions outranks a zero-dim one, and that a plain number, within a kind.
package func promotedDType(_ a: Tensor, _ b: Tensor) -> DType {
  let (x, y) = (promotionDType(a), promotionDType(b))
  if x == y { return x }
  let (rankX, rankY) = (promotionRank(a), promotionRank(b))
  if rankX == rankY { return DType.promote(x, y) }
  return rankX > rankY ? promotedDType(higher: x, lower: y) : promotedDType(higher: y, lower: x)
}

/// The dtype of a list of operands by the same rule.
package func promotedDType(_ tensors: [Tensor]) -> DType {
  var byRank: [DType?] = [nil, nil, nil]
  for tensor in tensors {
    let rank = promotionRank(tensor)
    let dtype = promotionDType(tensor)
    byRank[rank] = byRank[rank].map { DType.promote($0, dtype) } ?? dtype
  }
  var result = byRank[0]
  for higher in byRank.dropFirst() {
    guard let higher else { continue }
    result = result.map { promotedDType(higher: higher, lower: $0) } ?? higher
  }
  return result ?? Scope.defaultDType
}

/// A floating number is stored as a double, but stands for the default floating dtype.
@inline(__always)
private func promotionDType(_ tensor: Tensor) -> DType {
  tensor.isNumber && tensor.dtype == .float64 ? Scope.defaultDType : tensor.dtype
}

private func promotionRank(_ tensor: Tensor) -> Int {
  tensor.isNumber ? 0 : tensor.layout.rank == 0 ? 1 : 2
}

private func promotedDType(higher: DType, lower: DType) -> DType {
  if higher.isFloatingPoint { return higher }
  if higher == .bool || lower.isFloatingPoint { return DType.promote(higher, lower) }
  return higher
}

/// The backend that operands share; zero-dim tensors on the CPU go with any device.
@inline(__always)
package func commonBackend(
  _ a: Tensor, _ b: Tensor, operation: @autoclosure () -> String
) throws(TensorError) -> any Backend {
  if a.backend === b.backend { return a.backend }
  return try commonBackend([a, b], operation: operation())
}

/// The backend that a list of operands shares.
package func commonBackend(
  _ tensors: [Tensor], operation: @autoclosure () -> String
) throws(TensorError) -> any Backend {
  // A number or zero-dim tensor on the CPU decides only when there is nothing else.
  guard let leader = tensors.first(where: { $0.layout.rank > 0 || $0.device != .cpu }) ?? tensors.first else {
    throw TensorError(.value, operation(), "expected at least one tensor")
  }
  for tensor in tensors where tensor.backend !== leader.backend {
    if tensor.layout.rank == 0, tensor.device == .cpu { continue }
    throw TensorError(
      .device, operation(),
      "expected all tensors to be on the same device, but found shape \(leader.shape) on \(leader.device) "
        + "and shape \(tensor.shape) on \(tensor.device)")
  }
  return leader.backend
}

// What few operands of formulas take, of any formula: one copy each.

@inline(never)
private func commonBackend(
  _ a: Tensor, _ b: Tensor, of formula: any Formula.Type
) throws(TensorError) -> any Backend {
  try commonBackend([a, b], operation: formula.name)
}

/// The uninitialised result of two operands broadcast to one shape.
@inline(never)
private func broadcastOutput(
  _ a: Tensor, _ b: Tensor, dtype: DType, on backend: any Backend, of formula: any Formula.Type
) throws(TensorError) -> Tensor {
  let layout = try broadcastLayout(a, b, operation: formula.name)
  return try Tensor(uninitialized: layout, dtype: dtype, on: backend, for: formula.name)
}

/// Refuses operands on different devices where a zero-dim tensor does not pass for a number.
package func checkSameDevice(_ a: Tensor, _ b: Tensor, operation: @autoclosure () -> String) throws(TensorError) {
  if a.backend !== b.backend {
    throw TensorError(
      .device, operation(),
      "expected all tensors to be on the same device, but found shape \(a.shape) on \(a.device) "
        + "and shape \(b.shape) on \(b.device)")
  }
}

/// The fresh layout of an elementwise result.
package func broadcastLayout(
  _ a: Tensor, _ b: Tensor, operation: @autoclosure () -> String
) throws(TensorError) -> Layout {
  if a.layout.shape == b.layout.shape {
    return a.isContiguous || !a.layout.isDense ? b.layout.fresh : a.layout.fresh
  }
  if b.layout.rank == 0 { return a.layout.fresh }
  if a.layout.rank == 0 { return b.layout.fresh }
  guard let shape = Dims.broadcast(a.layout.shape, b.layout.shape) else {
    throw shapeMismatch(a.layout.shape, b.layout.shape, operation: operation())
  }
  if a.layout.shape == shape { return a.layout.fresh }
  if b.layout.shape == shape { return b.layout.fresh }
  return Layout(contiguous: shape)
}

/// The fresh layout of an elementwise result of three operands.
package func broadcastLayout(
  _ a: Tensor, _ b: Tensor, _ c: Tensor, operation: @autoclosure () -> String
) throws(TensorError) -> Layout {
  guard let ab = Dims.broadcast(a.layout.shape, b.layout.shape) else {
    throw shapeMismatch(a.layout.shape, b.layout.shape, operation: operation())
  }
  guard let shape = Dims.broadcast(ab, c.layout.shape) else {
    throw shapeMismatch(ab, c.layout.shape, operation: operation())
  }
  // The first operand of the whole shape whose elements are dense in another order gives the order.
  for operand in [a, b, c] where operand.layout.shape == shape && !operand.layout.isContiguous {
    return operand.layout.fresh
  }
  return Layout(contiguous: shape)
}

package func shapeMismatch(_ a: Dims, _ b: Dims, operation: String) -> TensorError {
  var detail = ""
  for i in 1...Swift.max(1, Swift.min(a.count, b.count)) where a.count >= i && b.count >= i {
    let (x, y) = (a[a.count - i], b[b.count - i])
    if x != y && x != 1 && y != 1 {
      detail = ": sizes \(x) and \(y) at dimension \(Swift.max(a.count, b.count) - i)"
      break
    }
  }
  return TensorError(.shape, operation, "shapes \(a) and \(b) do not broadcast\(detail)")
}

/// Refuses results that a write in place cannot keep: floats into integers, anything but bool into bool.
package func checkCast(
  from result: DType, to target: DType, operation: @autoclosure () -> String
) throws(TensorError) {
  if result.isFloatingPoint && !target.isFloatingPoint || result != .bool && target == .bool {
    throw TensorError(.dtype, operation(), "result dtype \(result) cannot be cast to the target's dtype \(target)")
  }
}

/// Refuses operands that would make a target written in place grow.
package func checkBroadcast(
  of other: Tensor, into target: Tensor, operation: @autoclosure () -> String
) throws(TensorError) {
  if Dims.broadcast(target.layout.shape, other.layout.shape) != target.layout.shape {
    throw TensorError(
      .shape, operation(),
      "a target of shape \(target.layout.shape) does not match the broadcast shape of the operand \(other.layout.shape)"
    )
  }
}

/// The operand itself, or a copy when writing the target would change what is still to be read.
///
/// As in PyTorch, two dense views that share only a part of their memory are an error.
package func withoutOverlap(
  _ other: Tensor, _ target: Tensor, operation: @autoclosure () -> String
) throws(TensorError) -> Tensor {
  let (x, y) = (other.layout, target.layout)
  guard other.storage === target.storage, x != y, x.elementCount > 0, y.elementCount > 0,
    x.offset < y.offset + y.span, y.offset < x.offset + x.span
  else { return other }
  if x.isDense && y.isDense {
    throw TensorError(
      .value, operation(),
      "the operand of shape \(x.shape) and the written-to tensor of shape \(y.shape) share a part of their memory; "
        + "clone() the operand before writing")
  }
  return try Clone().forward(other)
}
