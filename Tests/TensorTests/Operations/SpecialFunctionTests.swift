import Tensor
import TestSupport
import Testing

/// Special functions against values of many digits, and at their poles and limits.
@Suite(.everyDevice)
struct SpecialFunctionTests {
  /// Arguments and the exact result, rounded to float64.
  static let figures = try! Fixture.decode([String: [[Double]]].self, from: "special.json")

  /// The function and its largest relative error in float64.
  static let unary: [String: (function: @Sendable (Tensor) -> Tensor, error: Double)] = [
    "erfinv": ({ $0.erfinv() }, 2e-15), "erfcx": ({ $0.erfcx() }, 2e-15), "ndtr": ({ $0.ndtr() }, 2e-15),
    "logNdtr": ({ $0.logNdtr() }, 1e-14), "ndtri": ({ $0.ndtri() }, 2e-15), "lgamma": ({ $0.lgamma() }, 1e-14),
    "digamma": ({ $0.digamma() }, 2e-14), "i0": ({ $0.i0() }, 2e-15), "i0e": ({ $0.i0e() }, 2e-15),
    "i1": ({ $0.i1() }, 2e-15), "i1e": ({ $0.i1e() }, 2e-15), "polygamma 1": ({ $0.polygamma(1) }, 2e-14),
    "polygamma 2": ({ $0.polygamma(2) }, 2e-14), "polygamma 3": ({ $0.polygamma(3) }, 2e-14),
    "polygamma 7": ({ $0.polygamma(7) }, 2e-14),
  ]
  static let binary: [String: (function: @Sendable (Tensor, Tensor) -> Tensor, error: Double)] = [
    "zeta": ({ $0.zeta($1) }, 1e-14), "igamma": ({ $0.igamma($1) }, 1e-13), "igammac": ({ $0.igammac($1) }, 1e-13),
  ]

  @Test(arguments: unary.keys.sorted())
  func unaryValues(name: String) throws {
    let rows = try #require(Self.figures[name])
    let (function, error) = Self.unary[name]!
    let x = Tensor.make(rows.map { $0[0] }, [rows.count])
    expectClose(function(x), rows.map { $0[1] }, rtol: error, atol: 1e-300, name)
    // float32 within a few units in its last place of float64, which takes the same arguments.
    let single = x.to(.float32)
    // On a GPU, whose exponential is less exact, tails lose a digit more.
    expectClose(
      function(single), function(single.to(.float64)).to(.float32).doubles,
      rtol: x.device == .cpu ? 0x1p-20 : 0x1p-18, atol: 0x1p-126, name)
    for dtype in [DType.float16, .bfloat16] {
      let half = x.to(dtype)
      expectEqual(function(half), function(half.to(.float32)).to(dtype).doubles, dtype: dtype)
    }
    for layout in LayoutCase.allCases {
      let matrix = layout.make(.make(Array(rows.prefix(6).map { $0[0] }), [2, 3]))
      expectClose(function(matrix), function(Tensor.make(matrix.doubles, [6])).doubles)
    }
  }

  @Test(arguments: binary.keys.sorted())
  func binaryValues(name: String) throws {
    let rows = try #require(Self.figures[name])
    let (function, error) = Self.binary[name]!
    let (a, b) = (Tensor.make(rows.map { $0[0] }, [rows.count]), Tensor.make(rows.map { $0[1] }, [rows.count]))
    expectClose(function(a, b), rows.map { $0[2] }, rtol: error, name)
    let (x, y) = (a.to(.float32), b.to(.float32))
    let exact = function(x.to(.float64), y.to(.float64)).to(.float32).doubles
    expectClose(function(x, y), exact, rtol: 0x1p-22, atol: 0x1p-126, name)
  }

  @Test func ldexpWhosePowerOverflows() {
    let (x, exponent) = (Tensor([1e-5, 1e30, 3, 1]), Tensor([140, -250, -10, 2]))
    expectClose(x.ldexp(exponent), [1.3937965749081639e37, 0, 0.0029296875, 4], rtol: 1e-6, atol: 1e-44)
    let (inf, nan) = (Double.infinity, Double.nan)
    expectEqual(
      Tensor([0.0, 1, -1, nan, inf, inf, 0]).ldexp(Tensor([inf, inf, inf, inf, -inf, inf, -inf])),
      [nan, inf, -inf, nan, nan, inf, 0])
    expectEqual(Tensor([0.0, inf, 1, -1]).ldexp(Tensor([300, -300, 1000, -1000])), [0, inf, inf, 0])
    let least = Tensor([0x1p-149], dtype: .float32)
    expectEqual(least.ldexp(Tensor([276])), [0x1p127])
    expectEqual(Tensor([0x1p-1074, 0x1p1023], dtype: .float64).ldexp(Tensor([2097, -2097])), [0x1p1023, 0x1p-1074])
    expectEqual(Tensor([3.0, -2], dtype: .float16).ldexp(Tensor([2, -1])), [12, -1], dtype: .float16)
    expectEqual(Tensor([3, -2]).ldexp(Tensor([2, -1])), [12, -1], dtype: .float32)
    expectEqual(Tensor([3.0]).ldexp(Tensor([1.0], dtype: .float64)), [6], dtype: .float64)
  }

  @Test func polesAndLimits() {
    let (nan, inf) = (Double.nan, Double.infinity)
    func of(_ values: Double...) -> Tensor { .make(values, [values.count]) }
    expectEqual(of(0, -0.0, -1, inf, -inf, nan).digamma(), [-inf, inf, nan, inf, nan, nan])
    expectEqual(of(0, -1, inf, nan).polygamma(1), [inf, inf, 0, nan])
    expectEqual(of(0, -1).polygamma(2), [-inf, -inf])
    expectEqual(of(0, -1, inf, -inf, nan).lgamma(), [inf, inf, inf, inf, nan])
    expectEqual(of(1, -1, 1.1, 0, nan).erfinv(), [inf, -inf, nan, 0, nan])
    expectEqual(of(-inf, inf, -30, nan).erfcx(), [inf, 0, inf, nan])
    expectEqual(of(-inf, inf, nan).ndtr(), [0, 1, nan])
    expectEqual(of(-inf, inf, nan).logNdtr(), [-inf, 0, nan])
    expectEqual(of(0, 1, -0.1, 1.1, nan, 0.5).ndtri(), [-inf, inf, nan, nan, nan, 0])
    expectEqual(of(inf, -inf, nan).i0e(), [0, 0, nan])
    expectEqual(of(1, 2, 0.5, 2.5, 2).zeta(of(2, -1, 2, -0.5, 0)), [inf, inf, nan, nan, inf])
    expectEqual(of(nan, nan, nan).zeta(of(-inf, 2, nan)), [inf, nan, nan])
    expectEqual(
      of(0, 0, 1, inf, inf, -1, nan, 2).igamma(of(0, 1, 0, 1, inf, 1, 1, inf)), [nan, 1, 0, 0, nan, nan, nan, 1])
    expectEqual(
      of(0, 0, 1, inf, inf, -1, nan, 2).igammac(of(0, 1, 0, 1, inf, 1, 1, inf)), [nan, 0, 1, 1, nan, nan, nan, 0])
    expectEqual(of(inf, nan, nan, nan, 0, 1).igamma(of(nan, inf, 0, 1, nan, nan)), [0, 1, 0, nan, nan, nan])
    expectEqual(of(inf, nan, nan, nan, 0, 1).igammac(of(nan, inf, 0, 1, nan, nan)), [1, 0, 1, nan, nan, nan])
    expectEqual(of(0, 1, -0.1, 1.1, nan).logit(), [-inf, inf, nan, nan, nan])
    #expect(Tensor.make([1, 2], [2], dtype: .int64).digamma().dtype == .float32)
    expectError(.value, "polygamma", "-1") { of(1).polygamma(-1) }
    expectError(.value, "mvlgamma", "0") { of(1).mvlgamma(0) }
  }
}
