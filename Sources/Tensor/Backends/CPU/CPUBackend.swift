internal import CTensorKernels

/// The processor: host memory and the vector kernels.
package final class CPUBackend: Backend {
  package static let shared = CPUBackend()
  package let device = Device.cpu
  package var waitsForReads: Bool { false }

  private init() {}

  // MARK: Memory

  package func allocate(byteCount: Int) throws(TensorError) -> Storage {
    guard let address = st_allocate(Swift.max(byteCount, 1)) else {
      throw TensorError(.memory, "allocate", "out of memory: \(byteCount) bytes on \(device) could not be had")
    }
    return Storage(address: address, byteCount: byteCount, backend: self)
  }

  package func free(_ address: UnsafeMutableRawPointer, byteCount: Int) { st_free(address) }

  /// Eight bytes that hold a Swift number in its own kind; running out of so little memory ends the program.
  package func storage(of number: Number) -> Storage {
    guard let address = st_allocate(8) else { fatalError("Tensor: out of memory for a number") }
    switch number {
    case .bool(let value): address.storeBytes(of: value, as: Bool.self)
    case .int(let value): address.storeBytes(of: value, as: Int64.self)
    case .float(let value): address.storeBytes(of: value, as: Double.self)
    }
    return Storage(address: address, byteCount: 8, backend: self)
  }

  package func copy(from bytes: UnsafeRawBufferPointer, to storage: Storage, byteOffset: Int) throws(TensorError) {
    precondition(byteOffset >= 0 && bytes.count <= storage.byteCount - byteOffset)
    guard let source = bytes.baseAddress else { return }
    (storage.address + byteOffset).copyMemory(from: source, byteCount: bytes.count)
  }

  package func copy(
    from storage: Storage, byteOffset: Int, to bytes: UnsafeMutableRawBufferPointer
  ) throws(TensorError) {
    precondition(byteOffset >= 0 && bytes.count <= storage.byteCount - byteOffset)
    guard let target = bytes.baseAddress else { return }
    target.copyMemory(from: storage.address + byteOffset, byteCount: bytes.count)
  }

  package func copy(_ source: Tensor, to target: Tensor) throws(TensorError) {
    withViews(target, source) { st_copy($0, $1) }
  }

  package func fill(_ target: Tensor, with number: Number) throws(TensorError) {
    withElementwiseView(target) { st_fill($0, number.kernel) }
  }

  package func arange(_ target: Tensor, start: Number, step: Number) throws(TensorError) {
    withView(target) { st_arange($0, start.kernel, step.kernel) }
  }

  package func linspace(_ target: Tensor, start: Double, end: Double) throws(TensorError) {
    withView(target) { st_linspace($0, start, end) }
  }

  package func synchronize() throws(TensorError) {}
}

// MARK: - Status

/// Turns what a kernel met into an error.
@inline(__always)
func check(_ status: st_status, _ operation: @autoclosure () -> String, _ dtype: DType) throws(TensorError) {
  if status.code != Int32(ST_OK) { throw error(for: status, operation(), dtype) }
}

private func error(for status: st_status, _ operation: String, _ dtype: DType) -> TensorError {
  switch Int(status.code) {
  case ST_INDEX_OUT_OF_RANGE where status.operand == Int32(ST_CLASS_OPERAND): wrongClass(status, operation)
  case ST_INDEX_OUT_OF_RANGE:
    TensorError(
      .index, operation,
      "index \(status.value) is out of bounds for dimension \(status.operand) with size \(status.limit)")
  case ST_DIVISION_BY_ZERO: TensorError(.value, operation, "integer division by zero")
  case ST_OUT_OF_MEMORY: TensorError(.memory, operation, "out of memory: \(status.value) bytes of work space")
  default: TensorError(.dtype, operation, "not implemented for \(dtype) on .cpu")
  }
}

/// A target that is none of a loss's classes.
func wrongClass(_ status: st_status, _ operation: String) -> TensorError {
  TensorError(.index, operation, "target \(status.value) is out of bounds for \(status.limit) classes")
}
