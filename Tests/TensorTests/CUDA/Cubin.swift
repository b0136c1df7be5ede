/// The machine code that NVRTC made of a program: an ELF file for a GPU.
struct Cubin {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The sizes of the parameters that each kernel takes, by its name.
  var parameterSizes: [String: [Int]] {
    var result: [String: [Int]] = [:]
    for section in sections {
      let prefix = ".nv.info."
      guard section.name.hasPrefix(prefix) else { continue }
      result[String(section.name.dropFirst(prefix.count))] = sizes(in: section.range)
    }
    return result
  }

  /// Attribute 0x17 describes a parameter; the upper bits of its last word are the size.
  private func sizes(in range: Range<Int>) -> [Int] {
    var sizes: [Int] = []
    var place = range.lowerBound
    while place + 4 <= range.upperBound {
      let (format, attribute) = (bytes[place], bytes[place + 1])
      let length = format == 4 ? load(place + 2, as: UInt16.self) : 0
      if format == 4, attribute == 0x17, length >= 12 { sizes.append(Int(load(place + 12, as: UInt32.self) >> 18)) }
      place += 4 + Int(length)
    }
    return sizes
  }

  private var sections: [(name: String, range: Range<Int>)] {
    guard bytes.count > 64, bytes[0..<4] == [0x7f, 0x45, 0x4c, 0x46] else { return [] }
    let start = Int(load(40, as: UInt64.self))
    let (size, count, names) = (
      Int(load(58, as: UInt16.self)), Int(load(60, as: UInt16.self)), Int(load(62, as: UInt16.self))
    )
    func range(_ section: Int) -> Range<Int> {
      let header = start + section * size
      let offset = Int(load(header + 24, as: UInt64.self))
      return offset..<(offset + Int(load(header + 32, as: UInt64.self)))
    }
    let text = range(names).lowerBound
    return (0..<count).map { section in
      let name = text + Int(load(start + section * size, as: UInt32.self))
      return (String(decoding: bytes[name...].prefix { $0 != 0 }, as: UTF8.self), range(section))
    }
  }

  private func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
    bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
