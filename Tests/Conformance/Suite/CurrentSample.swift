internal import Foundation

/// The sample being tried, kept where a crash can tell it.
package enum CurrentSample {
  private static let size = 256
  private static let text = Memory()

  private struct Memory: @unchecked Sendable {
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: size)
  }

  static func note(_ name: String) {
    var length = 0
    for byte in name.utf8.prefix(size - 1) {
      text.bytes[length] = CChar(bitPattern: byte)
      length += 1
    }
    text.bytes[length] = 0
  }

  /// Makes a crash name the sample on standard error.
  package static func nameOnCrash() {
    text.bytes[0] = 0
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
      signal(number) { number in
        CurrentSample.text.bytes.withMemoryRebound(to: UInt8.self, capacity: CurrentSample.size) { bytes in
          _ = write(2, "crashed in ", 11)
          _ = write(2, bytes, strlen(CurrentSample.text.bytes))
          _ = write(2, "\n", 1)
        }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
