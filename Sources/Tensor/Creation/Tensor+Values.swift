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
  ///   - device: Where the tensor lives; nil for the default device.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init<Elements: TensorElements>(
    _ elements: Elements, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) {
    let made = checked { () throws(TensorError) in
      let sizes = Elements.sizes(along: elements)
      var leaves: [Elements.Leaf] = []
      try Elements.gather([elements], sizes: sizes[...], place: [], into: &leaves)
      return try Tensor.made(
        of: leaves, Dims(sizes), dtype: dtype ?? Elements.Leaf.inferredDType, device: device ?? Scope.defaultDevice)
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

extension Tensor {
  /// A tensor of numbers in row-major order, refused when they do not fit the dtype.
  private static func made<Leaf: Scalar>(
    of leaves: [Leaf], _ shape: Dims, dtype: DType, device: Device
  ) throws(TensorError) -> Tensor {
    if MemoryLayout<Leaf>.stride != Leaf.dtype.itemSize {
      return try made(of: leaves.map { $0.number.integer }, shape, dtype: dtype, device: device)
    }
    return try leaves.withUnsafeBufferPointer { (leaves) throws(TensorError) in
      let isUnsigned = Leaf.self == UInt.self || Leaf.self == UInt64.self
      let bytes = UnsafeRawBufferPointer(leaves)
      if isUnsigned, let place = bytes.bindMemory(to: Int64.self).firstIndex(where: { $0 < 0 }) {
        throw TensorError(.value, "Tensor", "the value \(leaves[place]) exceeds the largest int64")
      }
      if let place = firstMisfit(bytes, of: Leaf.dtype, for: dtype) {
        try checkFits(leaves[place].number, dtype, operation: "Tensor")
      }
      let output = try Tensor(
        uninitialized: Layout(contiguous: shape), dtype: dtype, on: CPUBackend.shared, for: "Tensor")
      if let address = bytes.baseAddress, dtype != Leaf.dtype {
        // The array's own memory is cast; no one writes to it.
        let memory = Storage(
          address: UnsafeMutableRawPointer(mutating: address), byteCount: bytes.count, backend: output.backend,
          owner: CPUBackend.shared)
        try output.backend.copy(Tensor(storage: memory, layout: output.layout, dtype: Leaf.dtype), to: output)
      } else {
        try output.backend.copy(from: bytes, to: output.storage, byteOffset: 0)
      }
      return device == .cpu ? output : try Move(device: device).forward(output)
    }
  }
}

/// The place of the first number that an integer dtype cannot hold, among numbers of another dtype.
private func firstMisfit(_ bytes: UnsafeRawBufferPointer, of source: DType, for target: DType) -> Int? {
  guard source != target, let limits = target.acceptedIntegers else { return nil }
  if let own = source.integers, limits.contains(own.lowerBound), limits.contains(own.upperBound) { return nil }
  func first<Element>(_ misfits: (Element) -> Bool) -> Int? {
    bytes.bindMemory(to: Element.self).firstIndex(where: misfits)
  }
  // Only whole numbers may be negative for uint8.
  let (low, end) = (target == .uint8 ? 0 : Double(limits.lowerBound), Double(limits.upperBound) + 1)
  switch source {
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

// MARK: - From bytes

extension Tensor {
  /// Makes a tensor of raw memory in row-major order and the machine's byte order, which is copied.
  ///
  /// - Parameters:
  ///   - bytes: As many bytes as the shape and dtype take; any other number is an error.
  ///   - shape: The sizes.
  ///   - dtype: What the bytes hold; bytes of `bool` other than 0 count as true.
  ///   - device: Where the tensor lives; nil for the default device.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init(
    bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device? = nil, requiresGrad: Bool = false
  ) {
    let made = checked { () throws(TensorError) in
      let shape = Dims(shape)
      // Any byte may come for a bool, but the kernels know only 0 and 1.
      let stored = dtype == .bool ? .uint8 : dtype
      let output = try Tensor(
        uninitialized: Layout(contiguous: shape), dtype: stored,
        on: (device ?? Scope.defaultDevice).backend(for: "Tensor(bytes:)"), for: "Tensor(bytes:)")
      let expected = shape.elementCount * dtype.itemSize
      guard bytes.count == expected else {
        throw TensorError(
          .shape, "Tensor(bytes:)",
          "shape \(shape) and dtype \(dtype) take \(expected) bytes, but got \(bytes.count)")
      }
      try output.backend.copy(from: bytes, to: output.storage, byteOffset: 0)
      return dtype == stored ? output : try Cast(dtype: dtype).forward(output)
    }
    self.init(owning: made, requiresGrad: requiresGrad, operation: "Tensor(bytes:)")
  }

  /// Makes a tensor of an array of raw bytes in row-major order and the machine's byte order.
  ///
  /// - Parameters:
  ///   - bytes: As many bytes as the shape and dtype take; any other number is an error.
  ///   - shape: The sizes.
  ///   - dtype: What the bytes hold; bytes of `bool` other than 0 count as true.
  ///   - device: Where the tensor lives; nil for the default device.
  ///   - requiresGrad: Whether gradients flow to the tensor; only for floating dtypes.
  public convenience init(
    bytes: [UInt8], shape: [Int], dtype: DType, device: Device? = nil, requiresGrad: Bool = false
  ) {
    let made = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype, device: device) }
    self.init(owning: made, requiresGrad: requiresGrad, operation: "Tensor(bytes:)")
  }
}
