import Foundation
import Tensor
import TestSupport
import Testing

/// Every expression and statement of the fixture, evaluated by Swift's counterparts.
@Suite(.everyDevice)
struct GoldenIndexingTests {
  struct Golden: Decodable {
    let read: [String: [Part]]
    let write: [String: [Double]]
  }

  struct Part: Decodable {
    let shape: [Int]
    let stride: [Int]
    let offset: Int
    let sharesStorage: Bool
    let contiguous: Bool
    let dtype: String
    let values: [Double]

    enum CodingKeys: String, CodingKey {
      case shape, stride, offset, contiguous, dtype, values
      case sharesStorage = "shares_storage"
    }
  }

  static let golden: Golden = {
    guard
      let data = try? Fixture.data("indexing.json"), let golden = try? JSONDecoder().decode(Golden.self, from: data)
    else { fatalError("Fixtures/indexing.json is not readable") }
    return golden
  }()

  private var x: Tensor { Tensor.arange(24).reshape(2, 3, 4) }

  @Test func fixtureIsWhole() {
    #expect(GoldenIndexingTests.golden.read.count == 123)
    #expect(GoldenIndexingTests.golden.write.count == 32)
  }

  @Test(arguments: golden.read.keys.sorted())
  func reads(_ expression: String) throws {
    let x = x
    let expected = GoldenIndexingTests.golden.read[expression]!
    var reader = PythonReader(expression, x: x)
    let results: [Tensor]
    switch try reader.evaluate() {
    case .tensor(let tensor): results = [tensor]
    case let value: results = try value.list().map { try $0.tensor() }
    }
    #expect(results.count == expected.count)
    for (result, expected) in zip(results, expected) {
      #expect(result.shape == expected.shape)
      #expect(result.dtype.name == expected.dtype)
      #expect(result.isContiguous == expected.contiguous)
      #expect((result.storage === x.storage) == expected.sharesStorage)
      #expect(result.strides == expected.stride)
      #expect(result.layout.offset == expected.offset)
      expectClose(result, expected.values)
    }
  }

  @Test(arguments: golden.write.keys.sorted())
  func writes(_ statement: String) throws {
    let x = x
    // The fixture's only conditional expression always takes its second branch.
    let taken = statement.contains(" else ") ? String(statement.split(separator: " else ")[1]) : statement
    try PythonStatement(taken).run(x)
    expectClose(x, GoldenIndexingTests.golden.write[statement]!)
  }
}

/// `x[...] = value`, `x[...] += value` or an expression that writes.
private struct PythonStatement {
  let text: String
  init(_ text: String) { self.text = text }

  func run(_ x: Tensor) throws {
    var depth = 0
    for (i, character) in text.enumerated() {
      if character == "(" || character == "[" { depth += 1 }
      if character == ")" || character == "]" { depth -= 1 }
      if character != "=" || depth > 0 { continue }
      let isSum = Array(text)[i - 1] == "+"
      let target = String(text.prefix(isSum ? i - 1 : i))
      let value = try evaluate(String(text.dropFirst(i + 1)), x)
      // The part before the last brackets, and what they hold.
      let opening = try openingOfLastBrackets(target)
      let base = try evaluate(String(target.prefix(opening)), x).tensor()
      var reader = PythonReader("[" + String(target.dropFirst(opening + 1)), x: x)
      let entries = try reader.entries()
      if isSum {
        base[entries[0]] += try value.int()
      } else {
        try write(value, to: base, entries)
      }
      return
    }
    _ = try evaluate(text, x)
  }

  private func evaluate(_ text: String, _ x: Tensor) throws -> PythonValue {
    var reader = PythonReader(text, x: x)
    return try reader.evaluate()
  }

  private func openingOfLastBrackets(_ text: String) throws -> Int {
    var depth = 0
    for (i, character) in text.enumerated().reversed() {
      if character == "]" || character == ")" { depth += 1 }
      if character == "[" || character == "(" { depth -= 1 }
      if depth == 0 { return i }
    }
    throw PythonError(description: "no brackets in \(text)")
  }
}
