import Synchronization
package import Tensor

/// A place that gradients flow to: a leaf, or an operation that was recorded.
package class Vertex: Recorder, @unchecked Sendable {
  /// Counts up with every vertex, so that an operation's number is above those of its inputs.
  let sequence: Int
  package let isLeaf: Bool
  /// Whether it is a `Node`.
  private let isOperation: Bool
  private let flows: Atomic<Bool>
  /// The run of backward that visits the vertex and its place there; 0 when none does.
  let mark = Atomic<UInt64>(0)
  /// Guards what users attach, and what subclasses free in backward.
  final let lock = Mutex(())
  /// What users attach, a gradient and hooks; nil for most.
  @exclusivity(unchecked) final var attachments: Attachments?

  /// Read and written under the lock only.
  final class Attachments: @unchecked Sendable {
    @exclusivity(unchecked) var grad: Tensor?
    /// Whether backward stores the gradient of an operation's result.
    var retainsGrad = false
    var hooks: [(id: Int, body: @Sendable (Tensor) -> Tensor?)] = []
    var accumulationHooks: [(id: Int, body: @Sendable () -> Void)] = []
    var nextID = 0
  }

  private static let counter = Atomic<Int>(0)

  init(isLeaf: Bool, requiresGrad: Bool, isOperation: Bool = false) {
    self.isOperation = isOperation
    sequence = Vertex.nextSequence()
    self.isLeaf = isLeaf
    flows = Atomic(requiresGrad)
  }

  /// A number above those of all vertices so far.
  static func nextSequence() -> Int { counter.add(1, ordering: .relaxed).newValue }

  /// The vertex as that of an operation, if it is one.
  @inline(__always)
  final var node: Node? { isOperation ? unsafeDowncast(self, to: Node.self) : nil }

  package var requiresGrad: Bool {
    @inline(__always) get { flows.load(ordering: .relaxed) }
    set { flows.store(newValue, ordering: .relaxed) }
  }

  package var operationName: String? { nil }

  package func record(
    _ operation: OperationReference, position: Int, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?,
    list: [Tensor], output: Tensor
  ) throws(TensorError) {
    output.setRecorder(
      try DerivativeTable.node(for: operation).make(
        operationAt: operation.address, first, second, third, list: list, output: output, known: self, at: position))
  }

  package func recorder(ofView view: Tensor, base: Tensor) -> any Recorder {
    if view.isMadeWithoutGrad { return BrokenView() }
    return link(ViewOfBase(view: view.layout, base: base.layout), InputRecord(base, vertex: self))
  }

  package func didReplaceBody(of tensor: Tensor) {}

  /// Changes the attachments, which are made when there are none.
  final func attach<Result, Failure: Error>(_ body: (Attachments) throws(Failure) -> Result) throws(Failure) -> Result {
    nonisolated(unsafe) let body = body
    return try lock.withLock { (_) throws(Failure) in
      if attachments == nil { attachments = Attachments() }
      nonisolated(unsafe) let result = try body(attachments!)
      return result
    }
  }

  /// Reads from the attachments, if there are any.
  @inline(__always)
  final func attached<Result>(_ body: (Attachments) -> Result?) -> Result? {
    nonisolated(unsafe) let body = body
    return lock.withLock { _ in
      guard let attachments else { return nil }
      nonisolated(unsafe) let result = body(attachments)
      return result
    }
  }

  /// The stored gradient: what backward accumulated in a leaf, or retained of a result.
  final var grad: Tensor? {
    get { attached { $0.grad } }
    set {
      let old = attach { attachments in
        let old = attachments.grad
        attachments.grad = newValue
        return old
      }
      _ = consume old
    }
  }
}

/// Stands for the recorder of a view that was made without recording and whose base was then written with it.
final class BrokenView: Vertex, @unchecked Sendable {
  init() { super.init(isLeaf: false, requiresGrad: true) }

  override func record(
    _ operation: OperationReference, position: Int, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?,
    list: [Tensor], output: Tensor
  ) throws(TensorError) {
    throw BrokenView.error(operation.value.name)
  }

  static func error(_ operation: String) -> TensorError {
    TensorError(
      .autograd, operation,
      "a view was created inside noGrad, and its base or another view of it has been modified in place with gradients "
        + "on; make the view outside noGrad, or clone() it")
  }
}

extension Tensor {
  /// Where the tensor's gradient flows to; nil when it does not require grad.
  @inline(__always)
  var vertex: Vertex? {
    guard let recorder, recorder.requiresGrad else { return nil }
    // Only this module makes recorders.
    return unsafeDowncast(recorder, to: Vertex.self)
  }

  /// The vertex, also of a tensor that only keeps a gradient or hooks.
  var anyVertex: Vertex? { recorder.map { unsafeDowncast($0, to: Vertex.self) } }
}
