/// What a safetensors header says of one tensor.
struct SafetensorsEntry: Sendable {
  let name: String
  /// The format's name of the element type, such as "F32".
  let type: String
  let shape: [UInt64]
  /// Where the bytes lie, counted from the end of the header.
  let begin: UInt64
  let end: UInt64
}

/// The header of a safetensors file, with every rule of the format checked.
///
/// The file holds the header's length as a little-endian UInt64, the header as JSON and the tensors' bytes: they follow
/// each other without hole or overlap up to the last byte of the file.
struct SafetensorsHeader: Sendable {
  /// The tensors in the order of their bytes.
  private(set) var entries: [SafetensorsEntry] = []
  private(set) var metadata: [String: String] = [:]
  /// Where the tensors' bytes begin.
  let dataOffset: Int

  static let longest: UInt64 = 100_000_000
  static let longestShape = 1024

  /// What is wrong with a file.
  struct Failure: Error {
    let message: String
  }

  init(_ file: UnsafeRawBufferPointer) throws(Failure) {
    guard file.count >= 8 else { throw Failure(message: "the file has \(file.count) bytes, fewer than 8") }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    if length > SafetensorsHeader.longest {
      throw Failure(message: "the header's length \(length) exceeds \(SafetensorsHeader.longest)")
    }
    if length > UInt64(file.count - 8) {
      throw Failure(message: "the header's length \(length) exceeds the file's \(file.count) bytes")
    }
    dataOffset = 8 + Int(length)
    let text = UnsafeRawBufferPointer(rebasing: file[8..<dataOffset])
    guard let end = text.firstInvalidUTF8 else {
      do { try read(text) } catch {
        throw Failure(message: "the header is not valid: \(error.message) at byte \(error.position)")
      }
      try checkOffsets(dataCount: UInt64(file.count - dataOffset))
      return
    }
    throw Failure(message: "the header is not UTF-8 at byte \(end)")
  }

  // MARK: JSON

  private mutating func read(_ text: UnsafeRawBufferPointer) throws(JSONReader.Failure) {
    var reader = JSONReader(text)
    var names: Set<String> = []
    var metadata: [String: String]?
    var entries: [SafetensorsEntry] = []
    try reader.object { (name, reader) throws(JSONReader.Failure) in
      if name == "__metadata__" {
        if metadata != nil { throw reader.failure("__metadata__ stands twice") }
        metadata = try SafetensorsHeader.metadata(&reader)
        return
      }
      // Names that differ in Unicode's normal form only are the same string in Swift, so they count as one.
      if !names.insert(name).inserted { throw reader.failure("tensor \(quoted(name)) stands twice") }
      entries.append(try SafetensorsHeader.entry(name, &reader))
    }
    try reader.end()
    self.metadata = metadata ?? [:]
    self.entries = entries
  }

  private static func metadata(_ reader: inout JSONReader) throws(JSONReader.Failure) -> [String: String] {
    var result: [String: String] = [:]
    try reader.object { (key, reader) throws(JSONReader.Failure) in result[key] = try reader.string() }
    return result
  }

  private static func entry(_ name: String, _ reader: inout JSONReader) throws(JSONReader.Failure) -> SafetensorsEntry {
    var type: String?
    var shape: [UInt64]?
    var offsets: [UInt64]?
    try reader.object { (key, reader) throws(JSONReader.Failure) in
      switch key {
      case "dtype":
        if type != nil { throw reader.failure("dtype stands twice") }
        type = try reader.string()
      case "shape":
        if shape != nil { throw reader.failure("shape stands twice") }
        shape = try numbers(&reader, atMost: longestShape, "a shape has more than \(longestShape) dimensions")
      case "data_offsets":
        if offsets != nil { throw reader.failure("data_offsets stand twice") }
        offsets = try numbers(&reader, atMost: 2, "data_offsets are more than two")
      default: try reader.skip()
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw reader.failure("tensor \(quoted(name)) lacks its dtype, shape or two data_offsets")
    }
    return SafetensorsEntry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private static func numbers(
    _ reader: inout JSONReader, atMost limit: Int, _ message: String
  ) throws(JSONReader.Failure) -> [UInt64] {
    var result: [UInt64] = []
    try reader.array { (reader) throws(JSONReader.Failure) in
      if result.count == limit { throw reader.failure(message) }
      result.append(try reader.unsigned())
    }
    return result
  }

  // MARK: Sizes and places

  private mutating func checkOffsets(dataCount: UInt64) throws(Failure) {
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var expected: UInt64 = 0
    for entry in entries {
      if entry.begin != expected || entry.end < entry.begin {
        throw Failure(
          message: "tensor \(quoted(entry.name)) lies at [\(entry.begin), \(entry.end)], but \(expected) comes next")
      }
      let size = try byteCount(of: entry)
      if entry.end - entry.begin != size {
        throw Failure(
          message: "tensor \(quoted(entry.name)) of dtype \(entry.type) and shape \(entry.shape) takes \(size) bytes, "
            + "but [\(entry.begin), \(entry.end)] are \(entry.end - entry.begin)")
      }
      expected = entry.end
    }
    if expected != dataCount {
      throw Failure(message: "the tensors take \(expected) bytes, but the file holds \(dataCount) after its header")
    }
  }

  private func byteCount(of entry: SafetensorsEntry) throws(Failure) -> UInt64 {
    guard let bits = SafetensorsHeader.bits[entry.type] else {
      throw Failure(message: "tensor \(quoted(entry.name)) has the unknown dtype \(quoted(entry.type))")
    }
    var product: UInt64 = 1
    var overflows = false
    // The last factor is the element's size in bits; an intermediate overflow counts even if a zero follows.
    for factor in entry.shape + [bits] {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      overflows = overflows || overflow
      product = next
    }
    if overflows {
      throw Failure(message: "tensor \(quoted(entry.name)) of shape \(entry.shape) is too large to address")
    }
    if product % 8 != 0 {
      throw Failure(
        message: "tensor \(quoted(entry.name)) of dtype \(entry.type) and shape \(entry.shape) ends within a byte")
    }
    return product / 8
  }

  /// The format's element types and their sizes in bits.
  private static let bits: [String: UInt64] = [
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "C64": 64, "F64": 64, "I64": 64, "U64": 64,
  ]
}

extension DType {
  /// The safetensors name of the dtype, such as "F32".
  var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  /// The dtype of this safetensors name, nil for one that the library does not have.
  init?(safetensorsName name: String) {
    guard let dtype = DType.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = dtype
  }
}

extension UnsafeRawBufferPointer {
  /// The position of the first byte that is not part of valid UTF-8; nil when all are.
  fileprivate var firstInvalidUTF8: Int? {
    var i = 0
    while i < count {
      let lead = self[i]
      let length: Int
      var (lowest, highest): (UInt8, UInt8) = (0x80, 0xBF)
      switch lead {
      case 0x00...0x7F: length = 1
      case 0xC2...0xDF: length = 2
      case 0xE0...0xEF:
        length = 3
        // Neither overlong forms nor surrogates.
        if lead == 0xE0 { lowest = 0xA0 }
        if lead == 0xED { highest = 0x9F }
      case 0xF0...0xF4:
        length = 4
        if lead == 0xF0 { lowest = 0x90 }
        if lead == 0xF4 { highest = 0x8F }
      default: return i
      }
      if i + length > count { return i }
      for k in 1..<Swift.max(length, 1) {
        if self[i + k] < lowest || self[i + k] > highest { return i }
        (lowest, highest) = (0x80, 0xBF)
      }
      i += length
    }
    return nil
  }
}
