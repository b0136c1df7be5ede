import NN
import TestSupport
import Testing

/// What PyTorch refuses is refused here by an error of the same kind, what it takes is taken.
@Suite(.everyDevice) struct ErrorTableTests {
  static let snippets = try! Fixture.json("errors.json") as! [String: [String: String]]

  @Test func everySnippetIsTriedOrTheReasonGiven() {
    let untranslated = ErrorRows.untranslated.values.flatMap { $0 }
    #expect(Set(ErrorRows.all.keys).isDisjoint(with: untranslated))
    #expect((ErrorRows.all.keys + untranslated).sorted() == Self.snippets.keys.sorted())
    for (snippet, row) in ErrorRows.all {
      #expect((row.kind == nil) == (Self.snippets[snippet]?["ok"] != nil), "\(snippet)")
    }
  }

  @Test(arguments: ErrorRows.all.keys.sorted())
  func sameError(snippet: String) throws {
    let row = try #require(ErrorRows.all[snippet])
    if row.isForCPU, Tensor.empty(0).device != .cpu { return }
    do {
      try withThrowingErrors { try row.body() }
      #expect(row.kind == nil, "no error, PyTorch's is \(Self.snippets[snippet] ?? [:])")
    } catch let error as TensorError {
      #expect(error.kind == row.kind, "\(error)")
    }
  }
}
