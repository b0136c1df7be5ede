import Tensor

/// A recorded operation: where the gradients of its inputs go, and the values that its derivative reads.
///
/// A subclass holds the operation's value, so that a node is one allocation and knows its operation without a cast.
package class Node: Vertex, @unchecked Sendable {
  @exclusivity(unchecked) package private(set) final var inputCount = 0
  // Up to three inputs stand here, more in the list.
  @exclusivity(unchecked) final var first = InputRecord()
  @exclusivity(unchecked) final var second = InputRecord()
  @exclusivity(unchecked) final var third = InputRecord()
  @exclusivity(unchecked) final var list: [InputRecord] = []
  /// The result, by a handle of its own outside the graph: the result's own handle holds this node.
  @exclusivity(unchecked) private final var output: Tensor?
  @exclusivity(unchecked) private final var outputVersion = 0
  /// What is kept for backward.
  @exclusivity(unchecked) private final var saved: Operands = []
  @exclusivity(unchecked) private final var isFreed = false

  /// Records an operation that has run, whose value an address holds.
  ///
  /// A function, not an initialiser, because those take their arguments owned, at the price of a retain each.
  ///
  /// - Parameters:
  ///   - known: The vertex of the first input which requires grad, where it is known.
  ///   - position: That input's.
  class func make(
    operationAt address: UnsafeRawPointer, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?, list: [Tensor],
    output: Tensor, known: Vertex?, at position: Int
  ) -> Node {
    fatalError("a node is made by its subclass")
  }

  fileprivate init() { super.init(isLeaf: false, requiresGrad: true, isOperation: true) }

  /// Connects to the inputs' vertices.
  @inline(__always)
  fileprivate final func connect(
    _ first: Tensor?, _ second: Tensor?, _ third: Tensor?, list inputs: [Tensor], output: Tensor,
    known: Vertex?, at position: Int
  ) {
    inputCount = inputs.isEmpty ? (third != nil ? 3 : second != nil ? 2 : 1) : inputs.count
    // In place: a record that is made outside and moved here costs a dozen retains.
    self.first.connect(first, known: known, distance: position, of: output)
    if inputCount > 1 { self.second.connect(second, known: known, distance: position - 1, of: output) }
    if inputCount > 2 { self.third.connect(third, known: known, distance: position - 2, of: output) }
    if inputs.isEmpty { return }
    list = Array(repeating: InputRecord(), count: inputs.count)
    for i in inputs.indices { list[i].connect(inputs[i], known: nil, distance: 0, of: output, keepsShape: true) }
  }

  /// Links vertices that exist, for an operation that never ran as such and saves no inputs.
  fileprivate init(linking first: InputRecord?, _ second: InputRecord?, list: [InputRecord]) {
    if let first { self.first = first }
    if let second { self.second = second }
    self.list = list
    inputCount = list.isEmpty ? (second == nil ? 1 : 2) : list.count
    super.init(isLeaf: false, requiresGrad: true, isOperation: true)
  }

  deinit {
    let slot = threadSlot()
    if let queue = ReleaseQueue.current(in: slot) {
      first.release(to: queue)
      if inputCount > 1 { second.release(to: queue) }
      if inputCount > 2 { third.release(to: queue) }
      for i in list.indices { list[i].release(to: queue) }
      if output != nil { queue.pointee.append(output.take()!) }
      if attachments != nil { queue.pointee.append(attachments.take()!) }
    } else {
      ReleaseQueue.drain(slot) {
        first.release()
        if inputCount > 1 { second.release() }
        if inputCount > 2 { third.release() }
        if !list.isEmpty { list = [] }
        if output != nil { output = nil }
        if attachments != nil { attachments = nil }
      }
    }
  }

  /// The inputs that need gradients.
  fileprivate final var needed: Operands {
    var needed: Operands = []
    if first.isNeeded { needed.insert(.first) }
    if second.isNeeded { needed.insert(.second) }
    if third.isNeeded { needed.insert(.third) }
    for i in list.indices where list[i].isNeeded { needed.insert(.input(i)) }
    return needed
  }

  /// Keeps values for backward.
  @inline(__always)
  fileprivate final func save(
    _ saved: Operands, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?, list inputs: [Tensor], output: Tensor
  ) {
    if saved.isEmpty { return }
    self.saved = saved
    if saved.contains(.first) { self.first.save(first) }
    if saved.contains(.second) { self.second.save(second) }
    if saved.contains(.third) { self.third.save(third) }
    for i in list.indices where saved.contains(.input(i)) { list[i].save(inputs[i]) }
    if saved.contains(.layout), self.first.geometry == nil { self.first.geometry = first.map { Geometry($0.layout) } }
    if saved.contains(.output) {
      self.output = Tensor(aliasing: output)
      outputVersion = output.version
    }
  }

  fileprivate final func saveOperation() { saved = .operation }

  // MARK: For subclasses

  /// What the derivative of the operation at an address reads.
  class func saved(operationAt address: UnsafeRawPointer, for needed: Operands) -> Operands { [] }

  /// The gradients of the inputs.
  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(nil) }

  /// Adds the only input's gradient to a sum in place; false where `backward` has to make it.
  func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool { false }

  /// Frees the operation's value; called under the lock.
  func freeOperation() {}
}

/// The node of an operation whose value holds no references.
private final class PlainNode<D: Differentiable>: Node, @unchecked Sendable {
  private let operation: D

  private init(_ operation: D) {
    self.operation = operation
    super.init()
  }

  override class func make(
    operationAt address: UnsafeRawPointer, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?, list: [Tensor],
    output: Tensor, known: Vertex?, at position: Int
  ) -> Node {
    let node = PlainNode(address.assumingMemoryBound(to: D.self).pointee)
    node.connect(first, second, third, list: list, output: output, known: known, at: position)
    node.save(node.operation.saved(for: node.needed), first, second, third, list: list, output: output)
    return node
  }

  override class func saved(operationAt address: UnsafeRawPointer, for needed: Operands) -> Operands {
    address.assumingMemoryBound(to: D.self).pointee.saved(for: needed)
  }

  override var operationName: String? { operation.graphName }

  override func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    operation.backward(gradient, context)
  }

  override func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool {
    try operation.add(gradient, to: sum)
  }
}

/// An operation's value as an object, for the queue.
private final class Holder<D> {
  private let operation: D
  init(_ operation: D) { self.operation = operation }
}

/// The node of an operation whose value may hold tensors or closures, which must not be left to implicit destruction.
private final class HoldingNode<D: Differentiable>: Node, @unchecked Sendable {
  private var operation: D?
  /// Kept when the operation is freed.
  private var freedName: String?

  private init(_ operation: D) {
    self.operation = operation
    super.init()
  }

  override class func make(
    operationAt address: UnsafeRawPointer, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?, list: [Tensor],
    output: Tensor, known: Vertex?, at position: Int
  ) -> Node {
    let operation = address.assumingMemoryBound(to: D.self).pointee
    let node = HoldingNode(operation)
    node.connect(first, second, third, list: list, output: output, known: known, at: position)
    node.save(operation.saved(for: node.needed), first, second, third, list: list, output: output)
    return node
  }

  init(_ operation: D, _ first: InputRecord?, _ second: InputRecord?, list: [InputRecord]) {
    self.operation = operation
    super.init(linking: first, second, list: list)
    if operation.saved(for: []).contains(.operation) { saveOperation() }
  }

  deinit {
    let slot = threadSlot()
    if let queue = ReleaseQueue.current(in: slot) {
      if let operation { queue.pointee.append(Holder(operation)) }
      operation = nil
    } else {
      ReleaseQueue.drain(slot) { operation = nil }
    }
  }

  override class func saved(operationAt address: UnsafeRawPointer, for needed: Operands) -> Operands {
    address.assumingMemoryBound(to: D.self).pointee.saved(for: needed)
  }

  override var operationName: String? { lock.withLock { _ in operation?.graphName ?? freedName } }

  override func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    guard let operation = lock.withLock({ _ in operation }) else {
      fail(Node.freed)
      return Gradients(nil)
    }
    return operation.backward(gradient, context)
  }

  override func freeOperation() {
    freedName = operation?.graphName
    operation = nil
  }
}

/// The subclass for an operation type.
func nodeType<D: Differentiable>(for type: D.Type) -> Node.Type {
  _isPOD(D.self) ? PlainNode<D>.self : HoldingNode<D>.self
}

/// A node for an operation that never ran as such: it links vertices that exist, and saves no inputs.
func link(
  _ operation: some Differentiable, _ first: InputRecord? = nil, _ second: InputRecord? = nil, list: [InputRecord] = []
) -> Node {
  HoldingNode(operation, first, second, list: list)
}

// MARK: - Backward

extension Node {
  static let freed = TensorError(
    .autograd, "backward",
    "trying to backward through the graph a second time: saved values are freed by the first backward or grad; "
      + "pass retainGraph: true to it to keep them")

  /// The values that the derivative reads.
  ///
  /// - Parameter retain: Whether they stay for another backward.
  final func unpack(retain: Bool, createGraph: Bool) throws(TensorError) -> SavedValues {
    if saved.isEmpty { return SavedValues() }
    var stale: Tensor?
    let values = try lock.withLock { (_) throws(TensorError) in
      if isFreed { throw Node.freed }
      try first.check()
      try second.check()
      try third.check()
      for record in list { try record.check() }
      if let output, output.version != outputVersion {
        stale = output
        return SavedValues()
      }
      var values = SavedValues(first: first.value, second: second.value, third: third.value, output: output)
      if !list.isEmpty { values.list = list.map(\.value) }
      if createGraph, let output {
        values.output = Tensor(aliasing: output)
        values.output!.setRecorder(self)
      }
      if !retain { freeValues() }
      return values
    }
    if let stale { throw overwritten(stale, expected: outputVersion, producer: operationName) }
    return values
  }

  private final func freeValues() {
    var freesAny = output != nil || saved.contains(.operation)
    if first.drop() { freesAny = true }
    if second.drop() { freesAny = true }
    if third.drop() { freesAny = true }
    for i in list.indices where list[i].drop() { freesAny = true }
    output = nil
    isFreed = freesAny
  }

  /// Frees the operation's value too, where it counts as saved, after its derivative has run.
  final func finish() {
    if saved.contains(.operation) { lock.withLock { _ in freeOperation() } }
  }

  /// The vertex that the gradient of an input goes to.
  final func vertex(ofInput index: Int) -> Vertex? {
    if !list.isEmpty { return list[index].vertex }
    return index == 0 ? first.vertex : index == 1 ? second.vertex : third.vertex
  }

  /// The record of an input.
  final func input(_ index: Int) -> InputRecord {
    if !list.isEmpty { return list[index] }
    return index == 0 ? first : index == 1 ? second : third
  }
}
