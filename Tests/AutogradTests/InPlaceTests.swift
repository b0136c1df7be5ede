import Autograd
import TestSupport
import Testing

/// Writes in place to results and their views; the figures are PyTorch's for the same programs.
@Suite(.everyDevice) struct InPlaceTests {
  private func leaf(_ values: [Double]) -> Tensor { Tensor(values).requiresGrad() }

  @Test func writeToAViewReachesItsBase() {
    let x = leaf([1, 2, 3, 4])
    let y = x * 2
    let v = y.slice(dim: 0, 1, 3)
    v *= 3
    #expect(y.gradFunctionName == "CopySlices" && v.gradFunctionName == "AsStridedBackward")
    (y ** 2).sum().backward()
    expectEqual(x.grad!, [8, 144, 216, 32])
  }

  @Test func otherViewsFollow() {
    let (x, w) = (leaf([1, 2, 3, 4]), leaf([5, 6]))
    let y = x * 2
    let (v, u) = (y.slice(dim: 0, 1, 3), y.view(2, 2))
    v.copy(from: w * w)
    (u * u * Tensor([[1.0, 2], [3, 4]])).sum().backward()
    expectEqual(x.grad!, [8, 0, 0, 128])
    expectEqual(w.grad!, [1000, 2592])
  }

  @Test func writeToAViewOfAView() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    apply(Unary<Exp>(), on: y.slice(dim: 0, 0, 2).view(2, 1))
    (y * y).sum().backward()
    expectClose(x.grad!, [14.778111457824707, 109.19630432128906, 6], rtol: 1e-6)
  }

  @Test func baseInPermutedMemory() {
    let x = leaf([1, 2, 3, 4, 5, 6])
    let z = (x.view(2, 3) * 1).t().clone()
    #expect(!z.isContiguous)
    z.select(dim: 0, index: 1).copy(from: z.select(dim: 0, index: 1) * 10)
    z.transpose(0, 1).select(dim: 0, index: 0).copy(from: Tensor([7.0, 8, 9]))
    (z * z).sum().backward()
    expectEqual(x.grad!, [0, 0, 0, 8, 1000, 12])
  }

  @Test func diagonalAndTransposedViews() {
    let x = Tensor.arange(6.0).reshape(2, 3).requiresGrad()
    let y = x * 1
    let d = y.diagonal()
    d *= 10
    let e = y.t().select(dim: 0, index: 2)
    e += 1
    (y * y).sum().backward()
    expectEqual(x.grad!, [0, 2, 6, 6, 800, 12])
  }

  @Test func baseThenView() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    let v = y.slice(dim: 0, 1)
    y *= 2
    v *= x.slice(dim: 0, 1)
    y.sum().backward()
    expectEqual(x.grad!, [2, 8, 12])
  }

  @Test func chainOfWritesKeepsOldValues() {
    let (x, w) = (leaf([1, 2, 3]), leaf([2, 2, 2]))
    let y = x * 1
    y *= w
    y /= w + 1
    y -= x
    y **= 2.0
    y.sum().backward()
    expectClose(x.grad!, [0.2222222089767456, 0.4444444179534912, 0.6666666269302368], rtol: 1e-6)
    expectClose(w.grad!, [-0.07407407462596893, -0.29629629850387573, -0.6666666269302368], rtol: 1e-6)
  }

  // PyTorch refuses this one; the old value is kept for both roles here.
  @Test func operandIsTheTarget() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    y *= y
    y.sum().backward()
    expectEqual(x.grad!, [2, 4, 6])
  }

  @Test func plainTensorBecomesPartOfTheGraph() {
    let b = Tensor.zeros(2, 3)
    let w = leaf([1, 2, 3])
    let row = b.select(dim: 0, index: 0)
    row.copy(from: w * 2)
    #expect(b.requiresGrad && row.requiresGrad && !b.isLeaf)
    b.select(dim: 0, index: 1).copy(from: w * w)
    b.sum().backward()
    expectEqual(w.grad!, [4, 6, 8])
  }

  @Test func fillAndCopyDropWhatWasThere() {
    let x = leaf([1, 2, 3])
    let y = x.expand(2, 3).clone()
    y.select(dim: 0, index: 0).zero()
    y.select(dim: 0, index: 1).slice(dim: 0, 1).copy(from: x.slice(dim: 0, 0, 2) * x.slice(dim: 0, 1))
    y.sum().backward()
    expectEqual(x.grad!, [3, 4, 2])
    let z = x * 1
    z.uniform()
    #expect(z.requiresGrad)
    expectEqual(grad(outputs: [z.sum()], inputs: [x])[0]!, [0, 0, 0])
  }

  @Test func indexPut() {
    let (x, v) = (leaf([1, 2, 3]), leaf([7, 8]))
    let y = x * 2
    y.indexPut([Tensor([2, 0])], v * v)
    (y * y).sum().backward()
    expectEqual(x.grad!, [0, 16, 0])
    expectEqual(v.grad!, [1372, 2048])
  }

  @Test func secondDerivativeThroughAViewWrite() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    let first = y.select(dim: 0, index: 0)
    first *= 5
    let g = grad(outputs: [(y ** 3).sum()], inputs: [x], createGraph: true)[0]!
    expectEqual(g, [375, 12, 27])
    expectEqual(grad(outputs: [g.sum()], inputs: [x])[0]!, [750, 12, 18])
  }

  @Test func writeInsideNoGradIsNotSeenByTheGraph() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    noGrad {
      y *= 2
      let v = y.slice(dim: 0, 0, 2)
      v += 1
      x += 0
    }
    (y * y).sum().backward()
    expectEqual(x.grad!, [6, 10, 12])
  }

  @Test func detachSharesMemoryAndVersion() {
    let x = leaf([1, 2, 3])
    let d = x.detach()
    #expect(!d.requiresGrad && d.isLeaf)
    d += 1
    expectEqual(x, [2, 3, 4])
    #expect(x.version == 1 && d.version == 1 && x.clone().version == 0)
  }

  @Test func retainGradMovesWithTheTensorAndHooksStay() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    y.retainGrad()
    let seen = Recorded()
    y.registerHook { gradient in
      seen.append(gradient)
      return nil
    }
    y *= 2
    y.sum().backward()
    expectEqual(y.grad!, [1, 1, 1])
    expectEqual(seen.tensors[0], [2, 2, 2])
    expectEqual(x.grad!, [2, 2, 2])
  }

  @Test func expandedViewsOfARewrittenBase() {
    let x = leaf([1, 2, 3])
    let y = x * 1
    let wide = y.expand(2, 3)
    y *= 2
    (wide * Tensor([[1.0, 2, 3], [4, 5, 6]])).sum().backward()
    expectEqual(x.grad!, [10, 14, 18])
  }

  // MARK: Update

  @Test func updateOfAResultAndOfAView() {
    let x = leaf([1, 2, 3, 4])
    let y = x * 2
    #expect(y.update { $0.square() } === y)
    y.slice(dim: 0, 1, 3).update { $0 * $0.sum() }
    // With u = 4 x^2: the gradients of u0, of (u1 + u2)^2 and of u3.
    expectEqual(y, [4, 832, 1872, 64])
    y.sum().backward()
    expectEqual(x.grad!, [8, 1664, 2496, 32])
  }

  @Test func updateKeepsWhatDerivativesNeed() throws {
    try gradcheck([
      Tensor([[0.3, 0.7], [0.2, 0.9]], dtype: .float64, requiresGrad: true),
      Tensor([0.5, 0.6], dtype: .float64, requiresGrad: true),
    ]) {
      let y = $0[0] * 1
      let w = $0[1]
      y.update { $0.sin() * w }
      y[0].update { $0.exp().cumsum(dim: 0) }
      y.t().update { $0.softmax(dim: 1) }
      y.update { ($0 * w).tanh() }
      return y
    }
  }

  @Test func updateOfAPlainTensorByAParameter() {
    let (x, w) = (Tensor([1.0, 2, 3]), leaf([4, 5, 6]))
    x.update { $0 * w }
    x.update { $0.t() }
    #expect(x.requiresGrad)
    x.sum().backward()
    expectEqual(w.grad!, [1, 2, 3])
  }

  @Test func updateCastsWithinTheCategory() {
    let (x, n, b) = (Tensor([1.0, 2], dtype: .float16), Tensor([1, 2], dtype: .int16), Tensor([true, false]))
    x.update { $0.float() / 3 }
    expectEqual(x, [0.333251953125, 0.66650390625], dtype: .float16)
    n.update { $0.to(.int64) * 5 }
    n.update { $0 .> 7 }
    expectEqual(n, [0, 1], dtype: .int16)
    expectError(.dtype, "result dtype .float32 cannot be cast to the target's dtype .int16") { n.update { $0 / 2 } }
    expectError(.dtype, "result dtype .int64 cannot be cast to the target's dtype .bool") { b.update { $0.square() } }
    b.update { $0.logicalNot() }
    expectEqual(b, [0, 1], dtype: .bool)
  }

  @Test func updateInsideNoGradReadsTheElementsInPlace() {
    let x = leaf([1, 2, 3])
    noGrad { _ = x.update { $0 - $0.mean() } }
    expectEqual(x, [-1, 0, 1])
    #expect(x.isLeaf && x.requiresGrad && x.version == 1)
  }

  @Test func updateRefusesBeforeItRuns() {
    let x = leaf([1, 2, 3])
    expectError(.autograd, "update: a leaf that requires grad") { x.update { _ in fatalError("ran") } }
    expectError(.autograd, "update: a view of a leaf that requires grad") { x[0].update { _ in fatalError("ran") } }
    let wide = Tensor([1.0, 2]).expand(3, 2)
    expectError(.value, "update: more than one element") { wide.update { _ in fatalError("ran") } }
    expectError(.shape, "update: the result has shape [], but the tensor written to has [3]") {
      (x * 1).update { $0.sum() }
    }
    let y = Tensor([1.0, 2])
    expectError(.shape, "do not broadcast") { y.update { $0 + Tensor([1.0, 2, 3]) } }
    expectEqual(y, [1, 2])
  }

  // MARK: Refused

  @Test func leaves() {
    let x = leaf([1, 2, 3])
    expectError(.autograd, "a leaf that requires grad is being used in an in-place operation") { x += 1 }
    expectError(.autograd, "a view of a leaf that requires grad") {
      let v = x.slice(dim: 0, 0, 2)
      v *= 2
    }
    expectEqual(x, [1, 2, 3])
    #expect(x.version == 0)
  }

  @Test func viewsMadeWithoutGrad() {
    let y = leaf([1, 2, 3]) * 1
    let v = noGrad { y.slice(dim: 0, 0, 2) }
    expectError(.autograd, "a view was created inside noGrad and is being modified in place") { v *= 2 }
    y *= 2
    expectError(.autograd, "its base or another view of it has been modified in place") { _ = v * 2 }
    expectError(.autograd, "its base or another view of it has been modified in place") {
      let w = self.leaf([1, 2])
      (w * v).sum().backward()
    }
  }

  @Test func overlappingMemory() {
    let x = leaf([1, 2, 3])
    let y = (x * 1).expand(2, 3)
    expectError(.value, "refers to a single memory location") { y += 1 }
  }

  // MARK: Overwritten values

  @Test func savedResultOverwritten() {
    let x = Tensor([1.0, 2]).requiresGrad()
    let y = x.exp()
    y += 1
    expectError(
      .autograd,
      "one of the variables needed for gradient computation has been modified by an inplace operation: "
        + "[.float32 [2]], which is output 0 of Exp, is at version 1; expected version 0 instead"
    ) { y.sum().backward() }
  }

  @Test func savedInputOverwritten() {
    let y = leaf([1, 2, 3]) * 1
    let z = y * y
    y += 1
    expectError(.autograd, "[.float32 [3]], which is output 0 of Add, is at version 1; expected version 0") {
      z.sum().backward()
    }
  }

  @Test func savedThroughDetach() {
    let z = (leaf([1, 2, 3]) * 1).exp()
    let d = z.detach()
    d += 1
    expectError(.autograd, "is at version 1; expected version 0") { z.sum().backward() }
  }

  @Test func unneededValuesMayBeOverwritten() {
    let x = leaf([1, 2, 3])
    let y = x.sin()
    y += 1
    let mask = Tensor([1.0, 0, 1])
    let z = y * mask
    y *= 3
    z.sum().backward()
    expectClose(x.grad!, [0.5403023362159729, 0, -0.9899924993515015], rtol: 1e-6)
  }

  @Test func writeToTheIndicesOfASort() {
    let (values, indices) = leaf([3, 1, 2]).sort()
    indices += 1
    expectError(.autograd, "backward", "[.int64 [3]]", "output 0 of SortBackward", "version 1") {
      values.sum().backward()
    }
  }
}
