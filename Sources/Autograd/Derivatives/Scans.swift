package import Tensor

extension Tensor {
  /// For each element the sum of those from it on along a dimension.
  fileprivate func sumsFromHere(dim: Int) -> Tensor {
    rank == 0 ? self : flip(dims: dim).cumsum(dim: dim).flip(dims: dim)
  }

  /// In the dtype that a scan casts to, if it does.
  fileprivate func cast(to dtype: DType?) -> Tensor {
    guard let dtype, dtype != self.dtype else { return self }
    return apply(Cast(dtype: dtype), self)
  }
}

extension Cumsum: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(gradient.sumsFromHere(dim: dim))
  }
}

extension Cumprod: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  // Where no element is zero, that of element i is the sum of g y from i on, over x.
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    let x = context.first.cast(to: dtype)
    let y = context.output
    if x.rank == 0 { return Gradients(g) }
    let isZero = x .== 0
    if !Scope.isGradEnabled {
      // Before the first zero the same holds; at it the products go on as if it were one, up to the next; after it, 0.
      let zeros = isZero.cumsum(dim: dim)
      let isFirst = isZero.logicalAnd(zeros .== 1)
      let rest = apply(Ternary<Where>(), isFirst, Tensor(number: .int(1)), x)
      let atFirst = (g * rest.cumprod(dim: dim)).sumsFromHere(dim: dim)
      let before = ((g * y).sumsFromHere(dim: dim) / x).kept(where: zeros .== 0)
      return Gradients(apply(Ternary<Where>(), isFirst, atFirst, before))
    }
    if !isZero.any().item(as: Bool.self) { return Gradients((g * y).sumsFromHere(dim: dim) / x) }
    return Gradients(overPairs(g, x))
  }

  /// The same, written so that it can be differentiated at zeros too.
  ///
  /// The products without element i, for each i, are a matrix with a one in place of it.
  private func overPairs(_ g: Tensor, _ x: Tensor) -> Tensor {
    let rows = x.movedim(dim, -1).unsqueeze(dim: -2)
    let count = rows.shape.last!
    let pairs = rows.expand(rows.shape.dropLast(2) + [count, count])
    let isSelf = Tensor.eye(count, dtype: .bool, device: x.device)
    let others = apply(Ternary<Where>(), isSelf, Tensor(number: .int(1)), pairs).cumprod(dim: -1)
    let reached = Tensor.ones([count, count], dtype: .bool, device: x.device).triu()
    let terms = (g.movedim(dim, -1).unsqueeze(dim: -2) * others).kept(where: reached)
    return terms.sum(dim: -1).movedim(-1, dim)
  }
}
