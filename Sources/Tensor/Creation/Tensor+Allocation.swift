extension Tensor {
  /// A tensor with memory of its own that holds whatever was there before.
  // The compiler copies a function for each closure that it is given: this one is a few calls.
  @inline(__always)
  package convenience init(
    uninitialized layout: Layout, dtype: DType, on backend: any Backend, for operation: @autoclosure () -> String
  ) throws(TensorError) {
    guard let storage = try memory(of: layout.shape, dtype, on: backend) else {
      try refuse(layout.shape, dtype, operation: operation())
    }
    self.init(storage: storage, layout: layout, dtype: dtype)
  }

  /// A tensor with memory of its own and the shape of a row-major one, whose size needs no check any more.
  @inline(__always)
  convenience init(
    uninitializedLike other: Tensor, dtype: DType, on backend: any Backend
  ) throws(TensorError) {
    let storage = try backend.allocate(byteCount: other.count * dtype.itemSize)
    self.init(storage: storage, shapeOf: other, dtype: dtype)
  }

  /// A zero-dim tensor on the CPU that stands for a Swift number in promotion; it holds the number exactly.
  package convenience init(number: Number) {
    let storage = CPUBackend.shared.storage(of: number)
    self.init(storage: storage, layout: Layout(contiguous: []), dtype: number.storedDType, isNumber: true)
  }
}

/// Memory for the elements of a shape, or nil when there is no such tensor.
@inline(never)
private func memory(of shape: Dims, _ dtype: DType, on backend: any Backend) throws(TensorError) -> Storage? {
  guard shape.count <= Dims.maximumCount, let count = shape.checkedElementCount(itemSize: dtype.itemSize) else {
    return nil
  }
  return try backend.allocate(byteCount: count * dtype.itemSize)
}

/// Says why there is no tensor of a shape.
@inline(never)
private func refuse(_ shape: Dims, _ dtype: DType, operation: String) throws(TensorError) -> Never {
  try shape.checkRank(operation)
  if shape.contains(where: { $0 < 0 }) {
    throw TensorError(.shape, operation, "sizes must not be negative, but got shape \(shape)")
  }
  throw TensorError(.memory, operation, "a tensor of shape \(shape) and dtype \(dtype) exceeds the address space")
}
