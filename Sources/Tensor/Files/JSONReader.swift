/// Reads JSON from memory value by value, without building a tree: a hostile file cannot make it allocate.
///
/// Strict as RFC 8259 has it: no comments, trailing commas, byte order mark or lone surrogates.
/// At most 128 levels deep.
struct JSONReader {
  /// What is wrong, and at which byte.
  struct Failure: Error {
    let message: String
    let position: Int
  }

  static let deepest = 128

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  private var depth = 0

  /// - Parameter bytes: The text; UTF-8 that the caller has validated.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func failure(_ message: String) -> Failure { Failure(message: message, position: position) }

  // MARK: Values

  /// Reads an object; `member` is called with each key and must read its value.
  mutating func object(
    _ member: (String, inout JSONReader) throws(Failure) -> Void
  ) throws(Failure) {
    try sequence(from: "{", to: "}", named: "an object") { (reader) throws(Failure) in
      reader.skipSpace()
      let key = try reader.string()
      reader.skipSpace()
      try reader.expect(":")
      try member(key, &reader)
    }
  }

  /// Reads an array; `element` must read one value.
  mutating func array(_ element: (inout JSONReader) throws(Failure) -> Void) throws(Failure) {
    try sequence(from: "[", to: "]", named: "an array", element)
  }

  /// Reads a whole number from 0 to the largest UInt64, written without fraction and exponent.
  mutating func unsigned() throws(Failure) -> UInt64 {
    skipSpace()
    let start = position
    var value: UInt64 = 0
    while let digit = peek(), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if overflow || carry { throw failure("a whole number does not fit 64 bits") }
      value = sum
      position += 1
    }
    let next = peek()
    if position == start || next == UInt8(ascii: ".") || next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      throw failure("expected a whole number that is not negative")
    }
    if position > start + 1, bytes[start] == UInt8(ascii: "0") { throw failure("a number begins with 0") }
    return value
  }

  /// Reads a string.
  mutating func string() throws(Failure) -> String {
    skipSpace()
    try expect("\"", instead: "expected a string")
    var characters: [UInt8] = []
    while true {
      guard let byte = peek() else { throw failure("a string does not end") }
      if byte < 0x20 { throw failure("a control character stands in a string") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: characters, as: UTF8.self)
      case UInt8(ascii: "\\"): characters.append(contentsOf: Array(String(try escape()).utf8))
      default: characters.append(byte)
      }
    }
  }

  /// Reads any value and forgets it.
  mutating func skip() throws(Failure) {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): try object { (_, reader) throws(Failure) in try reader.skip() }
    case UInt8(ascii: "["): try array { (reader) throws(Failure) in try reader.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try skipNumber()
    }
  }

  /// Checks that nothing but white space follows.
  mutating func end() throws(Failure) {
    skipSpace()
    if position < bytes.count { throw failure("characters follow the end") }
  }

  // MARK: Parts

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func expect(_ character: Unicode.Scalar, instead message: String? = nil) throws(Failure) {
    if peek() != UInt8(ascii: character) { throw failure(message ?? "expected \(character)") }
    position += 1
  }

  private mutating func word(_ text: StaticString) throws(Failure) {
    for i in 0..<text.utf8CodeUnitCount {
      if peek() != text.utf8Start[i] { throw failure("expected a value") }
      position += 1
    }
  }

  private mutating func sequence(
    from open: Unicode.Scalar, to close: Unicode.Scalar, named name: String,
    _ element: (inout JSONReader) throws(Failure) -> Void
  ) throws(Failure) {
    skipSpace()
    try expect(open, instead: "expected \(name)")
    depth += 1
    if depth > JSONReader.deepest { throw failure("values are nested more than \(JSONReader.deepest) levels deep") }
    skipSpace()
    if peek() == UInt8(ascii: close) {
      position += 1
    } else {
      while true {
        try element(&self)
        skipSpace()
        if peek() == UInt8(ascii: close) {
          position += 1
          break
        }
        try expect(",", instead: "expected , or \(close)")
      }
    }
    depth -= 1
  }

  private mutating func skipNumber() throws(Failure) {
    if peek() == UInt8(ascii: "-") { position += 1 }
    let start = position
    let whole = skipDigits()
    if whole == 0 { throw failure("expected a value") }
    if whole > 1, bytes[start] == UInt8(ascii: "0") { throw failure("a number begins with 0") }
    if peek() == UInt8(ascii: ".") {
      position += 1
      if skipDigits() == 0 { throw failure("expected a digit") }
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      if skipDigits() == 0 { throw failure("expected a digit") }
    }
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard let byte = peek() else { throw failure("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure("an unknown escape stands in a string")
    }
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A scalar beyond 16 bits is written as a high surrogate and a low one.
    if first < 0xDC00, peek() == UInt8(ascii: "\\") {
      position += 1
      try expect("u", instead: "a string holds half a surrogate pair")
      let second = try fourHexDigits()
      if second >= 0xDC00, second <= 0xDFFF,
        let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
      {
        return scalar
      }
    }
    throw failure("a string holds half a surrogate pair")
  }

  private mutating func fourHexDigits() throws(Failure) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("expected four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}

extension Unicode.Scalar {
  /// The scalar as a JSON string holds it.
  var jsonEscaped: String {
    switch self {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{8}": return "\\b"
    case "\u{C}": return "\\f"
    default:
      if value >= 0x20 { return String(self) }
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

/// A text as a JSON string, with its quotes.
func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars { result += scalar.jsonEscaped }
  return result + "\""
}
