import ConformanceSuite
import Foundation
import Tensor

/// Replays a directory of cases: `Conformance DIRECTORY [--operation NAME] [--family NAME] [--device cpu|cuda] [--json FILE]`.
///
/// Prints each failure (`--quiet` leaves them out) and a line per family; exits with 1 where anything failed or an operation
/// is unknown. `--fast` tries no other layouts. `--names` prints PyTorch's names and how each is written here instead,
/// `--differences` what differs on purpose: the tables of the documentation.
@main
struct Conformance {
  static func main() throws {
    var options = try Options(CommandLine.arguments.dropFirst())
    if options.printsNames { return print(try Table.names()) }
    if options.printsDifferences { return print(Table.differences) }
    CurrentSample.nameOnCrash()
    let directory = try CaseDirectory(path: options.directory)
    if let family = options.family, !Table.families.contains(where: { $0.name == family }) {
      throw UsageError("there is no family \(family), but \(Table.families.map(\.name).joined(separator: ", "))")
    }
    let replayer = Replayer(device: try Device(options.device), tries: !options.isFast)
    if options.operations.isEmpty { options.operations = directory.operations }
    var report = Report(tiers: directory.tiers)
    for operation in options.operations {
      if let family = options.family, Table.family(of: operation) != family { continue }
      let outcomes = try directory.replay(operation, by: replayer)
      report.add(operation, outcomes)
      if options.isQuiet { continue }
      if Table.entry(operation) == nil {
        print("\(operation): unknown operation")
        continue
      }
      for outcome in outcomes {
        if case .failed(let reason) = outcome.verdict { print("\(operation) \(outcome.sample): \(reason)") }
      }
    }
    print(report.summary)
    if let path = options.json { try report.json.write(toFile: path, atomically: true, encoding: .utf8) }
    exit(report.failures.isEmpty ? 0 : 1)
  }
}

struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

struct Options {
  var directory = ""
  var operations: [String] = []
  var family: String?
  var device = "cpu"
  var json: String?
  var isQuiet = false
  var isFast = false
  var printsNames = false
  var printsDifferences = false

  init(_ arguments: some Sequence<String>) throws {
    var arguments = arguments.makeIterator()
    func value(of option: String) throws -> String {
      guard let value = arguments.next() else { throw UsageError("\(option) needs a value") }
      return value
    }
    while let argument = arguments.next() {
      switch argument {
      case "--operation": operations.append(try value(of: argument))
      case "--family": family = try value(of: argument)
      case "--device": device = try value(of: argument)
      case "--json": json = try value(of: argument)
      case "--quiet": isQuiet = true
      case "--fast": isFast = true
      case "--names": printsNames = true
      case "--differences": printsDifferences = true
      default:
        if argument.hasPrefix("--") || !directory.isEmpty { throw UsageError("unknown argument \(argument)") }
        directory = argument
      }
    }
    if directory.isEmpty && !printsNames && !printsDifferences {
      throw UsageError(
        "Conformance DIRECTORY [--operation NAME] [--family NAME] [--device cpu|cuda] [--json FILE] [--quiet] [--fast]")
    }
  }
}
