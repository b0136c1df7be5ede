/// What an optimizer's `stateDict` holds, in PyTorch's structure: settings per group, tensors per parameter.
public struct OptimizerState: Sendable {
  /// The settings of a group and the numbers of its parameters.
  public struct Group: Sendable, Hashable {
    /// The settings by PyTorch's names, such as "lr".
    public var options: [String: Number]
    /// The parameters, numbered through all groups.
    public var parameters: [Int]

    /// Makes a group.
    public init(options: [String: Number], parameters: [Int]) {
      self.options = options
      self.parameters = parameters
    }
  }

  /// The groups in order.
  public var groups: [Group] = []
  /// What is remembered of each parameter, by its number and PyTorch's names, such as "exp_avg".
  public var tensors: [Int: [String: Tensor]] = [:]

  /// An empty state.
  public init() {}
}

// MARK: - Files

extension OptimizerState {
  /// Writes a safetensors file: tensors as "3.exp_avg", settings as metadata "group.0.lr".
  ///
  /// - Throws: A `TensorError` when the file cannot be written.
  public func save(to path: String) throws(TensorError) {
    var entries: [(key: String, value: Tensor)] = []
    for (index, named) in tensors.sorted(by: { $0.key < $1.key }) {
      for (name, tensor) in named.sorted(by: { $0.key < $1.key }) { entries.append(("\(index).\(name)", tensor)) }
    }
    var metadata = ["groups": "\(groups.count)"]
    for (i, group) in groups.enumerated() {
      metadata["group.\(i).parameters"] = group.parameters.map { "\($0)" }.joined(separator: ",")
      for (name, value) in group.options { metadata["group.\(i).options.\(name)"] = "\(value)" }
    }
    try Safetensors.save(entries, metadata: metadata, to: path)
  }

  /// Reads a file that `save` wrote.
  ///
  /// - Throws: A `TensorError` when the file cannot be read or is not an optimizer's state.
  public init(contentsOf path: String) throws(TensorError) {
    let malformed = TensorError(.file, "OptimizerState", "\(path) does not hold an optimizer's state")
    let file = try Safetensors.load(from: path)
    let metadata = file.metadata
    guard let text = metadata["groups"], let count = Int(text), count >= 0 else { throw malformed }
    for i in 0..<count {
      guard let list = metadata["group.\(i).parameters"] else { throw malformed }
      let parameters = list.split(separator: ",").map { Int($0) }
      var group = Group(options: [:], parameters: parameters.compactMap { $0 })
      if group.parameters.count != parameters.count { throw malformed }
      let prefix = "group.\(i).options."
      for (key, value) in metadata where key.hasPrefix(prefix) {
        guard let number = Number(text: value) else { throw malformed }
        group.options[String(key.dropFirst(prefix.count))] = number
      }
      groups.append(group)
    }
    for (name, tensor) in try file.tensors() {
      let parts = name.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, let index = Int(parts[0]) else { throw malformed }
      tensors[index, default: [:]][String(parts[1])] = tensor
    }
  }
}

extension Number {
  /// The number that `description` wrote.
  fileprivate init?(text: String) {
    if let value = Bool(text) {
      self = .bool(value)
    } else if let value = Int64(text) {
      self = .int(value)
    } else if let value = Double(text) {
      self = .float(value)
    } else {
      return nil
    }
  }
}
