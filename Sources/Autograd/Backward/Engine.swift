import Synchronization
import Tensor

/// One run of backward over a graph.
///
/// First the graph is walked to count how many gradients each vertex waits for. Then vertices run as their gradients are
/// complete: leaves at once, operations in the reverse order of their recording.
struct Engine {
  /// What becomes of the gradients that arrive.
  enum Goal {
    /// They are added to `grad` of all leaves.
    case accumulate
    /// They are added to `grad` of these vertices only.
    case accumulateIn([Vertex])
    /// They are returned.
    case capture([Vertex])
    /// They are returned, and nothing flows on from these vertices.
    case cut([Vertex])
  }

  private let retainGraph: Bool
  private let createGraph: Bool
  private let accumulates: Bool
  private var tasks: [Task] = []
  /// Marks the vertices that this run visits; those that a run on another thread holds stand in `others`.
  private let stamp = UInt64(Engine.runs.add(1, ordering: .relaxed).newValue & 0xffff_ffff) << 32
  private var others: [ObjectIdentifier: Int] = [:]
  /// For each input of each operation the task that its gradient goes to, or -1.
  private var edges: [Int32] = []
  /// The operations that have all their gradients: a heap, the latest recorded at the top.
  private var ready: [Int32] = []
  private var captured: [Tensor?] = []
  private var isRestricted = false

  private struct Task {
    let vertex: Vertex
    /// How many gradients are still to come.
    var waiting: Int32 = 0
    /// Its edges; none where the walk ended.
    var firstEdge: Int32 = 0
    var inputCount: Int32 = 0
    /// Whether it is, or leads to, what the goal asks for.
    var isNeeded = true
    /// Which of the goal's vertices it is.
    var target: Int32 = -1
    var gradient: Tensor?
  }

  private static let runs = Atomic<Int>(0)

  private init(retainGraph: Bool, createGraph: Bool, accumulates: Bool) {
    self.retainGraph = retainGraph
    self.createGraph = createGraph
    self.accumulates = accumulates
    // Most graphs are larger than an array's first few capacities.
    tasks.reserveCapacity(32)
    edges.reserveCapacity(64)
    ready.reserveCapacity(8)
  }

  /// Runs backward from vertices with their gradients; returns what the goal captures, and nil for what was not reached.
  static func backward(
    from roots: [(vertex: Vertex, gradient: Tensor)], goal: Goal, retainGraph: Bool, createGraph: Bool
  ) throws(TensorError) -> [Tensor?] {
    let scope = Scope.with(isGradEnabled: createGraph, autocast: .some(nil))
    return try scope.run { () throws(TensorError) in
      var accumulates = true
      var targets: [Vertex]?
      var ends: Set<ObjectIdentifier> = []
      switch goal {
      case .accumulate: break
      case .accumulateIn(let vertices): targets = vertices
      case .capture(let vertices):
        targets = vertices
        accumulates = false
      case .cut(let vertices):
        targets = vertices
        accumulates = false
        ends = Set(vertices.map { ObjectIdentifier($0) })
      }
      var engine = Engine(retainGraph: retainGraph || createGraph, createGraph: createGraph, accumulates: accumulates)
      defer { engine.unmark() }
      for root in roots { engine.walk(from: root.vertex, ends) }
      if let targets { engine.restrict(to: targets) }
      for root in roots { try engine.send(root.gradient, to: engine.position(of: root.vertex)!) }
      for i in engine.tasks.indices where engine.tasks[i].waiting == 0 { try engine.makeReady(i) }
      while let next = engine.popReady() { try engine.process(next, scope) }
      return targets.map { targets in
        targets.map { target in
          guard let i = engine.position(of: target) else { return nil }
          return engine.captured[Int(engine.tasks[i].target)]
        }
      } ?? []
    }
  }

  // MARK: - Walking the graph

  /// The task of a vertex that has one.
  @inline(__always)
  private func position(of vertex: Vertex) -> Int? {
    let mark = vertex.mark.load(ordering: .relaxed)
    if mark & 0xffff_ffff_0000_0000 == stamp { return Int(mark & 0xffff_ffff) }
    return others.isEmpty ? nil : others[ObjectIdentifier(vertex)]
  }

  private mutating func task(of vertex: Vertex, _ found: inout [Int]) -> Int {
    if let known = position(of: vertex) { return known }
    let i = tasks.count
    tasks.append(Task(vertex: vertex))
    let isMine = vertex.mark.compareExchange(expected: 0, desired: stamp | UInt64(i), ordering: .relaxed).exchanged
    if !isMine { others[ObjectIdentifier(vertex)] = i }
    if !vertex.isLeaf { found.append(i) }
    return i
  }

  /// Lets other runs mark the vertices.
  private func unmark() {
    for task in tasks where task.vertex.mark.load(ordering: .relaxed) & 0xffff_ffff_0000_0000 == stamp {
      task.vertex.mark.store(0, ordering: .relaxed)
    }
  }

  private mutating func walk(from root: Vertex, _ ends: Set<ObjectIdentifier>) {
    var found: [Int] = []
    _ = task(of: root, &found)
    while let i = found.popLast() {
      guard let node = tasks[i].vertex.node, !ends.contains(ObjectIdentifier(node)) else { continue }
      tasks[i].inputCount = Int32(node.inputCount)
      tasks[i].firstEdge = Int32(edges.count)
      for input in 0..<node.inputCount {
        guard let vertex = node.vertex(ofInput: input) else {
          edges.append(-1)
          continue
        }
        let parent = task(of: vertex, &found)
        tasks[parent].waiting += 1
        edges.append(Int32(parent))
      }
    }
  }

  /// Leaves out what does not lead to the targets.
  private mutating func restrict(to targets: [Vertex]) {
    isRestricted = true
    for i in tasks.indices { tasks[i].isNeeded = false }
    for target in targets {
      guard let i = position(of: target), tasks[i].target < 0 else { continue }
      tasks[i].target = Int32(captured.count)
      captured.append(nil)
    }
    // Inputs were recorded before what reads them.
    let order = tasks.indices.sorted { tasks[$0].vertex.sequence < tasks[$1].vertex.sequence }
    for i in order {
      for input in 0..<Int(tasks[i].inputCount) {
        let parent = Int(edges[Int(tasks[i].firstEdge) + input])
        if parent >= 0, tasks[parent].isNeeded || tasks[parent].target >= 0 { tasks[i].isNeeded = true }
      }
    }
  }

  // MARK: - The heap of ready operations

  private func isLater(_ a: Int32, _ b: Int32) -> Bool {
    tasks[Int(a)].vertex.sequence > tasks[Int(b)].vertex.sequence
  }

  private mutating func pushReady(_ task: Int) {
    var i = ready.count
    ready.append(Int32(task))
    while i > 0, isLater(ready[i], ready[(i - 1) / 2]) {
      ready.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  private mutating func popReady() -> Int? {
    guard let top = ready.first else { return nil }
    let last = ready.removeLast()
    if ready.isEmpty { return Int(top) }
    ready[0] = last
    var i = 0
    while true {
      var child = 2 * i + 1
      if child >= ready.count { break }
      if child + 1 < ready.count, isLater(ready[child + 1], ready[child]) { child += 1 }
      if !isLater(ready[child], ready[i]) { break }
      ready.swapAt(i, child)
      i = child
    }
    return Int(top)
  }

  // MARK: - Running

  /// Adds a gradient to those that a vertex has received.
  private mutating func send(_ gradient: consuming Tensor, to i: Int) throws(TensorError) {
    guard tasks[i].gradient != nil else {
      tasks[i].gradient = gradient
      return
    }
    var sum = tasks[i].gradient.take()!
    if !createGraph, isKnownUniquelyReferenced(&sum), sum.ownsMemoryAlone, !sum.layout.mayOverlap {
      try run(Binary<Add>(), on: sum, gradient)
    } else {
      sum = try run(Binary<Add>(), sum, gradient)
    }
    tasks[i].gradient = sum
  }

  private mutating func makeReady(_ i: Int) throws(TensorError) {
    guard tasks[i].vertex.isLeaf else { return pushReady(i) }
    guard let gradient = tasks[i].gradient.take() else { return }
    let leaf = unsafeDowncast(tasks[i].vertex, to: Leaf.self)
    // A handle more, and the leaf would copy what it may take.
    let result = try runHooks(of: leaf, consume gradient)
    if tasks[i].target >= 0, !accumulates {
      captured[Int(tasks[i].target)] = result
    } else if accumulates, !isRestricted || tasks[i].target >= 0 {
      try leaf.accumulate(consume result, createGraph: createGraph)
      leaf.didAccumulate()
    }
  }

  private mutating func process(_ i: Int, _ scope: Scope) throws(TensorError) {
    guard let node = tasks[i].vertex.node else { throw BrokenView.error("backward") }
    var gradients: Gradients?
    var outputShape: Dims = []
    if let arrived = tasks[i].gradient.take() {
      let gradient = try runHooks(of: node, arrived)
      if tasks[i].target >= 0 { captured[Int(tasks[i].target)] = gradient }
      outputShape = gradient.layout.shape
      if tasks[i].isNeeded {
        if try !addInPlace(node, i, gradient) { gradients = try differentiate(node, i, gradient) }
        if let errors = scope.errors, errors.hasFailed, let error = errors.first { throw error }
      }
    }
    for input in 0..<Int(tasks[i].inputCount) {
      let parent = Int(edges[Int(tasks[i].firstEdge) + input])
      if parent < 0 { continue }
      if let gradient = gradients?.take(input) {
        try send(try node.fit(gradient, toInput: input, outputShape: outputShape), to: parent)
      }
      tasks[parent].waiting -= 1
      if tasks[parent].waiting == 0 { try makeReady(parent) }
    }
  }

  /// Adds the gradient of a part of a tensor to what has arrived for the whole, which spares a whole of zeros.
  private mutating func addInPlace(_ node: Node, _ i: Int, _ gradient: Tensor) throws(TensorError) -> Bool {
    guard !createGraph, tasks[i].inputCount == 1 else { return false }
    let parent = Int(edges[Int(tasks[i].firstEdge)])
    guard parent >= 0, var sum = tasks[parent].gradient.take() else { return false }
    var isAdded = false
    if isKnownUniquelyReferenced(&sum), sum.ownsMemoryAlone, sum.dtype == gradient.dtype,
      sum.backend === gradient.backend, !sum.layout.mayOverlap, try node.add(gradient, to: sum)
    {
      isAdded = true
      _ = try node.unpack(retain: retainGraph, createGraph: false)
      if !retainGraph { node.finish() }
    }
    tasks[parent].gradient = sum
    return isAdded
  }

  private func differentiate(_ node: Node, _ i: Int, _ gradient: Tensor) throws(TensorError) -> Gradients {
    let values = try node.unpack(retain: retainGraph, createGraph: createGraph)
    var needed: Operands = []
    for input in 0..<Int(tasks[i].inputCount) {
      let parent = Int(edges[Int(tasks[i].firstEdge) + input])
      if parent >= 0, tasks[parent].isNeeded || tasks[parent].target >= 0 { needed.insert(.input(input)) }
    }
    let context = BackwardContext(
      node: node, outputShape: gradient.layout.shape, needed: needed, values: values)
    let gradients = node.backward(gradient, context)
    if !retainGraph { node.finish() }
    return gradients
  }

  private func runHooks(of vertex: Vertex, _ gradient: consuming Tensor) throws(TensorError) -> Tensor {
    guard
      let (hooks, retains) = vertex.attached({
        $0.hooks.isEmpty && !$0.retainsGrad ? nil : ($0.hooks, $0.retainsGrad)
      })
    else { return gradient }
    var result = gradient
    for hook in hooks {
      guard let replacement = hook.body(result) else { continue }
      if replacement.layout.shape != result.layout.shape {
        throw TensorError(
          .autograd, "registerHook",
          "a hook returned a gradient of shape \(replacement.shape) for one of shape \(result.shape)")
      }
      result = replacement.dtype == result.dtype ? replacement : try run(Cast(dtype: result.dtype), replacement)
    }
    if retains { try vertex.retain(result) }
    return result
  }
}

extension Gradients {
  /// The gradient of an input, moved out.
  fileprivate mutating func take(_ index: Int) -> Tensor? {
    if !list.isEmpty { return index < list.count ? list[index].take() : nil }
    switch index {
    case 0: return first.take()
    case 1: return second.take()
    default: return third.take()
    }
  }
}

extension Vertex {
  /// Adds to the stored gradient of an operation's result, for `retainGrad`.
  fileprivate func retain(_ gradient: Tensor) throws(TensorError) {
    try attach { (attachments) throws(TensorError) in
      if let sum = attachments.grad {
        attachments.grad = try run(Binary<Add>(), sum, gradient)
      } else {
        attachments.grad = try run(Clone(), gradient)
      }
    }
  }
}

extension Node {
  /// The gradient summed to an input's shape, in its dtype and on its device.
  fileprivate func fit(
    _ gradient: consuming Tensor, toInput index: Int, outputShape: Dims
  ) throws(TensorError) -> Tensor {
    let record = input(index)
    var result = gradient
    if record.isFitted { return result }
    let dtype = record.dtype
    let shape = record.geometry?.layout.shape ?? outputShape
    if result.layout.shape != shape {
      guard Dims.broadcast(shape, result.layout.shape) == result.layout.shape else {
        throw TensorError(
          .autograd, "backward",
          "\(operationName ?? "a function") returned an invalid gradient at index \(index): got shape "
            + "\(result.layout.shape) but expected one compatible with \(shape)")
      }
      result = try result.sum(to: shape)
    }
    if result.dtype != dtype { result = try run(Cast(dtype: dtype), result) }
    if let device = record.device, result.device != device { result = try run(Move(device: device), result) }
    return result
  }
}
