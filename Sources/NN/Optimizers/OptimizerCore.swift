import Synchronization

/// What every optimizer does the same way, behind a lock; the optimizers hand on to it.
final class OptimizerCore<Options: OptimizerOptions, Memory: Sendable>: Sendable {
  typealias States = ParameterStates<Options, Memory>
  private let states: Mutex<States>

  /// Invalid groups are an error, and are left out where an error scope takes it.
  init(_ name: String, _ groups: [ParameterGroup<Options>]) {
    states = Mutex(States(name))
    for group in groups { add(group) }
    if groups.isEmpty { fail(TensorError(.value, name, "got an empty parameter list")) }
  }

  var parameters: [Tensor] { states.withLock { $0.parameters } }

  var groups: [ParameterGroup<Options>] {
    get { states.withLock { $0.visible } }
    set { change { (states) throws(TensorError) in try states.replaceOptions(newValue) } }
  }

  func add(_ group: ParameterGroup<Options>) {
    change { (states) throws(TensorError) in try states.add(group) }
  }

  func zeroGrad(setToNil: Bool) {
    for parameter in parameters { parameter.zeroGrad(setToNil: setToNil) }
  }

  /// Runs `body` on every group; none when `foundInf` is known to be other than 0, else the backends look at it.
  func step(unless foundInf: Tensor?, _ body: (inout States.Group) throws(TensorError) -> Void) {
    change { (states) throws(TensorError) in
      if let foundInf, !foundInf.backend.waitsForReads, try foundInf.number(for: "step").double != 0 { return }
      for i in states.groups.indices { try body(&states.groups[i]) }
    }
  }

  func stateDict(_ tensors: (Memory) -> [(String, Tensor)]) -> OptimizerState {
    states.withLock { $0.stateDict(tensors) }
  }

  func load(
    _ state: OptimizerState, _ memory: (StateReader) throws(TensorError) -> Memory
  ) throws(TensorError) {
    try states.withLock { (states) throws(TensorError) in try states.load(state, memory) }
  }

  private func change(_ body: (inout States) throws(TensorError) -> Void) {
    checked(or: ()) { () throws(TensorError) in
      try states.withLock { (states) throws(TensorError) in try body(&states) }
    }
  }
}
