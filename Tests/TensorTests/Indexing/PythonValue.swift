import Tensor

/// What a Python expression of the indexing fixture comes to.
indirect enum PythonValue {
  case tensor(Tensor)
  case integer(Int)
  case real(Double)
  case truth(Bool)
  case none
  case ellipsis
  case slice(PythonValue, PythonValue, PythonValue)
  case list([PythonValue])
  case name(String)
}

struct PythonError: Error, CustomStringConvertible {
  let description: String
}

extension PythonValue {
  func tensor() throws -> Tensor {
    if case .tensor(let tensor) = self { return tensor }
    throw PythonError(description: "\(self) is not a tensor")
  }

  func int() throws -> Int {
    if case .integer(let value) = self { return value }
    throw PythonError(description: "\(self) is not an integer")
  }

  func list() throws -> [PythonValue] {
    if case .list(let values) = self { return values }
    throw PythonError(description: "\(self) is not a list")
  }

  /// One integer or a list of them.
  func ints() throws -> [Int] {
    if case .integer(let value) = self { return [value] }
    return try list().map { try $0.int() }
  }

  var isTrue: Bool { if case .truth(true) = self { true } else { false } }

  func dtype() throws -> DType {
    if case .name(let name) = self, let dtype = DType.allCases.first(where: { $0.name == name }) { return dtype }
    throw PythonError(description: "\(self) is not a dtype")
  }

  /// The tensor that `torch.tensor` makes of the value.
  func made(dtype: DType?) throws -> Tensor {
    var leaves: [PythonValue] = []
    var shape: [Int] = []
    func walk(_ value: PythonValue, _ depth: Int) {
      guard case .list(let values) = value else { return leaves.append(value) }
      if shape.count == depth { shape.append(values.count) }
      for value in values { walk(value, depth + 1) }
    }
    walk(self, 0)
    switch leaves.first {
    case .truth: return Tensor(leaves.map(\.isTrue)).reshape(shape)
    case .real(let value): return Tensor([value]).reshape(shape)
    default: return Tensor(try leaves.map { try $0.int() }, dtype: dtype).reshape(shape)
    }
  }

  /// The value as an entry of a subscript.
  func entry() throws -> IndexEntry {
    func bound(_ value: PythonValue) throws -> Int? { if case .none = value { nil } else { try value.int() } }
    switch self {
    case .tensor(let tensor): return tensor.indexEntry
    case .integer(let value): return value.indexEntry
    case .truth(let value): return value.indexEntry
    case .none: return .newAxis
    case .ellipsis: return .ellipsis
    case .slice(let start, let end, let step): return .slice(try bound(start), try bound(end), by: try bound(step) ?? 1)
    case .list(let values): return try values.map { try $0.int() }.indexEntry
    default: throw PythonError(description: "\(self) is not an index")
    }
  }

  /// The entries between brackets.
  ///
  /// A tuple is its entries, and so is a list of lists, by an old rule that Swift does not have.
  func entries() throws -> [IndexEntry] {
    guard case .list(let values) = self else { return [try entry()] }
    if values.count == 1, case .list(let inner) = values[0], case .list? = inner.first {
      return try inner.map { try $0.entry() }
    }
    return try values.map { try $0.entry() }
  }
}

/// Reads through the public subscript, which takes a fixed number of entries.
func read(_ x: Tensor, _ entries: [IndexEntry]) throws -> Tensor {
  switch entries.count {
  case 1: return x[entries[0]]
  case 2: return x[entries[0], entries[1]]
  case 3: return x[entries[0], entries[1], entries[2]]
  default: throw PythonError(description: "\(entries.count) entries")
  }
}

/// Writes through the public subscript.
func write(_ value: PythonValue, to x: Tensor, _ entries: [IndexEntry]) throws {
  switch (value, entries.count) {
  case (.integer(let value), 1): x[entries[0]] = value
  case (.integer(let value), 2): x[entries[0], entries[1]] = value
  case (.integer(let value), 3): x[entries[0], entries[1], entries[2]] = value
  case (.real(let value), 3): x[entries[0], entries[1], entries[2]] = value
  case (.tensor(let value), 1): x[entries[0]] = value
  case (.tensor(let value), 2): x[entries[0], entries[1]] = value
  case (.tensor(let value), 3): x[entries[0], entries[1], entries[2]] = value
  default: throw PythonError(description: "\(value) to \(entries.count) entries")
  }
}
