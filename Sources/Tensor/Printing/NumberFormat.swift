#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#endif

/// How the numbers of one tensor are written: all in one notation and to one width.
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
  /// The characters of the longest number; infinities and NaN of floats do not count.
  private(set) var width = 1

  /// The format for the numbers that are to be shown.
  init(_ numbers: [Number], isFloating: Bool, options: PrintOptions) {
    precision = Swift.max(options.precision, 0)
    var shown = numbers
    if isFloating {
      notation = .whole
      shown = numbers.filter { $0.double.isFinite && $0.double != 0 }
      if !shown.isEmpty { notation = NumberFormat.notation(shown.map(\.double), sciMode: options.sciMode) }
    }
    for number in shown { width = Swift.max(width, unpadded(number).utf8.count) }
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

  /// A number, filled up with spaces on the left.
  func text(_ number: Number) -> String {
    let text = unpadded(number)
    return String(repeating: " ", count: Swift.max(0, width - text.utf8.count)) + text
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
