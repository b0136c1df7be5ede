/// Runs `body` in mixed precision: matrix products in a lower dtype, sums and losses in float32, as PyTorch's lists say.
///
/// Tensors keep their dtype; operations cast what they read. Casts of parameters are kept until the outermost scope ends,
/// so a parameter must not be written inside. Backward belongs outside.
///
/// ```swift
/// let loss = autocast(.cuda, dtype: .float16) { MSELoss()(model(x), y) }
/// ```
/// - Parameters:
///   - device: Operations on its kind of device are cast.
///   - dtype: `.float16` or `.bfloat16`; nil stands for bfloat16 on the CPU and float16 on a GPU. `.float32` and
///     `.float64` turn autocast off.
///   - enabled: `false` turns it off, also inside another scope.
///   - cacheEnabled: Whether casts of parameters are kept.
///   - body: What runs in mixed precision.
public func autocast<Result>(
  _ device: Device, dtype: DType? = nil, enabled: Bool = true, cacheEnabled: Bool = true, _ body: () throws -> Result
) rethrows -> Result {
  let scope = autocastScope(device, dtype: dtype, enabled: enabled, cacheEnabled: cacheEnabled)
  return try Scope.$current.withValue(scope, operation: body)
}

/// Runs an asynchronous `body` in mixed precision.
public func autocast<Result>(
  _ device: Device, dtype: DType? = nil, enabled: Bool = true, cacheEnabled: Bool = true,
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  let scope = autocastScope(device, dtype: dtype, enabled: enabled, cacheEnabled: cacheEnabled)
  return try await Scope.$current.withValue(scope, operation: body, isolation: isolation)
}

private func autocastScope(_ device: Device, dtype: DType?, enabled: Bool, cacheEnabled: Bool) -> Scope {
  let dtype = dtype ?? (device.kind == .cpu ? .bfloat16 : .float16)
  if !dtype.isFloatingPoint {
    fail(TensorError(.dtype, "autocast", "the dtype must be .float16 or .bfloat16, but got \(dtype)"))
  }
  let lower = enabled && (dtype == .float16 || dtype == .bfloat16) ? dtype : nil
  var state = Scope.current?.autocast ?? AutocastState()
  switch device.kind {
  case .cpu: state.cpu = lower
  case .cuda: state.cuda = lower
  }
  // Inner scopes share the outermost one's cache.
  state.cache = cacheEnabled ? state.cache ?? AutocastCache() : nil
  return Scope.with(autocast: state)
}
