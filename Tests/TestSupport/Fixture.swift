package import Foundation

/// Reference data under Tests/Fixtures.
package enum Fixture {
  /// The folder that holds the files.
  ///
  /// `SWIFT_TENSOR_TEST_FIXTURES` names them where the tests run on another machine than they were built on.
  package static let folder: URL = {
    if let folder = ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_FIXTURES"] { return URL(filePath: folder) }
    return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")
  }()

  /// A file's bytes; the name has its extension.
  package static func data(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  /// A JSON file decoded to a type, whose properties are in camel case.
  package static func decode<T: Decodable>(_ type: T.Type = T.self, from name: String) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: data(name))
  }

  /// A JSON file as dictionaries, arrays, strings and numbers, for files of mixed shape.
  package static func json(_ name: String) throws -> Any {
    try JSONSerialization.jsonObject(with: data(name), options: .fragmentsAllowed)
  }
}

/// The bytes that hexadecimal digits spell, with each element's most significant byte first, as the fixtures write numbers;
/// the result is in this machine's (little-endian) order.
package func bytes(hex: String, itemSize: Int) -> [UInt8] {
  let digits = Array(hex.utf8)
  precondition(digits.count % (2 * itemSize) == 0)
  func nibble(_ i: Int) -> UInt8 { UInt8(Character(UnicodeScalar(digits[i])).hexDigitValue!) }
  var bytes = (0..<(digits.count / 2)).map { nibble(2 * $0) << 4 | nibble(2 * $0 + 1) }
  for start in stride(from: 0, to: bytes.count, by: itemSize) { bytes[start..<(start + itemSize)].reverse() }
  return bytes
}

/// FNV-1a of 64 bits, the fixtures' checksum of long results.
package func fnv1a64(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
