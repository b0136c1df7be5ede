internal import CTensorKernels

/// The processor: host memory and the vector kernels.
package final class CPUBackend: Backend {
  package static let shared = CPUBackend()
  package let device = Device.cpu

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
    withView(target) { st_fill($0, number.kernel) }
  }

  package func arange(_ target: Tensor, start: Number, step: Number) throws(TensorError) {
    withView(target) { st_arange($0, start.kernel, step.kernel) }
  }

  package func linspace(_ target: Tensor, start: Double, end: Double) throws(TensorError) {
    withView(target) { st_linspace($0, start, end) }
  }

  package func synchronize() throws(TensorError) {}
}

// MARK: - Views for the kernels

/// The kernels' view of a tensor; valid inside `body`.
@inline(__always)
func withView<Result>(_ tensor: Tensor, _ body: (st_view) -> Result) -> Result {
  let layout = tensor.layout
  return layout.shape.withPointer { shape in
    layout.strides.withPointer { strides in
      body(
        st_view(
          data: tensor.storage.address + layout.offset * tensor.dtype.itemSize, shape: shape, strides: strides,
          rank: Int32(truncatingIfNeeded: layout.rank), dtype: st_dtype(tensor.dtype.rawValue)))
    }
  }
}

@inline(__always)
func withViews<Result>(_ a: Tensor, _ b: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  withView(a) { a in withView(b) { b in body(a, b) } }
}

@inline(__always)
func withViews<Result>(
  _ a: Tensor, _ b: Tensor, _ c: Tensor, _ body: (st_view, st_view, st_view) -> Result
) -> Result {
  withView(a) { a in withView(b) { b in withView(c) { c in body(a, b, c) } } }
}

/// The views of a write to `output` from inputs that broadcast to it, as vectors where all lie in row-major order.
///
/// Most operands do, and the kernels then have no dimensions to look through.
@inline(__always)
func withElementwiseViews<Result>(_ output: Tensor, _ x: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  guard output.isContiguous, isFlat(x, output) else { return withViews(output, x, body) }
  return withUnsafePointer(to: (output.count, 1, 0)) { numbers in
    let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
    return body(flatView(output, numbers), flatView(x, numbers))
  }
}

@inline(__always)
func withElementwiseViews<Result>(
  _ output: Tensor, _ a: Tensor, _ b: Tensor, _ body: (st_view, st_view, st_view) -> Result
) -> Result {
  guard output.isContiguous, isFlat(a, output), isFlat(b, output) else { return withViews(output, a, b, body) }
  return withUnsafePointer(to: (output.count, 1, 0)) { numbers in
    let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
    return body(flatView(output, numbers), flatView(a, numbers), flatView(b, numbers))
  }
}

/// The views of a reduction of all elements to one.
@inline(__always)
func withReductionViews<Result>(_ output: Tensor, _ x: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  if x.isContiguous {
    return withUnsafePointer(to: (x.count, 1, 0)) { numbers in
      let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
      var out = flatView(output, numbers)
      out.shape = numbers + 1
      var input = flatView(x, numbers)
      input.strides = numbers + 1
      return body(out, input)
    }
  }
  let one = Layout(shape: Dims(repeating: 1, count: x.rank), strides: Dims(repeating: 0, count: x.rank))
  return withView(x) { input in
    one.shape.withPointer { shape in
      one.strides.withPointer { strides in
        var out = input
        out.data = output.storage.address + output.layout.offset * output.dtype.itemSize
        out.dtype = st_dtype(output.dtype.rawValue)
        out.shape = shape
        out.strides = strides
        return body(out, input)
      }
    }
  }
}

/// Whether an input is read once from beginning to end, or is a single element.
@inline(__always)
private func isFlat(_ x: Tensor, _ output: Tensor) -> Bool {
  x.count == 1 || x.isContiguous && x.count == output.count
}

/// A vector view; `numbers` are the vector's length, 1 and 0.
@inline(__always)
private func flatView(_ x: Tensor, _ numbers: UnsafePointer<Int>) -> st_view {
  st_view(
    data: x.storage.address + x.layout.offset * x.dtype.itemSize, shape: numbers,
    strides: x.count == 1 ? numbers + 2 : numbers + 1, rank: 1, dtype: st_dtype(x.dtype.rawValue))
}

/// The view of a tensor that may be missing: null data then.
@inline(__always)
func withView<Result>(_ tensor: Tensor?, _ body: (st_view) -> Result) -> Result {
  guard let tensor else { return body(st_view(data: nil, shape: nil, strides: nil, rank: 0, dtype: 0)) }
  return withView(tensor, body)
}

func withViews<Result>(_ tensors: [Tensor], _ body: (UnsafePointer<st_view>, Int32) -> Result) -> Result {
  var views: [st_view] = []
  views.reserveCapacity(tensors.count)
  func next(_ i: Int) -> Result {
    if i == tensors.count { return views.withUnsafeBufferPointer { body($0.baseAddress!, Int32(i)) } }
    return withView(tensors[i]) { view in
      views.append(view)
      return next(i + 1)
    }
  }
  return next(0)
}

// MARK: - Status

/// Turns what a kernel met into an error.
@inline(__always)
func check(_ status: st_status, _ operation: @autoclosure () -> String, _ dtype: DType) throws(TensorError) {
  if status.code != Int32(ST_OK) { throw error(for: status, operation(), dtype) }
}

private func error(for status: st_status, _ operation: String, _ dtype: DType) -> TensorError {
  switch Int(status.code) {
  case ST_INDEX_OUT_OF_RANGE:
    TensorError(
      .index, operation,
      "index \(status.value) is out of bounds for dimension \(status.operand) with size \(status.limit)")
  case ST_DIVISION_BY_ZERO: TensorError(.value, operation, "integer division by zero")
  case ST_OUT_OF_MEMORY: TensorError(.memory, operation, "out of memory: \(status.value) bytes of work space")
  default: TensorError(.dtype, operation, "not implemented for \(dtype) on .cpu")
  }
}
