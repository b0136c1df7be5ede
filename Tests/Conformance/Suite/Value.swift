internal import Autograd
package import Tensor

/// What an operation takes or gives: a tensor, a number, a text, a list of them ...
package enum Value: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case list([Value])
  case tuple([Value])
  case tensor(Tensor)
  case dtype(DType)
  case slice(Int?, Int?, Int?)
  case ellipsis
  /// What this library has no counterpart of, such as a memory format.
  case other(String)

  /// The tensors of a value and its lists, in order.
  package var tensors: [Tensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .list(let elements), .tuple(let elements): elements.flatMap(\.tensors)
    default: []
    }
  }

  /// The entries of a list, or the value alone.
  package var elements: [Value] {
    switch self {
    case .list(let elements), .tuple(let elements): elements
    default: [self]
    }
  }

  /// A tuple of tensors.
  package static func tensors(_ tensors: [Tensor]) -> Value { .tuple(tensors.map { .tensor($0) }) }
}

extension Value: CustomStringConvertible {
  package var description: String {
    switch self {
    case .none: "None"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let text): "\"\(text)\""
    case .list(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .tuple(let elements): "(" + elements.map(\.description).joined(separator: ", ") + ")"
    case .tensor(let tensor): "\(tensor.dtype.name)\(tensor.shape)"
    case .dtype(let dtype): "\(dtype)"
    case .slice(let start, let end, let step):
      [start, end, step].map { $0.map { "\($0)" } ?? "" }.joined(separator: ":")
    case .ellipsis: "..."
    case .other(let text): text
    }
  }
}

/// Makes values of a sample's JSON, its tensors with a device, a layout and a place in the graph.
struct ValueBuilder {
  /// Where the elements of inputs lie in memory.
  enum Layout: String, CaseIterable {
    /// As the sample says.
    case given
    /// Every second element of memory that begins earlier.
    case strided
    /// The first dimension runs fastest.
    case transposed
  }

  let file: Safetensors
  var device: Device = .cpu
  var layout: Layout = .given
  /// Whether tensors that require grad in the sample do so.
  var records = false

  /// All tensors made, in order.
  private(set) var tensors: [Tensor] = []
  /// Those that require grad in the sample.
  private(set) var differentiated: [Tensor] = []

  init(file: Safetensors, device: Device = .cpu, layout: Layout = .given, records: Bool = false) {
    self.file = file
    self.device = device
    self.layout = layout
    self.records = records
  }

  mutating func value(_ json: JSON) throws -> Value {
    switch json {
    case .null: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .int(value)
    case .number(let value): return .float(value)
    case .string(let text): return .string(text)
    case .array(let elements): return .list(try values(elements))
    case .object(let members):
      guard let first = members.first else { throw CaseError("an object without members is no value") }
      switch first.key {
      case "$t": return .tensor(try tensor(json))
      case "$f": return .float(try float(first.value))
      case "$tuple": return .tuple(try values(first.value.array ?? []))
      case "$slice":
        let bounds = (first.value.array ?? []).map(\.integer)
        guard bounds.count == 3 else { throw CaseError("a slice has three entries") }
        return .slice(bounds[0], bounds[1], bounds[2])
      case "$ellipsis": return .ellipsis
      case "$dtype":
        let name = first.value.string ?? ""
        return DType.allCases.first { $0.name == name }.map { .dtype($0) } ?? .other("dtype \(name)")
      default: return .other("\(first.key.dropFirst()) \(first.value.string ?? "")")
      }
    }
  }

  private mutating func values(_ elements: [JSON]) throws -> [Value] {
    var result: [Value] = []
    for element in elements { result.append(try value(element)) }
    return result
  }

  private func float(_ json: JSON) throws -> Double {
    if let value = json.double { return value }
    switch json.string {
    case "inf": return .infinity
    case "-inf": return -.infinity
    case "nan": return .nan
    default: throw CaseError("a floating number is none")
    }
  }

  private mutating func tensor(_ json: JSON) throws -> Tensor {
    guard let name = json["$t"]?.string, let shape = json["sh"]?.integers else {
      throw CaseError("a tensor lacks its name or shape")
    }
    let strides = json["st"]?.integers
    let source = try file.tensor(name).reshape(shape)
    let tensor = try laidOut(source, strides: strides)
    tensors.append(tensor)
    if json["rg"]?.bool == true {
      if records { tensor.requiresGrad(true) }
      differentiated.append(tensor)
    }
    return tensor
  }

  /// A copy on the device, of its own memory.
  private func laidOut(_ source: Tensor, strides given: [Int]?) throws -> Tensor {
    let shape = source.shape
    var strides: [Int]
    var offset = 0
    switch layout {
    case .given:
      guard let given, given.count == shape.count, source.count > 0 else { return source.clone().to(device) }
      strides = given
    case .strided:
      strides = source.strides.map { 2 * $0 }
      offset = 3
    case .transposed:
      strides = []
      var step = 1
      for size in shape {
        strides.append(step)
        step *= max(size, 1)
      }
      offset = 1
    }
    var span = offset + 1
    for (size, stride) in zip(shape, strides) { span += max(size - 1, 0) * stride }
    let memory = Tensor.ones([span], dtype: source.dtype, device: .cpu)
    // The public copy refuses strides under which elements share memory; here those have equal values.
    try memory.backend.copy(source, to: memory.asStrided(shape, strides: strides, offset: offset))
    return Tensor(aliasing: memory.to(device).asStrided(shape, strides: strides, offset: offset))
  }
}
