import Tensor

/// What a node keeps of an input.
struct InputRecord {
  /// Where the input's gradient flows to; nil when it needs none.
  var vertex: Vertex? {
    get { vertexReference.object }
    set { vertexReference = OptionalReference(newValue) }
  }
  var value: Tensor? { valueReference.object }
  /// Whether a gradient is needed.
  var isNeeded: Bool { !vertexReference.isNil }
  /// The input's layout; nil when its shape is the result's, or when no gradient is needed of it.
  var geometry: Geometry? {
    get { geometryReference.object }
    set { geometryReference = OptionalReference(newValue) }
  }
  private var vertexReference = OptionalReference<Vertex>(nil)
  private var valueReference = OptionalReference<Tensor>(nil)
  private var version = 0
  private var geometryReference = OptionalReference<Geometry>(nil)
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
  /// - Parameters:
  ///   - known: The vertex of an input which requires grad, where no input before that one does.
  ///   - distance: How far that input comes after this one.
  ///   - keepsShape: Whether its shape is needed even if its gradient is not.
  // Inlined, or with an input that is not optional, each step would count the input up and down.
  @inline(never)
  mutating func connect(
    _ input: Tensor?, known: Vertex?, distance: Int, of output: Tensor, keepsShape: Bool = false
  ) {
    guard let tensor = input else { return }
    dtype = tensor.dtype
    // Reading a vertex takes a lock, so what is known is not read again.
    let vertex = known == nil || distance < 0 ? tensor.vertex : distance == 0 ? known : nil
    if vertex == nil, !keepsShape { return }
    if !tensor.hasShapeAndDevice(of: output) {
      if !tensor.hasShape(of: output) { geometry = Geometry(tensor.layout) }
      if !tensor.isOnDevice(of: output) { device = tensor.device }
    }
    self.vertex = vertex
  }

  /// A tensor with a vertex of its own choice.
  init(_ tensor: Tensor, vertex: Vertex?) {
    self.vertex = vertex
    geometry = Geometry(tensor.layout)
    device = tensor.device
    dtype = tensor.dtype
  }

  /// Keeps the input for backward.
  // Not inlined for the same reason as `connect`.
  @inline(never)
  mutating func save(_ input: Tensor?) {
    guard let tensor = input else { return }
    valueReference = OptionalReference(tensor)
    version = tensor.version
  }

  /// Hands what may own a graph to a queue.
  @inline(__always)
  mutating func release(to queue: UnsafeMutablePointer<ReleaseQueue>) {
    if let vertex = vertexReference.take() { queue.pointee.append(vertex) }
    if let value = valueReference.take() { queue.pointee.append(value) }
  }

  /// Lets go of what may own a graph.
  @inline(__always)
  mutating func release() {
    vertexReference = OptionalReference(nil)
    valueReference = OptionalReference(nil)
  }

  /// Frees the value, and tells whether there was one; numbers stay, as they hold no memory worth freeing.
  mutating func drop() -> Bool {
    guard !valueReference.isNil, !value!.isNumber else { return false }
    valueReference = OptionalReference(nil)
    return true
  }

  /// The record without its value, for a node whose gradients arrive in the input's shape and dtype.
  func fitted() -> InputRecord {
    var record = self
    record.valueReference = OptionalReference(nil)
    record.isFitted = true
    return record
  }

  @inline(__always)
  func check() throws(TensorError) {
    if let value, value.version != version {
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
