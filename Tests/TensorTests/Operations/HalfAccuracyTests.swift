import Foundation
import Tensor
import TestSupport
import Testing

/// Functions of every 16-bit float are rounded once, from a result that is better than that by far.
@Suite(.everyDevice)
struct HalfAccuracyTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let formula: @Sendable (Tensor) -> Tensor
    let reference: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "exp", formula: { $0.exp() }, reference: { Foundation.exp($0) }),
    Row(name: "tanh", formula: { $0.tanh() }, reference: { Foundation.tanh($0) }),
    Row(name: "sigmoid", formula: { $0.sigmoid() }, reference: { 1 / (1 + Foundation.exp(-$0)) }),
    Row(name: "silu", formula: { $0.silu() }, reference: { $0 / (1 + Foundation.exp(-$0)) }),
    Row(name: "gelu", formula: { $0.gelu() }, reference: { $0 * 0.5 * erfc(-$0 * 0.5.squareRoot()) }),
    Row(
      name: "gelu, tanh", formula: { $0.gelu(approximate: .tanh) },
      reference: {
        let u = (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)
        return $0 / (1 + Foundation.exp(-2 * u))
      }),
  ]

  /// The values of a dtype within bounds where none of the results above overflows.
  private func values(_ dtype: DType) -> [Double] {
    (0...UInt16.max).map {
      dtype == .float16 ? Double(Float16(bitPattern: $0)) : Double(Float(bitPattern: UInt32($0) << 16))
    }.filter { abs($0) <= 11 }
  }

  @Test(arguments: rows, [DType.float16, .bfloat16])
  func areRoundedOnce(_ row: Row, dtype: DType) {
    let values = values(dtype)
    let results = row.formula(Tensor.make(values, [values.count], dtype: dtype)).to(.float64).array(as: Double.self)
    let (digits, least) = dtype == .float16 ? (10, -14) : (7, -126)
    var worst = (error: 0.0, at: 0.0)
    for (x, result) in zip(values, results) {
      let expected = row.reference(x)
      let exponent = expected == 0 ? least : max(Int(expected.exponent), least)
      let error = abs(result - expected) / scalbn(1, exponent - digits)
      if !(error <= worst.error) { worst = (error, x) }
    }
    #expect(worst.error < 0.51, "\(worst.error) places at \(worst.at)")
  }
}
