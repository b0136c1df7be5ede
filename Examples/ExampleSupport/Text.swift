#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A number with this many digits after the point.
package func fixed(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  guard value.isFinite, abs(value) * scale < 1e15 else { return "\(value)" }
  let units = Int((abs(value) * scale).rounded())
  var text = String(units)
  while text.count <= digits { text = "0" + text }
  if digits > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -digits)) }
  return value < 0 && units != 0 ? "-" + text : text
}

/// The text filled with spaces to a width, on its left when it stands `right`.
package func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}

/// Writes a text to a file.
///
/// - Returns: Whether all of it was written.
package func writeFile(_ text: String, to path: String) -> Bool {
  guard let file = fopen(path, "w") else { return false }
  let written = fputs(text, file) >= 0
  return fclose(file) == 0 && written
}

/// A line that is rewritten in place on a terminal, and is not shown at all in a pipe or a file.
package struct ProgressLine {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var width = 0

  package init() {}

  /// Shows a text in place of the last one.
  package mutating func show(_ text: String) {
    if !isTerminal { return }
    let line = "\r" + padded(text, width)
    _ = write(STDOUT_FILENO, line, line.utf8.count)
    width = text.count
  }

  /// Removes the line.
  package mutating func clear() {
    show("")
    show("")
    width = 0
  }
}
