package import Tensor

/// The arguments of a sample, read by position, by name or by both, with PyTorch's defaults.
///
/// ```swift
/// try a[0].tensor().sum(dims: a[1, "dim"].ints(or: []), keepDim: a[2, "keepdim"].bool(or: false))
/// ```
package struct Arguments: Sendable {
  /// The arguments without a label.
  package private(set) var positional: [Value]
  /// All that have a name, those given by position too.
  package let named: [String: Value]

  /// Those that are given by name.
  package let keywords: [String: Value]

  init(positional: [Value], keywords: [(key: String, value: Value)], names: [String]) {
    self.positional = positional
    var named: [String: Value] = [:]
    for (name, value) in zip(names, positional) { named[name] = value }
    for (name, value) in keywords { named[name] = value }
    self.named = named
    self.keywords = Dictionary(keywords.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// The same arguments with another tensor as the first.
  func replacingFirst(by tensor: Tensor) -> Arguments {
    var copy = self
    copy.positional[0] = .tensor(tensor)
    return copy
  }

  /// An argument by its position.
  package subscript(position: Int) -> Argument {
    Argument(label: "\(position)", value: position < positional.count ? positional[position] : nil)
  }
  /// An argument that only has a name.
  package subscript(name: String) -> Argument { Argument(label: name, value: named[name]) }
  /// An argument by its position, or by its name where it is given so.
  package subscript(position: Int, name: String) -> Argument {
    Argument(label: name, value: position < positional.count ? positional[position] : named[name])
  }
  /// The arguments from a position on, as for `f(*args)`; a single list stands for its entries.
  package func rest(from position: Int) -> [Value] {
    let rest = Array(positional.dropFirst(position))
    if rest.count == 1, case .list = rest[0] { return rest[0].elements }
    if rest.count == 1, case .tuple = rest[0] { return rest[0].elements }
    return rest
  }
}

/// An argument that Swift's types refuse: the program would not compile.
package struct ArgumentError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// A tensor or a number, for the operations that take both.
package enum Operand: Sendable {
  case tensor(Tensor)
  case number(any Scalar)
}

/// One argument, whose typed readers refuse what they do not read.
package struct Argument: Sendable {
  let label: String
  /// Nil where the argument is not given, which `None` is not.
  package let value: Value?

  /// Whether the argument is given and not `None`.
  package var isGiven: Bool {
    switch value {
    case nil, .some(.none): false
    default: true
    }
  }

  private func mismatch(_ expected: String) -> ArgumentError {
    ArgumentError("argument \(label) is \(value?.description ?? "missing"), not \(expected)")
  }

  // MARK: Tensors

  package func tensor() throws -> Tensor {
    if case .tensor(let tensor) = value { return tensor }
    throw mismatch("a tensor")
  }
  package func optionalTensor() throws -> Tensor? { isGiven ? try tensor() : nil }

  /// A list of tensors; one alone is a list too.
  package func tensors() throws -> [Tensor] {
    guard let value, isGiven else { throw mismatch("a list of tensors") }
    var tensors: [Tensor] = []
    for element in value.elements {
      guard case .tensor(let tensor) = element else { throw mismatch("a list of tensors") }
      tensors.append(tensor)
    }
    return tensors
  }

  /// A list of tensors, which one alone is not.
  package func tensorList() throws -> [Tensor] {
    if !isList { throw mismatch("a list of tensors") }
    return try tensors()
  }

  /// A list of tensors, some of them missing.
  package func optionalTensors() throws -> [Tensor?] {
    guard let value, isGiven else { throw mismatch("a list of tensors") }
    var tensors: [Tensor?] = []
    for element in value.elements {
      switch element {
      case .tensor(let tensor): tensors.append(tensor)
      case .none: tensors.append(nil)
      default: throw mismatch("a list of tensors")
      }
    }
    return tensors
  }

  package func operand() throws -> Operand {
    if case .tensor(let tensor) = value { return .tensor(tensor) }
    return .number(try scalar())
  }

  // MARK: Numbers

  package func scalar() throws -> any Scalar {
    switch value {
    case .bool(let value): return value
    case .int(let value): return value
    case .float(let value): return value
    default: throw mismatch("a number")
    }
  }
  package func scalar(or fallback: any Scalar) throws -> any Scalar { isGiven ? try scalar() : fallback }
  package func optionalScalar() throws -> (any Scalar)? { isGiven ? try scalar() : nil }

  /// A whole number; a tensor of one whole number counts.
  package func int() throws -> Int {
    switch value {
    case .int(let value): return value
    case .tensor(let tensor) where tensor.count == 1 && tensor.dtype.isInteger: return tensor.item(as: Int.self)
    default: throw mismatch("a whole number")
    }
  }
  package func int(or fallback: Int) throws -> Int { isGiven ? try int() : fallback }
  package func optionalInt() throws -> Int? { isGiven ? try int() : nil }

  /// Whole numbers; one alone is a list too.
  package func ints() throws -> [Int] {
    guard let value, isGiven else { throw mismatch("a list of whole numbers") }
    var result: [Int] = []
    for element in value.elements { result.append(try Argument(label: label, value: element).int()) }
    return result
  }
  package func ints(or fallback: [Int]) throws -> [Int] { isGiven ? try ints() : fallback }
  package func optionalInts() throws -> [Int]? { isGiven ? try ints() : nil }
  /// Whether the argument is a list.
  package var isList: Bool {
    switch value {
    case .list, .tuple: true
    default: false
    }
  }

  /// A number as a double; a tensor of one element counts.
  package func double() throws -> Double {
    switch value {
    case .int(let value): return Double(value)
    case .float(let value): return value
    case .bool(let value): return value ? 1 : 0
    case .tensor(let tensor) where tensor.count == 1: return tensor.item()
    default: throw mismatch("a number")
    }
  }
  package func double(or fallback: Double) throws -> Double { isGiven ? try double() : fallback }
  package func optionalDouble() throws -> Double? { isGiven ? try double() : nil }

  /// Numbers as doubles; one alone is a list too.
  package func doubles() throws -> [Double] {
    guard let value, isGiven else { throw mismatch("a list of numbers") }
    var result: [Double] = []
    for element in value.elements { result.append(try Argument(label: label, value: element).double()) }
    return result
  }

  // MARK: Others

  package func bool() throws -> Bool {
    switch value {
    case .bool(let value): return value
    case .int(let value): return value != 0
    default: throw mismatch("a truth value")
    }
  }
  package func bool(or fallback: Bool) throws -> Bool { isGiven ? try bool() : fallback }

  package func string() throws -> String {
    if case .string(let text) = value { return text }
    throw mismatch("a text")
  }
  package func string(or fallback: String) throws -> String { isGiven ? try string() : fallback }
  package func optionalString() throws -> String? { isGiven ? try string() : nil }

  /// A dtype; nil where none is given.
  package func dtype() throws -> DType? {
    if case .dtype(let dtype) = value { return dtype }
    if isGiven { throw mismatch("a dtype") }
    return nil
  }

  /// A case of a Swift enum by PyTorch's text for it.
  package func choice<Choice>(_ choices: [String: Choice], or fallback: Choice) throws -> Choice {
    guard let text = try optionalString() else { return fallback }
    guard let choice = choices[text] else { throw mismatch("one of \(choices.keys.sorted())") }
    return choice
  }
}
