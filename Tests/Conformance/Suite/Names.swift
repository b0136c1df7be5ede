internal import Foundation

extension Table {
  /// PyTorch's names and how each is written here, as Markdown tables by family; taken from the rows' own source.
  package static func names() throws -> String {
    var sources: [String: [String]] = [:]
    var text = ""
    for family in families where !family.entries.isEmpty {
      text += "\n## \(family.name)\n\n| PyTorch | here |\n|---|---|\n"
      for entry in family.entries.sorted(by: { $0.name < $1.name }) {
        let (file, line) = entry.source
        if sources[file] == nil {
          sources[file] = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n")
        }
        let call = spelling(of: row(sources[file]!, from: line - 1), name: entry.name)
        text += "| `\(entry.name)` | `\(call.replacingOccurrences(of: "|", with: "\\|"))` |\n"
      }
    }
    return text
  }

  /// The lines of a statement: up to where its braces and parentheses close.
  private static func row(_ lines: [String], from first: Int) -> String {
    var (depth, row) = (0, "")
    for line in lines[first...] {
      row += line + "\n"
      for character in line {
        if "({".contains(character) { depth += 1 }
        if ")}".contains(character) { depth -= 1 }
      }
      if depth <= 0 { break }
    }
    return row
  }

  /// What a row calls, with the names of its arguments.
  private static func spelling(of row: String, name: String) -> String {
    guard let open = row.firstIndex(of: "{"), let close = row.lastIndex(of: "}"), open < close else { return name }
    var body = String(row[row.index(after: open)..<close])
    if let end = body.range(of: "},") { body = String(body[..<end.lowerBound]) }
    if let start = body.range(of: " in\n") ?? body.range(of: " in ") { body = String(body[start.upperBound...]) }
    let results = body.components(separatedBy: "return ").dropFirst().map { statement(in: $0) }
    if !results.isEmpty { body = results.joined(separator: "; ") }
    let rules: [(pattern: String, template: String)] = [
      (#"\btry "#, ""),
      (#"a\[\d+, "(\w+)"\]\.\w+\([^()]*\)"#, "$1"),
      (#"a\["(\w+)"\]\.\w+\([^()]*\)"#, "$1"),
      (#"a\[0\]\.\w+\([^()]*\)|\$0"#, "x"),
      (#"a\[1\]\.\w+\([^()]*\)|\$1"#, "y"),
      (#"a\[2\]\.\w+\([^()]*\)|\$2"#, "z"),
      (#"\s+"#, " "),
      (#"\( "#, "("),
    ]
    for (pattern, template) in rules {
      body = body.replacingOccurrences(of: pattern, with: template, options: .regularExpression)
    }
    return body.trimmingCharacters(in: .whitespaces.union(["}"]))
  }

  /// A text up to the end of its first statement: a line's end with all parentheses closed, or a brace too many.
  private static func statement(in text: String) -> String {
    var (depth, statement) = (0, "")
    for character in text {
      if "({[".contains(character) { depth += 1 }
      if ")}]".contains(character) { depth -= 1 }
      if depth < 0 || depth == 0 && character == "\n" { break }
      statement.append(character)
    }
    return statement
  }
}
