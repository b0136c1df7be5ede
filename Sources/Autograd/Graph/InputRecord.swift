import Tensor

/// What a node keeps of an input.
struct InputRecord {
  /// Where the input's gradient flows to; nil when it needs none.
  var vertex: Vertex?
  private(set) var value: Tensor?
  private var version = 0
  /// The input's layout; nil when its shape is the result's, or when no gradient is needed of it.
  var geometry: Geometry?
  /// Where the input lives; nil for the result's device.
  private(set) var device: Device?
  private(set) var dtype = DType.float32
  /// Whether gradients need no summing to the input's shape.
  private(set) var isFitted = false

  /// No input.
  @inline(__always)
  init() {}

  /// Stands for an input of an operation with this result.
  ///
  /// - Parameter keepsShape: Whether its shape is needed even if its gradient is not.
  @inline(__always)
  mutating func connect(_ tensor: Tensor, of output: Tensor, keepsShape: Bool = false) {
    dtype = tensor.dtype
    let vertex = tensor.vertex
    if vertex == nil, !keepsShape { return }
    if !tensor.hasShape(of: output) { geometry = Geometry(tensor.layout) }
    if !tensor.isOnDevice(of: output) { device = tensor.device }
    self.vertex = vertex
  }

  /// A tensor with a vertex of its own choice.
  init(_ tensor: Tensor, vertex: Vertex?) {
    self.vertex = vertex
    geometry = Geometry(tensor.layout)
    device = tensor.device
    dtype = tensor.dtype
  }

  @inline(__always)
  mutating func save(_ tensor: Tensor) {
    value = tensor
    version = tensor.storage.version
  }

  /// Hands what may own a graph to a queue.
  @inline(__always)
  mutating func release(to queue: UnsafeMutablePointer<ReleaseQueue>) {
    if vertex != nil { queue.pointee.append(vertex.take()!) }
    if value != nil { queue.pointee.append(value.take()!) }
  }

  /// Lets go of what may own a graph.
  @inline(__always)
  mutating func release() {
    if vertex != nil { vertex = nil }
    if value != nil { value = nil }
  }

  /// Frees the value, and tells whether there was one; numbers stay, as they hold no memory worth freeing.
  mutating func drop() -> Bool {
    guard let value, !value.isNumber else { return false }
    self.value = nil
    return true
  }

  /// The record without its value, for a node whose gradients arrive in the input's shape and dtype.
  func fitted() -> InputRecord {
    var record = self
    record.value = nil
    record.isFitted = true
    return record
  }

  @inline(__always)
  func check() throws(TensorError) {
    if let value, value.storage.version != version {
      throw overwritten(value, expected: version, producer: value.recorder?.operationName)
    }
  }
}

/// The layout of an input whose shape is not the result's.
final class Geometry: Sendable {
  let layout: Layout
  init(_ layout: Layout) { self.layout = layout }
}

/// The error of a saved value that was written in place since.
func overwritten(_ tensor: Tensor, expected: Int, producer: String?) -> TensorError {
  TensorError(
    .autograd, "backward",
    "one of the variables needed for gradient computation has been modified by an inplace operation: "
      + "[\(tensor.dtype) \(tensor.layout.shape)]" + (producer.map { ", which is output 0 of \($0)," } ?? "")
      + " is at version \(tensor.storage.version); expected version \(expected) instead")
}
