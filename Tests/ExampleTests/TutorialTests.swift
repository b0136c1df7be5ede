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

  @Test("conversions on a GPU print what those on the CPU do, with the device")
  func conversionsOnAGPU() throws {
    let outcome = try run("TypeConversion", ["--device", "cuda"], device: "cuda")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = String(decoding: try Fixture.data("examples/TypeConversion.txt"), as: UTF8.self)
    let lines = outcome.output.split(separator: "\n").map { $0.replacing("device: .cuda(0), dtype", with: "dtype") }
    for (line, reference) in zip(lines, expected.split(separator: "\n").dropLast(2)) {
      #expect(line.replacing(", device: .cuda(0))", with: ")") == reference)
    }
    #expect(outcome.output.contains("to .cuda: tensor([1, 2, 3], device: .cuda(0), dtype: .int32)"))
    #expect(outcome.output.contains("back to .cpu: tensor([1, 2, 3], dtype: .int32)"))
  }

  @Test("initialisation and mixed precision run on a GPU", arguments: ["WeightInit", "MixedPrecision"])
  func onAGPU(name: String) throws {
    let outcome = try run(name, ["--device", "cuda"], device: "cuda")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(".cuda(0)"))
    if name == "MixedPrecision" {
      let losses = outcome.output.split(separator: "\n").compactMap { line in
        line.split(separator: "loss ").last.flatMap { Double($0) }
      }
      // The data are the CPU's, so are the losses within float16's rounding.
      #expect(losses.count == 10)
      for (loss, reference) in [(losses[0], 1.423327), (losses[9], 1.195951)] {
        #expect(abs(loss - reference) < 5e-3, "\(losses)")
      }
    }
  }
}
