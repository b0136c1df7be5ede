import Tensor
import TestSupport
import Testing

/// Einstein's notation against sums over all indices.
@Suite(.everyDevice) struct EinsumTests {
  private func tensor(_ shape: Int...) -> Tensor {
    Tensor.make((0..<shape.reduce(1, *)).map { Double(($0 * 7) % 5) - 2 }, shape)
  }

  @Test func products() {
    let (a, b) = (tensor(2, 3), tensor(3, 4))
    expectEqual(einsum("ij,jk->ik", a, b), a.matmul(b).doubles, shape: [2, 4], dtype: .float64)
    expectEqual(einsum("ij,jk", a, b), a.matmul(b).doubles)
    expectEqual(einsum("ij,jk->ki", a, b), a.matmul(b).t().doubles, shape: [4, 2], dtype: .float64)
    expectEqual(einsum("ij->", a), [a.doubles.reduce(0, +)])
    expectEqual(einsum("ij->j", a), a.sum(dim: 0).doubles)
    expectEqual(einsum("i,j->ij", tensor(2), tensor(3)), tensor(2).outer(tensor(3)).doubles)
    let square = tensor(3, 3)
    expectEqual(einsum("ii", square), [square.trace().item()])
    expectEqual(einsum("ii->i", square), square.diagonal().doubles)
    let (x, y) = (tensor(2, 1, 3, 4), tensor(5, 4, 2))
    expectEqual(einsum("...ij,...jk->...ik", x, y), x.matmul(y).doubles, shape: [2, 5, 3, 2], dtype: .float64)
    let c = tensor(4, 2)
    expectEqual(einsum("ij,jk,kl->il", a, b, c), a.matmul(b).matmul(c).doubles)
    expectEqual(
      einsum("bij,bkj->bik", tensor(2, 3, 4), tensor(2, 5, 4)), tensor(2, 3, 4).bmm(tensor(2, 5, 4).mT).doubles)
  }

  @Test func refusals() {
    for (equation, operands) in [
      ("ij,jk->ik", [tensor(2, 3)]), ("ij->k", [tensor(2, 3)]), ("ijk->i", [tensor(2, 3)]),
      ("i1->i", [tensor(2, 3)]), ("ij,jk->ik", [tensor(2, 3), tensor(4, 2)]), ("ii->i", [tensor(2, 3)]),
      ("......i->i", [tensor(2)]), ("i->ii", [tensor(2)]),
    ] {
      #expect(throws: TensorError.self) { try withThrowingErrors { einsum(equation, operands) } }
    }
  }

  @Test func others() {
    let (a, b) = (tensor(2, 3, 4), tensor(4, 3, 2))
    expectEqual(a.tensordot(b, dims: ([2, 1], [0, 1])), einsum("ijk,kjl->il", a, b).doubles)
    expectEqual(a.tensordot(b, dims: 1), einsum("ijk,klm->ijlm", a, b).doubles, shape: [2, 3, 3, 2], dtype: .float64)
    expectEqual(
      Tensor.make([1, 2], [2]).kron(Tensor.make([3, 4], [2])), [3, 4, 6, 8], shape: [4], dtype: .float64)
    expectEqual(tensor(2, 3).inner(tensor(4, 3)), tensor(2, 3).matmul(tensor(4, 3).t()).doubles)
    let rows = tensor(30, 3)
    let near = rows.cdist(rows + 1)
    let far = (rows.unsqueeze(dim: 1) - (rows + 1)).square().sum(dim: -1).sqrt()
    expectClose(near, far.doubles, atol: 1e-7)
    expectClose(tensor(2, 3).renorm(p: 2, dim: 0, maxNorm: 1).norm(dim: 1), [1, 1], atol: 1e-6)
  }
}
