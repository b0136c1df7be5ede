// MARK: - From numbers and arrays

extension Tensor {
  /// Makes a tensor of a number or of nested arrays of numbers: `Tensor([[1.0, 2], [3, 4]])`.
  ///
  /// Whole numbers of any Swift type give `int64`, floating ones the default floating dtype, truth values `bool`. Arrays that
  /// are nested unevenly are an error that names the place, and so is a number that an integer `dtype` cannot hold, where a
  /// cast (`to(_:)`) would wrap.
  ///
  /// - Parameters:
  ///   - elements: A `Scalar`, or arrays of them nested to any depth; the nesting gives the shape.
  ///   - dtype: The element type; nil to infer it.
  ///   - device: Where the tensor lives.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init<Elements: TensorElements>(
    _ elements: Elements, dtype: DType? = nil, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let made = checked { () throws(TensorError) in
      let sizes = Elements.sizes(along: elements)
      var leaves: [Elements.Leaf] = []
      try Elements.gather([elements], sizes: sizes[...], place: [], into: &leaves)
      let dtype = dtype ?? Elements.Leaf.inferredDType
      return try host(leaves, shape: Dims(sizes), fitting: dtype).moved(to: device, dtype: dtype)
    }
    self.init(owning: made, requiresGrad: requiresGrad, operation: "Tensor")
  }

  /// Takes over the memory of a tensor made in an initialiser, which cannot return that tensor itself.
  private convenience init(owning made: Tensor, requiresGrad: Bool, operation: String) {
    self.init(storage: made.storage, layout: made.layout, dtype: made.dtype)
    if requiresGrad {
      _ = checked { () throws(TensorError) in try requireGrad(for: operation) }
    }
  }
}

extension Scalar {
  /// The dtype of a tensor of such numbers: PyTorch's, which knows one type of each kind.
  fileprivate static var inferredDType: DType {
    switch dtype {
    case .bool: .bool
    case let dtype where dtype.isFloatingPoint: Scope.defaultDType
    default: .int64
    }
  }
}

/// Numbers on the CPU in their Swift type's own dtype, refused when they do not fit the dtype they are meant for.
private func host<Leaf: Scalar>(_ leaves: [Leaf], shape: Dims, fitting dtype: DType) throws(TensorError) -> Tensor {
  if MemoryLayout<Leaf>.stride != Leaf.dtype.itemSize {
    return try host(leaves.map { $0.number.integer }, shape: shape, fitting: dtype)
  }
  let tensor = try Tensor(
    uninitialized: Layout(contiguous: shape), dtype: Leaf.dtype, on: CPUBackend.shared, for: "Tensor")
  try tensor.write { (address: UnsafeMutableRawPointer, byteCount: Int) in
    leaves.withUnsafeBytes { address.copyMemory(from: $0.baseAddress!, byteCount: byteCount) }
  }
  let isUnsigned = Leaf.self == UInt.self || Leaf.self == UInt64.self
  if isUnsigned, let place = tensor.first(where: { (value: Int64) in value < 0 }) {
    throw TensorError(.value, "Tensor", "the value \(leaves[place]) exceeds the largest int64")
  }
  if let place = tensor.firstMisfit(for: dtype) { try checkFits(leaves[place].number, dtype, operation: "Tensor") }
  return tensor
}

// MARK: - From bytes

extension Tensor {
  /// Makes a tensor of raw memory in row-major order and the machine's byte order, which is copied.
  ///
  /// - Parameters:
  ///   - bytes: As many bytes as the shape and dtype take; any other number is an error.
  ///   - shape: The sizes.
  ///   - dtype: What the bytes hold; bytes of `bool` other than 0 count as true.
  ///   - device: Where the tensor lives.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init(
    bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let made = checked { () throws(TensorError) in
      let shape = Dims(shape)
      // Any byte may come for a bool, but its kernels know only 0 and 1.
      let stored = dtype == .bool ? .uint8 : dtype
      let output = try Tensor(
        uninitialized: Layout(contiguous: shape), dtype: stored,
        on: (dtype == .bool ? .cpu : device).backend(for: "Tensor(bytes:)"), for: "Tensor(bytes:)")
      let expected = shape.elementCount * dtype.itemSize
      guard bytes.count == expected else {
        throw TensorError(
          .shape, "Tensor(bytes:)",
          "shape \(shape) and dtype \(dtype) take \(expected) bytes, but got \(bytes.count)")
      }
      try output.backend.copy(from: bytes, to: output.storage, byteOffset: 0)
      return try output.moved(to: device, dtype: dtype)
    }
    self.init(owning: made, requiresGrad: requiresGrad, operation: "Tensor(bytes:)")
  }

  /// Makes a tensor of an array of raw bytes in row-major order and the machine's byte order.
  ///
  /// - Parameters:
  ///   - bytes: As many bytes as the shape and dtype take; any other number is an error.
  ///   - shape: The sizes.
  ///   - dtype: What the bytes hold; bytes of `bool` other than 0 count as true.
  ///   - device: Where the tensor lives.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init(
    bytes: [UInt8], shape: [Int], dtype: DType, device: Device = .cpu, requiresGrad: Bool = false
  ) {
    let made = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype, device: device) }
    self.init(owning: made, requiresGrad: requiresGrad, operation: "Tensor(bytes:)")
  }
}

// MARK: - Host memory of fresh tensors

extension Tensor {
  /// The tensor itself, or an unrecorded copy on another device or in another dtype.
  fileprivate func moved(to device: Device, dtype: DType) throws(TensorError) -> Tensor {
    if device == self.device, dtype == self.dtype { return self }
    let destination = try device.backend(for: "Tensor")
    let output = try Tensor(uninitialized: layout, dtype: dtype, on: destination, for: "Tensor")
    try destination.copy(self, to: output)
    return output
  }

  /// Lets a body write the memory of a fresh tensor on the CPU, unless it is empty.
  fileprivate func write(_ body: (UnsafeMutableRawPointer, Int) -> Void) throws(TensorError) {
    if count > 0 { body(storage.address, count * dtype.itemSize) }
  }

  /// The place of the first element that satisfies a condition, of a fresh tensor on the CPU.
  fileprivate func first<Element>(where condition: (Element) -> Bool) -> Int? {
    UnsafeBufferPointer(start: storage.address.assumingMemoryBound(to: Element.self), count: count)
      .firstIndex(where: condition)
  }

  /// The place of the first element that an integer dtype cannot hold, of a fresh tensor on the CPU.
  fileprivate func firstMisfit(for target: DType) -> Int? {
    guard target != dtype, let limits = target.acceptedIntegers else { return nil }
    if let own = dtype.integers, limits.contains(own.lowerBound), limits.contains(own.upperBound) { return nil }
    let (low, end) = (Double(limits.lowerBound), Double(limits.upperBound) + 1)
    switch dtype {
    case .int8: return first { (value: Int8) in !limits.contains(Int64(value)) }
    case .uint8: return first { (value: UInt8) in !limits.contains(Int64(value)) }
    case .int16: return first { (value: Int16) in !limits.contains(Int64(value)) }
    case .int32: return first { (value: Int32) in !limits.contains(Int64(value)) }
    case .int64: return first { (value: Int64) in !limits.contains(value) }
    case .float32: return first { (value: Float) in !(Double(value) >= low && Double(value) < end) }
    case .float64: return first { (value: Double) in !(value >= low && value < end) }
    case .float16: return first { (bits: UInt16) in !(Double(float16: bits) >= low && Double(float16: bits) < end) }
    case .bool, .bfloat16: return nil
    }
  }
}
