import ConformanceSuite
import Foundation
import TestSupport
import Testing

@Suite("Documentation")
struct DocsTests {
  @Test("every sample of code is compiled, as it stands", arguments: Sample.all)
  func compiled(sample: Sample) {
    #expect(sample.isCompiled, "\(sample.page):\(sample.line) stands in no file of Tests/DocsTests/Snippets")
  }

  @Test("there are samples on every page of concepts")
  func pages() {
    let pages = Set(Sample.all.map(\.page))
    #expect(pages.contains("README.md"))
    for page in ["DTypes", "Views", "Errors", "RandomNumbers", "GPUs"] {
      #expect(pages.contains("Sources/Tensor/Tensor.docc/\(page).md"))
    }
    #expect(pages.contains("Sources/Autograd/Autograd.docc/Gradients.md"))
    #expect(pages.contains("Sources/NN/NN.docc/MixedPrecision.md"))
  }

  @Test("the page of PyTorch's cases has the tables that `Conformance --differences` prints")
  func differences() throws {
    let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "Sources/NN/NN.docc/Conformance.md"), encoding: .utf8)
    for row in Table.differences.split(separator: "\n") {
      #expect(page.contains(row + "\n"), "Sources/NN/NN.docc/Conformance.md lacks: \(row)")
    }
  }

  @Test("the samples run, and print what the comments beside them say")
  func run() async throws {
    let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      let folder = FileManager.default.temporaryDirectory.appending(path: "samples-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      // Samples write files beside the program; this process is theirs alone.
      #expect(FileManager.default.changeCurrentDirectoryPath(folder.path))
      try Readme.run()
      try TensorPages.run()
      try AutogradPages.run()
      try NNPages.run(path: folder.appending(path: "net.safetensors").path)
      try Comments.run()
    }
    let output = String(decoding: result.standardOutputContent, as: UTF8.self)
    for line in [
      "tensor([1., 2., 3.])", "tensor([1, 2, 3], dtype: .int32)",
      "+: shapes [2, 3] and [2, 4] do not broadcast: sizes 3 and 4 at dimension 1",
      ".int64 .float32 .float16", ".uint8\n.float32\n.int16", "27.0 18.0", "[3, 4] [2, 2, 4] [2, 3]",
    ] { #expect(output.contains(line), "\(output)") }
  }
}
