import Foundation
import TestSupport
import Testing

@Suite("Tutorial programs")
struct TutorialTests {
  @Test("print what PyTorch prints", arguments: ["TypeConversion", "Initialization", "WeightInit"])
  func output(name: String) throws {
    let outcome = try run(name)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = String(decoding: try Fixture.data("examples/\(name).txt"), as: UTF8.self)
    let lines = zip(outcome.output.split(separator: "\n"), expected.split(separator: "\n"))
    for (line, reference) in lines { #expect(line == reference) }
    #expect(outcome.output.split(separator: "\n").count == expected.split(separator: "\n").count)
  }

  @Test("mixed precision gives PyTorch's losses within bfloat16's rounding")
  func mixedPrecision() throws {
    let outcome = try run("MixedPrecision")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = String(decoding: try Fixture.data("examples/MixedPrecision.txt"), as: UTF8.self)
    func losses(_ text: String) -> [Double] {
      text.split(separator: "\n").compactMap { line in line.split(separator: "loss ").last.flatMap { Double($0) } }
    }
    let (values, references) = (losses(outcome.output), losses(expected))
    #expect(values.count == 10)
    // A value near a rounding boundary of bfloat16 may fall on its other side.
    for (value, reference) in zip(values, references) { #expect(abs(value - reference) <= 2e-3 * reference) }
  }
}
