extension Tensor {
  /// A tensor with memory of its own that holds whatever was there before.
  package convenience init(
    uninitialized layout: Layout, dtype: DType, on backend: any Backend, for operation: @autoclosure () -> String
  ) throws(TensorError) {
    try layout.shape.checkRank(operation())
    guard let count = layout.shape.checkedElementCount(itemSize: dtype.itemSize) else {
      if layout.shape.contains(where: { $0 < 0 }) {
        throw TensorError(.shape, operation(), "sizes must not be negative, but got shape \(layout.shape)")
      }
      throw TensorError(
        .memory, operation(), "a tensor of shape \(layout.shape) and dtype \(dtype) exceeds the address space")
    }
    let storage = try backend.allocate(byteCount: count * dtype.itemSize)
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
