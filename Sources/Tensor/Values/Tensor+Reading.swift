// MARK: - One number

extension Tensor {
  /// The number that a tensor of one element holds, converted to a Swift type as a cast would.
  ///
  /// On a GPU it waits for all work on the tensor. Any other number of elements is an error.
  public func item<Value: Scalar>(as type: Value.Type = Value.self) -> Value {
    Value.from(element)
  }

  /// The number that a tensor of one element holds, as a double.
  public func item() -> Double { element.double }

  /// The element of a tensor of one; 0 after an error.
  private var element: Number {
    checked(or: .int(0)) { () throws(TensorError) in try number(for: "item") }
  }

  /// The element of a tensor of one.
  package func number(for operation: String) throws(TensorError) -> Number {
    guard count == 1 else {
      throw TensorError(
        .shape, operation, "expected one element, but a tensor of shape \(layout.shape) has \(count)")
    }
    let storage = storage
    let dtype = dtype
    let size = dtype.itemSize
    var bits: UInt64 = 0
    try withUnsafeMutablePointer(to: &bits) { (bits) throws(TensorError) in
      try storage.backend.copy(
        from: storage, byteOffset: layout.offset * size, to: UnsafeMutableRawBufferPointer(start: bits, count: size))
    }
    return Number(bits: bits, dtype)
  }
}

extension Number {
  /// The number that an element's bits mean.
  init(bits: UInt64, _ dtype: DType) {
    switch dtype {
    case .bool: self = .bool(bits != 0)
    case .uint8: self = .int(Int64(bits))
    case .int8: self = .int(Int64(Int8(truncatingIfNeeded: bits)))
    case .int16: self = .int(Int64(Int16(truncatingIfNeeded: bits)))
    case .int32: self = .int(Int64(Int32(truncatingIfNeeded: bits)))
    case .int64: self = .int(Int64(bitPattern: bits))
    case .float16: self = .float(Double(float16: UInt16(bits)))
    case .bfloat16: self = .float(Double(Float(bitPattern: UInt32(bits) << 16)))
    case .float32: self = .float(Double(Float(bitPattern: UInt32(bits))))
    case .float64: self = .float(Double(bitPattern: bits))
    }
  }
}

extension Double {
  /// The number that a half's bits mean; not every Apple platform has Swift's `Float16`.
  init(float16 bits: UInt16) {
    let magnitude = bits & 0x7fff
    // Read as a single, the exponent is too small by the difference of the biases, 127 - 15; subnormals come out right too.
    let finite = Double(Float(bitPattern: UInt32(magnitude) << 13) * 0x1p112)
    let value = magnitude < 0x7c00 ? finite : magnitude == 0x7c00 ? .infinity : .nan
    self = bits == magnitude ? value : -value
  }
}

// MARK: - All numbers

extension Tensor {
  /// The elements in row-major order, converted to a Swift type as a cast would: `let values: [Float] = x.array()`.
  ///
  /// On a GPU it waits for all work on the tensor.
  public func array<Value: Scalar>(as type: Value.Type = Value.self) -> [Value] {
    checked(or: []) { () throws(TensorError) in
      // A Swift type without a dtype of its own comes by way of the next wider one.
      if MemoryLayout<Value>.stride != Value.dtype.itemSize {
        return try hostArray(of: Int64.self, .int64).map { Value.from(.int($0)) }
      }
      return try hostArray(of: Value.self, Value.dtype)
    }
  }

  private func hostArray<Value>(of type: Value.Type, _ dtype: DType) throws(TensorError) -> [Value] {
    let host = try hostCopy(dtype: dtype)
    return withExtendedLifetime(host) {
      let bytes = host.hostBytes
      return [Value](unsafeUninitializedCapacity: host.count) { values, count in
        // Memory that was never set may hold other bytes than the two that are a Bool.
        if dtype == .bool {
          let truths = UnsafeMutableRawBufferPointer(values)
          for i in bytes.indices { truths[i] = bytes[i] == 0 ? 0 : 1 }
        } else {
          UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
        }
        count = host.count
      }
    }
  }

  /// Calls `body` with the elements' bytes in row-major order and the machine's byte order; valid inside `body` only.
  ///
  /// The memory is the tensor's own when it lies contiguous on the CPU, else a copy.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let host = checked { () throws(TensorError) in try hostCopy(dtype: dtype) }
    return try withExtendedLifetime(host) { try body(host.hostBytes) }
  }

  /// The tensor itself when it lies contiguous on the CPU in this dtype, else an unrecorded copy that does.
  private func hostCopy(dtype: DType) throws(TensorError) -> Tensor {
    if isContiguous, device == .cpu, dtype == self.dtype { return self }
    let output = try Tensor(
      uninitialized: Layout(contiguous: layout.shape), dtype: dtype, on: CPUBackend.shared, for: "array")
    try backend.copy(self, to: output)
    return output
  }

  /// The memory of a contiguous tensor on the CPU.
  private var hostBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: storage.address + layout.offset * dtype.itemSize, count: count * dtype.itemSize)
  }
}
