extension Tensor {
  /// A tensor of zeros with this one's dtype and device, unless others are given.
  public func newZeros(_ shape: [Int], dtype: DType? = nil, device: Device? = nil) -> Tensor {
    .zeros(shape, dtype: dtype ?? self.dtype, device: device ?? self.device)
  }

  /// A tensor of ones with this one's dtype and device, unless others are given.
  public func newOnes(_ shape: [Int], dtype: DType? = nil, device: Device? = nil) -> Tensor {
    .ones(shape, dtype: dtype ?? self.dtype, device: device ?? self.device)
  }

  /// A tensor filled with a number, with this one's dtype and device, unless others are given.
  public func newFull(_ shape: [Int], _ value: some Scalar, dtype: DType? = nil, device: Device? = nil) -> Tensor {
    .full(shape, value, dtype: dtype ?? self.dtype, device: device ?? self.device)
  }

  /// A tensor whose elements are whatever the memory held, with this one's dtype and device, unless others are given.
  public func newEmpty(_ shape: [Int], dtype: DType? = nil, device: Device? = nil) -> Tensor {
    .empty(shape, dtype: dtype ?? self.dtype, device: device ?? self.device)
  }

  /// The powers of a base whose exponents lie at equal distances from `start` to `end`, both included.
  ///
  /// - Parameters:
  ///   - start: The exponent of the first.
  ///   - end: The exponent of the last.
  ///   - steps: How many.
  ///   - base: What is raised.
  ///   - dtype: The default floating dtype when left out; integers truncate.
  ///   - device: The default device when left out.
  ///   - requiresGrad: Whether gradients are recorded.
  public static func logspace(
    _ start: some Scalar, _ end: some Scalar, steps: Int, base: Double = 10, dtype: DType? = nil,
    device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    let dtype = dtype ?? Scope.defaultDType
    let wide: DType = dtype == .float32 ? .float32 : .float64
    // As in PyTorch, integers have whole exponents at the ends.
    let ends = [start.number.double, end.number.double].map { dtype.isFloatingPoint ? $0 : $0.rounded(.towardZero) }
    let powers = base ** Tensor.linspace(ends[0], ends[1], steps: steps, dtype: wide, device: device)
    return make("logspace", [Swift.max(steps, 0)], dtype: dtype, device: device, requiresGrad: requiresGrad) {
      (output) throws(TensorError) in
      try output.backend.copy(powers, to: output)
    }
  }
}
