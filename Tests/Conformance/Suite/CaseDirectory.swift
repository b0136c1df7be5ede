internal import Foundation
internal import Tensor

/// A directory of cases: pairs of files as JSON and safetensors, each with one operation or a list of them.
package struct CaseDirectory: Sendable {
  /// The operations that have cases, sorted.
  package let operations: [String]
  /// Whether an operation counts as "core" or "extended", where the directory or the one above it has an index.
  package let tiers: [String: String]
  private let files: [String: String]
  private let lists: [String: JSON]

  /// - Parameter path: The directory, or one that has it as `given`.
  package init(path: String) throws {
    let manager = FileManager.default
    let inner = URL(filePath: path).appending(path: "given").path
    let folder = manager.fileExists(atPath: inner) ? inner : path
    var files: [String: String] = [:]
    var lists: [String: JSON] = [:]
    var tiers: [String: String] = [:]
    for name in try manager.contentsOfDirectory(atPath: folder) where name.hasSuffix(".json") && name != "index.json" {
      let stem = String(name.dropLast(5))
      if !isList("\(folder)/\(name)") {
        files[stem] = "\(folder)/\(stem)"
        continue
      }
      for operation in try JSON(contentsOf: "\(folder)/\(name)").array ?? [] {
        guard let name = operation["op"]?.string else { throw CaseError("\(folder)/\(name): an operation has no name") }
        files[name] = "\(folder)/\(stem)"
        lists[name] = operation
        tiers[name] = operation["tier"]?.string
      }
    }
    for index in ["\(path)/index.json", "\(path)/../index.json"] where manager.fileExists(atPath: index) {
      for operation in try JSON(contentsOf: index)["ops"]?.array ?? [] {
        if let name = operation["name"]?.string { tiers[name] = operation["tier"]?.string }
      }
      break
    }
    if files.isEmpty { throw CaseError("\(path) has no cases") }
    operations = files.keys.sorted()
    self.files = files
    self.lists = lists
    self.tiers = tiers
  }

  /// Replays the cases of an operation, its bad inputs too; only every `stride`-th where one is given.
  package func replay(_ operation: String, by replayer: Replayer, stride: Int = 1) throws -> [Outcome] {
    guard let stem = files[operation] else { throw CaseError("there are no cases of \(operation)") }
    let json = try lists[operation] ?? JSON(contentsOf: "\(stem).json")
    let samples = (json["samples"]?.array ?? []) + (json["errors"]?.array ?? [])
    guard let entry = Table.entry(operation) else {
      return samples.map {
        Outcome(operation: operation, sample: $0["id"]?.string ?? "?", verdict: .failed("unknown operation"))
      }
    }
    let file = try Safetensors.load(from: "\(stem).safetensors")
    return samples.enumerated().filter { $0.offset % stride == 0 }.map { _, sample in
      replayer.outcome(of: sample, operation: operation, entry: entry, file: file)
    }
  }
}

/// Whether a JSON file begins as an array.
private func isList(_ path: String) -> Bool {
  guard let handle = FileHandle(forReadingAtPath: path) else { return false }
  defer { try? handle.close() }
  return (try? handle.read(upToCount: 1)) == Data("[".utf8)
}
