import Foundation
#if canImport(FoundationXML)
  import FoundationXML
#endif
import Testing

@Suite("Training on digits")
struct TrainDigitsTests {
  /// The held-out accuracy in percent that the program printed.
  private func accuracy(_ output: String) -> Double? {
    output.firstMatch(of: /held-out accuracy ([0-9.]+) %/).flatMap { Double($0.1) }
  }

  @Test("learns at least 97 % of the held-out digits, draws its curves and saves a model that answers the same")
  func learns() throws {
    try withFolder { folder in
      let outcome = try run("TrainDigits", in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try #require(accuracy(outcome.output)) >= 97, "\(outcome.output)")
      #expect(outcome.output.contains("1438 images to learn from, 359 held out"))
      #expect(outcome.output.contains("model: digits.safetensors, loaded again: the same answers"))
      // In a pipe no progress line is drawn.
      #expect(!outcome.output.contains("\r"))
      #expect(outcome.output.split(separator: "\n").count == 4)
      let picture = try XMLDocument(contentsOf: folder.appending(path: "digits.svg"))
      let lines = try picture.nodes(forXPath: "//*[name()='polyline']/@points").compactMap(\.stringValue)
      #expect(lines.count == 4)
      for line in lines { #expect(line.split(separator: " ").count == 20) }
      let texts = try picture.nodes(forXPath: "//*[name()='text']").compactMap(\.stringValue)
      for text in ["Loss", "Accuracy", "training", "held out", "epoch", "100 %"] { #expect(texts.contains(text)) }
      let header = try Data(contentsOf: folder.appending(path: "digits.safetensors")).prefix(1000)
      #expect(String(decoding: header.dropFirst(8), as: UTF8.self).contains("\"layers.0.weight\""))
    }
  }

  @Test("learns in mixed precision, and the seed fixes the result")
  func mixedPrecision() throws {
    try withFolder { folder in
      let arguments = ["--amp", "--epochs", "3", "--seed=3", "--picture", "a.svg", "--model", "b.safetensors"]
      let first = try run("TrainDigits", arguments, in: folder)
      let second = try run("TrainDigits", arguments, in: folder)
      #expect(first.status == 0, "\(first.errors)")
      #expect(try #require(accuracy(first.output)) >= 90, "\(first.output)")
      #expect(accuracy(first.output) == accuracy(second.output))
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "a.svg").path))
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "b.safetensors").path))
    }
  }

  @Test("learns on a GPU, in mixed precision")
  func onAGPU() throws {
    try withFolder { folder in
      let arguments = ["--device", "cuda", "--amp", "--epochs", "1"]
      let outcome = try run("TrainDigits", arguments, in: folder, device: "cuda")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try #require(accuracy(outcome.output)) >= 70, "\(outcome.output)")
    }
  }

  @Test("says how it is used")
  func help() throws {
    let outcome = try run("TrainDigits", ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("Trains a small network"))
    for option in ["--device", "--amp", "--epochs", "--seed", "CC BY 4.0"] { #expect(outcome.output.contains(option)) }
  }

  @Test(
    "refuses wrong arguments with exit code 2",
    arguments: [
      (["--epochs", "0"], "--epochs needs a whole number from 1 to 10000, but got \"0\""),
      (["--epochs", "ten"], "--epochs needs a whole number from 1 to 10000, but got \"ten\""),
      (["--epochs"], "--epochs needs a whole number"),
      (["--seed", "-1"], "--seed needs a whole number"),
      (["--device", "tpu"], "--device needs cpu, cuda or cuda:N, but got \"tpu\""),
      (["--fast"], "unknown argument \"--fast\""),
      (["--amp", "--amp"], "unknown argument \"--amp\""),
    ])
  func wrongArguments(arguments: [String], message: String) throws {
    let outcome = try run("TrainDigits", arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    #expect(outcome.errors.contains("usage: TrainDigits"))
    #expect(outcome.output.isEmpty)
  }

  @Test("a GPU that cannot be used and a file that cannot be written are errors with their reason")
  func failures() throws {
    let device = try run("TrainDigits", ["--device", "cuda"])
    #expect(device.status == 1)
    #expect(device.errors.hasPrefix("--device cuda: "), "\(device.errors)")
    let file = try run("TrainDigits", ["--epochs", "1", "--picture", "/nowhere/digits.svg"])
    #expect(file.status == 1)
    #expect(file.errors.contains("cannot write \"/nowhere/digits.svg\""), "\(file.errors)")
  }
}
