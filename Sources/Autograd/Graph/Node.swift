import Tensor

/// A recorded operation: where the gradients of its inputs go, and the values that its derivative reads.
package final class Node: Vertex, @unchecked Sendable {
  // What changes does so under the lock of `attachments` or in deinit; checking each access at run time besides costs 7%
  // of a small recorded operation.

  /// Nil after backward freed it.
  @exclusivity(unchecked) private var operation: (any Differentiable)?
  /// The operation's name, kept when it is freed.
  private var freedName: String?
  package let inputCount: Int
  // Up to three inputs stand here, so that a node is one allocation.
  @exclusivity(unchecked) private var first: InputRecord
  @exclusivity(unchecked) private var second: InputRecord
  @exclusivity(unchecked) private var third: InputRecord
  @exclusivity(unchecked) private var list: [InputRecord]
  /// The result, by a handle of its own outside the graph: the result's own handle holds this node.
  @exclusivity(unchecked) private var output: Tensor?
  @exclusivity(unchecked) private var outputVersion: Int
  /// What is kept for backward.
  private let saved: Operands
  @exclusivity(unchecked) private var isFreed = false

  /// Records an operation that has run.
  convenience init(
    recording operation: some Operation, _ inputs: borrowing RecordedInputs, output: Tensor
  ) throws(TensorError) {
    self.init(
      try differentiable(operation), inputs.first, inputs.second, inputs.third, list: inputs.list, output: output)
  }

  private init(
    _ operation: any Differentiable, _ a: Tensor?, _ b: Tensor?, _ c: Tensor?, list inputs: [Tensor], output: Tensor
  ) {
    let shape = output.layout.shape
    first = InputRecord(a, shape)
    second = InputRecord(b, shape)
    third = InputRecord(c, shape)
    list = inputs.isEmpty ? [] : inputs.map { InputRecord($0, shape, keepsShape: true) }
    inputCount = inputs.isEmpty ? (b == nil && c == nil ? 1 : c == nil ? 2 : 3) : inputs.count
    var needed: Operands = []
    if first.vertex != nil { needed.insert(.first) }
    if second.vertex != nil { needed.insert(.second) }
    if third.vertex != nil { needed.insert(.third) }
    for i in list.indices where list[i].vertex != nil { needed.insert(.input(i)) }
    saved = operation.saved(for: needed)
    if !saved.isEmpty {
      if saved.contains(.first) { first.save(a) }
      if saved.contains(.second) { second.save(b) }
      if saved.contains(.third) { third.save(c) }
      for i in list.indices where saved.contains(.input(i)) { list[i].save(inputs[i]) }
      if saved.contains(.layout), first.geometry == nil { first.geometry = a.map { Geometry($0.layout) } }
    }
    let savesOutput = saved.contains(.output)
    self.output = savesOutput ? Tensor(aliasing: output) : nil
    outputVersion = savesOutput ? output.storage.version : 0
    self.operation = operation
    super.init(isLeaf: false, requiresGrad: true)
  }

  /// Stands for an operation that never ran as such, and links vertices that exist.
  ///
  /// It must save no values of inputs.
  init(
    _ operation: any Differentiable, _ first: InputRecord? = nil, _ second: InputRecord? = nil, list: [InputRecord] = []
  ) {
    self.operation = operation
    self.first = first ?? InputRecord(nil, [])
    self.second = second ?? InputRecord(nil, [])
    third = InputRecord(nil, [])
    self.list = list
    inputCount = list.isEmpty ? (second == nil ? 1 : 2) : list.count
    saved = operation.saved(for: []).intersection(.operation)
    output = nil
    outputVersion = 0
    super.init(isLeaf: false, requiresGrad: true)
  }

  deinit {
    var attached = attachments.withLock { $0.take() }
    if let queue = ReleaseQueue.current {
      move(to: &queue.pointee)
      if let attached { queue.pointee.append(attached) }
    } else {
      ReleaseQueue.drain {
        drop()
        attached = nil
      }
    }
  }

  private func move(to queue: inout ReleaseQueue) {
    first.release(to: &queue)
    if inputCount > 1 {
      second.release(to: &queue)
      third.release(to: &queue)
      for i in list.indices { list[i].release(to: &queue) }
    }
    if let output { queue.append(output) }
    output = nil
    if let operation { queue.append(operation) }
    operation = nil
  }

  /// Releases what the node holds; nodes that die by it put theirs in the queue.
  private func drop() {
    first.release()
    second.release()
    third.release()
    list = []
    output = nil
    operation = nil
  }

  package override var operationName: String? {
    attachments.withLock { _ in operation?.graphName ?? freedName }
  }

  /// Reads the record of an input.
  @inline(__always)
  func withInput<Result>(_ index: Int, _ body: (borrowing InputRecord) -> Result) -> Result {
    if !list.isEmpty { return body(list[index]) }
    switch index {
    case 0: return body(first)
    case 1: return body(second)
    default: return body(third)
    }
  }
}

/// What a node keeps of an input.
struct InputRecord {
  /// Where the input's gradient flows to; nil when it needs none.
  var vertex: Vertex?
  private(set) var value: Tensor?
  private(set) var version = 0
  /// The input's layout; nil when its shape is the result's, or when no gradient is needed of it.
  var geometry: Geometry?
  /// Whether gradients need no summing to the input's shape.
  private(set) var isFitted = false
  let device: Device
  let dtype: DType

  init(_ tensor: Tensor?, _ outputShape: Dims, keepsShape: Bool = false) {
    guard let tensor else {
      device = .cpu
      dtype = .float32
      return
    }
    vertex = tensor.vertex
    if vertex != nil || keepsShape, tensor.layout.shape != outputShape { geometry = Geometry(tensor.layout) }
    device = tensor.device
    dtype = tensor.dtype
  }

  mutating func save(_ tensor: Tensor?) {
    value = tensor
    version = tensor?.storage.version ?? 0
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

  func check() throws(TensorError) {
    if let value { try checkVersion(of: value, expected: version, producer: value.recorder?.operationName) }
  }

  mutating func release(to queue: inout ReleaseQueue) {
    if let vertex { queue.append(vertex) }
    vertex = nil
    if let value { queue.append(value) }
    value = nil
  }

  mutating func release() {
    vertex = nil
    value = nil
  }
}

/// The layout of an input whose shape is not the result's.
final class Geometry: Sendable {
  let layout: Layout
  init(_ layout: Layout) { self.layout = layout }
}

// MARK: - Backward

extension Node {
  /// The operation and the values that its derivative reads.
  ///
  /// - Parameter retain: Whether they stay for another backward.
  func unpack(retain: Bool, createGraph: Bool) throws(TensorError) -> (any Differentiable, SavedValues) {
    if saved.isEmpty { return (operation!, SavedValues()) }
    return try attachments.withLock { (_) throws(TensorError) in
      guard let operation, !isFreed else {
        throw TensorError(
          .autograd, "backward",
          "trying to backward through the graph a second time: saved values are freed by the first backward or grad; "
            + "pass retainGraph: true to it to keep them")
      }
      try first.check()
      try second.check()
      try third.check()
      for record in list { try record.check() }
      if let output {
        try checkVersion(of: output, expected: outputVersion, producer: operation.graphName)
      }
      var values = SavedValues(first: first.value, second: second.value, third: third.value, output: output)
      if !list.isEmpty { values.list = list.map(\.value) }
      if createGraph, let output {
        values.output = Tensor(aliasing: output)
        values.output!.setRecorder(self)
      }
      if !retain { free() }
      return (operation, values)
    }
  }

  private func free() {
    var dropsAny = output != nil
    if first.drop() { dropsAny = true }
    if second.drop() { dropsAny = true }
    if third.drop() { dropsAny = true }
    for i in list.indices where list[i].drop() { dropsAny = true }
    output = nil
    if saved.contains(.operation) {
      freedName = operation?.graphName
      operation = nil
      dropsAny = true
    }
    isFreed = dropsAny
  }
}

/// - Parameter producer: The name of the operation that made the tensor; asked for in an error only.
func checkVersion(
  of tensor: Tensor, expected: Int, producer: @autoclosure () -> String?
) throws(TensorError) {
  if tensor.storage.version == expected { return }
  throw TensorError(
    .autograd, "backward",
    "one of the variables needed for gradient computation has been modified by an inplace operation: "
      + "[\(tensor.dtype) \(tensor.layout.shape)]" + (producer().map { ", which is output 0 of \($0)," } ?? "")
      + " is at version \(tensor.storage.version); expected version \(expected) instead")
}
