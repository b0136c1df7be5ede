import Foundation
import Tensor
import TestSupport
import Testing

/// Conversions between dtypes and devices.
@Suite(.everyDevice)
struct CastTests {
  struct Table: Decodable {
    let columns: [String]
    let fromFloat: [String: [String: [String]]]
    let fromInt: [String: [String: [String]]]
  }

  static func dtype(_ name: String) -> DType? { DType.allCases.first { $0.name == name } }

  /// A number as the fixture writes it; nil for whole numbers that a double does not hold.
  static func number(_ text: String) -> Double {
    switch text {
    case "True": 1
    case "False": 0
    default: Double(text)!
    }
  }

  /// Whole numbers beyond 2^53 are compared by their text.
  static func text(_ x: Tensor) -> String {
    x.dtype.isFloatingPoint || x.dtype == .bool ? "" : String(x.item(as: Int64.self))
  }

  @Test(arguments: DType.allCases) func recordedCasts(source: DType) throws {
    let table: Table = try Fixture.decode(from: "cast.json")
    let rows = table.fromFloat[source.name] ?? table.fromInt[source.name]
    var compared = 0
    for (value, results) in try #require(rows) {
      let x =
        source == .int64
        ? Tensor(Int64(value)!) : Tensor.make([CastTests.number(value)], [], dtype: source)
      for (column, expected) in zip(table.columns, results) {
        guard let target = CastTests.dtype(column) else { continue }
        let result = x.to(target)
        #expect(result.dtype == target)
        if target == .int64 {
          #expect(CastTests.text(result) == expected, "\(value) from \(source) to \(target)")
        } else {
          expectEqual(result, [CastTests.number(expected)], "\(value) from \(source) to \(target)")
          // The sign of zero too.
          if target.isFloatingPoint, expected == "-0.0" { #expect(result.item().sign == .minus) }
        }
        // Reading out converts as casting does.
        #expect(result.elementBytes == x.to(target).elementBytes)
        if source != target { compared += 1 }
      }
    }
    #expect(compared >= 18)
  }

  @Test(arguments: LayoutCase.allCases, DType.allCases) func castsKeepValuesAndOrder(layout: LayoutCase, dtype: DType) {
    let x = layout.make(.make([0, 1, 2, 3, 4, 5], [2, 3], dtype: .float32))
    let result = x.to(dtype)
    let expected = layout == .expanded ? [0, 1, 2, 0, 1, 2] : [0, 1, 2, 3, 4, 5]
    expectEqual(result, dtype == .bool ? expected.map { $0 == 0 ? 0 : 1 } : expected.map { Double($0) }, dtype: dtype)
    if layout == .transposed { #expect(result.strides == [1, 2]) }
  }

  @Test func shortNames() {
    let x = Tensor([0.0, 1.7, 2])
    let casts = [
      x.bool(), x.byte(), x.char(), x.short(), x.int(), x.long(), x.half(), x.bfloat16(), x.float(), x.double(),
    ]
    #expect(
      casts.map(\.dtype) == [
        .bool, .uint8, .int8, .int16, .int32, .int64, .float16, .bfloat16, .float32, .float64,
      ])
    expectEqual(x.int(), [0, 1, 2])
  }

  @Test func nothingToDoReturnsTheTensorItself() {
    let x = Tensor([1.0])
    #expect(x.to(.float32) === x && x.to(x.device) === x && x.to(x.device, dtype: .float32) === x)
    #expect((x.cpu() === x) == (x.device == .cpu))
    #expect(x.to(like: Tensor([2.0])) === x && x.float() === x)
    #expect(x.to(like: Tensor([2])).dtype == .int64 && x.to(.cpu, dtype: .float16).dtype == .float16)
  }

  @Test func missingDevicesAreNamed() {
    expectError(.device, "to", ".cuda(31) is not available") { _ = Tensor([1.0]).cuda(31) }
  }
}
