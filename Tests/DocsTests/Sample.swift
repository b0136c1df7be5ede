import Foundation
import TestSupport
import Testing

/// A block of Swift in a page of the documentation.
struct Sample: CustomTestStringConvertible {
  let page: String
  let line: Int
  let code: [String]
  /// Whether the block quotes the library's own code instead of showing its use.
  let isQuotation: Bool
  var testDescription: String { "\(page):\(line)" }

  private static let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()

  /// The blocks of Swift, and of C++ where it is quoted, in the README, the catalogs and the sources' documentation comments.
  static let all: [Sample] = {
    let pages = files(in: "Sources", ["md", "swift"]).sorted { $0.path < $1.path }
    return ([root.appending(path: "README.md")] + pages).flatMap(samples)
  }()

  private static func samples(in file: URL) -> [Sample] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { fatalError("cannot read \(file.path)") }
    let page = String(file.path.dropFirst(root.path.count + 1))
    var result: [Sample] = []
    var open: (line: Int, code: [String], isQuotation: Bool)?
    for (number, line) in text.components(separatedBy: "\n").enumerated() {
      var line = line.trimmingCharacters(in: .whitespaces)
      if file.pathExtension == "swift" {
        guard line.hasPrefix("///") else { continue }
        line = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
      }
      if let (start, code, isQuotation) = open {
        if line == "```" {
          result.append(Sample(page: page, line: start, code: code, isQuotation: isQuotation))
          open = nil
        } else if !line.isEmpty {
          open?.code.append(line)
        }
      } else if ["```swift", "```swift row", "```c++"].contains(line) {
        open = (number + 1, [], line != "```swift")
      }
    }
    return result
  }

  /// Whether the block's lines follow each other in a file that is compiled: the samples, or the library for a quotation.
  var isCompiled: Bool {
    (isQuotation ? Sample.library : Sample.compiled).contains { lines in
      guard let first = code.first else { return true }
      return lines.indices.contains { start in
        lines[start] == first && lines[start...].starts(with: code)
      }
    }
  }

  private static let compiled = lines(of: files(in: "Tests/DocsTests/Snippets", ["swift"]))
  private static let library = lines(of: files(in: "Sources", ["swift", "hpp"]) + files(in: "Tests", ["swift"]))

  private static func files(in folder: String, _ extensions: [String]) -> [URL] {
    let found = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
    return (found?.allObjects as? [URL] ?? []).filter { extensions.contains($0.pathExtension) }
  }

  /// The lines of each file, without indentation and empty ones.
  private static func lines(of files: [URL]) -> [[String]] {
    files.map { file in
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
  }
}
