/// The tensors of a model by name, in order: what is saved and loaded.
///
/// ```swift
/// try model.stateDict().save(to: "net.safetensors")
/// try model.load(StateDict(contentsOf: "net.safetensors"))
/// ```
public struct StateDict: Sendable {
  private var entries: [(key: String, value: Tensor)] = []
  private var positions: [String: Int] = [:]

  /// An empty dictionary.
  public init() {}

  /// A dictionary of these entries in their order; of entries with one name the last stands.
  public init(_ entries: some Sequence<(key: String, value: Tensor)>) {
    for entry in entries { self[entry.key] = entry.value }
  }

  /// The tensor of this name, or nil; assigning nil removes it, a new name is appended.
  public subscript(name: String) -> Tensor? {
    get { positions[name].map { entries[$0].value } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let tensor?):
        entries[position].value = tensor
      case (nil, let tensor?):
        positions[name] = entries.count
        entries.append((name, tensor))
      case (let position?, nil):
        entries.remove(at: position)
        positions = [:]
        for (i, entry) in entries.enumerated() { positions[entry.key] = i }
      case (nil, nil):
        break
      }
    }
  }

  /// The names in order.
  public var keys: [String] { entries.map(\.key) }
}

extension StateDict: RandomAccessCollection {
  /// The first position, 0.
  public var startIndex: Int { 0 }
  /// The number of entries.
  public var endIndex: Int { entries.count }
  /// The entry at a position.
  public subscript(position: Int) -> (key: String, value: Tensor) { entries[position] }
}

extension StateDict: ExpressibleByDictionaryLiteral {
  /// A dictionary of these entries in their order.
  public init(dictionaryLiteral elements: (String, Tensor)...) {
    for (name, tensor) in elements { self[name] = tensor }
  }
}

// MARK: - Files

extension StateDict {
  /// Reads a safetensors file.
  ///
  /// - Throws: A `TensorError` when the file cannot be read or is malformed.
  public init(contentsOf path: String) throws(TensorError) {
    self.init()
    for (name, tensor) in try Safetensors.load(from: path).tensors() { self[name] = tensor }
  }

  /// Writes a safetensors file, replacing one that is there only when all is written.
  ///
  /// - Throws: A `TensorError` when the file cannot be written.
  public func save(to path: String, metadata: [String: String] = [:]) throws(TensorError) {
    try Safetensors.save(entries, metadata: metadata, to: path)
  }
}
