package import NN

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The command line of an example: `--name value`, `--name=value` and flags.
package struct Arguments {
  private var rest: [String]
  private let usage: String

  /// - Parameter usage: What `--help` prints.
  package init(usage: String, _ arguments: [String] = Array(CommandLine.arguments.dropFirst())) {
    self.usage = usage
    rest = arguments
    if flag("--help") || flag("-h") {
      print(usage)
      exit(0)
    }
  }

  /// Whether the flag was given.
  package mutating func flag(_ name: String) -> Bool {
    guard let position = rest.firstIndex(of: name) else { return false }
    rest.remove(at: position)
    return true
  }

  /// The value of an option, nil when it was not given.
  ///
  /// - Parameter parse: Returns nil for a value that is not what is `expected`, which ends the program.
  package mutating func option<Value>(
    _ name: String, expected: String, _ parse: (String) -> Value?
  ) -> Value? {
    guard let position = rest.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) else { return nil }
    let argument = rest.remove(at: position)
    let text: String
    if argument == name {
      guard position < rest.count else { stop("\(name) needs \(expected)") }
      text = rest.remove(at: position)
    } else {
      text = String(argument.dropFirst(name.count + 1))
    }
    guard let value = parse(text) else { stop("\(name) needs \(expected), but got \"\(text)\"") }
    return value
  }

  /// The value of an option that is a whole number within a range.
  package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
    option(name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      Int($0).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// The device that `--device` names, nil when it was not given; ends the program when it cannot be used.
  package mutating func device() -> Device? {
    let device = option("--device", expected: "cpu, cuda or cuda:N") { try? Device($0) }
    if let device, device.kind == .cuda, device.index >= CUDA.deviceCount {
      let reason = CUDA.unavailableReason ?? "there are \(CUDA.deviceCount) CUDA devices"
      fail("--device \(device.index == 0 ? "cuda" : "cuda:\(device.index)"): \(reason)")
    }
    return device
  }

  /// Ends the program if an argument is left that no one asked for.
  package func finish() {
    if let unknown = rest.first { stop("unknown argument \"\(unknown)\"") }
  }

  /// Ends the program with the exit code for wrong usage.
  package func stop(_ message: String) -> Never {
    writeError("\(message)\n\n\(usage)")
    exit(2)
  }
}

/// Prints to the standard error stream.
package func writeError(_ text: String) { write(2, text + "\n", text.utf8.count + 1) }

/// Ends the program because of something that is not the user's arguments.
package func fail(_ message: String) -> Never {
  writeError(message)
  exit(1)
}
