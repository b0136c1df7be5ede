import Tensor
import TestSupport
import Testing

/// Functions that write to a tensor that is there, against those that make one.
@Suite(.everyDevice)
struct OutputTests {
  @Test(arguments: LayoutCase.allCases.filter { $0 != .expanded }, [DType.float32, .bfloat16, .float64])
  func values(layout: LayoutCase, dtype: DType) {
    let a = layout.make(.make((1...12).map { Double($0) / 4 }, [3, 4], dtype: dtype))
    let b = Tensor.make([0.5, 1, 2, 4], [4], dtype: dtype)
    let binary: [(Tensor, (Tensor) -> Tensor)] = [
      (a + b, { add(a, b, out: $0) }), (a - b, { sub(a, b, out: $0) }), (a * b, { mul(a, b, out: $0) }),
      (b / a, { div(b, a, out: $0) }),
    ]
    let unary: [(Tensor, (Tensor) -> Tensor)] = [
      (a.exp(), { exp(a, out: $0) }), (a.log(), { log(a, out: $0) }), (a.sqrt(), { sqrt(a, out: $0) }),
      (a.tanh(), { tanh(a, out: $0) }), (a.sigmoid(), { sigmoid(a, out: $0) }),
      ((a - 1).relu(), { relu(a - 1, out: $0) }),
    ]
    for (expected, function) in binary + unary {
      let out = layout.make(Tensor.zeros([3, 4], dtype: dtype))
      let before = out.version
      #expect(function(out) === out)
      #expect(out.version > before)
      expectEqual(out, expected.doubles, shape: [3, 4], dtype: dtype)
    }
  }

  @Test func castsAndOverlaps() {
    let x = Tensor.make([1, 2, 3, 4], [4])
    expectEqual(add(x, Tensor.ones(4), out: Tensor.zeros([4], dtype: .float64)), [2, 3, 4, 5], dtype: .float64)
    expectEqual(mul(x, x, out: x), [1, 4, 9, 16])
    let square = Tensor.make([1, 2, 3, 4], [2, 2])
    expectError(.value, "+", "share a part") { add(square, square.t(), out: square) }
  }

  @Test func errors() {
    let x = Tensor.make([1, 2], [2])
    expectError(.shape, "+", "[3]", "[2]") { add(x, x, out: Tensor.zeros(3)) }
    expectError(.shape, "exp", "[1]", "[2]") { exp(x, out: Tensor.zeros(1)) }
    expectError(.dtype, "/", ".int32") { div(x, x, out: Tensor.zeros([2], dtype: .int32)) }
    expectError(.value, "*", "clone") { mul(x, x, out: Tensor.zeros(1).expand(2)) }
  }
}
