import Synchronization

/// An n-dimensional array of numbers of one dtype on one device.
///
/// A tensor is a handle: views share its memory, and imperative methods (`fill`, `copy(from:)`, `+=`) write to it. Reading
/// from several threads is safe; writing while another thread reads is the caller's race.
public final class Tensor: Sendable {
  package let layout: Layout
  /// The number of elements.
  public let count: Int
  /// Whether the elements lie in row-major order without gaps.
  public let isContiguous: Bool
  /// The memory; replaced only by a module's `to` or `load`, which needs exclusive access.
  @exclusivity(unchecked) nonisolated(unsafe) package private(set) var storage: Storage
  /// The element type.
  @exclusivity(unchecked) public nonisolated(unsafe) private(set) var dtype: DType
  /// Whether the tensor stands for a Swift number, which does not widen other operands' dtypes.
  package let isNumber: Bool
  /// The graph's part, behind the lock.
  @exclusivity(unchecked) private nonisolated(unsafe) var graph = Graph()
  private let graphLock = Mutex(())
  /// Whether the graph's part was ever written, which spares most tensors the lock.
  private let isInGraph = Atomic<Bool>(false)

  private struct Graph {
    var recorder: (any Recorder)?
    /// Counts the writes in place to this tensor or its views that were recorded; views compare it.
    var version = 0
    /// The base's version that `recorder` belongs to.
    var baseVersion = 0
    /// Whether a view was made while nothing was recorded: writes to it cannot be recorded later.
    var isMadeWithoutGrad = false
  }

  /// The tensor this is a view of, never itself a view; nil for one that owns its memory.
  package var base: Tensor? {
    @inline(__always) get { viewed.object }
  }
  // By an optional of its type, deinit would release it in a loop, as if it could be a long chain: five atomic steps a view.
  private let viewed: OptionalReference<Tensor>

  package init(storage: Storage, layout: Layout, dtype: DType, isNumber: Bool = false) {
    self.storage = storage
    self.layout = layout
    count = layout.elementCount
    isContiguous = layout.isContiguous
    self.dtype = dtype
    self.isNumber = isNumber
    viewed = OptionalReference(nil)
  }

  /// A row-major tensor of another row-major one's shape over memory of its own.
  init(storage: Storage, shapeOf other: Tensor, dtype: DType) {
    self.storage = storage
    layout = Layout(shape: other.layout.shape, strides: other.layout.strides)
    count = other.count
    isContiguous = true
    self.dtype = dtype
    isNumber = false
    viewed = OptionalReference(nil)
  }

  /// A view of `source`'s memory.
  ///
  /// - Parameter dtype: Another element type for the same bytes; the layout counts its elements.
  package init(viewOf source: Tensor, layout: Layout, dtype: DType? = nil) {
    storage = source.storage
    self.layout = layout
    count = layout.elementCount
    isContiguous = layout.isContiguous
    self.dtype = dtype ?? source.dtype
    isNumber = false
    let base = source.base ?? source
    viewed = OptionalReference(base)
    graph.baseVersion = base.graphVersion
  }

  /// A row-major view of a row-major tensor, of as many elements.
  init(viewOf source: Tensor, contiguous shape: Dims) {
    storage = source.storage
    layout = Layout(contiguous: shape, offset: source.layout.offset)
    count = source.count
    isContiguous = true
    dtype = source.dtype
    isNumber = false
    let base = source.base ?? source
    viewed = OptionalReference(base)
    graph.baseVersion = base.graphVersion
  }

  /// The tensor's own handle on the same memory, cut off from its graph and views; it shares the count of writes.
  package init(aliasing source: Tensor) {
    storage = source.storage
    layout = source.layout
    count = source.count
    isContiguous = source.isContiguous
    dtype = source.dtype
    isNumber = source.isNumber
    viewed = OptionalReference(nil)
  }

  /// Stands for a result that an earlier error prevented: shape [], reads as 0.
  package static let poisoned: Tensor = {
    guard let storage = try? CPUBackend.shared.allocate(byteCount: DType.float32.itemSize) else {
      fatalError("Tensor: out of memory")
    }
    let tensor = Tensor(storage: storage, layout: Layout(contiguous: []), dtype: .float32)
    try? CPUBackend.shared.fill(tensor, with: .int(0))
    return tensor
  }()
}

// MARK: - What a tensor is

extension Tensor {
  /// The size of each dimension; empty for a zero-dim tensor.
  public var shape: [Int] { Array(layout.shape) }
  /// The step in elements between neighbours of each dimension; 0 where an element is repeated.
  public var strides: [Int] { Array(layout.strides) }
  /// The number of dimensions.
  public var rank: Int { layout.rank }
  /// Where the elements live.
  public var device: Device { storage.backend.device }
  /// Whether the tensor shares another's memory.
  public var isView: Bool { !viewed.isNil }
  /// Counts the writes in place to the memory that the tensor and its views share.
  public var version: Int { storage.version }
  package var backend: any Backend { storage.backend }
  package func isOnDevice(of other: Tensor) -> Bool { storage.backend === other.storage.backend }
  package func hasShape(of other: Tensor) -> Bool { layout.shape == other.layout.shape }
  package func hasShapeAndDevice(of other: Tensor) -> Bool { hasShape(of: other) && isOnDevice(of: other) }
}

// MARK: - Graph

extension Tensor {
  /// What records operations on the tensor; nil when it does not take part in gradients.
  package var recorder: (any Recorder)? {
    if let base { return recorder(ofViewOf: base) }
    return isInGraph.load(ordering: .acquiring) ? withGraph { $0.recorder } : nil
  }

  private func recorder(ofViewOf base: Tensor) -> (any Recorder)? {
    let version = base.graphVersion
    if version == 0, !isInGraph.load(ordering: .acquiring) { return nil }
    let (recorder, isStale) = withGraph { ($0.recorder, $0.baseVersion != version) }
    if !isStale { return recorder }
    guard let fresh = base.recorder?.recorder(ofView: self, base: base) else { return recorder }
    setRecorder(fresh)
    return fresh
  }

  /// Replaces the recorder; for a view, from the base's present state on.
  package func setRecorder(_ recorder: consuming (any Recorder)?) {
    let version = base?.graphVersion ?? 0
    // The old one may own a long chain, which must not be released under the lock.
    var other = recorder
    changeGraph { graph in
      swap(&graph.recorder, &other)
      graph.baseVersion = version
    }
  }

  package var graphVersion: Int {
    isInGraph.load(ordering: .acquiring) ? withGraph { $0.version } : 0
  }

  /// Marks all views of the tensor as recorded before a write in place.
  package func bumpGraphVersion() { changeGraph { $0.version += 1 } }

  /// Whether a view was made while nothing was recorded.
  package var isMadeWithoutGrad: Bool {
    isInGraph.load(ordering: .acquiring) && withGraph { $0.isMadeWithoutGrad }
  }

  /// Whether a write would go unseen by the graph of the base, because the view was made while nothing was recorded.
  package var hidesRecordedBase: Bool {
    guard let base else { return false }
    return isMadeWithoutGrad && base.isRecorded
  }

  package func markMadeWithoutGrad() { changeGraph { $0.isMadeWithoutGrad = true } }

  @inline(__always)
  private func withGraph<Result>(_ body: (inout Graph) -> Result) -> Result {
    nonisolated(unsafe) let body = body
    return graphLock.withLock { _ in
      nonisolated(unsafe) let result = body(&graph)
      return result
    }
  }

  @inline(__always)
  private func changeGraph<Result>(_ body: (inout Graph) -> Result) -> Result {
    defer { isInGraph.store(true, ordering: .releasing) }
    return withGraph(body)
  }

  /// Whether nobody else holds the memory, provided that nobody else holds the tensor.
  package var ownsMemoryAlone: Bool { viewed.isNil && isKnownUniquelyReferenced(&storage) }

  package var isRecorded: Bool {
    @inline(__always) get { recorder?.requiresGrad ?? false }
  }

  package var isLeafRequiringGrad: Bool {
    guard let recorder, recorder.requiresGrad else { return false }
    return recorder.isLeaf
  }
}

// MARK: - Replacing the memory

extension Tensor {
  /// Moves the tensor to other memory of the same layout, for a module's `to` and `load`; values saved before count as overwritten.
  package func replaceBody(storage new: Storage, dtype newDType: DType) {
    new.succeed(storage)
    storage = new
    dtype = newDType
    recorder?.didReplaceBody(of: self)
  }
}
