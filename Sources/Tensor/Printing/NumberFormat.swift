#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#endif

/// The numbers of one tensor as they are written: all in one notation and to one width.
struct NumberFormat {
  private enum Notation {
    /// Whole numbers and truth values.
    case plain
    /// Floats that are all whole: "3."
    case whole
    case fixed
    case scientific
  }

  private var notation = Notation.plain
  private let precision: Int
  /// The numbers' texts, filled up with spaces on the left.
  private(set) var texts: [String] = []
  /// The characters of the longest number; 0, infinities and NaN of floats do not count.
  private(set) var width = 1

  init(_ numbers: [Number], isFloating: Bool, options: PrintOptions) {
    precision = Swift.max(options.precision, 0)
    func counts(_ number: Number) -> Bool { !isFloating || number.double.isFinite && number.double != 0 }
    if isFloating {
      let values = numbers.filter(counts).map(\.double)
      notation = values.isEmpty ? .whole : NumberFormat.notation(values, sciMode: options.sciMode)
    }
    texts = numbers.map(unpadded)
    for (number, text) in zip(numbers, texts) where counts(number) { width = Swift.max(width, text.utf8.count) }
    for i in texts.indices where texts[i].utf8.count < width {
      texts[i] = String(repeating: " ", count: width - texts[i].utf8.count) + texts[i]
    }
  }

  /// - Parameter values: Finite and not 0.
  private static func notation(_ values: [Double], sciMode: Bool?) -> Notation {
    var (least, greatest) = (Double.infinity, 0.0)
    for value in values {
      least = Swift.min(least, value.magnitude)
      greatest = Swift.max(greatest, value.magnitude)
    }
    if sciMode ?? (greatest / least > 1000 || greatest > 1e8 || least < 1e-4) { return .scientific }
    return values.allSatisfy { $0 == $0.rounded(.up) } ? .whole : .fixed
  }

  private func unpadded(_ number: Number) -> String {
    switch number {
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .float(let value):
      if value.isNaN { return "nan" }
      if value.isInfinite { return value < 0 ? "-inf" : "inf" }
      switch notation {
      case .scientific: return decimal(value, "%.*e", precision)
      case .fixed: return decimal(value, "%.*f", precision)
      case .plain, .whole: return decimal(value, "%.*f", 0) + "."
      }
    }
  }

  /// C's decimal form, which rounds the exact value of the double, ties to even.
  private func decimal(_ value: Double, _ format: String, _ precision: Int) -> String {
    withVaList([Int32(clamping: precision), value]) { arguments in
      // The longest double has 309 digits before the point.
      let capacity = 350 + precision
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
        let count = Int(vsnprintf(buffer.baseAddress, capacity, format, arguments))
        // A program that sets a locale may get its decimal comma.
        return String(decoding: buffer[..<count].map { $0 == 0x2c ? 0x2e : UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
  }
}
