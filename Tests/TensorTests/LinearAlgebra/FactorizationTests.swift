import Tensor
import TestSupport
import Testing

/// Factorisations by what their factors multiply to.
struct FactorizationTests {
  static let shapes: [[Int]] = [
    [1, 1], [3, 3], [5, 2], [2, 5], [2, 4, 3], [2, 3, 4, 4], [0, 3], [3, 0], [0, 2, 2],
  ]
  static let dtypes: [DType] = [.float32, .float64]

  static func matrix(_ shape: [Int], _ dtype: DType, seed: UInt64 = 7) -> Tensor {
    Tensor.randn(shape, dtype: .float64, device: .cpu, generator: Generator(seed: seed)).to(dtype)
  }

  /// Symmetric and positive definite.
  static func positive(_ n: Int, batch: [Int] = [], _ dtype: DType) -> Tensor {
    let a = matrix(batch + [n, n], .float64)
    return (a.matmul(a.mT) + Tensor.eye(n, dtype: .float64)).to(dtype)
  }

  /// Equal but for the rounding of a few terms.
  private func expectSame(_ a: Tensor, _ b: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    let tolerance = b.dtype == .float32 ? 2e-5 : 1e-12
    #expect(a.shape == b.shape && a.dtype == b.dtype, sourceLocation: sourceLocation)
    expectClose(a, b.doubles, rtol: tolerance, atol: tolerance, sourceLocation: sourceLocation)
  }

  private func expectOrthonormal(_ q: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    let n = q.shape[q.rank - 1]
    expectSame(
      q.mT.matmul(q), Tensor.eye(n, dtype: q.dtype).expand(q.shape.dropLast(2) + [n, n]),
      sourceLocation: sourceLocation)
  }

  @Test(arguments: shapes, dtypes) func svd(shape: [Int], dtype: DType) {
    let a = Self.matrix(shape, dtype)
    for full in [false, true] {
      let (u, s, vt) = Linalg.svd(a, fullMatrices: full)
      let k = s.shape[s.rank - 1]
      expectOrthonormal(u)
      expectOrthonormal(vt.mT)
      let product = (u.narrow(dim: -1, start: 0, length: k) * s.unsqueeze(dim: -2))
        .matmul(vt.narrow(dim: -2, start: 0, length: k))
      expectSame(product, a)
      if k > 1 {
        #expect(
          (s.narrow(dim: -1, start: 0, length: k - 1) .>= s.narrow(dim: -1, start: 1, length: k - 1)).all().item(
            as: Bool.self))
      }
      expectSame(Linalg.svdvals(a), s)
    }
  }

  @Test func svdOfSpecialMatrices() {
    for a in [Tensor.zeros(3, 3, dtype: .float64), Tensor.ones(4, 3, dtype: .float64), Tensor.eye(3, dtype: .float64)] {
      let (u, s, vt) = Linalg.svd(a, fullMatrices: false)
      expectOrthonormal(u)
      expectOrthonormal(vt.mT)
      expectSame((u * s).matmul(vt), a)
    }
    // Neither overflow nor underflow.
    for scale in [1e200, 1e-200] {
      let a = Self.matrix([3, 3], .float64) * scale
      let ratio = Linalg.svdvals(a) / (Linalg.svdvals(Self.matrix([3, 3], .float64)) * scale)
      expectSame(ratio, Tensor.ones(3, dtype: .float64))
    }
  }

  @Test(arguments: shapes, dtypes) func qr(shape: [Int], dtype: DType) {
    let a = Self.matrix(shape, dtype)
    for mode in [Linalg.QRMode.reduced, .complete] {
      let (q, r) = Linalg.qr(a, mode: mode)
      expectOrthonormal(q)
      expectSame(q.matmul(r), a)
      expectSame(r.triu(), r)
    }
    expectSame(Linalg.qr(a, mode: .r).r, Linalg.qr(a).r)
  }

  @Test(arguments: shapes, dtypes) func lu(shape: [Int], dtype: DType) {
    let a = Self.matrix(shape, dtype)
    let (p, l, u) = Linalg.lu(a)
    expectSame(p.matmul(l).matmul(u), a)
    expectSame(l.tril(), l)
    expectSame(u.triu(), u)
    #expect((l.abs() .<= 1).all().item(as: Bool.self))
  }

  @Test(arguments: [1, 2, 5, 40], dtypes) func eigh(n: Int, dtype: DType) {
    let a = Self.matrix([2, n, n], dtype)
    let symmetric = a.tril() + a.tril(diagonal: -1).mT
    for (input, upper) in [(a, false), (a.mT, true)] {
      let (values, vectors) = Linalg.eigh(input, upper: upper)
      expectOrthonormal(vectors)
      let tolerance = dtype == .float32 ? 1e-4 : 1e-11
      expectClose(
        (vectors * values.unsqueeze(dim: -2)).matmul(vectors.mT), symmetric.doubles, rtol: tolerance, atol: tolerance)
      expectSame(Linalg.eigvalsh(input, upper: upper), values)
    }
  }

  @Test(arguments: [0, 1, 4, 33], dtypes) func cholesky(n: Int, dtype: DType) {
    let a = Self.positive(n, batch: [2], dtype)
    let tolerance = dtype == .float32 ? 1e-4 : 1e-11
    let l = Linalg.cholesky(a)
    expectClose(l.matmul(l.mT), a.doubles, rtol: tolerance, atol: tolerance)
    let u = Linalg.cholesky(a, upper: true)
    expectClose(u.mT.matmul(u), a.doubles, rtol: tolerance, atol: tolerance)
    expectSame(Linalg.choleskyEx(a).info, Tensor.zeros(2, dtype: .int32))
  }

  @Test func refusals() {
    let notPositive = Tensor([[[1.0, 0], [0, 1]], [[1, 2], [2, 1]]])
    #expect(throws: TensorError.self) { try withThrowingErrors { Linalg.cholesky(notPositive) } }
    expectEqual(Linalg.choleskyEx(notPositive).info, [0, 2])
    let bad: [Tensor] = [
      .ones(3), .ones(2, 2, dtype: .float16), .ones(2, 2, dtype: .int64), Tensor.full([2, 2], Double.nan),
    ]
    for x in bad {
      #expect(throws: TensorError.self) { try withThrowingErrors { _ = Linalg.svd(x) } }
      #expect(throws: TensorError.self) { try withThrowingErrors { _ = Linalg.eigh(x) } }
    }
    #expect(throws: TensorError.self) { try withThrowingErrors { Linalg.cholesky(.ones(2, 3)) } }
    #expect(throws: TensorError.self) {
      try withThrowingErrors { _ = Linalg.luUnpack(.ones(2, 2), Tensor([5, 1], dtype: .int32)) }
    }
  }

  @Test(.everyDevice) func missingOnOtherDevices() {
    let a = Tensor.eye(2)
    if a.device == .cpu { return }
    do {
      try withThrowingErrors { _ = Linalg.svd(a) }
      Issue.record("expected an error")
    } catch { #expect("\(error)" == "svd: not available on \(a.device): move the matrices to .cpu") }
  }
}
