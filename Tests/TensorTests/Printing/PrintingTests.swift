import Foundation
import Tensor
import TestSupport
import Testing

/// Printed tensors have PyTorch's digits and layout.
struct PrintingTests {
  struct Record: Decodable {
    let expr: String
    let repr: String
    let shape: [Int]?
    let dtype: String?
    let requiresGrad: Bool?
    let values: [String]?
  }

  /// PyTorch's text with its suffixes as this library writes them.
  static func swift(_ text: String) -> String {
    var text = text
    for dtype in DType.allCases { text = text.replacing("dtype=torch.\(dtype.name)", with: "dtype: .\(dtype.name)") }
    text = text.replacing(#/size=\(([0-9, ]*)\)/#) { "size: [\($0.output.1)]" }
    return text
  }

  static func number(_ text: String) -> Double {
    text == "True" ? 1 : text == "False" ? 0 : Double(text)!
  }

  @Test func recordedTensors() throws {
    let records: [Record] = try Fixture.decode(from: "print.json")
    var compared = 0
    for record in records {
      guard let name = record.dtype, let dtype = DType.allCases.first(where: { $0.name == name }),
        let shape = record.shape, let values = record.values, values.count == shape.reduce(1, *),
        record.requiresGrad == false, record.repr.hasPrefix("tensor(")
      else { continue }
      let x = Tensor.make(values.map(PrintingTests.number), shape, dtype: dtype)
      #expect(x.description == PrintingTests.swift(record.repr), "\(record.expr)")
      compared += 1
    }
    #expect(compared == 60)
  }

  /// Tensors that the fixture gives by expression only.
  static let large: [(String, Tensor)] = [
    ("torch.arange(30.)", .arange(30.0)),
    ("torch.arange(100.)/7", .arange(100.0) / 7),
    ("torch.arange(1000)", .arange(1000)),
    ("torch.arange(1001)", .arange(1001)),
    ("torch.arange(1001.)", .arange(1001.0)),
    ("torch.arange(1001.)/3", .arange(1001.0) / 3),
    ("torch.arange(10000).reshape(100,100)", grid([100, 100])),
    ("torch.arange(10000.).reshape(100,100)/10", grid([100, 100]).float() / 10),
    ("torch.arange(1200).reshape(2,600)", grid([2, 600])),
    ("torch.arange(1200).reshape(600,2)", grid([600, 2])),
    ("torch.arange(2400).reshape(2,2,600)", grid([2, 2, 600])),
    ("torch.zeros(8,8,20)", .zeros(8, 8, 20)),
  ]

  /// The numbers from 0 in a shape.
  static func grid(_ shape: [Int]) -> Tensor {
    Tensor.make((0..<shape.reduce(1, *)).map { Double($0) }, shape, dtype: .int64)
  }

  @Test func recordedLargeTensors() throws {
    let records: [Record] = try Fixture.decode(from: "print.json")
    for (expression, x) in PrintingTests.large {
      let record = try #require(records.first { $0.expr == expression }, "\(expression)")
      #expect(x.description == record.repr, "\(expression)")
    }
  }

  struct OptionsRecord: Decodable {
    struct Options: Decodable {
      let precision, threshold, edgeitems, linewidth: Int?
      let sciMode: Bool?
      let profile: String?
    }
    let options: Options
    let expr: String
    let repr: String
  }

  @Test func recordedOptions() throws {
    let tensors = [
      "torch.tensor([1.23456,1e-6])": Tensor([1.23456, 1e-6]), "torch.tensor([1.23456,100.])": Tensor([1.23456, 100]),
      "torch.arange(10.)": .arange(10.0), "torch.arange(12).reshape(3,4)": PrintingTests.grid([3, 4]),
    ]
    let records: [OptionsRecord] = try Fixture.decode(from: "print_options.json")
    for record in records {
      var options = PrintOptions()
      switch record.options.profile {
      case "short": options = .short
      case "full": options = .full
      default: break
      }
      record.options.precision.map { options.precision = $0 }
      record.options.threshold.map { options.threshold = $0 }
      record.options.edgeitems.map { options.edgeItems = $0 }
      record.options.linewidth.map { options.lineWidth = $0 }
      options.sciMode = record.options.sciMode
      let x = try #require(tensors[record.expr])
      #expect(x.formatted(options) == record.repr, "\(record.expr) \(record.options)")
      withPrintOptions(options) { #expect(x.description == record.repr) }
    }
    #expect(records.count == 32)
  }

  @Test func suffixesAreSwift() {
    #expect("\(Tensor([1, 2, 3], dtype: .int32))" == "tensor([1, 2, 3], dtype: .int32)")
    #expect("\(Tensor.zeros(0, 3, dtype: .int64))" == "tensor([], size: [0, 3], dtype: .int64)")
    withDefaultDType(.float64) {
      #expect("\(Tensor([1.5]))" == "tensor([1.5000])")
      #expect("\(Tensor([1.5], dtype: .float32))" == "tensor([1.5000], dtype: .float32)")
    }
    #expect(
      Tensor([1, 2]).formatted(PrintOptions(threshold: 1, edgeItems: 0)) == "tensor([...], size: [2])")
  }

  @Test func suffixesMoveToALineOfTheirOwn() {
    // The body takes 60 characters, the suffix 15 and the closing parenthesis 1.
    let x = Tensor.ones(13, dtype: .float64)
    #expect(x.formatted(PrintOptions(lineWidth: 78)).hasSuffix("1.], dtype: .float64)"))
    #expect(x.formatted(PrintOptions(lineWidth: 76)).hasSuffix("1.],\n       dtype: .float64)"))
  }

  @Test(arguments: LayoutCase.allCases) func anyLayoutPrintsTheSame(layout: LayoutCase) {
    let x = PrintingTests.grid([40, 30])
    let text = layout.make(x).description
    if layout == .expanded {
      #expect(text.hasPrefix("tensor([[ 0,  1,  2,  ..., 27, 28, 29],\n        [ 0,  1,  2,  ..., 27, 28, 29],"))
    } else {
      #expect(text == x.description)
    }
    #expect(layout.make(x).formatted(.full).count > 5000)
  }

  @Test func extremeNumbers() {
    #expect("\(Tensor([Int64.min, .max]))" == "tensor([-9223372036854775808,  9223372036854775807])")
    #expect("\(Tensor(Double.greatestFiniteMagnitude, dtype: .float64))" == "tensor(1.7977e+308, dtype: .float64)")
    #expect("\(Tensor(-Double.leastNonzeroMagnitude, dtype: .float64))" == "tensor(-4.9407e-324, dtype: .float64)")
    // Ties of the exact value go to even.
    #expect("\(Tensor([0.00005, 2.5, 0.03125], dtype: .float64))".contains("3.1250e-02"))
    #expect(Tensor([0.125, 0.375, 2.5]).formatted(PrintOptions(precision: 2)) == "tensor([0.12, 0.38, 2.50])")
    #expect(Tensor([1.5]).formatted(PrintOptions(precision: 0)) == "tensor([2])")
    #expect(Tensor([0.1], dtype: .float64).formatted(PrintOptions(precision: 20)).contains("0.10000000000000000555"))
  }
}
