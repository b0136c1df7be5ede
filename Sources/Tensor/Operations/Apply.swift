// The doors through which every operation goes. Each is written out per arity, so that none makes an array, and takes
// the active scope, so that the public functions look it up once.

// MARK: - Throwing, for use inside the library

/// Runs an operation on one tensor.
package func run(
  _ operation: some UnaryOperation, _ x: Tensor, in scope: Scope? = .current
) throws(TensorError) -> Tensor {
  if let autocast = scope?.autocast, let target = try autocastTarget(autocast, operation, x, nil, nil) {
    return try perform(operation, autocast.cast(x, to: target), in: scope)
  }
  return try perform(operation, x, in: scope)
}

private func perform(
  _ operation: some UnaryOperation, _ x: Tensor, in scope: Scope?
) throws(TensorError) -> Tensor {
  let output =
    if let profiler = scope?.profiler {
      try profiler.timed(operation, x) { () throws(TensorError) in try operation.forward(x) }
    } else {
      try operation.forward(x)
    }
  if scope?.isGradEnabled ?? true {
    if let recorder = x.recorder, recorder.requiresGrad, operation.isDifferentiable, output.dtype.isFloatingPoint {
      try record(operation, by: (recorder, 0), x, nil, nil, output: output)
    }
  } else if output.isView {
    output.markMadeWithoutGrad()
  }
  return output
}

/// Runs an operation on two tensors.
package func run(
  _ operation: some BinaryOperation, _ a: Tensor, _ b: Tensor, in scope: Scope? = .current
) throws(TensorError) -> Tensor {
  if let autocast = scope?.autocast, let target = try autocastTarget(autocast, operation, a, b, nil) {
    return try perform(operation, autocast.cast(a, to: target), autocast.cast(b, to: target), in: scope)
  }
  return try perform(operation, a, b, in: scope)
}

private func perform(
  _ operation: some BinaryOperation, _ a: Tensor, _ b: Tensor, in scope: Scope?
) throws(TensorError) -> Tensor {
  let output =
    if let profiler = scope?.profiler {
      try profiler.timed(operation, a, b) { () throws(TensorError) in try operation.forward(a, b) }
    } else {
      try operation.forward(a, b)
    }
  if let recorder = firstRecorder(a, b, nil), scope?.isGradEnabled ?? true, operation.isDifferentiable,
    output.dtype.isFloatingPoint
  {
    try record(operation, by: recorder, a, b, nil, output: output)
  }
  return output
}

/// Runs an operation on three tensors, of which the last may be missing.
package func run(
  _ operation: some TernaryOperation, _ a: Tensor, _ b: Tensor, _ c: Tensor?, in scope: Scope? = .current
) throws(TensorError) -> Tensor {
  if let autocast = scope?.autocast, let target = try autocastTarget(autocast, operation, a, b, c) {
    let third = try c.map { (c) throws(TensorError) in try autocast.cast(c, to: target) }
    return try perform(operation, autocast.cast(a, to: target), autocast.cast(b, to: target), third, in: scope)
  }
  return try perform(operation, a, b, c, in: scope)
}

private func perform(
  _ operation: some TernaryOperation, _ a: Tensor, _ b: Tensor, _ c: Tensor?, in scope: Scope?
) throws(TensorError) -> Tensor {
  let output =
    if let profiler = scope?.profiler {
      try profiler.timed(operation, a, b, c) { () throws(TensorError) in try operation.forward(a, b, c) }
    } else {
      try operation.forward(a, b, c)
    }
  if let recorder = firstRecorder(a, b, c), scope?.isGradEnabled ?? true, operation.isDifferentiable,
    output.dtype.isFloatingPoint
  {
    try record(operation, by: recorder, a, b, c, output: output)
  }
  return output
}

/// Runs an operation on a list of tensors.
package func run(
  _ operation: some ListOperation, _ inputs: [Tensor], in scope: Scope? = .current
) throws(TensorError) -> Tensor {
  var inputs = inputs
  if let autocast = scope?.autocast, let target = try autocastTarget(autocast, operation, inputs) {
    for i in inputs.indices { inputs[i] = try autocast.cast(inputs[i], to: target) }
  }
  let output =
    if let profiler = scope?.profiler {
      try profiler.timed(operation, list: inputs) { () throws(TensorError) in try operation.forward(inputs) }
    } else {
      try operation.forward(inputs)
    }
  if scope?.isGradEnabled ?? true, operation.isDifferentiable, output.dtype.isFloatingPoint,
    let recorder = inputs.lazy.compactMap(\.recorder).first(where: \.requiresGrad)
  {
    try record(operation, by: (recorder, 0), nil, nil, nil, list: inputs, output: output)
  }
  return output
}

/// Runs a write in place that reads no other tensor.
package func run(
  _ operation: some UnaryWrite, on target: Tensor, in scope: Scope? = .current
) throws(TensorError) {
  try write(operation, on: target, nil, in: scope) { () throws(TensorError) in try operation.write(to: target) }
}

/// Runs a write in place that reads another tensor.
package func run(
  _ operation: some BinaryWrite, on target: Tensor, _ other: Tensor, in scope: Scope? = .current
) throws(TensorError) {
  try write(operation, on: target, other, in: scope) { () throws(TensorError) in try operation.write(to: target, other)
  }
}

@inline(__always)
private func write(
  _ operation: some Operation, on target: Tensor, _ other: Tensor?, in scope: Scope?,
  _ body: () throws(TensorError) -> Void
) throws(TensorError) {
  try checkWritable(target, operation: operation.name)
  let records =
    scope?.isGradEnabled ?? true && target.dtype.isFloatingPoint
    && (target.isRecorded || (other?.isRecorded ?? false) || target.hidesRecordedBase)
  let old = records ? try gradientSupport?.willWrite(operation, to: target, other) : nil
  if let profiler = scope?.profiler {
    try profiler.timed(operation, target, other) { () throws(TensorError) in try body() }
  } else {
    try body()
  }
  target.storage.bumpVersion()
  if let old { try gradientSupport?.didWrite(operation, to: target, old: old, other) }
}

/// Refuses to write to a tensor of which several elements share memory.
@inline(__always)
func checkWritable(_ target: Tensor, operation: @autoclosure () -> String) throws(TensorError) {
  if !target.isContiguous && target.layout.mayOverlap {
    throw TensorError(
      .value, operation(),
      "more than one element of the written-to tensor of shape \(target.shape) and strides \(target.strides) "
        + "refers to a single memory location; clone() it before writing")
  }
}

// MARK: - For public functions, which do not throw

/// Runs an operation on one tensor; an error goes to the active scope or ends the program.
@inline(__always)
package func apply(_ operation: some UnaryOperation, _ x: Tensor) -> Tensor {
  checked { (scope) throws(TensorError) in try run(operation, x, in: scope) }
}

/// Runs an operation on two tensors; an error goes to the active scope or ends the program.
@inline(__always)
package func apply(_ operation: some BinaryOperation, _ a: Tensor, _ b: Tensor) -> Tensor {
  checked { (scope) throws(TensorError) in try run(operation, a, b, in: scope) }
}

/// Runs an operation on three tensors; an error goes to the active scope or ends the program.
@inline(__always)
package func apply(_ operation: some TernaryOperation, _ a: Tensor, _ b: Tensor, _ c: Tensor?) -> Tensor {
  checked { (scope) throws(TensorError) in try run(operation, a, b, c, in: scope) }
}

/// Runs an operation on a list of tensors; an error goes to the active scope or ends the program.
@inline(__always)
package func apply(_ operation: some ListOperation, _ inputs: [Tensor]) -> Tensor {
  checked { (scope) throws(TensorError) in try run(operation, inputs, in: scope) }
}

/// Runs a write in place and returns the target; an error goes to the active scope or ends the program.
@inline(__always)
@discardableResult
package func apply(_ operation: some UnaryWrite, on target: Tensor) -> Tensor {
  checked(or: ()) { (scope) throws(TensorError) in try run(operation, on: target, in: scope) }
  return target
}

/// Runs a write in place and returns the target; an error goes to the active scope or ends the program.
@inline(__always)
@discardableResult
package func apply(_ operation: some BinaryWrite, on target: Tensor, _ other: Tensor) -> Tensor {
  checked(or: ()) { (scope) throws(TensorError) in try run(operation, on: target, other, in: scope) }
  return target
}

// MARK: - Parts of the doors

/// The recorder of the first input that requires grad, and the input's position.
@inline(__always)
private func firstRecorder(_ a: Tensor, _ b: Tensor, _ c: Tensor?) -> (recorder: any Recorder, position: Int)? {
  if let recorder = a.recorder, recorder.requiresGrad { return (recorder, 0) }
  if let recorder = b.recorder, recorder.requiresGrad { return (recorder, 1) }
  if let recorder = c?.recorder, recorder.requiresGrad { return (recorder, 2) }
  return nil
}

/// Records an operation that has run.
@inline(__always)
private func record(
  _ operation: some Operation, by first: (recorder: any Recorder, position: Int), _ a: Tensor?, _ b: Tensor?,
  _ c: Tensor?, list: [Tensor] = [], output: Tensor
) throws(TensorError) {
  try OperationReference.with(operation) { (operation) throws(TensorError) in
    try first.recorder.record(operation, position: first.position, a, b, c, list: list, output: output)
  }
}

private func autocastTarget(
  _ autocast: AutocastState, _ operation: some Operation, _ a: Tensor, _ b: Tensor?, _ c: Tensor?
) throws(TensorError) -> (dtype: DType, kind: Device.Kind)? {
  let kind = a.device.kind
  guard let lower = autocast.lower(on: kind) else { return nil }
  let precision = operation.precision(on: kind)
  if precision == .untouched { return nil }
  var widest = lower
  for tensor in [a, b, c] {
    if let tensor, AutocastState.isEligible(tensor, on: kind) { widest = DType.promote(widest, tensor.dtype) }
  }
  return try autocast.checkedTarget(precision, operation, lower: lower, widest: widest).map { ($0, kind) }
}

private func autocastTarget(
  _ autocast: AutocastState, _ operation: some Operation, _ inputs: [Tensor]
) throws(TensorError) -> (dtype: DType, kind: Device.Kind)? {
  guard let kind = inputs.first?.device.kind, let lower = autocast.lower(on: kind) else { return nil }
  let precision = operation.precision(on: kind)
  if precision == .untouched { return nil }
  var widest = lower
  for tensor in inputs where AutocastState.isEligible(tensor, on: kind) {
    widest = DType.promote(widest, tensor.dtype)
  }
  return try autocast.checkedTarget(precision, operation, lower: lower, widest: widest).map { ($0, kind) }
}

extension AutocastState {
  fileprivate func checkedTarget(
    _ precision: Precision, _ operation: some Operation, lower: DType, widest: DType
  ) throws(TensorError) -> DType? {
    if precision == .banned {
      throw TensorError(
        .dtype, operation.name, "unsafe in autocast: its result can overflow \(lower); use the form that takes logits")
    }
    return target(precision, lower: lower, widest: widest)
  }
}
