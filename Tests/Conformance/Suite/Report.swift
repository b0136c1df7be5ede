internal import Foundation

/// What the replay of a directory came to.
package struct Report: Sendable {
  /// The outcomes of each operation.
  package private(set) var operations: [(name: String, outcomes: [Outcome])] = []

  private let tiers: [String: String]

  /// - Parameter tiers: Which operations are "core" or "extended", to count those that are present.
  package init(tiers: [String: String] = [:]) { self.tiers = tiers }

  package mutating func add(_ operation: String, _ outcomes: [Outcome]) { operations.append((operation, outcomes)) }

  package var failures: [Outcome] {
    operations.flatMap(\.outcomes).filter { if case .failed = $0.verdict { true } else { false } }
  }

  /// A line for each family, then the sum.
  package var summary: String {
    var lines: [String] = []
    var total = Counts()
    for family in Table.families.map(\.name) + ["unknown"] {
      var counts = Counts()
      for (name, outcomes) in operations where (Table.family(of: name) ?? "unknown") == family {
        counts.add(outcomes, isPresent: family != "unknown")
      }
      if counts.operations == 0 { continue }
      lines.append(counts.line(family))
      total.add(counts)
    }
    lines.append(total.line("all"))
    for tier in ["core", "extended"] {
      let names = tiers.filter { $0.value == tier }.keys
      if names.isEmpty { continue }
      let missing = names.filter { Table.entry($0) == nil }.sorted()
      var line = "\(tier): \(names.count - missing.count) of \(names.count) operations present"
      if !missing.isEmpty { line += "; missing: " + missing.joined(separator: " ") }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  /// The report as JSON: for each operation its family, counts and failures.
  package var json: String {
    let parts = operations.map { name, outcomes -> String in
      var counts = Counts()
      counts.add(outcomes, isPresent: Table.entry(name) != nil)
      let failures = outcomes.compactMap { outcome -> String? in
        guard case .failed(let reason) = outcome.verdict else { return nil }
        return "{\"sample\": \(quoted(outcome.sample)), \"reason\": \(quoted(reason))}"
      }
      return "{\"operation\": \(quoted(name)), \"family\": \(quoted(Table.family(of: name) ?? "unknown")), "
        + "\"passed\": \(counts.passed), \"failed\": \(counts.failed), \"skipped\": \(counts.skipped), "
        + "\"failures\": [\(failures.joined(separator: ", "))]}"
    }
    return "[" + parts.joined(separator: ",\n ") + "]\n"
  }

  private func quoted(_ text: String) -> String {
    let data = try? JSONEncoder().encode(text)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}

private struct Counts {
  var operations = 0
  var present = 0
  var passed = 0
  var failed = 0
  var skipped = 0
  var reasons: [String: Int] = [:]

  mutating func add(_ outcomes: [Outcome], isPresent: Bool) {
    operations += 1
    if isPresent { present += 1 }
    for outcome in outcomes {
      switch outcome.verdict {
      case .passed: passed += 1
      case .failed: failed += 1
      case .skipped(let reason):
        skipped += 1
        reasons[reason, default: 0] += 1
      }
      for untried in outcome.untried { reasons["not tried: \(untried)", default: 0] += 1 }
    }
  }

  mutating func add(_ other: Counts) {
    operations += other.operations
    present += other.present
    passed += other.passed
    failed += other.failed
    skipped += other.skipped
    reasons.merge(other.reasons, uniquingKeysWith: +)
  }

  func line(_ name: String) -> String {
    let title = name.padding(toLength: 18, withPad: " ", startingAt: 0)
    var line = "\(title) \(present)/\(operations) operations, samples: \(passed) passed, \(failed) failed, "
    line += "\(skipped) skipped"
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { line += "; \(count) \(reason)" }
    return line
  }
}
