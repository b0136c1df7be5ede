import Tensor
import TestSupport
import Testing

/// Linear systems, inverses, determinants and norms.
struct SolvingTests {
  private func matrix(_ shape: Int..., seed: UInt64 = 3) -> Tensor {
    Tensor.randn(shape, dtype: .float64, device: .cpu, generator: Generator(seed: seed))
  }

  private func expectSame(_ a: Tensor, _ b: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.shape == b.shape, sourceLocation: sourceLocation)
    expectClose(a, b.doubles, rtol: 1e-10, atol: 1e-10, sourceLocation: sourceLocation)
  }

  @Test func solve() {
    for (a, b) in [
      (matrix(3, 3), matrix(3, 2)), (matrix(2, 3, 3), matrix(3, 2)), (matrix(3, 3), matrix(4, 3, 1)),
      (matrix(0, 0), matrix(0, 2)), (matrix(60, 60), matrix(60, 5)),
    ] {
      let x = Linalg.solve(a, b)
      expectSame(a.matmul(x), b.expand(x.shape))
      let (lu, pivots) = Linalg.luFactor(a)
      expectSame(Linalg.luSolve(lu, pivots, b), x)
      let transposed = Linalg.luSolve(lu, pivots, b, adjoint: true)
      expectSame(a.mT.matmul(transposed), b.expand(transposed.shape))
    }
    let (a, vector) = (matrix(3, 3), matrix(3))
    expectSame(a.mv(Linalg.solve(a, vector)), vector)
    let right = matrix(2, 3)
    expectSame(Linalg.solve(a, right, left: false).matmul(a), right)
  }

  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)], [true, false])
  func triangular(sides: (upper: Bool, left: Bool), unit: Bool) {
    let (upper, left) = sides
    let a = matrix(2, 4, 4)
    var triangle = upper ? a.triu() : a.tril()
    if unit { triangle = triangle - Linalg.diagonal(triangle).diagEmbed() + Tensor.eye(4, dtype: .float64) }
    for columns in [1, 3, 300] {
      let b = left ? matrix(2, 4, columns) : matrix(2, columns, 4)
      let x = Linalg.solveTriangular(a, b, upper: upper, left: left, unitriangular: unit)
      expectSame(left ? triangle.matmul(x) : x.matmul(triangle), b)
    }
  }

  @Test func inverses() {
    let a = matrix(2, 4, 4)
    expectSame(Linalg.inv(a).matmul(a), Tensor.eye(4, dtype: .float64).expand(2, 4, 4))
    let singular = Tensor([[1.0, 2], [2, 4]], dtype: .float64)
    #expect(throws: TensorError.self) { try withThrowingErrors { Linalg.inv(singular) } }
    expectEqual(Linalg.invEx(singular).info, [2])
    for shape in [[4, 2], [2, 4]] {
      let b = Tensor.randn(shape, dtype: .float64, device: .cpu, generator: Generator(seed: 1))
      let p = Linalg.pinv(b)
      expectSame(b.matmul(p).matmul(b), b)
      expectSame(p.matmul(b).matmul(p), p)
    }
    expectSame(Linalg.pinv(singular), singular / 25)
    expectEqual(Linalg.matrixRank(singular), [1])
  }

  @Test func determinants() {
    let a = Tensor([[[2.0, 1], [1, 3]], [[0, 1], [1, 0]], [[1, 2], [2, 4]]], dtype: .float64)
    expectClose(Linalg.det(a), [5, -1, 0], atol: 1e-12)
    let (sign, logarithm) = Linalg.slogdet(a)
    expectEqual(sign, [1, -1, 0])
    expectClose(logarithm, [1.6094379124341003, 0, -.infinity], atol: 1e-12)
    expectEqual(Linalg.det(Tensor.empty(2, 0, 0)), [1, 1])
  }

  @Test func leastSquares() {
    let (a, b) = (matrix(5, 2), matrix(5, 3))
    let result = Linalg.lstsq(a, b, driver: .gelsd)
    // The residuals are orthogonal to the columns.
    expectSame(a.mT.matmul(a.matmul(result.solution) - b), Tensor.zeros(2, 3, dtype: .float64))
    expectSame(result.residuals, (a.matmul(result.solution) - b).square().sum(dim: 0))
    expectEqual(result.rank, [2])
  }

  @Test func norms() {
    let a = Tensor([[1.0, -2], [3, 4]], dtype: .float64)
    let orders: [(Linalg.NormOrder, Double)] = [
      (.fro, 30.0.squareRoot()), (1, 6), (-1, 4), (.infinity, 7), (.p(-.infinity), 3),
      (2, 5.116672736016927), (-2, 1.954395075848548), (.nuc, 7.071067811865475),
    ]
    for (order, expected) in orders {
      expectClose(Linalg.matrixNorm(a, ord: order), [expected], rtol: 1e-12)
      expectClose(Linalg.matrixNorm(a.expand(2, 2, 2), ord: order, keepDim: true), [expected, expected], rtol: 1e-12)
    }
    for shape in [[5, 0], [0, 5], [2, 0, 0]] {
      let empty = Tensor.zeros(shape)
      let zeros = [Double](repeating: 0, count: shape.count == 3 ? 2 : 1)
      for order in [2, .fro, .nuc] as [Linalg.NormOrder] { expectEqual(Linalg.matrixNorm(empty, ord: order), zeros) }
      #expect(throws: TensorError.self) { try withThrowingErrors { Linalg.matrixNorm(empty, ord: -2) } }
    }
    expectClose(Linalg.cond(a), [5.116672736016927 / 1.954395075848548], rtol: 1e-12)
    #expect(throws: TensorError.self) { try withThrowingErrors { Linalg.matrixNorm(a, ord: 3) } }
  }

  @Test(.everyDevice) func powersAndExponentials() {
    let a = Tensor.make([0, 1, -1, 0], [2, 2])
    expectClose(
      Linalg.matrixExp(a * 2), [-0.4161468365471424, 0.9092974268256817, -0.9092974268256817, -0.4161468365471424],
      atol: 1e-14)
    expectEqual(Linalg.matrixPower(a, 3), [0, -1, 1, 0])
    expectEqual(Linalg.matrixPower(a, 0), [1, 0, 0, 1])
    let chain = [[2, 3], [3, 5], [5, 1]].map { Tensor.make((0..<($0[0] * $0[1])).map { Double($0 % 4) }, $0) }
    expectEqual(Linalg.multiDot(chain), chain[0].matmul(chain[1]).matmul(chain[2]).doubles)
  }
}
