// Times the library case by case, one line of JSON each. Cases have the names and shapes of PyTorch's side, so that a
// driver can run both in turns.
import ExampleSupport
import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct Options {
  static let usage = """
    Times tensor operations. A line of JSON per case: seconds of one call as median_s, min_s and iqr.

    usage: Benchmark [options]
      --list             print the names of the cases
      --cases GLOBS      only cases that one of these patterns matches, separated by commas ('eager/*,train/*')
      --serve            read case names from the standard input, one a line, and answer each; ends at "quit"
      --threads N        how many threads an operation may use (1)
      --device cpu|cuda  where to compute (cpu); a GPU has cases of its own
      --budget S         seconds of timing per case (0.4)
      --quick            the same as --budget 0.1
      --table            a table for people instead of JSON
      --help             this text
    """

  let list: Bool
  let serve: Bool
  let table: Bool
  let patterns: [String]
  let threads: Int
  let budget: Double
  let device: Device

  init() {
    var arguments = Arguments(usage: Options.usage)
    list = arguments.flag("--list")
    serve = arguments.flag("--serve")
    table = arguments.flag("--table")
    let patterns = arguments.option("--cases", expected: "patterns") { $0.isEmpty ? nil : $0 } ?? "*"
    self.patterns = patterns.split(separator: ",").map(String.init)
    threads = arguments.integer("--threads", in: 1...1024) ?? 1
    device = arguments.device() ?? .cpu
    let quick = arguments.flag("--quick")
    let budget = arguments.option("--budget", expected: "seconds above 0") { Double($0).flatMap { $0 > 0 ? $0 : nil } }
    self.budget = budget ?? (quick ? 0.1 : 0.4)
    arguments.finish()
  }
}

/// The cases whose result was checked.
@MainActor private var checkedCases: Set<String> = []

/// Checks and times a case, and prints the outcome; a result is checked the first time.
@MainActor func measure(_ name: String, _ options: Options) {
  do {
    guard let item = Case.all.first(where: { $0.name == name }) else {
      throw TensorError(.value, "Benchmark", "unknown case")
    }
    let work = try withThrowingErrors { try item.build() }
    if checkedCases.insert(name).inserted { try work.check() }
    report(item, Timing(work, budget: options.budget), options)
  } catch {
    let text = "\(error)".map { $0 == "\"" || $0 == "\\" ? "'" : $0.isNewline ? " " : String($0) }.joined()
    print(#"{"case": "\#(name)", "framework": "swift-tensor", "threads": \#(options.threads), "error": "\#(text)"}"#)
  }
  fflush(nil)
}

func report(_ item: Case, _ timing: Timing, _ options: Options) {
  if options.table {
    print(padded(item.name, 32), duration(timing.median), duration(timing.least), duration(timing.spread))
    return
  }
  let fields: [(String, String)] = [
    ("case", "\"\(item.name)\""), ("framework", "\"swift-tensor\""), ("threads", "\(options.threads)"),
    ("median_s", "\(timing.median)"), ("min_s", "\(timing.least)"), ("iqr", "\(timing.spread)"),
    ("reps", "\(timing.repeats)"), ("inner", "\(timing.inner)"), ("flops", fixed(item.flops, 0)),
    ("bytes", fixed(item.bytes, 0)), ("gflops", fixed(item.flops / timing.median / 1e9, 3)),
    ("gbps", fixed(item.bytes / timing.median / 1e9, 3)),
  ]
  print("{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
}

/// Times a case of a GPU, and prints the outcome.
func measureGPU(_ name: String, _ options: Options) {
  guard let item = GPUCase.all.first(where: { $0.name == name }) else {
    print(#"{"case": "\#(name)", "framework": "swift-tensor", "error": "unknown case"}"#)
    return
  }
  do {
    let seconds = try withThrowingErrors { item.time(options.device) }
    if options.table {
      var line = "\(padded(name, 28)) \(duration(seconds))"
      if item.bytes > 0 { line += padded(fixed(item.bytes / seconds / 1e9, 0), 8, right: true) + " GB/s" }
      if item.flops > 0 { line += padded(fixed(item.flops / seconds / 1e12, 1), 8, right: true) + " TFLOP/s" }
      print(line)
    } else {
      print(
        #"{"case": "\#(name)", "framework": "swift-tensor", "median_s": \#(seconds), "bytes": \#(fixed(item.bytes, 0)), "#
          + #""flops": \#(fixed(item.flops, 0))}"#)
    }
  } catch {
    let text = "\(error)".map { $0 == "\"" || $0 == "\\" ? "'" : $0.isNewline ? " " : String($0) }.joined()
    print(#"{"case": "\#(name)", "framework": "swift-tensor", "error": "\#(text)"}"#)
  }
  fflush(nil)
}

/// Seconds in a unit that fits, in a column.
func duration(_ seconds: Double) -> String {
  let (factor, unit) =
    seconds < 1e-6 ? (1e9, "ns") : seconds < 1e-3 ? (1e6, "us") : seconds < 1 ? (1e3, "ms") : (1, "s ")
  return padded(fixed(seconds * factor, 2), 10, right: true) + " " + unit
}

@main
enum Benchmark {
  static func main() {
    let options = Options()
    CPU.threadCount = options.threads
    let onGPU = options.device.kind == .cuda
    let time = { (name: String) in onGPU ? measureGPU(name, options) : measure(name, options) }
    let names = (onGPU ? GPUCase.all.map(\.name) : Case.all.map(\.name)).filter { name in
      options.patterns.contains { fnmatch($0, name, 0) == 0 }
    }
    if options.list {
      for name in names { print(name) }
    } else if options.serve {
      while let line = readLine() {
        let name = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if name == "quit" { break }
        if !name.isEmpty { time(name) }
      }
    } else {
      if options.table { print(padded("case", 32), "       median            min          iqr") }
      for name in names { time(name) }
    }
  }
}
