internal import Foundation

/// A JSON text as a tree; objects keep the order of their members.
enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  /// Reads a file.
  init(contentsOf path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    self = try bytes.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes, path: path)
      return try parser.document()
    }
  }

  /// A member of an object; nil where there is none.
  subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
  var isNull: Bool { if case .null = self { true } else { false } }
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  var integers: [Int]? { array?.compactMap(\.integer) }
}

/// What a directory of cases lacks or has wrong.
package struct CaseError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let path: String
  var position = 0

  mutating func document() throws -> JSON {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw failure("characters follow the end") }
    return value
  }

  private func failure(_ message: String) -> CaseError { CaseError("\(path): \(message) at byte \(position)") }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value() throws -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func object() throws -> JSON {
    position += 1
    var members: [(key: String, value: JSON)] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      let key = try string()
      if !take(":") { throw failure("expected a colon") }
      members.append((key, try value()))
    } while take(",")
    if !take("}") { throw failure("an object does not end") }
    return .object(members)
  }

  private mutating func array() throws -> JSON {
    position += 1
    var elements: [JSON] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value()) } while take(",")
    if !take("]") { throw failure("an array does not end") }
    return .array(elements)
  }

  private mutating func string() throws -> String {
    let start = position
    guard next == UInt8(ascii: "\"") else { throw failure("expected a string") }
    position += 1
    var isPlain = true
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") {
        isPlain = false
        position += 1
      }
      position += 1
    }
    if position >= bytes.count { throw failure("a string does not end") }
    position += 1
    let whole = bytes[start..<position]
    if isPlain { return String(decoding: whole.dropFirst().dropLast(), as: UTF8.self) }
    let decoded = try JSONSerialization.jsonObject(with: Data(whole), options: .fragmentsAllowed)
    guard let text = decoded as? String else { throw failure("expected a string") }
    return text
  }

  private mutating func word() throws -> JSON {
    let start = position
    while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "]"), byte != UInt8(ascii: "}"), byte > 0x20
    { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let value = Int(text) { return .integer(value) }
      if let value = Double(text) { return .number(value) }
      throw failure("expected a value")
    }
  }
}
