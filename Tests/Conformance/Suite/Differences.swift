extension Table {
  /// What differs from PyTorch on purpose, as the Markdown tables of the documentation.
  package static var differences: String {
    let entries = families.flatMap(\.entries).sorted { $0.name < $1.name }
    var text = "| operation | samples | reason |\n|---|---|---|\n"
    for entry in entries {
      for (reason, known) in grouped(entry.differences) {
        let samples = known.map(\.sample).joined(separator: ", ")
        text += "| `\(entry.name)` | \(samples)\(known[0].onGPUs ? " on a GPU" : "") | \(reason) |\n"
      }
    }
    text += "\n| not written in place | reason |\n|---|---|\n"
    let unwritten = entries.compactMap { entry -> (name: String, reason: String)? in
      guard case .none(let reason) = entry.inPlace else { return nil }
      return (entry.name, reason)
    }
    for reason in Set(unwritten.map(\.reason)).sorted() {
      text += "| \(list(unwritten.filter { $0.reason == reason }.map(\.name))) | \(reason) |\n"
    }
    return text + "\nOn the CPU alone: \(list(entries.filter(\.isRefusedOnGPUs).map(\.name))).\n"
  }

  /// The differences of an operation by their reason, in the order of the first of each.
  private static func grouped(_ differences: [Difference]) -> [(reason: String, known: [Difference])] {
    var groups: [(reason: String, known: [Difference])] = []
    for difference in differences {
      if let place = groups.firstIndex(where: { $0.reason == difference.reason }) {
        groups[place].known.append(difference)
      } else {
        groups.append((difference.reason, [difference]))
      }
    }
    return groups
  }

  private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
}
