internal import CTensorCUDA
import Synchronization

/// An NVIDIA GPU: its memory, and its kernels on one stream in the order of the calls.
///
/// Nothing waits but reading values out and operations whose shapes depend on values. What kernels meet in the data, such
/// as an index out of range, is raised by a later call, with the name of the operation that met it.
package final class CUDABackend: Backend {
  package let device: Device
  package var waitsForReads: Bool { true }
  nonisolated(unsafe) let handle: OpaquePointer

  /// The generators that the graph being recorded draws from: it keeps them.
  private let drawn = Mutex<[Generator]>([])

  private init(device: Device, handle: OpaquePointer) {
    self.device = device
    self.handle = handle
  }

  private static let opened = Mutex<[Int: CUDABackend]>([:])
  /// Whether any GPU was used so far.
  private static let isInUse = Atomic<Bool>(false)

  /// The backend of a GPU, opened at its first use.
  static func of(_ device: Device, for operation: @autoclosure () -> String) throws(TensorError) -> CUDABackend {
    try opened.withLock { (opened) throws(TensorError) in
      if let backend = opened[device.index] { return backend }
      guard device.index < CUDA.deviceCount else { throw TensorError(.device, operation(), CUDA.missing(device)) }
      guard let handle = st_cuda_device_at(Int32(device.index)) else {
        throw TensorError(.device, operation(), "\(device) cannot be opened: \(String(cString: st_cuda_error()))")
      }
      let backend = CUDABackend(device: device, handle: handle)
      opened[device.index] = backend
      isInUse.store(true, ordering: .relaxed)
      return backend
    }
  }

  /// The GPUs that were used so far.
  static var inUse: [CUDABackend] {
    if !isInUse.load(ordering: .relaxed) { return [] }
    return opened.withLock { $0.values.sorted { $0.device.index < $1.device.index } }
  }

  /// Remembers a generator while a graph is recorded.
  func noteDraw(_ generator: Generator) {
    guard st_cuda_is_recording(handle) else { return }
    drawn.withLock { drawn in
      if !drawn.contains(where: { $0 === generator }) { drawn.append(generator) }
    }
  }

  /// The generators that were drawn from since the last call.
  func takeDrawn() -> [Generator] {
    drawn.withLock { drawn in
      defer { drawn = [] }
      return drawn
    }
  }

  // MARK: Memory

  package func allocate(byteCount: Int) throws(TensorError) -> Storage {
    try raisePending()
    var address: UnsafeMutableRawPointer?
    try check(st_cuda_allocate(handle, byteCount, &address), "allocate", .uint8)
    return Storage(address: address!, byteCount: byteCount, backend: self)
  }

  package func free(_ address: UnsafeMutableRawPointer, byteCount: Int) { st_cuda_free(handle, address, byteCount) }

  package func copy(from bytes: UnsafeRawBufferPointer, to storage: Storage, byteOffset: Int) throws(TensorError) {
    precondition(byteOffset >= 0 && bytes.count <= storage.byteCount - byteOffset)
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    try check(st_cuda_upload(handle, storage.address + byteOffset, source, bytes.count), "to", .uint8)
  }

  package func copy(
    from storage: Storage, byteOffset: Int, to bytes: UnsafeMutableRawBufferPointer
  ) throws(TensorError) {
    precondition(byteOffset >= 0 && bytes.count <= storage.byteCount - byteOffset)
    guard let target = bytes.baseAddress, bytes.count > 0 else { return }
    try check(st_cuda_download(handle, target, storage.address + byteOffset, bytes.count), "to", .uint8)
  }

  package func synchronize() throws(TensorError) { try check(st_cuda_synchronize(handle), "synchronize", .uint8) }

  /// Waits for all work and hands over every error that it met.
  func collect(_ record: (TensorError) -> Void) {
    while true {
      let status = st_cuda_synchronize(handle)
      if status.code == Int32(ST_OK) {
        // Another thread may be handing over what it took from the device.
        if !st_cuda_has_undelivered_faults(handle) { return }
        continue
      }
      do { try check(status, "synchronize", .uint8) } catch {
        record(error)
        if error.kind == .device { return }
      }
    }
  }

  /// Raises what is known to have failed since it was looked at last; waits for nothing.
  func raisePending() throws(TensorError) { try check(st_cuda_pending(handle), "", .uint8) }
}

// MARK: - Copies of tensors

extension CUDABackend {
  package func copy(_ source: Tensor, to target: Tensor) throws(TensorError) {
    if target.count == 0 { return }
    switch (source.device.kind, target.device.kind) {
    case (.cuda, .cpu): try download(source, to: target)
    case (.cpu, _): try upload(source, to: target)
    case (.cuda, .cuda):
      if source.backend === target.backend {
        try check(withViews(target, source) { st_cuda_copy(handle, $0, $1, 0) }, "copy", target.dtype)
      } else {
        try copyBetween(source, target)
      }
    }
  }

  /// From main memory: the bytes as they are, then what casting, broadcasting or a layout asks for on the GPU.
  private func upload(_ source: Tensor, to target: Tensor) throws(TensorError) {
    if source.count == 1 {
      try check(withViews(target, source) { st_cuda_copy(handle, $0, $1, 1) }, "copy", target.dtype)
      return
    }
    let source = source.isContiguous ? source : try Contiguous().forward(source)
    let bytes = UnsafeRawBufferPointer(
      start: source.storage.address + source.layout.offset * source.dtype.itemSize,
      count: source.count * source.dtype.itemSize)
    try withExtendedLifetime(source) { () throws(TensorError) in
      if target.isContiguous, target.dtype == source.dtype, target.count == source.count {
        try copy(from: bytes, to: target.storage, byteOffset: target.layout.offset * target.dtype.itemSize)
      } else {
        let twin = try Tensor(
          uninitialized: Layout(contiguous: source.layout.shape), dtype: source.dtype, on: self, for: "copy")
        try copy(from: bytes, to: twin.storage, byteOffset: 0)
        try copy(twin, to: target)
      }
    }
  }

  /// To main memory: cast and laid out in rows on the GPU, then the bytes.
  private func download(_ source: Tensor, to target: Tensor) throws(TensorError) {
    let isPlain = source.isContiguous && source.dtype == target.dtype && source.count == target.count
    let twin: Tensor
    if isPlain {
      twin = source
    } else {
      // A cast that would make it longer is left to the processor.
      let dtype = target.dtype.itemSize < source.dtype.itemSize ? target.dtype : source.dtype
      twin = try Tensor(uninitialized: Layout(contiguous: source.layout.shape), dtype: dtype, on: self, for: "copy")
      try copy(source, to: twin)
    }
    let offset = twin.layout.offset * twin.dtype.itemSize
    let byteCount = twin.count * twin.dtype.itemSize
    if isPlain && target.isContiguous {
      let start = target.storage.address + target.layout.offset * target.dtype.itemSize
      try copy(
        from: twin.storage, byteOffset: offset, to: UnsafeMutableRawBufferPointer(start: start, count: byteCount))
    } else {
      let host = try Tensor(
        uninitialized: Layout(contiguous: twin.layout.shape), dtype: twin.dtype, on: CPUBackend.shared, for: "copy")
      try copy(
        from: twin.storage, byteOffset: offset,
        to: UnsafeMutableRawBufferPointer(start: host.storage.address, count: byteCount))
      try CPUBackend.shared.copy(host, to: target)
    }
  }

  /// From another GPU.
  private func copyBetween(_ source: Tensor, _ target: Tensor) throws(TensorError) {
    guard let other = source.backend as? CUDABackend else { return }
    let source = source.isContiguous ? source : try Contiguous().forward(source)
    let isPlain = target.isContiguous && target.dtype == source.dtype && target.count == source.count
    let twin =
      isPlain
      ? target
      : try Tensor(uninitialized: Layout(contiguous: source.layout.shape), dtype: source.dtype, on: self, for: "copy")
    try check(
      st_cuda_copy_between(
        handle, twin.storage.address + twin.layout.offset * twin.dtype.itemSize, other.handle,
        source.storage.address + source.layout.offset * source.dtype.itemSize, source.count * source.dtype.itemSize),
      "to", source.dtype)
    if !isPlain { try copy(twin, to: target) }
  }

  package func fill(_ target: Tensor, with number: Number) throws(TensorError) {
    try check(withView(target) { st_cuda_fill(handle, $0, number.kernel) }, "fill", target.dtype)
  }

  package func arange(_ target: Tensor, start: Number, step: Number) throws(TensorError) {
    try check(
      withView(target) { st_cuda_arange(handle, $0, start.kernel, step.kernel) }, "arange", target.dtype)
  }

  package func linspace(_ target: Tensor, start: Double, end: Double) throws(TensorError) {
    try check(withView(target) { st_cuda_linspace(handle, $0, start, end) }, "linspace", target.dtype)
  }
}

// MARK: - Status

extension CUDABackend {
  /// Turns what a call met into an error.
  @inline(__always)
  func check(_ status: st_status, _ operation: @autoclosure () -> String, _ dtype: DType) throws(TensorError) {
    if status.code != Int32(ST_OK) { try raise(status, operation(), dtype) }
  }

  private func raise(_ status: st_status, _ operation: String, _ dtype: DType) throws(TensorError) {
    switch Int(status.code) {
    case ST_UNSUPPORTED_DTYPE: throw TensorError(.dtype, operation, "not implemented for \(dtype) on \(device)")
    case ST_OUT_OF_MEMORY: throw TensorError(.memory, operation, String(cString: st_cuda_error()))
    case ST_INDEX_OUT_OF_RANGE, ST_DIVISION_BY_ZERO: try raiseFault(status)
    default: throw TensorError(.device, operation, String(cString: st_cuda_error()))
    }
  }

  /// A fault goes to the error scope in which its operation ran, while that scope is open, else to whoever met it.
  private func raiseFault(_ status: st_status) throws(TensorError) {
    defer { st_cuda_fault_delivered(handle) }
    let operation = String(cString: st_cuda_failed_operation())
    let error =
      switch (Int(status.code), status.operand) {
      case (ST_DIVISION_BY_ZERO, _): TensorError(.value, operation, "integer division by zero")
      case (_, -1):
        TensorError(
          .value, operation, "expected probabilities from 0 to 1, but that of element \(status.value) is not")
      case (_, Int32(ST_CLASS_OPERAND)): wrongClass(status, operation)
      default:
        TensorError(
          .index, operation,
          "index \(status.value) is out of bounds for dimension \(status.operand) with size \(status.limit)")
      }
    if let errors = ErrorSink.withNumber(st_cuda_failed_scope()), errors !== Scope.current?.errors {
      errors.record(error)
    } else {
      throw error
    }
  }

  /// Gives a name to what this thread launches until `restore`, in place of the operations' own.
  static func rename(_ operation: StaticString) -> UnsafePointer<CChar>? {
    st_cuda_rename_operations(UnsafeRawPointer(operation.utf8Start).assumingMemoryBound(to: CChar.self))
  }

  static func restore(_ outer: UnsafePointer<CChar>?) { _ = st_cuda_rename_operations(outer) }

  /// Names the operation that is about to be launched, for what its kernels may meet.
  @inline(__always)
  func begin(_ operation: StaticString, dims: [Int] = []) {
    let name = UnsafeRawPointer(operation.utf8Start).assumingMemoryBound(to: CChar.self)
    let scope = Scope.current?.errors?.number ?? 0
    if dims.isEmpty {
      st_cuda_set_operation(name, nil, 0, scope)
    } else {
      dims.map { Int32(truncatingIfNeeded: $0) }.withUnsafeBufferPointer {
        st_cuda_set_operation(name, $0.baseAddress, Int32($0.count), scope)
      }
    }
  }
}
