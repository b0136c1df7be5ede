import Autograd
import TestSupport
import Testing

/// Derivatives of factorisations, by what of their factors is unique.
struct LinearAlgebraTests {
  private func leaf(_ shape: Int..., seed: UInt64 = 5) -> Tensor {
    Tensor.randn(shape, dtype: .float64, device: .cpu, generator: Generator(seed: seed)).requiresGrad()
  }

  private func check(_ leaves: [Tensor], _ function: ([Tensor]) -> Tensor) throws {
    try gradcheck(leaves, function)
    try gradgradcheck(leaves, function)
  }

  /// A symmetric positive definite matrix of any.
  private func positive(_ x: Tensor) -> Tensor { x.matmul(x.mT) + Tensor.eye(x.shape[x.rank - 1], dtype: .float64) }

  @Test func cholesky() throws {
    try check([leaf(2, 3, 3)]) { Linalg.cholesky(positive($0[0])) }
    try check([leaf(3, 3)]) { Linalg.cholesky(positive($0[0]), upper: true) }
    // PyTorch's derivative does not take the factor for triangular, so it is checked on triangular ones.
    try check([leaf(3, 2), leaf(3, 3)]) { $0[0].choleskySolve($0[1].tril() + 3 * Tensor.eye(3, dtype: .float64)) }
  }

  @Test func lu() throws {
    for a in [leaf(3, 3), leaf(4, 2), leaf(2, 4), leaf(2, 3, 3)] {
      try check([a]) {
        let (_, l, u) = Linalg.lu($0[0])
        return cat([l.flatten(), u.flatten()])
      }
    }
    try check([leaf(3, 3), leaf(3, 2)]) {
      let (lu, pivots) = Linalg.luFactor($0[0])
      return Linalg.luSolve(lu, pivots, $0[1])
    }
  }

  @Test func qr() throws {
    for a in [leaf(3, 3), leaf(4, 2), leaf(2, 4)] {
      try check([a]) {
        let (q, r) = Linalg.qr($0[0])
        return cat([q.flatten(), r.flatten()])
      }
    }
    #expect(throws: TensorError.self) {
      try withThrowingErrors { Linalg.qr(leaf(4, 2), mode: .complete).q.sum().backward() }
    }
  }

  @Test func eigenvalues() throws {
    try check([leaf(4, 4)]) { Linalg.eigvalsh($0[0] + $0[0].mT) }
    try check([leaf(3, 3)]) {
      let (values, vectors) = Linalg.eigh($0[0] + $0[0].mT)
      return (vectors * values.exp().unsqueeze(dim: -2)).matmul(vectors.mT) + vectors.square()
    }
  }

  /// The gradient of the gradient is symmetric, as PyTorch's is, also of a matrix of which one triangle is read.
  @Test(arguments: [false, true]) func gradientsOfEigenvaluesAreSymmetric(upper: Bool) {
    let a = Tensor([[2.0, 1, 0.3], [0.5, 1, 0.2], [-0.4, 0.7, 3]], dtype: .float64, requiresGrad: true)
    let first = grad(
      outputs: [Linalg.eigvalsh(a, upper: upper).square().sum()], inputs: [a], createGraph: true)[0]!
    let weight = Tensor([[0.3, 1, 2], [-1, 0.2, 0.9], [0.4, 2, -0.8]], dtype: .float64)
    let second = grad(outputs: [(first * weight).sum()], inputs: [a])[0]!
    expectClose(second, second.t().contiguous().array(as: Double.self), rtol: 1e-12, atol: 1e-12)
    // The sum of squares is the trace of a², whose gradient 2 a has the second derivative 2.
    expectClose(second, (weight + weight.t()).array(as: Double.self), rtol: 1e-10, atol: 1e-10)
  }

  @Test func singularValues() throws {
    for a in [leaf(3, 3), leaf(4, 2), leaf(2, 4)] {
      try check([a]) { Linalg.svdvals($0[0]) }
      try check([a]) {
        let (u, s, vt) = Linalg.svd($0[0], fullMatrices: false)
        return cat([u.square().flatten(), s, vt.square().flatten(), u.matmul(vt).flatten()])
      }
    }
    // Nothing depends on the vectors of equal values.
    let unit = Tensor.eye(3, dtype: .float64).requiresGrad()
    Linalg.svd(unit).s.sum().backward()
    expectClose(unit.grad!, Tensor.eye(3, dtype: .float64).doubles, atol: 1e-12)
  }

  @Test func systems() throws {
    try check([leaf(2, 3, 3), leaf(3, 2)]) { Linalg.solve($0[0], $0[1]) }
    try check([leaf(3, 3)]) { Linalg.inv($0[0]) }
    for upper in [true, false] {
      for unit in [true, false] {
        try check([leaf(3, 3), leaf(3, 2)]) {
          Linalg.solveTriangular($0[0], $0[1], upper: upper, unitriangular: unit)
        }
      }
    }
    try check([leaf(4, 2)]) { Linalg.pinv($0[0]) }
    try check([leaf(2, 4)]) { Linalg.pinv($0[0]) }
    try check([leaf(4, 2), leaf(4, 1)]) { Linalg.lstsq($0[0], $0[1]).solution }
  }

  @Test func determinants() throws {
    try check([leaf(2, 3, 3)]) { Linalg.det($0[0]) }
    try check([leaf(3, 3)]) { Linalg.slogdet($0[0]).logabsdet }
    // Of rank n - 1 the gradient is that of the cofactors, of less it is 0.
    let singular = Tensor([[1.0, 2], [2, 4]], dtype: .float64).requiresGrad()
    Linalg.det(singular).backward()
    expectClose(singular.grad!, [4, -2, -2, 1], atol: 1e-12)
  }

  @Test func norms() throws {
    for order in [Linalg.NormOrder.fro, .nuc, 1, 2, -2, .infinity] {
      try gradcheck([leaf(3, 2)]) { Linalg.matrixNorm($0[0], ord: order) }
    }
  }

  @Test(.everyDevice) func products() throws {
    let (a, b) = (
      leaf(2, 3).to(Tensor.empty(0).device).detach().requiresGrad(),
      leaf(3, 2, seed: 9).to(Tensor.empty(0).device).detach().requiresGrad()
    )
    try check([a, b]) { einsum("ij,jk->ki", $0[0], $0[1]) }
    try check([a, b]) { $0[0].kron($0[1]) }
    try check([a]) { Linalg.matrixExp($0[0].t().matmul($0[0])) }
    try check([a]) { Linalg.matrixPower($0[0].t().matmul($0[0]), 3) }
    try check([a]) { $0[0].cdist($0[0] + 1, p: 3) }
    try check([a]) { $0[0].renorm(p: 2, dim: 0, maxNorm: 0.5) }
  }
}
