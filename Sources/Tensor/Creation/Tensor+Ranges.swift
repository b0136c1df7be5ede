extension Tensor {
  /// The numbers from 0 up to, not including, `end`: `Tensor.arange(5)`.
  ///
  /// A whole number gives int64, a floating one the default floating dtype, unless a dtype is given.
  public static func arange(
    _ end: some Scalar, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    arange(0, end, 1, dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// The numbers from `start` up to, not including, `end`, in steps: `Tensor.arange(0, 1, 0.25)`.
  ///
  /// Element i is `start + i * step`; there are `ceil((end - start) / step)`. Whole numbers give int64, and any floating one
  /// the default floating dtype, unless a dtype is given. A step of 0 or away from `end` is an error.
  public static func arange(
    _ start: some Scalar, _ end: some Scalar, _ step: some Scalar = 1, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    let (start, end, step) = (start.number, end.number, step.number)
    let isWhole = ![start, end, step].contains { $0.dtype.isFloatingPoint }
    let dtype = dtype ?? (isWhole ? .int64 : Scope.defaultDType)
    let count = checked(or: 0) { () throws(TensorError) in
      if dtype == .bool { throw TensorError(.dtype, "arange", "not implemented for .bool") }
      return try isWhole ? wholeCount(start.integer, end.integer, step.integer) : floatingCount(start, end, step)
    }
    return make("arange", [count], dtype: dtype, device: device, requiresGrad: requiresGrad) {
      (output) throws(TensorError) in
      if dtype.isFloatingPoint {
        try output.backend.arange(output, start: .float(start.double), step: .float(step.double))
      } else {
        try output.backend.arange(output, start: .int(start.integer), step: .int(step.integer))
      }
    }
  }

  private static func wholeCount(_ start: Int64, _ end: Int64, _ step: Int64) throws(TensorError) -> Int {
    try checkStep(step == 0, step > 0 ? end < start : end > start, "\(start)", "\(end)", "\(step)")
    // The distance of two Int64 may take 64 bits.
    let distance = step > 0 ? UInt64(bitPattern: end &- start) : UInt64(bitPattern: start &- end)
    let (quotient, rest) = distance.quotientAndRemainder(dividingBy: step.magnitude)
    return Int(clamping: quotient) + (rest > 0 ? 1 : 0)
  }

  private static func floatingCount(_ start: Number, _ end: Number, _ step: Number) throws(TensorError) -> Int {
    let (start, end, step) = (start.double, end.double, step.double)
    guard start.isFinite, end.isFinite, !step.isNaN else {
      throw TensorError(.value, "arange", "bounds must be finite, but got \(start) to \(end) in steps of \(step)")
    }
    try checkStep(step == 0, step > 0 ? end < start : end > start, "\(start)", "\(end)", "\(step)")
    // A count too large for Int is one too large for memory, which is refused later.
    return Int(exactly: ((end - start) / step).rounded(.up)) ?? .max
  }

  private static func checkStep(
    _ isZero: Bool, _ leadsAway: Bool, _ start: String, _ end: String, _ step: String
  ) throws(TensorError) {
    if isZero { throw TensorError(.value, "arange", "the step must not be 0") }
    if leadsAway { throw TensorError(.value, "arange", "a step of \(step) does not lead from \(start) to \(end)") }
  }

  /// Evenly spaced numbers from `start` to `end`, both included: `Tensor.linspace(0, 1, steps: 5)`.
  ///
  /// They are of the default floating dtype unless one is given. Element i is `start + i * d` in the first half and
  /// `end - (steps - 1 - i) * d` in the second, where `d = (end - start) / (steps - 1)`, so that both ends are exact.
  /// An integer dtype, which must hold both ends, has them and all between cut to whole numbers.
  public static func linspace(
    _ start: some Scalar, _ end: some Scalar, steps: Int, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    make("linspace", [steps], dtype: dtype, device: device, requiresGrad: requiresGrad) {
      (output) throws(TensorError) in
      if output.dtype == .bool { throw TensorError(.dtype, "linspace", "not implemented for .bool") }
      // As in PyTorch, integers have whole ends.
      let ends = [start.number.double, end.number.double].map {
        output.dtype.isFloatingPoint ? $0 : $0.rounded(.towardZero)
      }
      for end in ends { try checkFits(.float(end), output.dtype, operation: "linspace") }
      try output.backend.linspace(output, start: ends[0], end: ends[1])
    }
  }

  /// A matrix of zeros with ones on the diagonal.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns; nil for a square matrix.
  ///   - dtype: The element type; nil for the default floating dtype.
  ///   - device: Where the tensor lives; nil for the default device.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public static func eye(
    _ rows: Int, _ columns: Int? = nil, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    let columns = columns ?? rows
    return make("eye", [rows, columns], dtype: dtype, device: device, requiresGrad: requiresGrad) {
      (output) throws(TensorError) in
      try output.backend.fill(output, with: .int(0))
      let diagonal = Layout(shape: [Swift.min(rows, columns)], strides: [columns + 1])
      try output.backend.fill(Tensor(viewOf: output, layout: diagonal), with: .int(1))
    }
  }
}
