/// Groups of parameters with what an optimizer remembers of each: the part that all optimizers share.
struct ParameterStates<Options: OptimizerOptions, Memory: Sendable>: Sendable {
  struct Group: Sendable {
    var options: Options
    var slots: [Slot]
  }

  /// A parameter and what is remembered of it; nil before its first step.
  struct Slot: Sendable {
    let parameter: Tensor
    var memory: Memory?
  }

  let optimizer: String
  private(set) var parameters: [Tensor] = []
  var groups: [Group] = []

  init(_ optimizer: String) { self.optimizer = optimizer }

  /// The groups as users see them.
  var visible: [ParameterGroup<Options>] {
    groups.map { ParameterGroup($0.slots.map(\.parameter), $0.options) }
  }

  /// Takes over settings; the tensors have to be the same.
  mutating func replaceOptions(_ new: [ParameterGroup<Options>]) throws(TensorError) {
    guard
      new.count == groups.count,
      zip(new, groups).allSatisfy({ $0.parameters.elementsEqual($1.slots, by: { $0 === $1.parameter }) })
    else {
      throw TensorError(.value, optimizer, "the tensors of the groups cannot be changed; add a group instead")
    }
    for group in new { try group.options.check() }
    for i in groups.indices { groups[i].options = new[i].options }
  }

  mutating func add(_ group: ParameterGroup<Options>) throws(TensorError) {
    try group.options.check()
    if group.parameters.isEmpty { throw TensorError(.value, optimizer, "got an empty parameter list") }
    var seen = Set(parameters.map { ObjectIdentifier($0) })
    var own: Set<ObjectIdentifier> = []
    for parameter in group.parameters {
      if let recorder = parameter.recorder, !recorder.isLeaf {
        throw TensorError(
          .value, optimizer, "cannot optimize a tensor of shape \(parameter.shape) that is not a leaf of the graph")
      }
      if !own.insert(ObjectIdentifier(parameter)).inserted {
        throw TensorError(.value, optimizer, "a parameter of shape \(parameter.shape) appears twice in a group")
      }
      if !seen.insert(ObjectIdentifier(parameter)).inserted {
        throw TensorError(.value, optimizer, "some parameters appear in more than one parameter group")
      }
    }
    parameters += group.parameters
    groups.append(Group(options: group.options, slots: group.parameters.map { Slot(parameter: $0) }))
  }
}

// MARK: - Saving and loading

extension ParameterStates {
  /// The state in PyTorch's structure; `tensors` gives what is remembered of a parameter by PyTorch's names.
  func stateDict(_ tensors: (Memory) -> [(String, Tensor)]) -> OptimizerState {
    var state = OptimizerState()
    var index = 0
    for group in groups {
      state.groups.append(
        OptimizerState.Group(
          options: group.options.values, parameters: Array(index..<(index + group.slots.count))))
      for slot in group.slots {
        if let memory = slot.memory {
          state.tensors[index] = Dictionary(uniqueKeysWithValues: tensors(memory).map { ($0.0, $0.1.detach()) })
        }
        index += 1
      }
    }
    return state
  }

  /// The groups with a state's settings and memories; `memory` makes one for a parameter from tensors by PyTorch's names.
  mutating func load(
    _ state: OptimizerState, _ memory: (StateReader) throws(TensorError) -> Memory
  ) throws(TensorError) {
    guard state.groups.count == groups.count else {
      throw TensorError(
        .value, "\(optimizer).load",
        "the state has \(state.groups.count) parameter groups, the optimizer \(groups.count)")
    }
    var new = groups
    for (g, saved) in state.groups.enumerated() {
      guard saved.parameters.count == groups[g].slots.count else {
        throw TensorError(
          .value, "\(optimizer).load",
          "group \(g) of the state has \(saved.parameters.count) parameters, that of the optimizer "
            + "\(groups[g].slots.count)")
      }
      new[g].options = groups[g].options.replacing(saved.options)
      try new[g].options.check()
      for (i, index) in saved.parameters.enumerated() {
        new[g].slots[i].memory = nil
        guard let tensors = state.tensors[index], !tensors.isEmpty else { continue }
        let reader = StateReader(
          optimizer: optimizer, index: index, parameter: groups[g].slots[i].parameter, tensors: tensors)
        new[g].slots[i].memory = try memory(reader)
      }
    }
    groups = new
  }
}

/// Takes what an optimizer remembers of one parameter out of a saved state.
struct StateReader {
  let optimizer: String
  let index: Int
  let parameter: Tensor
  let tensors: [String: Tensor]

  /// A copy of a tensor with the parameter's shape, dtype, device and stride order; nil when the state has none.
  func tensor(_ name: String) throws(TensorError) -> Tensor? {
    guard let source = tensors[name] else { return nil }
    guard source.layout.shape == parameter.layout.shape else {
      throw TensorError(
        .shape, "\(optimizer).load",
        "\(name) of parameter \(index) has shape \(source.shape), the parameter \(parameter.shape)")
    }
    let copy = try parameter.emptyTwin(for: optimizer)
    try run(Copy(), on: copy, source)
    return copy
  }

  /// A count of steps, on the parameter's device.
  func steps(_ name: String) throws(TensorError) -> Tensor {
    guard let tensor = tensors[name], tensor.count == 1, let number = Int(exactly: tensor.item(as: Double.self)),
      number >= 0
    else {
      throw TensorError(.value, "\(optimizer).load", "parameter \(index) has no whole number \(name)")
    }
    return try steps(number)
  }

  /// The same for a number.
  func steps(_ number: Int) throws(TensorError) -> Tensor {
    let steps = try zeroSteps(like: parameter)
    try steps.backend.fill(steps, with: .int(Int64(number)))
    return steps
  }

  func required(_ name: String) throws(TensorError) -> Tensor {
    if let tensor = try tensor(name) { return tensor }
    throw TensorError(.value, "\(optimizer).load", "parameter \(index) has no \(name)")
  }
}
